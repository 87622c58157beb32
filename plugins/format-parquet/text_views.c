/* Texts of a page as views, by its encoding. */
#include "values.h"

static const char short_texts[] = "its texts end too early";
static const char not_utf8[] = "a text is not UTF-8";

static bool is_text(const struct pq_values *v, const uint8_t *views, size_t n, size_t from, size_t to) {
  return !v->store->text || pq_is_ascii(v->base + from, to - from) || pq_views_are_text(views, n, v->base);
}

static pq_fault gather(struct pq_values *v, uint8_t *out, size_t n, uint64_t *bytes) {
  _Alignas(64) uint32_t indexes[PQ_CHUNK];
  pq_fault fault = NULL;
  for (size_t done = 0; done < n && !fault;) {
    size_t take = n - done < PQ_CHUNK ? n - done : PQ_CHUNK;
    fault = pq_values_indexes(v, indexes, take);
    if (!fault)
      pq_dictionary_gather_views(v->dictionary, indexes, take, out + done * PQ_VIEW, bytes);
    done += take;
  }
  return fault;
}

static pq_fault view_plain(struct pq_values *v, uint8_t *out, size_t n, uint64_t *bytes) {
  size_t from = (size_t)(v->p - v->base), at = from;
  if (pq_views_plain(v->base, &at, (size_t)(v->end - v->base), v->place, n, out) < n)
    return short_texts;
  if (!is_text(v, out, n, from, at))
    return not_utf8;
  *bytes += at - from - 4 * n;
  v->p = v->base + at;
  return NULL;
}

static pq_fault view_lengths(struct pq_values *v, uint8_t *out, size_t n, uint64_t *bytes) {
  uint32_t sizes[PQ_CHUNK];
  size_t from = (size_t)(v->p - v->base), at = from, end = (size_t)(v->end - v->base);
  for (size_t done = 0; done < n;) {
    size_t take = n - done < PQ_CHUNK ? n - done : PQ_CHUNK;
    pq_fault fault = pq_delta_read32(&v->delta, sizes, take);
    for (size_t i = 0; i < take && !fault; i++) {
      if (sizes[i] > end - at)
        return short_texts;
      pq_view_make(v->base + at, sizes[i], v->place, (uint32_t)at, out + (done + i) * PQ_VIEW);
      at += sizes[i];
    }
    if (fault)
      return fault;
    done += take;
  }
  if (!is_text(v, out, n, from, at))
    return not_utf8;
  *bytes += at - from;
  v->p = v->base + at;
  return NULL;
}

/* They are put together first, in a block of their own. */
static pq_fault view_prefixed(struct pq_values *v, uint8_t *out, size_t n, uint64_t *bytes) {
  v->text_offsets.size = v->texts.size = 0;
  pq_fault fault = pq_texts_read(v, &v->text_offsets, &v->texts, n);
  struct pq_block *b = fault ? NULL : pq_block_create(v->texts.size);
  if (!fault)
    fault = b ? pq_held_add(v->held, b, &v->place) : pq_no_memory;
  if (fault) {
    pq_block_release(b);
    return fault;
  }
  if (b->size)
    memcpy(b->data, v->texts.data, b->size);
  const int32_t *ends = (const int32_t *)(const void *)v->text_offsets.data;
  int32_t start = 0;
  for (size_t i = 0; i < n; start = ends[i++])
    pq_view_make(b->data + start, (uint32_t)(ends[i] - start), v->place, (uint32_t)start, out + i * PQ_VIEW);
  v->base = b->data;
  *bytes += b->size;
  return is_text(v, out, n, 0, b->size) ? NULL : not_utf8;
}

pq_fault pq_values_views(struct pq_values *v, uint8_t *out, size_t n, uint64_t *bytes) {
  if (n == 0)
    return NULL;
  switch (v->encoding) {
  case PQ_RLE_DICTIONARY:
    return gather(v, out, n, bytes);
  case PQ_PLAIN:
    return view_plain(v, out, n, bytes);
  case PQ_DELTA_LENGTH_BYTE_ARRAY:
    return view_lengths(v, out, n, bytes);
  default:
    return view_prefixed(v, out, n, bytes);
  }
}
