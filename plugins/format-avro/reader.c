/* Opens the reader of a unit, and is its face to the host. */
#include "reader.h"
#include <stdlib.h>

enum { DEFAULT_ROWS = 64 * 1024 };
static const int64_t most_bytes = 1 << 30; /* of a batch: its texts must fit offsets of 32 bits */
static const int64_t most_counted = 64 << 20;

static void destroy(struct avro_reader *r) {
  avro_program_finish(&r->program);
  avro_columns_finish(&r->columns);
  avro_resolution_finish(&r->resolution);
  avro_file_close(&r->file);
  sluice_buffer_free(&r->origin);
  free(r);
}

static void reader_release(struct sluice_reader *reader) {
  struct avro_reader *r = reader->private_data;
  if (r->input.release)
    r->input.release(&r->input);
  destroy(r);
  reader->release = NULL;
  reader->private_data = NULL;
}

static int reader_schema(struct sluice_reader *reader, struct ArrowSchema *out, struct sluice_error *err) {
  struct avro_reader *r = reader->private_data;
  int code = sluice_schema_copy(&r->columns.schema, out);
  return code ? sluice_fail(err, code, r->part, "no memory for the schema") : code;
}

/* What was read before a failure is delivered first. */
static int reader_next(struct sluice_reader *reader, struct sluice_batch *out, struct sluice_error *err) {
  struct avro_reader *r = reader->private_data;
  int code = r->broken || r->failed ? SLUICE_OK : avro_batch_fill(r, err);
  if (code)
    return code;
  if (r->failed && r->row == r->first_row) {
    if (err)
      *err = r->failure;
    return r->failed;
  }
  if (r->ended && r->row == r->first_row)
    return SLUICE_END;
  return avro_batch_take(r, out, err);
}

static void read_scan(struct avro_reader *r, const struct sluice_scan *scan) {
  r->batch_rows = scan->batch_rows > 0 ? scan->batch_rows : DEFAULT_ROWS;
  r->batch_bytes = scan->batch_bytes > 0 && scan->batch_bytes < most_bytes ? scan->batch_bytes : most_bytes;
  r->unit_row = scan->begin.row;
  r->stop = scan->end.offset > 0 ? scan->end.offset : INT64_MAX;
  r->rejects = scan->rejects;
  r->skip_block = r->format->config->on_corrupt == AVRO_CORRUPT_SKIP_BLOCK;
  snprintf(r->part, sizeof r->part, "%s", scan->part ? scan->part : "");
}

/* Into the block where the unit is resumed, behind the records that were read of it. */
static int resume_in_block(struct avro_reader *r, const struct sluice_position *at, struct sluice_error *err) {
  int code = avro_block_read(&r->file.blocks, &r->block, err);
  bool good = !code && at->detail[0] > 0 && at->detail[0] <= r->block.count && at->detail[1] >= 0 &&
              at->detail[1] <= (int64_t)r->block.plain.size;
  if (code < 0 && code != SLUICE_ERR_DATA)
    return code;
  if (!good)
    return sluice_fail(err, SLUICE_ERR_CHANGED, r->part,
                       "the block at byte %lld is not as it was when reading stopped there: the file was changed",
                       (long long)at->offset);
  r->in_block = true;
  r->taken = at->detail[0];
  r->at = at->detail[1];
  return SLUICE_OK;
}

static int go_to_start(struct avro_reader *r, const struct sluice_scan *scan, struct sluice_error *err) {
  const struct sluice_position *at = scan->from.offset > 0 ? &scan->from : &scan->begin;
  r->row = r->first_row = at->row;
  if (at->offset > 0 && at->offset < r->file.header.size)
    return sluice_fail(err, SLUICE_ERR_CHANGED, r->part,
                       "reading began at byte %lld, which is in the header: the file was changed",
                       (long long)at->offset);
  int code = at->offset > 0 ? avro_input_seek(&r->file.input, at->offset, err) : SLUICE_OK;
  return code || at->detail[0] == 0 ? code : resume_in_block(r, at, err);
}

static int prepare(struct avro_reader *r, struct sluice_input *in, const struct sluice_scan *scan,
                   struct sluice_error *err) {
  int code = avro_file_open(&r->file, r->format, in, r->part, err);
  if (!code)
    code = avro_resolve(r->file.writer, r->file.reader, r->part, &r->resolution, err);
  if (!code)
    code = avro_columns_init(&r->columns, r->resolution.root->reader, scan->want, scan->flags & SLUICE_SCAN_EXTRA,
                             r->part, err);
  if (code)
    return code;
  int64_t batch = r->batch_bytes < most_counted ? r->batch_bytes : most_counted;
  r->columns.limit = 4 * batch + 2 * r->format->config->max_block; /* as much again while columns grow */
  code = avro_compile(r->resolution.root, &r->columns, r->part, &r->program, err);
  return code ? code : go_to_start(r, scan, err);
}

int avro_decode(void *self, struct sluice_input *in, const struct sluice_scan *scan, struct sluice_reader *out,
                struct sluice_error *err) {
  struct avro_reader *r = calloc(1, sizeof *r);
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
  r->file.input.in = &r->input;
  r->run.program = &r->program;
  r->run.columns = &r->columns;
  memset(in, 0, sizeof *in);
  *out = (struct sluice_reader){reader_schema, reader_next, reader_release, r};
  return SLUICE_OK;
}
