/* The service sluice.encode/1: opening encoders, and encoding the records of a batch one by one. */
#include "core/encode/encode.h"
#include "core/encode/ipc.h"
#include "core/encode/program.h"
#include <stdlib.h>

enum { MAX_OUTPUT = 1 << 30, KEEP_OUTPUT = 64 << 20 };

static int set_option(struct encoder *e, const struct sluice_pair *option, struct sluice_error *err) {
  if (strcmp(option->name, "nan") != 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, option->name, "the encoder has no option '%s'; it has 'nan'",
                       option->name);
  bool text = strcmp(option->value, "string") == 0;
  if (!text && strcmp(option->value, "null") != 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "nan", "'%s' is not a value of 'nan'; use \"null\" or \"string\"",
                       option->value);
  e->nan_text = text;
  e->nan_null = !text;
  return SLUICE_OK;
}

static void encoder_close(void *encoder) {
  struct encoder *e = encoder;
  if (!e)
    return;
  program_free(e);
  sluice_schema_release(&e->ipc);
  sluice_buffer_free(&e->out);
  sluice_buffer_free(&e->ends);
  free(e);
}

/* The shape of the output; UNSUPPORTED: no such format. */
static int set_format(struct encoder *e, const char *format, const struct ArrowSchema *schema,
                      struct sluice_error *err) {
  e->csv = strcmp(format, "csv") == 0;
  e->line_ends = strcmp(format, "ndjson") == 0;
  if (e->csv || e->line_ends || strcmp(format, "json") == 0)
    return program_compile(e, schema, err);
  if (strcmp(format, "arrow") == 0)
    return sluice_schema_copy(schema, &e->ipc);
  return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, "format",
                     "there is no encoder for '%s'; there are \"ndjson\", \"json\", \"csv\" and \"arrow\"", format);
}

static int encoder_open(const char *format, const struct sluice_map *options, const struct ArrowSchema *schema,
                        void **encoder, struct sluice_error *err) {
  struct encoder *e = calloc(1, sizeof *e);
  if (!e)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for an encoder");
  e->out.limit = MAX_OUTPUT;
  int rc = SLUICE_OK;
  for (size_t i = 0; options && i < options->count && rc == SLUICE_OK; i++)
    rc = set_option(e, options->items + i, err);
  if (rc == SLUICE_OK)
    rc = set_format(e, format, schema, err);
  if (rc == SLUICE_OK)
    *encoder = e;
  else
    encoder_close(e);
  return rc == SLUICE_ERR_MEMORY ? sluice_fail(err, rc, "", "no memory for an encoder") : rc;
}

/* Hands a record without an encoding to the policy. */
static int refuse(struct encoder *e, const struct sluice_batch *batch, int64_t row, struct sluice_rejects *rejects,
                  struct sluice_error *err) {
  const char *column = e->blame && e->blame->path ? e->blame->path : NULL;
  if (!rejects) {
    int rc = sluice_fail(err, SLUICE_ERR_DATA, column, "record %lld of the batch: %s", (long long)row, e->reason);
    if (err)
      err->row = batch->first_row + row;
    return rc;
  }
  struct sluice_reject reject = {
      .struct_size = sizeof reject, .seq = batch->seq, .row = row, .offset = -1, .column = column, .reason = e->reason};
  return rejects->add(rejects, &reject, err);
}

static int encode_rows(struct encoder *e, const struct sluice_batch *batch, int64_t first, int64_t last,
                       struct sluice_rejects *rejects, struct sluice_error *err) {
  size_t *ends = (size_t *)(void *)e->ends.data;
  for (int64_t i = first; i < last; i++) {
    e->row_start = e->at ? (size_t)(e->at - (char *)e->out.data) : 0;
    e->blame = NULL;
    int rc = e->csv ? row_write_csv(e, i) : row_write_json(e, i);
    if (rc == ENCODE_REJECT) {
      if (e->out.data)
        e->at = (char *)e->out.data + e->row_start;
      rc = refuse(e, batch, i, rejects, err);
    }
    if (rc == SLUICE_ERR_MEMORY)
      return sluice_fail(
          err, rc, "",
          "records %lld to %lld of a batch take over 1 GiB as text, or there is no memory for it; use smaller batches",
          (long long)first, (long long)i);
    if (rc != SLUICE_OK)
      return rc;
    ends[i - first] = (size_t)(e->at - (char *)e->out.data);
  }
  return SLUICE_OK;
}

static int encode_stream(struct encoder *e, const struct sluice_batch *batch, int64_t first, int64_t last,
                         struct sluice_encoded *out, struct sluice_error *err) {
  int rc = encode_ipc(&e->ipc, &batch->array, first, last, &e->out, err);
  if (rc == SLUICE_OK)
    *out = (struct sluice_encoded){e->out.data, e->out.size, NULL, last - first};
  return rc;
}

static int encoder_encode(void *encoder, const struct sluice_batch *batch, int64_t first, int64_t last,
                          struct sluice_rejects *rejects, struct sluice_encoded *out, struct sluice_error *err) {
  struct encoder *e = encoder;
  if (first < 0 || last < first || last > batch->array.length)
    return sluice_fail(err, SLUICE_ERR_BUG, "batch", "records %lld to %lld of a batch of %lld", (long long)first,
                       (long long)last, (long long)batch->array.length);
  if (e->out.capacity > KEEP_OUTPUT) { /* one huge batch shall not hold its memory for ever */
    sluice_buffer_free(&e->out);
    e->out.limit = MAX_OUTPUT;
  }
  if (e->ipc.release)
    return encode_stream(e, batch, first, last, out, err);
  e->at = (char *)e->out.data;
  e->end = e->at ? e->at + e->out.capacity : NULL;
  e->ends.size = 0;
  if (sluice_buffer_reserve(&e->ends, (size_t)(last - first) * sizeof(size_t) + 1) != SLUICE_OK)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the ends of %lld records", (long long)(last - first));
  int rc = program_bind(e, &batch->array, err);
  if (rc == SLUICE_OK)
    rc = encode_rows(e, batch, first, last, rejects, err);
  if (rc != SLUICE_OK)
    return rc;
  out->data = e->out.data;
  out->size = e->at ? (size_t)(e->at - (char *)e->out.data) : 0;
  out->ends = (const size_t *)(const void *)e->ends.data;
  out->rows = last - first;
  return SLUICE_OK;
}

const struct sluice_encode *encode_service(void) {
  static const struct sluice_encode service = {sizeof service, 0, encoder_open, encoder_close, encoder_encode};
  return &service;
}
