/* The dictionary of a column chunk. */
#include "dictionary.h"
#include "twice.h"
#include "views.h"

void pq_dictionary_finish(struct pq_dictionary *d) {
  sluice_buffer_free(&d->page);
  sluice_buffer_free(&d->values);
  sluice_buffer_free(&d->entries);
  *d = (struct pq_dictionary){0};
}

/* Headers may promise more than there is; only what is there can be used. */
static pq_fault load_texts(struct pq_dictionary *d, const struct pq_store *s, size_t size, uint32_t count) {
  const uint8_t *page = d->bytes;
  bool check = s->text && !pq_is_ascii(page, size); /* lengths below 128 are ASCII themselves */
  size_t at = 0, most = size / 4 < count ? size / 4 : count;
  if (sluice_buffer_reserve(&d->entries, (most + 1) * sizeof(struct pq_entry)) != SLUICE_OK)
    return pq_no_memory;
  struct pq_entry *entries = (struct pq_entry *)(void *)d->entries.data;
  d->shortest = UINT32_MAX;
  for (; d->count < most && size - at >= 4; d->count++) {
    uint32_t length = pq_load32(page + at);
    at += 4;
    if (length > size - at)
      break;
    if (check && sluice_utf8_valid(page + at, length) != length)
      return "a text is not UTF-8";
    entries[d->count] = (struct pq_entry){(uint32_t)at, length};
    d->longest = length > d->longest ? length : d->longest;
    d->shortest = length < d->shortest ? length : d->shortest;
    at += length;
  }
  return NULL;
}

static pq_fault load_big_texts(struct pq_dictionary *d, const struct pq_store *s) {
  const struct pq_entry *entries = (const struct pq_entry *)(const void *)d->entries.data;
  pq_fault fault = NULL;
  if (sluice_buffer_reserve(&d->values, (size_t)d->count * s->width) != SLUICE_OK)
    return pq_no_memory;
  for (uint32_t i = 0; i < d->count && !fault; i++)
    fault = pq_store_big(s, d->bytes + entries[i].offset, entries[i].size, d->values.data + (size_t)i * s->width);
  return fault;
}

static pq_fault load_views(struct pq_dictionary *d, const struct pq_store *s, size_t size, uint32_t count) {
  size_t most = size / 4 < count ? size / 4 : count, at = 0;
  if (sluice_buffer_reserve(&d->values, (most + 1) * PQ_VIEW) != SLUICE_OK)
    return pq_no_memory;
  d->count = (uint32_t)pq_views_plain(d->bytes, &at, size, d->place, most, d->values.data);
  for (uint32_t i = 0; i < d->count; i++) {
    uint32_t length = pq_load32(d->values.data + (size_t)i * PQ_VIEW);
    d->longest = length > d->longest ? length : d->longest;
  }
  bool good = !s->text || pq_is_ascii(d->bytes, at) || pq_views_are_text(d->values.data, d->count, d->bytes);
  return good ? NULL : "a text is not UTF-8";
}

static pq_fault load_fixed(struct pq_dictionary *d, const struct pq_store *s, size_t size) {
  size_t count = size / s->physical;
  if (sluice_buffer_reserve(&d->values, count * s->width + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  d->count = (uint32_t)count;
  return pq_store_convert(s, d->bytes, count, d->values.data);
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
  if (s->kind == PQ_STORE_VIEWS)
    return load_views(d, s, size, count);
  pq_fault fault = load_texts(d, s, size, count);
  return !fault && s->kind == PQ_STORE_BIG ? load_big_texts(d, s) : fault;
}

pq_fault pq_dictionary_check(const struct pq_dictionary *d, uint32_t highest) {
#ifdef SLUICE_PLANTED_BUGS
  return highest >= UINT32_MAX - d->count ? "an index is outside the dictionary" : NULL;
#else
  return highest >= d->count ? "an index is outside the dictionary" : NULL;
#endif
}

#define GATHER(T)                                                                                                      \
  static void gather_##T(const uint8_t *values, const uint32_t *indexes, size_t n, uint8_t *out) {                     \
    for (size_t i = 0; i < n; i++)                                                                                     \
      memcpy(out + i * sizeof(T), values + (size_t)indexes[i] * sizeof(T), sizeof(T));                                 \
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

void pq_gather(const uint8_t *values, uint32_t width, const uint32_t *indexes, size_t n, uint8_t *out) {
  switch (width) {
  case 1:
    gather_uint8_t(values, indexes, n, out);
    return;
  case 2:
    gather_uint16_t(values, indexes, n, out);
    return;
  case 4:
    gather_uint32_t(values, indexes, n, out);
    return;
  case 8:
    gather_uint64_t(values, indexes, n, out);
    return;
  case 16:
    gather_16(values, indexes, n, out);
    return;
  default:
    gather_any(values, width, indexes, n, out);
  }
}

void pq_dictionary_gather(const struct pq_dictionary *d, uint32_t width, const uint32_t *indexes, size_t n,
                          uint8_t *out) {
  pq_gather(d->values.data, width, indexes, n, out);
}

void pq_dictionary_gather_views(const struct pq_dictionary *d, const uint32_t *indexes, size_t n, uint8_t *out,
                                uint64_t *bytes) {
  const uint8_t *values = d->values.data;
  uint64_t sum = 0;
  for (size_t i = 0; i < n; i++) {
    const uint8_t *view = values + (size_t)indexes[i] * PQ_VIEW;
    memcpy(out + PQ_VIEW * i, view, PQ_VIEW);
    sum += pq_load32(view);
  }
  *bytes += sum;
}

/* Room for n texts by the longest where that is not much, else by their sizes. */
static pq_fault make_room(const struct pq_dictionary *d, const uint32_t *indexes, size_t n,
                          struct sluice_buffer *offsets, struct sluice_buffer *data) {
  const struct pq_entry *entries = (const struct pq_entry *)(const void *)d->entries.data;
  uint64_t total = (uint64_t)n * d->longest;
  if (d->longest > PQ_PADDING) {
    total = 0;
    for (size_t i = 0; i < n; i++)
      total += entries[indexes[i]].size;
  }
  if (total > INT32_MAX || sluice_buffer_reserve(data, (size_t)total + PQ_PADDING) != SLUICE_OK ||
      sluice_buffer_reserve(offsets, n * sizeof(int32_t)) != SLUICE_OK)
    return pq_no_memory;
  return NULL;
}

/* All entries are of one byte: flags. */
static void gather_letters(const struct pq_dictionary *d, const uint32_t *indexes, size_t n, int32_t end, int32_t *ends,
                           uint8_t *to) {
  const struct pq_entry *entries = (const struct pq_entry *)(const void *)d->entries.data;
  uint8_t letters[256];
  for (uint32_t i = 0; i < d->count && i < sizeof letters; i++)
    letters[i] = d->bytes[entries[i].offset];
  for (size_t i = 0; i < n; i++)
    to[i] = letters[indexes[i]];
  for (size_t i = 0; i < n; i++)
    ends[i] = end + 1 + (int32_t)i;
}

/* Copies `step` bytes of each text, a constant, whatever its size: the page has padding, and so has the room for the
 * output. Returns where the last one ends. */
PQ_INLINE uint8_t *gather_short(const struct pq_dictionary *d, const uint32_t *indexes, size_t n, size_t step,
                                const uint8_t *start, uint8_t *to, int32_t *ends) {
  const struct pq_entry *entries = (const struct pq_entry *)(const void *)d->entries.data;
  const uint8_t *page = d->bytes;
  for (size_t i = 0; i < n; i++) {
    struct pq_entry e = entries[indexes[i]];
    memcpy(to, page + e.offset, step);
    to += e.size;
    ends[i] = (int32_t)(to - start);
  }
  return to;
}

#define TEXTS                                                                                                          \
  (const struct pq_dictionary *d, const uint32_t *indexes, size_t n, const uint8_t *start, uint8_t *to, int32_t *ends)
PQ_INLINE uint8_t *gather_32_any TEXTS {
  return gather_short(d, indexes, n, 32, start, to, ends);
}
PQ_INLINE uint8_t *gather_64_any TEXTS {
  return gather_short(d, indexes, n, PQ_PADDING, start, to, ends);
}
TWICE("avx2", uint8_t *, gather_32, TEXTS, (d, indexes, n, start, to, ends))
TWICE("avx2", uint8_t *, gather_64, TEXTS, (d, indexes, n, start, to, ends))

static uint8_t *gather_long(const struct pq_dictionary *d, const uint32_t *indexes, size_t n, const uint8_t *start,
                            uint8_t *to, int32_t *ends) {
  const struct pq_entry *entries = (const struct pq_entry *)(const void *)d->entries.data;
  for (size_t i = 0; i < n; i++) {
    struct pq_entry e = entries[indexes[i]];
    if (e.size)
      memcpy(to, d->bytes + e.offset, e.size);
    to += e.size;
    ends[i] = (int32_t)(to - start);
  }
  return to;
}

pq_fault pq_dictionary_gather_texts(const struct pq_dictionary *d, const uint32_t *indexes, size_t n,
                                    struct sluice_buffer *offsets, struct sluice_buffer *data) {
  pq_fault fault = n ? make_room(d, indexes, n, offsets, data) : NULL;
  if (fault || n == 0)
    return fault;
  int32_t *ends = (int32_t *)(void *)(offsets->data + offsets->size);
  uint8_t *start = data->data, *to = start + data->size;
  offsets->size += n * sizeof(int32_t);
  if (d->longest == 1 && d->shortest == 1 && d->count <= 256) {
    gather_letters(d, indexes, n, (int32_t)data->size, ends, to);
    to += n;
  } else if (d->longest <= 8) {
    to = gather_short(d, indexes, n, 8, start, to, ends);
  } else if (d->longest <= 16) {
    to = gather_short(d, indexes, n, 16, start, to, ends);
  } else if (d->longest <= 32) {
    to = gather_32(d, indexes, n, start, to, ends);
  } else if (d->longest <= PQ_PADDING) {
    to = gather_64(d, indexes, n, start, to, ends);
  } else {
    to = gather_long(d, indexes, n, start, to, ends);
  }
  data->size = (size_t)(to - start);
  return NULL;
}
