/* Opening RecordBatch tables: what they hold, and which of it is read. */
#include "claims.h"
#include "metadata.h"
#include "shape.h"
#include <stdlib.h>
#include <strings.h>

enum { BATCH_LENGTH, BATCH_NODES, BATCH_BUFFERS, BATCH_COMPRESSION, BATCH_COUNTS };
enum { COMPRESSION_CODEC, COMPRESSION_METHOD };
enum { MESSAGE_METADATA = 4, STRUCT_SIZE = 16 };

void arrow_batch_finish(struct arrow_batch *batch) {
  arrow_body_finish(&batch->body);
  arrow_hold_drop(batch->hold);
  free(batch->ready);
  memset(batch, 0, sizeof *batch);
}

int arrow_batch_keep(struct arrow_batch *batch) {
  batch->ready = calloc(batch->buffers.count + 1, sizeof *batch->ready);
  return batch->ready ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

/* Arrow 0.17 told of compression in the message's own metadata. */
static const char *old_codec(const struct arrow_message *m, enum arrow_codec *out) {
  size_t n = 0;
  const char *name = arrow_metadata_find(&m->table, MESSAGE_METADATA, "ARROW:experimental_compression", &n);
  if (!name)
    return NULL;
  if ((n == 3 && strncasecmp(name, "lz4", n) == 0) || (n == 9 && strncasecmp(name, "lz4_frame", n) == 0))
    *out = ARROW_CODEC_LZ4;
  else if (n == 4 && strncasecmp(name, "zstd", n) == 0)
    *out = ARROW_CODEC_ZSTD;
  else if (n != 12 || strncasecmp(name, "uncompressed", n) != 0)
    return "its experimental compression is neither lz4 nor zstd";
  return NULL;
}

static const char *read_codec(const struct arrow_message *m, const struct fb_table *table, enum arrow_codec *out) {
  struct fb_table compression;
  *out = ARROW_CODEC_NONE;
  if (!fb_sub(table, BATCH_COMPRESSION, &compression))
    return m->fb.fault ? m->fb.fault : old_codec(m, out);
  int64_t codec = fb_number(&compression, COMPRESSION_CODEC, 1, 0);
  if (codec < 0 || codec > 1 || fb_number(&compression, COMPRESSION_METHOD, 1, 0) != 0)
    return "its compression is neither lz4 nor zstd of single buffers";
  *out = codec ? ARROW_CODEC_ZSTD : ARROW_CODEC_LZ4;
  return NULL;
}

/* The stretch of buffer i; false: it is outside the body. */
static bool buffer_stretch(const struct arrow_batch *b, size_t i, struct arrow_stretch *out) {
  int64_t offset = fb_at(b->fb, b->buffers.at + i * STRUCT_SIZE, 8);
  int64_t size = fb_at(b->fb, b->buffers.at + i * STRUCT_SIZE + 8, 8);
  if (offset < 0 || size < 0 || offset > b->message->body_size || size > b->message->body_size - offset)
    return false;
  *out = (struct arrow_stretch){offset, offset + size, NULL};
  return true;
}

static const char *list_wanted(const struct arrow_batch *b, const struct arrow_field *fields, int64_t n, uint8_t *need,
                               struct arrow_stretch *wanted, size_t *count) {
  struct arrow_cursor at = {0, 0, 0};
  for (int64_t i = 0; i < n; i++)
    if (!arrow_shape_mark(b, &fields[i], &at, need))
      return "it has too few arrays or buffers for the schema";
  if (at.node != b->nodes.count || at.buffer != b->buffers.count)
    return "it has more arrays or buffers than the schema";
  for (size_t i = 0; i < b->buffers.count; i++) {
    if (!buffer_stretch(b, i, &wanted[*count]))
      return "a buffer lies outside its body";
    *count += need[i] && wanted[*count].end > wanted[*count].start;
  }
  return NULL;
}

/* Buffers may share bytes: then they are no more than the body. */
static int64_t bytes_wanted(const struct arrow_batch *b, const struct arrow_stretch *wanted, size_t count) {
  int64_t left = b->message->body_size;
  for (size_t i = 0; i < count; i++)
    left = wanted[i].end - wanted[i].start < left ? left - (wanted[i].end - wanted[i].start) : 0;
  return b->message->body_size - left;
}

static int read_body(const struct arrow_loader *l, struct arrow_batch *b, const struct arrow_field *fields, int64_t n,
                     struct sluice_error *err) {
  struct arrow_stretch *wanted = malloc((b->buffers.count + 1) * sizeof *wanted);
  uint8_t *need = calloc(b->buffers.count + 1, 1);
  size_t count = 0;
  int rc = wanted && need && arrow_hold_create(&b->hold) == SLUICE_OK ? SLUICE_OK : SLUICE_ERR_MEMORY;
  if (rc)
    rc = sluice_fail(err, rc, l->source.part, "no memory for a record batch");
  const char *wrong = rc ? NULL : list_wanted(b, fields, n, need, wanted, &count);
  if (wrong)
    rc = arrow_message_fail(&l->source, b->message, wrong, err);
  if (rc == SLUICE_OK)
    rc = arrow_claim_body(l, b->message, bytes_wanted(b, wanted, count), err);
  if (rc == SLUICE_OK)
    rc = arrow_body_read(&l->source, b->message, wanted, count, b->hold, &b->body, err);
  for (size_t i = 0; rc == SLUICE_OK && i < b->body.count; i++)
    b->read += b->body.stretches[i].end - b->body.stretches[i].start;
  free(wanted);
  free(need);
  return rc;
}

int arrow_batch_open(const struct arrow_loader *l, struct arrow_message *m, const struct fb_table *table,
                     const struct arrow_field *fields, int64_t n, struct arrow_batch *out, struct sluice_error *err) {
  struct arrow_batch b = {.message = m, .fb = &m->fb, .length = fb_number(table, BATCH_LENGTH, 8, 0)};
  const char *wrong = read_codec(m, table, &b.codec);
  fb_vector(table, BATCH_NODES, STRUCT_SIZE, &b.nodes);
  fb_vector(table, BATCH_BUFFERS, STRUCT_SIZE, &b.buffers);
  fb_vector(table, BATCH_COUNTS, 8, &b.counts);
  if (wrong || m->fb.fault)
    return arrow_message_fail(&l->source, m, wrong, err);
  if (b.length < 0)
    return arrow_message_fail(&l->source, m, "its number of rows is negative", err);
  int rc = read_body(l, &b, fields, n, err);
  if (rc)
    arrow_batch_finish(&b);
  else
    *out = b;
  return rc;
}
