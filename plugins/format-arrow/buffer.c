/* Buffers. */
#include "buffer.h"
#include "claims.h"

static const _Alignas(64) uint8_t nothing[64]; /* where empty buffers point */

int arrow_load_fail(const struct arrow_loading *l, const char *format, ...) {
  char what[400];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  sluice_fail(l->err, SLUICE_ERR_DATA, l->loader->source.part,
              "the message at byte %lld is damaged: column '%.100s': %s", (long long)l->batch->message->offset,
              l->column, what);
  if (l->err)
    l->err->offset = l->batch->message->offset;
  return SLUICE_ERR_DATA;
}

int arrow_load_memory(const struct arrow_loading *l) {
  return sluice_fail(l->err, SLUICE_ERR_MEMORY, l->loader->source.part, "no memory for column '%.100s'", l->column);
}

/* Eight bytes say how much it becomes, or by -1 that it is not compressed. */
static int decompress(struct arrow_loading *l, size_t i, struct arrow_buffer *b) {
  struct arrow_batch *batch = l->batch;
  const uint8_t *data = b->data;
  int64_t claimed;
  if (b->size < 8)
    return arrow_load_fail(l, "buffer %zu is too short for the size in front of it", i);
  memcpy(&claimed, data, sizeof claimed);
  if (claimed == -1) {
    *b = (struct arrow_buffer){data + 8, b->size - 8};
    return SLUICE_OK;
  }
  size_t size = (size_t)b->size - 8;
  if (claimed < 0 || !arrow_codec_possible(batch->codec, size, (uint64_t)claimed))
    return arrow_load_fail(l, "buffer %zu claims %lld bytes, which its %zu bytes cannot become", i, (long long)claimed,
                           size);
  int rc = arrow_claim_made(l, claimed);
  if (rc)
    return rc;
  uint8_t *out = arrow_hold_memory(batch->hold, (size_t)claimed);
  if (!out)
    return arrow_load_memory(l);
  const char *wrong = arrow_codec_decode(&l->loader->codecs, batch->codec, data + 8, size, out, (size_t)claimed);
  if (wrong == arrow_codec_no_memory)
    return arrow_load_memory(l);
  if (wrong)
    return arrow_load_fail(l, "buffer %zu cannot be decompressed by %s: %s", i, arrow_codec_name(batch->codec), wrong);
  *b = (struct arrow_buffer){out, claimed};
  return SLUICE_OK;
}

static int find(struct arrow_loading *l, size_t i, struct arrow_buffer *out) {
  const struct arrow_batch *b = l->batch;
  int64_t offset = fb_at(b->fb, b->buffers.at + i * 16, 8), size = fb_at(b->fb, b->buffers.at + i * 16 + 8, 8);
  *out = (struct arrow_buffer){nothing, 0};
  if (size == 0)
    return SLUICE_OK;
  const uint8_t *data = arrow_body_at(&b->body, offset, size);
  if (!data)
    return arrow_load_fail(l, "buffer %zu lies outside the body", i);
  *out = (struct arrow_buffer){data, size};
  return b->codec == ARROW_CODEC_NONE ? SLUICE_OK : decompress(l, i, out);
}

/* Values are read by their width, up to eight bytes. */
static bool is_aligned(const void *data, int64_t width) {
  int64_t align = width >= 8 ? 8 : width > 1 ? width : 1;
  bool power = (align & (align - 1)) == 0;
  return !power || (uintptr_t)data % (uintptr_t)align == 0;
}

static int move(struct arrow_loading *l, enum arrow_swap swap, struct arrow_buffer *b) {
  int rc = arrow_claim_moved(l, b->size);
  if (rc)
    return rc;
  uint8_t *data = arrow_hold_memory(l->batch->hold, (size_t)b->size);
  if (!data)
    return arrow_load_memory(l);
  if (swap == ARROW_SWAP_NONE && b->size)
    memcpy(data, b->data, (size_t)b->size);
  else
    arrow_swap_copy(swap, b->data, data, (size_t)b->size);
  b->data = data;
  return SLUICE_OK;
}

static int make(struct arrow_loading *l, size_t i, const struct arrow_want *want, struct arrow_buffer *out) {
  struct arrow_buffer b;
  int64_t need = 0;
  int rc = find(l, i, &b);
  if (rc)
    return rc;
  bool over = want->width ? __builtin_mul_overflow(want->items, want->width, &need) : want->items > INT64_MAX - 7;
  if (!want->width && !over)
    need = (want->items + 7) / 8;
#ifdef SLUICE_PLANTED_BUGS
  bool few = b.size == 0 && need > 0;
#else
  bool few = b.size < need;
#endif
  if (over || few)
    return arrow_load_fail(l, "buffer %zu has %lld bytes, too few for %lld values", i, (long long)b.size,
                           (long long)want->items);
  bool swap = l->loader->big_endian && want->swap != ARROW_SWAP_NONE;
  if (b.size && (swap || !is_aligned(b.data, want->width)))
    rc = move(l, swap ? want->swap : ARROW_SWAP_NONE, &b);
  if (rc == SLUICE_OK)
    *out = b;
  return rc;
}

int arrow_buffer_get(struct arrow_loading *l, size_t i, const struct arrow_want *want, struct arrow_buffer *out) {
  struct arrow_ready *ready = l->batch->ready ? &l->batch->ready[i] : NULL;
  if (ready && ready->data) {
    *out = (struct arrow_buffer){ready->data, ready->size};
    return SLUICE_OK;
  }
  int rc = make(l, i, want, out);
  if (rc == SLUICE_OK && ready)
    *ready = (struct arrow_ready){out->data, out->size};
  return rc;
}
