/* The dictionary of a column chunk. */
#include "dictionary.h"

void pq_dictionary_finish(struct pq_dictionary *d) {
  sluice_buffer_free(&d->page);
  sluice_buffer_free(&d->values);
  sluice_buffer_free(&d->entries);
  *d = (struct pq_dictionary){0};
}

static pq_fault add_entry(struct pq_dictionary *d, const struct pq_store *s, uint32_t offset, uint32_t size) {
  const uint8_t *text = d->page.data + offset;
  struct pq_entry entry = {offset, size};
  if (s->text && sluice_utf8_valid(text, size) != size)
    return "a text is not UTF-8";
  if (sluice_buffer_append(&d->entries, &entry, sizeof entry) != SLUICE_OK)
    return pq_no_memory;
  d->longest = size > d->longest ? size : d->longest;
  d->count++;
  return NULL;
}

/* Headers may promise more than there is; only what is there can be used. */
static pq_fault load_texts(struct pq_dictionary *d, const struct pq_store *s, size_t size, uint32_t count) {
  pq_fault fault = NULL;
  size_t at = 0;
  while (!fault && d->count < count && size - at >= 4) {
    uint32_t length = pq_load32(d->page.data + at);
    if (length > size - at - 4)
      break;
    fault = add_entry(d, s, (uint32_t)at + 4, length);
    at += 4 + (size_t)length;
  }
  return fault;
}

static pq_fault load_big_texts(struct pq_dictionary *d, const struct pq_store *s) {
  const struct pq_entry *entries = (const struct pq_entry *)(const void *)d->entries.data;
  pq_fault fault = NULL;
  if (sluice_buffer_reserve(&d->values, (size_t)d->count * s->width) != SLUICE_OK)
    return pq_no_memory;
  for (uint32_t i = 0; i < d->count && !fault; i++)
    fault = pq_store_big(s, d->page.data + entries[i].offset, entries[i].size, d->values.data + (size_t)i * s->width);
  return fault;
}

static pq_fault load_fixed(struct pq_dictionary *d, const struct pq_store *s, size_t size) {
  size_t count = size / s->physical;
  if (sluice_buffer_reserve(&d->values, count * s->width + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  d->count = (uint32_t)count;
  return pq_store_convert(s, d->page.data, count, d->values.data);
}

pq_fault pq_dictionary_load(struct pq_dictionary *d, const struct pq_store *s, size_t size, uint32_t count) {
  d->loaded = true;
  d->count = d->longest = 0;
  d->entries.size = d->values.size = 0;
  if (s->kind == PQ_STORE_NOTHING)
    return NULL;
  if (s->kind == PQ_STORE_BITS)
    return "truth values have no dictionary";
  if (s->physical)
    return load_fixed(d, s, size);
  pq_fault fault = load_texts(d, s, size, count);
  return !fault && s->kind == PQ_STORE_BIG ? load_big_texts(d, s) : fault;
}

static pq_fault check(const struct pq_dictionary *d, const uint32_t *indexes, size_t n) {
  uint32_t highest = 0;
  for (size_t i = 0; i < n; i++)
    highest = indexes[i] > highest ? indexes[i] : highest;
  return n && highest >= d->count ? "an index is outside the dictionary" : NULL;
}

#define GATHER(T)                                                                                                      \
  static void gather_##T(const uint8_t *values, const uint32_t *indexes, size_t n, uint8_t *out) {                     \
    const T *from = (const T *)(const void *)values;                                                                   \
    T *to = (T *)(void *)out;                                                                                          \
    for (size_t i = 0; i < n; i++)                                                                                     \
      to[i] = from[indexes[i]];                                                                                        \
  }
GATHER(uint8_t)
GATHER(uint16_t)
GATHER(uint32_t)
GATHER(uint64_t)

static void gather_16(const uint8_t *values, const uint32_t *indexes, size_t n, uint8_t *out) {
  for (size_t i = 0; i < n; i++)
    memcpy(out + 16 * i, values + (size_t)indexes[i] * 16, 16);
}

static void gather_any(const uint8_t *values, uint32_t width, const uint32_t *indexes, size_t n, uint8_t *out) {
  for (size_t i = 0; i < n; i++)
    memcpy(out + i * width, values + (size_t)indexes[i] * width, width);
}

pq_fault pq_dictionary_gather(const struct pq_dictionary *d, uint32_t width, const uint32_t *indexes, size_t n,
                              uint8_t *out) {
  pq_fault fault = check(d, indexes, n);
  if (fault)
    return fault;
  switch (width) {
  case 1:
    gather_uint8_t(d->values.data, indexes, n, out);
    return NULL;
  case 2:
    gather_uint16_t(d->values.data, indexes, n, out);
    return NULL;
  case 4:
    gather_uint32_t(d->values.data, indexes, n, out);
    return NULL;
  case 8:
    gather_uint64_t(d->values.data, indexes, n, out);
    return NULL;
  case 16:
    gather_16(d->values.data, indexes, n, out);
    return NULL;
  default:
    gather_any(d->values.data, width, indexes, n, out);
    return NULL;
  }
}

/* Short texts are copied with all of 16 bytes: the page has padding, and so has the room for the output. */
static uint8_t *copy_text(uint8_t *to, const uint8_t *from, uint32_t size) {
  if (size <= 16)
    memcpy(to, from, 16);
  else
    memcpy(to, from, size);
  return to + size;
}

pq_fault pq_dictionary_gather_texts(const struct pq_dictionary *d, const uint32_t *indexes, size_t n,
                                    struct sluice_buffer *offsets, struct sluice_buffer *data) {
  const struct pq_entry *entries = (const struct pq_entry *)(const void *)d->entries.data;
  uint64_t total = 0;
  pq_fault fault = check(d, indexes, n);
  if (fault || n == 0)
    return fault;
  for (size_t i = 0; i < n; i++)
    total += entries[indexes[i]].size;
  if (total > INT32_MAX || sluice_buffer_reserve(data, (size_t)total + PQ_PADDING) != SLUICE_OK ||
      sluice_buffer_reserve(offsets, n * sizeof(int32_t)) != SLUICE_OK)
    return pq_no_memory;
  int32_t *ends = (int32_t *)(void *)(offsets->data + offsets->size);
  uint8_t *to = data->data + data->size;
  for (size_t i = 0; i < n; i++) {
    struct pq_entry e = entries[indexes[i]];
    to = copy_text(to, d->page.data + e.offset, e.size);
    ends[i] = (int32_t)(to - data->data);
  }
  offsets->size += n * sizeof(int32_t);
  data->size += (size_t)total;
  return NULL;
}
