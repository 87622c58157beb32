/* Opens the reader of a unit: head, types, place to begin; and the reader's face to the host. */
#include "reader.h"
#include "build.h"
#include "head.h"
#include "sample.h"
#include <stdlib.h>

enum { DEFAULT_ROWS = 64 * 1024 };
static const int64_t most_bytes = 512 << 20; /* of a batch: its texts must fit offsets of 32 bits */
static const int64_t most_cost = 256 << 20;  /* of nulls that a record does not name */

static void destroy(struct json_reader *r) {
  json_column_destroy(r->root);
  sluice_schema_release(&r->schema);
  json_framer_finish(&r->framer);
  json_scan_finish(&r->mended_scan);
  json_input_finish(&r->window);
  sluice_buffer_free(&r->run.scratch);
  sluice_buffer_free(&r->mended);
  sluice_buffer_free(&r->origin);
  free(r);
}

static void reader_release(struct sluice_reader *reader) {
  struct json_reader *r = reader->private_data;
  if (r->input.release)
    r->input.release(&r->input);
  destroy(r);
  reader->release = NULL;
  reader->private_data = NULL;
}

static int reader_schema(struct sluice_reader *reader, struct ArrowSchema *out, struct sluice_error *err) {
  struct json_reader *r = reader->private_data;
  int code = sluice_schema_copy(&r->schema, out);
  return code ? sluice_fail(err, code, r->part, "no memory for the schema") : code;
}

/* What was read before a failure is delivered first. */
static int reader_next(struct sluice_reader *reader, struct sluice_batch *out, struct sluice_error *err) {
  struct json_reader *r = reader->private_data;
  int code = r->broken || r->failed ? SLUICE_OK : json_batch_fill(r, err);
  if (code)
    return code;
  if (r->failed && r->row == r->first_row) {
    if (err)
      *err = r->failure;
    return r->failed;
  }
  if (r->ended && r->row == r->first_row)
    return SLUICE_END;
  return json_batch_take(r, out, err);
}

static void read_scan(struct json_reader *r, const struct sluice_scan *scan) {
  r->batch_rows = scan->batch_rows > 0 ? scan->batch_rows : DEFAULT_ROWS;
  r->batch_bytes = scan->batch_bytes > 0 && scan->batch_bytes < most_bytes ? scan->batch_bytes : most_bytes;
  r->unit_row = scan->begin.row;
  r->rejects = scan->rejects;
  r->run.config = r->format->config;
  r->run.most_cost = most_cost;
  snprintf(r->part, sizeof r->part, "%s", scan->part ? scan->part : "");
}

/* To the unit's begin, or where it is resumed. */
static int go_to_start(struct json_reader *r, const struct sluice_scan *scan, struct sluice_error *err) {
  const struct sluice_position *at = scan->from.offset > 0 ? &scan->from : &scan->begin;
  bool array = r->framer.layout == JSON_LAYOUT_ARRAY;
  r->row = r->first_row = at->row;
  r->framer.stop = scan->end.offset > 0 ? scan->end.offset : INT64_MAX;
  r->window.bound = r->framer.stop;
  if (at->offset <= 0)
    return SLUICE_OK;
  bool known = at->detail[0] > JSON_AT_START && at->detail[0] <= JSON_AT_END;
  if (at->offset < r->window.offset || known != array)
    return sluice_fail(err, SLUICE_ERR_CHANGED, r->part,
                       "its layout is not as it was when reading stopped at byte %lld: the part, or the option layout, "
                       "was changed",
                       (long long)at->offset);
  if (array)
    r->framer.place = (enum json_place)at->detail[0];
  return json_input_seek(&r->window, at->offset, err);
}

static int prepare(struct json_reader *r, struct sluice_input *in, const struct sluice_scan *scan,
                   struct sluice_error *err) {
  const struct json_config *config = r->format->config;
  int64_t limit = config->max_record > config->sample ? config->max_record : config->sample;
  struct json_head head;
  struct json_guess *guess = NULL;
  json_scan_init(&r->mended_scan);
  json_input_init(&r->window, in, r->format->host, (size_t)limit + JSON_HEAD + 4 * JSON_CHUNK);
  json_framer_init(&r->framer, JSON_LAYOUT_LINES, (size_t)config->max_record, r->part);
  int code = json_head_read(config, &r->window, r->part, &head, err);
  if (code)
    return code;
  r->framer.layout = head.layout;
  r->framer.within = head.within;
  code = json_sample_read(r, scan, &guess, err);
  if (!code)
    code = json_build(config, guess, scan, &r->root, &r->schema, err);
  json_guess_destroy(guess);
  return code ? code : go_to_start(r, scan, err);
}

int json_decode(void *self, struct sluice_input *in, const struct sluice_scan *scan, struct sluice_reader *out,
                struct sluice_error *err) {
  struct json_reader *r = calloc(1, sizeof *r);
  if (!r)
    return sluice_fail(err, SLUICE_ERR_MEMORY, scan->part, "no memory for a reader");
  r->format = self;
  read_scan(r, scan);
  int code = prepare(r, in, scan, err);
  if (code) {
    destroy(r);
    return sluice_fail(err, code, scan->part, "it cannot be read");
  }
  r->input = *in;
  r->window.in = &r->input;
  memset(in, 0, sizeof *in);
  *out = (struct sluice_reader){reader_schema, reader_next, reader_release, r};
  return SLUICE_OK;
}
