/* Growable 64-byte aligned buffers, and bitmaps. */
#include "internal.h"
#include <stdlib.h>

enum { ALIGN = 64 };
static const size_t default_limit = ((size_t)1 << 31) - ALIGN;

static size_t buffer_limit(const struct sluice_buffer *buffer) {
  size_t limit = buffer->limit ? buffer->limit : default_limit;
  return limit > SIZE_MAX / 4 ? SIZE_MAX / 4 : limit;
}

static int buffer_grow(struct sluice_buffer *buffer, size_t wanted) {
  size_t limit = buffer_limit(buffer), capacity = buffer->capacity + buffer->capacity / 2;
  if (capacity < wanted)
    capacity = wanted;
  if (capacity > limit)
    capacity = limit;
  capacity = (capacity + ALIGN - 1) / ALIGN * ALIGN;
  uint8_t *data = aligned_alloc(ALIGN, capacity);
  if (!data)
    return SLUICE_ERR_MEMORY;
  if (buffer->size)
    memcpy(data, buffer->data, buffer->size);
  free(buffer->data);
  buffer->data = data;
  buffer->capacity = capacity;
  return SLUICE_OK;
}

int sluice_buffer_reserve(struct sluice_buffer *buffer, size_t more) {
  size_t limit = buffer_limit(buffer);
  if (buffer->size > limit || more > limit - buffer->size)
    return SLUICE_ERR_MEMORY;
  if (buffer->data && more <= buffer->capacity - buffer->size)
    return SLUICE_OK;
  size_t wanted = buffer->size + more;
  return buffer_grow(buffer, wanted ? wanted : 1);
}

int sluice_buffer_append(struct sluice_buffer *buffer, const void *bytes, size_t n) {
  int status = sluice_buffer_reserve(buffer, n);
  if (status != SLUICE_OK)
    return status;
  if (n)
    memcpy(buffer->data + buffer->size, bytes, n);
  buffer->size += n;
  return SLUICE_OK;
}

void sluice_buffer_free(struct sluice_buffer *buffer) {
  free(buffer->data);
  memset(buffer, 0, sizeof *buffer);
}

uint8_t *buffer_extend(struct sluice_buffer *buffer, size_t n) {
  if (sluice_buffer_reserve(buffer, n) != SLUICE_OK)
    return NULL;
  uint8_t *at = buffer->data + buffer->size;
  if (n)
    memset(at, 0, n);
  buffer->size += n;
  return at;
}

static void fill_some(uint8_t *dst, int64_t start, int64_t n, bool value) {
  for (int64_t i = start; i < start + n; i++) {
    uint8_t mask = (uint8_t)(1u << (i & 7));
    dst[i >> 3] = (uint8_t)(value ? dst[i >> 3] | mask : dst[i >> 3] & ~mask);
  }
}

void bits_fill(uint8_t *dst, int64_t start, int64_t n, bool value) {
  int64_t head = (8 - (start & 7)) & 7;
  if (head >= n) {
    fill_some(dst, start, n, value);
    return;
  }
  fill_some(dst, start, head, value);
  int64_t bytes = (n - head) / 8;
  if (bytes)
    memset(dst + (start + head) / 8, value ? 0xff : 0, (size_t)bytes);
  fill_some(dst, start + head + bytes * 8, n - head - bytes * 8, value);
}

static void copy_some(uint8_t *dst, int64_t dst_start, const uint8_t *src, int64_t src_start, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    fill_some(dst, dst_start + i, 1, sluice_bit(src, src_start + i));
}

void bits_copy(uint8_t *dst, int64_t dst_start, const uint8_t *src, int64_t src_start, int64_t n) {
  int64_t head = (8 - (dst_start & 7)) & 7;
  if (head > n)
    head = n;
  copy_some(dst, dst_start, src, src_start, head);
  int64_t at = src_start + head, bytes = (n - head) / 8;
  uint8_t *to = dst + (dst_start + head) / 8;
  const uint8_t *from = src + at / 8;
  unsigned shift = (unsigned)(at & 7);
  if (shift == 0 && bytes)
    memcpy(to, from, (size_t)bytes);
  for (int64_t i = 0; shift && i < bytes; i++)
    to[i] = (uint8_t)(from[i] >> shift | from[i + 1] << (8 - shift));
  int64_t done = head + bytes * 8;
  copy_some(dst, dst_start + done, src, src_start + done, n - done);
}

int64_t bits_count(const uint8_t *bits, int64_t start, int64_t n) {
  int64_t count = 0, i = start, end = start + n;
  for (; i < end && (i & 7); i++)
    count += sluice_bit(bits, i);
  for (; end - i >= 64; i += 64) {
    uint64_t word;
    memcpy(&word, bits + i / 8, sizeof word);
    count += __builtin_popcountll(word);
  }
  for (; i < end; i++)
    count += sluice_bit(bits, i);
  return count;
}

int64_t array_nulls(const struct ArrowArray *array) {
  if (array->null_count >= 0)
    return array->null_count;
  if (array->n_buffers == 0 || !array->buffers[0])
    return 0;
  return array->length - bits_count(array->buffers[0], array->offset, array->length);
}
