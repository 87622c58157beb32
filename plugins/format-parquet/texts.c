/* Texts of any length: PLAIN, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY. */
#include "values.h"

static const char short_texts[] = "its texts end too early";

/* Begins the two encodings whose texts follow their lengths. */
pq_fault pq_texts_begin(struct pq_values *v) {
  pq_fault fault = pq_delta_init(&v->delta, v->p, v->end);
  if (!fault)
    fault = pq_delta_end(&v->delta, &v->p);
  if (fault || v->encoding == PQ_DELTA_LENGTH_BYTE_ARRAY)
    return fault;
  v->last.size = 0;
  fault = pq_delta_init(&v->suffixes, v->p, v->end);
  return fault ? fault : pq_delta_end(&v->suffixes, &v->p);
}

static pq_fault make_room(struct sluice_buffer *b, size_t n) {
  return sluice_buffer_reserve(b, n) == SLUICE_OK ? NULL : pq_no_memory;
}

static int32_t *next_ends(struct sluice_buffer *offsets) {
  return (int32_t *)(void *)(offsets->data + offsets->size);
}

/* The bytes of n texts, with the lengths before each; 0 texts: they end too early. */
static size_t measure(const struct pq_values *v, size_t n, size_t room, size_t *bytes) {
  const uint8_t *p = v->p;
  size_t count = 0, total = 0;
  for (; count < n && (size_t)(v->end - p) >= 4; count++) {
    uint32_t size = pq_load32(p);
    if (size > (size_t)(v->end - p) - 4 || total + size > room)
      break;
    p += 4 + (size_t)size;
    total += size;
  }
  *bytes = total;
  return count;
}

static pq_fault read_plain(struct pq_values *v, struct sluice_buffer *offsets, struct sluice_buffer *data, size_t n) {
  size_t bytes = 0, left = (size_t)(v->end - v->p);
  if (left > data->capacity - data->size && measure(v, n, SIZE_MAX, &bytes) < n)
    return short_texts;
  bytes = left > data->capacity - data->size ? bytes : left;
  pq_fault fault = make_room(data, bytes + PQ_PADDING);
  if (!fault)
    fault = make_room(offsets, n * sizeof(int32_t));
  if (fault)
    return fault;
  int32_t *ends = next_ends(offsets);
  const uint8_t *p = v->p, *end = v->end;
  uint8_t *to = data->data + data->size;
  for (size_t i = 0; i < n; i++) {
    if (end - p < 4 || pq_load32(p) > (size_t)(end - p) - 4)
      return short_texts;
    uint32_t size = pq_load32(p);
    p += 4;
    if (size <= PQ_PADDING) { /* 16 bytes at a time: the page has padding, and so has the output */
      memcpy(to, p, 16);
      for (uint32_t at = 16; at < size; at += 16)
        memcpy(to + at, p + at, 16);
    } else {
      memcpy(to, p, size);
    }
    to += size;
    p += size;
    ends[i] = (int32_t)(to - data->data);
  }
  offsets->size += n * sizeof(int32_t);
  data->size = (size_t)(to - data->data);
  v->p = p;
  return NULL;
}

/* Lengths become ends; their sum is what to copy. */
static pq_fault read_lengths(struct pq_values *v, struct sluice_buffer *offsets, struct sluice_buffer *data, size_t n) {
  uint64_t end = data->size;
  pq_fault fault = make_room(offsets, n * sizeof(int32_t));
  if (fault)
    return fault;
  uint32_t *ends = (uint32_t *)(void *)next_ends(offsets);
  fault = pq_delta_read32(&v->delta, ends, n);
  for (size_t i = 0; i < n && !fault; i++) {
    end += ends[i];
    if (ends[i] > INT32_MAX || end - data->size > (size_t)(v->end - v->p))
      fault = short_texts;
    ends[i] = (uint32_t)end;
  }
  if (!fault)
    fault = make_room(data, (size_t)end - data->size + PQ_PADDING);
  if (fault)
    return fault;
  memcpy(data->data + data->size, v->p, (size_t)end - data->size);
  v->p += end - data->size;
  offsets->size += n * sizeof(int32_t);
  data->size = (size_t)end;
  return NULL;
}

/* The next text of DELTA_BYTE_ARRAY, in v->last. */
static pq_fault next_prefixed(struct pq_values *v, uint32_t prefix, uint32_t size) {
  if (prefix > v->last.size)
    return "a prefix is longer than the text before it";
  if (size > (size_t)(v->end - v->p))
    return short_texts;
  v->last.size = prefix;
  if (sluice_buffer_append(&v->last, v->p, size) != SLUICE_OK)
    return pq_no_memory;
  v->p += size;
  return NULL;
}

static pq_fault read_prefixed(struct pq_values *v, struct sluice_buffer *offsets, struct sluice_buffer *data,
                              size_t n) {
  uint32_t prefixes[64], sizes[64];
  for (size_t done = 0; done < n;) {
    size_t take = n - done < 64 ? n - done : 64;
    pq_fault fault = pq_delta_read32(&v->delta, prefixes, take);
    if (!fault)
      fault = pq_delta_read32(&v->suffixes, sizes, take);
    for (size_t i = 0; i < take && !fault; i++) {
      fault = next_prefixed(v, prefixes[i], sizes[i]);
      if (!fault && sluice_buffer_append(data, v->last.data, v->last.size) != SLUICE_OK)
        fault = pq_no_memory;
      int32_t end = (int32_t)data->size;
      if (!fault && sluice_buffer_append(offsets, &end, sizeof end) != SLUICE_OK)
        fault = pq_no_memory;
    }
    if (fault)
      return fault;
    done += take;
  }
  return NULL;
}

pq_fault pq_texts_read(struct pq_values *v, struct sluice_buffer *offsets, struct sluice_buffer *data, size_t n) {
  switch (v->encoding) {
  case PQ_PLAIN:
    return read_plain(v, offsets, data, n);
  case PQ_DELTA_LENGTH_BYTE_ARRAY:
    return read_lengths(v, offsets, data, n);
  default:
    return read_prefixed(v, offsets, data, n);
  }
}

size_t pq_values_fit(const struct pq_values *v, size_t n, size_t room) {
  size_t left = (size_t)(v->end - v->p), longest, bytes;
  switch (v->encoding) {
  case PQ_PLAIN:
    longest = left <= room ? 0 : measure(v, n, room, &bytes);
    return left <= room ? n : longest > 0 ? longest : 1;
  case PQ_DELTA_LENGTH_BYTE_ARRAY:
    longest = left;
    break;
  case PQ_DELTA_BYTE_ARRAY:
    longest = v->last.size + left;
    break;
  default:
    longest = v->dictionary->longest;
    break;
  }
  if (v->encoding == PQ_DELTA_LENGTH_BYTE_ARRAY && left <= room)
    return n;
  size_t fit = longest ? room / longest : n;
  return fit >= n ? n : fit > 0 ? fit : 1;
}
