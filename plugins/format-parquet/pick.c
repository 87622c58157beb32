/* Some of a page's next values. Of dictionaries only the indexes are unpacked, of PLAIN nothing is; other encodings are
 * decoded, and what is wanted is copied. */
#include "pick.h"

static const char short_values[] = "its values end too early";

/* ---- indexes ---- */

/* How many of the places from `done` on lie before `end`. */
static size_t count_before(const struct pq_pick *p, size_t done, size_t end) {
  size_t i = done;
  if (p->n && p->places[p->n - 1] < end)
    return p->n - done;
  while (i < p->n && p->places[i] < end)
    i++;
  return i - done;
}

/* The indexes of the picked among the next `take` values, which begin at place `begin`. */
static pq_fault pick_indexes(struct pq_values *v, const uint32_t *places, size_t n, size_t begin, size_t take,
                             uint32_t *out) {
  _Alignas(64) uint32_t indexes[PQ_CHUNK];
  if (n == 0)
    return pq_rle_skip(&v->rle, take) < take ? short_values : NULL;
  pq_fault fault = pq_values_indexes(v, indexes, take);
  for (size_t i = 0; i < n && !fault; i++)
    out[i] = indexes[places[i] - begin];
  return fault;
}

/* Takes the values in steps; *n is how many of a step are picked. */
struct steps {
  const struct pq_pick *pick;
  size_t begin, done; /* values gone past, and picked */
};

static pq_fault next_indexes(struct pq_values *v, struct steps *s, uint32_t *out, size_t *n) {
  const struct pq_pick *p = s->pick;
  size_t take = p->of - s->begin < PQ_CHUNK ? p->of - s->begin : PQ_CHUNK;
  *n = count_before(p, s->done, s->begin + take);
  pq_fault fault = pick_indexes(v, p->places + s->done, *n, s->begin, take, out);
  s->begin += take;
  s->done += *n;
  return fault;
}

/* ---- fixed width ---- */

static pq_fault pick_from_dictionary(struct pq_values *v, const struct pq_pick *p, uint8_t *out) {
  _Alignas(64) uint32_t indexes[PQ_CHUNK];
  struct steps s = {p, 0, 0};
  size_t width = v->store->width, n = 0;
  pq_fault fault = NULL;
  while (s.begin < p->of && !fault) {
    fault = next_indexes(v, &s, indexes, &n);
    if (!fault)
      pq_gather(v->dictionary->values.data, (uint32_t)width, indexes, n, out);
    out += n * width;
  }
  return fault;
}

static pq_fault pick_plain(struct pq_values *v, const struct pq_pick *p, uint8_t *out) {
  size_t wide = v->store->physical;
  const uint8_t *from = v->p;
  if (p->of > (size_t)(v->end - from) / wide)
    return short_values;
  v->p += p->of * wide;
  if (v->store->kind == PQ_STORE_SAME) {
    pq_gather(from, (uint32_t)wide, p->places, p->n, out);
    return NULL;
  }
  v->scratch.size = 0;
  if (sluice_buffer_reserve(&v->scratch, p->n * wide + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  pq_gather(from, (uint32_t)wide, p->places, p->n, v->scratch.data);
  return pq_store_convert(v->store, v->scratch.data, p->n, out);
}

static pq_fault pick_decoded(struct pq_values *v, const struct pq_pick *p, uint8_t *out) {
  size_t width = v->store->width;
  v->picked.size = 0;
  if (sluice_buffer_reserve(&v->picked, p->of * width + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  pq_fault fault = pq_values_fixed(v, v->picked.data, p->of);
  if (!fault)
    pq_gather(v->picked.data, (uint32_t)width, p->places, p->n, out);
  return fault;
}

pq_fault pq_pick_fixed(struct pq_values *v, const struct pq_pick *p, uint8_t *out) {
  if (p->of == 0)
    return NULL;
  if (v->encoding == PQ_RLE_DICTIONARY)
    return pick_from_dictionary(v, p, out);
  return v->encoding == PQ_PLAIN && v->type != PQ_BYTES ? pick_plain(v, p, out) : pick_decoded(v, p, out);
}

/* ---- truth values ---- */

pq_fault pq_pick_bits(struct pq_values *v, const struct pq_pick *p, uint8_t *out, int64_t at) {
  v->picked.size = 0;
  if (sluice_buffer_reserve(&v->picked, p->of / 8 + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  memset(v->picked.data, 0, p->of / 8 + PQ_PADDING);
  pq_fault fault = pq_values_bits(v, v->picked.data, 0, p->of);
  for (size_t i = 0; i < p->n && !fault; i++, at++)
    out[at >> 3] = (uint8_t)((out[at >> 3] & ~(1u << (at & 7))) |
                             ((unsigned)sluice_bit(v->picked.data, p->places[i]) << (at & 7)));
  return fault;
}

/* ---- texts ---- */

static pq_fault texts_from_dictionary(struct pq_values *v, const struct pq_pick *p, struct sluice_buffer *offsets,
                                      struct sluice_buffer *data) {
  _Alignas(64) uint32_t indexes[PQ_CHUNK];
  struct steps s = {p, 0, 0};
  size_t n = 0;
  pq_fault fault = NULL;
  while (s.begin < p->of && !fault) {
    fault = next_indexes(v, &s, indexes, &n);
    if (!fault)
      fault = pq_dictionary_gather_texts(v->dictionary, indexes, n, offsets, data);
  }
  return fault;
}

static pq_fault copy_texts(const struct pq_values *v, const struct pq_pick *p, struct sluice_buffer *offsets,
                           struct sluice_buffer *data) {
  const int32_t *ends = (const int32_t *)(const void *)v->text_offsets.data;
  for (size_t i = 0; i < p->n; i++) {
    uint32_t at = p->places[i];
    int32_t start = at ? ends[at - 1] : 0;
    if (sluice_buffer_append(data, v->texts.data + start, (size_t)(ends[at] - start)) != SLUICE_OK)
      return pq_no_memory;
    int32_t end = (int32_t)data->size;
    if (sluice_buffer_append(offsets, &end, sizeof end) != SLUICE_OK)
      return pq_no_memory;
  }
  return NULL;
}

pq_fault pq_pick_texts(struct pq_values *v, const struct pq_pick *p, struct sluice_buffer *offsets,
                       struct sluice_buffer *data) {
  if (p->of == 0)
    return NULL;
  if (v->encoding == PQ_RLE_DICTIONARY)
    return texts_from_dictionary(v, p, offsets, data);
  v->text_offsets.size = v->texts.size = 0;
  pq_fault fault = pq_values_texts(v, &v->text_offsets, &v->texts, p->of);
  return fault ? fault : copy_texts(v, p, offsets, data);
}

/* ---- views ---- */

static pq_fault views_from_dictionary(struct pq_values *v, const struct pq_pick *p, uint8_t *out, uint64_t *bytes) {
  _Alignas(64) uint32_t indexes[PQ_CHUNK];
  struct steps s = {p, 0, 0};
  size_t n = 0;
  pq_fault fault = NULL;
  while (s.begin < p->of && !fault) {
    fault = next_indexes(v, &s, indexes, &n);
    if (!fault)
      pq_dictionary_gather_views(v->dictionary, indexes, n, out, bytes);
    out += n * PQ_VIEW;
  }
  return fault;
}

pq_fault pq_pick_views(struct pq_values *v, const struct pq_pick *p, uint8_t *out, uint64_t *bytes) {
  uint64_t all = 0;
  if (p->of == 0)
    return NULL;
  if (v->encoding == PQ_RLE_DICTIONARY)
    return views_from_dictionary(v, p, out, bytes);
  v->picked.size = 0;
  if (sluice_buffer_reserve(&v->picked, p->of * PQ_VIEW + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  pq_fault fault = pq_values_views(v, v->picked.data, p->of, &all);
  if (fault)
    return fault;
  pq_gather(v->picked.data, PQ_VIEW, p->places, p->n, out);
  *bytes += pq_views_bytes(out, p->n);
  return NULL;
}
