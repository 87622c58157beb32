/* FlatBuffers, written backwards. */
#include "flat.h"
#include <stdlib.h>

enum { FLAT_MAX = 1 << 28 };

void flat_free(struct flat *f) {
  free(f->data);
  memset(f, 0, sizeof *f);
}

void flat_reset(struct flat *f) {
  f->used = 0;
  f->failed = false;
}

/* Room for n more bytes in front of what is there; NULL: none. */
static uint8_t *extend(struct flat *f, size_t n) {
  if (f->failed || n > FLAT_MAX || f->used + n > FLAT_MAX) {
    f->failed = true;
    return NULL;
  }
  if (f->used + n > f->capacity) {
    size_t capacity = (f->used + n) * 2 + 1024;
    uint8_t *data = malloc(capacity);
    if (!data) {
      f->failed = true;
      return NULL;
    }
    if (f->used)
      memcpy(data + capacity - f->used, f->data + f->capacity - f->used, f->used);
    free(f->data);
    f->data = data;
    f->capacity = capacity;
  }
  f->used += n;
  return f->data + f->capacity - f->used;
}

static void put(struct flat *f, const void *bytes, size_t n) {
  uint8_t *at = n ? extend(f, n) : NULL;
  if (at)
    memcpy(at, bytes, n);
}

/* Pads so that after `more` bytes the place is aligned. */
static void align_for(struct flat *f, size_t align, size_t more) {
  static const uint8_t zeros[64];
  put(f, zeros, (0 - (f->used + more)) & (align - 1));
}

static size_t put_count(struct flat *f, size_t n) {
  uint32_t count = (uint32_t)n;
  put(f, &count, sizeof count);
  return f->used;
}

size_t flat_text(struct flat *f, const char *text, size_t n) {
  align_for(f, 4, n + 1);
  put(f, "", 1);
  put(f, text, n);
  return put_count(f, n);
}

size_t flat_vector(struct flat *f, const void *items, size_t n, size_t size, size_t align) {
  if (n > FLAT_MAX / size) {
    f->failed = true;
    return 0;
  }
  align_for(f, 4, n * size);
  align_for(f, align, n * size);
  put(f, items, n * size);
  return put_count(f, n);
}

static void put_reference(struct flat *f, size_t reference) {
  align_for(f, 4, 0);
  uint32_t distance = (uint32_t)(f->used + 4 - reference);
  put(f, &distance, sizeof distance);
}

size_t flat_references(struct flat *f, const size_t *references, size_t n) {
  align_for(f, 4, 0);
  for (size_t i = n; i > 0; i--)
    put_reference(f, references[i - 1]);
  return put_count(f, n);
}

void flat_open(struct flat *f) {
  memset(f->slots, 0, sizeof f->slots);
  f->table = f->used;
}

void flat_number(struct flat *f, int slot, int64_t value, size_t size) {
  align_for(f, size, 0);
  put(f, &value, size); /* little-endian: the low bytes come first */
  f->slots[slot] = f->used;
}

void flat_reference(struct flat *f, int slot, size_t reference) {
  if (reference == 0)
    return;
  put_reference(f, reference);
  f->slots[slot] = f->used;
}

static void put_half(struct flat *f, size_t value) {
  uint16_t half = (uint16_t)value;
  put(f, &half, sizeof half);
}

size_t flat_close(struct flat *f, int slots) {
  align_for(f, 4, 4);
  put_count(f, 0); /* the way to the list of slots, known only below */
  size_t table = f->used;
  for (int i = slots; i > 0; i--)
    put_half(f, f->slots[i - 1] ? table - f->slots[i - 1] : 0);
  put_half(f, table - f->table);
  put_half(f, (size_t)(slots + 2) * 2);
  if (f->failed)
    return 0;
  int32_t distance = (int32_t)(f->used - table);
  memcpy(f->data + f->capacity - table, &distance, sizeof distance);
  return table;
}

const uint8_t *flat_finish(struct flat *f, size_t root, size_t *size) {
  align_for(f, 8, 4);
  put_reference(f, root);
  *size = f->used;
  return f->failed ? NULL : f->data + f->capacity - f->used;
}
