/* Opens the reader of a unit: head, types, place to begin; and the reader's face to the host. */
#include "reader.h"
#include "head.h"
#include "survey.h"
#include <stdlib.h>

enum { DEFAULT_ROWS = 64 * 1024 };
static const int64_t most_bytes = 1 << 30; /* of a batch: its texts must fit offsets of 32 bits */

static void destroy(struct csv_reader *r) {
  csv_layout_finish(&r->layout);
  csv_parse_finish(&r->parse);
  csv_index_finish(&r->index);
  csv_text_close(&r->text);
  sluice_buffer_free(&r->origin);
  free(r->skip.raw);
  free(r);
}

static void reader_release(struct sluice_reader *reader) {
  struct csv_reader *r = reader->private_data;
  if (r->input.release)
    r->input.release(&r->input);
  destroy(r);
  reader->release = NULL;
  reader->private_data = NULL;
}

static int reader_schema(struct sluice_reader *reader, struct ArrowSchema *out, struct sluice_error *err) {
  struct csv_reader *r = reader->private_data;
  int rc = sluice_schema_copy(&r->layout.schema, out);
  return rc ? sluice_fail(err, rc, r->part, "no memory for the schema") : rc;
}

static int reader_next(struct sluice_reader *reader, struct sluice_batch *out, struct sluice_error *err) {
  struct csv_reader *r = reader->private_data;
  int rc = r->broken ? SLUICE_OK : csv_batch_fill(r, err);
  if (rc)
    return rc;
  if (r->ended && r->row == r->first_row)
    return SLUICE_END;
  return csv_batch_take(r, out, err);
}

/* What the options will not have rejected, but be the end of the part. */
static uint32_t fatal_codes(const struct csv_config *c) {
  uint32_t quotes = 1u << CSV_FAULT_STRAY_QUOTE | 1u << CSV_FAULT_AFTER_QUOTE | 1u << CSV_FAULT_OPEN_QUOTE;
  return (c->ragged == CSV_RAGGED_ERROR ? 1u << CSV_FAULT_RAGGED : 0) | (c->lone_quotes == CSV_BAD_ERROR ? quotes : 0) |
         (c->zero_bytes == CSV_BAD_ERROR ? 1u << CSV_FAULT_ZERO_BYTE : 0) |
         (c->invalid_utf8 == CSV_UTF8_ERROR ? 1u << CSV_FAULT_UTF8 : 0);
}

static void read_scan(struct csv_reader *r, const struct sluice_scan *scan) {
  r->batch_rows = scan->batch_rows > 0 ? scan->batch_rows : DEFAULT_ROWS;
  r->batch_bytes = scan->batch_bytes > 0 && scan->batch_bytes < most_bytes ? scan->batch_bytes : most_bytes;
  r->unit_row = scan->begin.row;
  r->stop = scan->end.offset > 0 ? scan->end.offset : INT64_MAX;
  snprintf(r->part, sizeof r->part, "%s", scan->part ? scan->part : "");
  r->reporter = (struct csv_reporter){.rejects = scan->rejects,
                                      .layout = &r->layout,
                                      .part = r->part,
                                      .fatal = fatal_codes(r->format->config),
                                      .max_line = (size_t)r->format->config->max_line};
}

/* Columns, types, schema. */
static int settle(struct csv_reader *r, const struct csv_names *names, const struct sluice_scan *scan,
                  struct sluice_error *err) {
  const struct csv_field_rules rules = {r->found.shape.dialect.quote, &r->format->nulls};
  struct csv_guess *guesses = calloc(names->count + 1, sizeof *guesses);
  if (!guesses)
    return sluice_fail(err, SLUICE_ERR_MEMORY, r->part, "no memory for the types of the columns");
  r->reporter.columns = names->count;
  int rc = csv_layout_init(&r->layout, names, scan, guesses, err);
  if (rc == SLUICE_OK && names->count)
    rc = csv_index_init(&r->index, names->count, err);
  if (rc == SLUICE_OK && names->count)
    rc = csv_parse_init(&r->parse, &r->index, &rules, err);
  if (rc == SLUICE_OK && names->count)
    rc = csv_survey(r, &r->found.shape.dialect, guesses, err);
  if (rc == SLUICE_OK)
    rc = csv_layout_settle(&r->layout, names, scan, guesses, r->format, err);
  free(guesses);
  return rc;
}

/* To the unit's begin, or where it is resumed; the records begin at `records`. */
static int go_to_start(struct csv_reader *r, const struct sluice_scan *scan, int64_t records,
                       struct sluice_error *err) {
  const struct sluice_position *at = scan->from.offset > 0 ? &scan->from : &scan->begin;
  r->row = r->first_row = at->row;
  r->text.window.bound = r->stop;
  return csv_window_seek(&r->text.window, at->offset > records ? at->offset : records, err);
}

static int prepare(struct csv_reader *r, const struct sluice_scan *scan, struct sluice_error *err) {
  struct csv_head head;
  int rc = csv_text_open(&r->text, &r->input, r->format->config, err);
  if (!rc)
    rc = csv_shape_find(r->format, r->part, &r->text.window, &r->found, err);
  if (!rc)
    rc = csv_head_read(&head, &r->text.window, &r->found.shape, r->reporter.max_line, r->part, err);
  if (rc)
    return rc;
  rc = settle(r, &head.names, scan, err);
  r->ended = head.names.count == 0;
  if (rc == SLUICE_OK && !r->ended)
    rc = go_to_start(r, scan, head.records, err);
  if (scan->begin.offset <= head.records && !scan->from.offset) /* other pieces have nothing to add */
    csv_shape_log(r->format, r->part, &r->found);
  csv_head_finish(&head);
  return rc;
}

int csv_decode(void *self, struct sluice_input *in, const struct sluice_scan *scan, struct sluice_reader *out,
               struct sluice_error *err) {
  const struct csv_format *format = self;
  struct csv_reader *r = calloc(1, sizeof *r);
  if (!r)
    return sluice_fail(err, SLUICE_ERR_MEMORY, scan->part, "no memory for a reader");
  r->format = format;
  read_scan(r, scan);
  r->input = *in; /* the caller's until all is well */
  int rc = prepare(r, scan, err);
  if (rc) {
    destroy(r);
    return rc;
  }
  memset(in, 0, sizeof *in);
  *out = (struct sluice_reader){reader_schema, reader_next, reader_release, r};
  return SLUICE_OK;
}
