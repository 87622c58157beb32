/* The values of one page, by its encoding. */
#include "values.h"
#include "bits.h"

static const char short_values[] = "its values end too early";

void pq_values_finish(struct pq_values *v) {
  sluice_buffer_free(&v->last);
  sluice_buffer_free(&v->scratch);
  sluice_buffer_free(&v->text_offsets);
  sluice_buffer_free(&v->texts);
  sluice_buffer_free(&v->picked);
  pq_alp_finish(&v->alp);
  *v = (struct pq_values){0};
}

/* ---- beginning ---- */

static bool is_allowed(const struct pq_values *v, int32_t encoding) {
  bool text = v->type == PQ_BYTES, fixed = v->type == PQ_FIXED, integer = v->type == PQ_INT32 || v->type == PQ_INT64;
  bool real = v->type == PQ_FLOAT || v->type == PQ_DOUBLE;
  switch (encoding) {
  case PQ_PLAIN:
    return true;
  case PQ_PLAIN_DICTIONARY:
  case PQ_RLE_DICTIONARY:
    return v->type != PQ_BOOLEAN;
  case PQ_RLE:
    return v->type == PQ_BOOLEAN;
  case PQ_DELTA_BINARY_PACKED:
    return integer;
  case PQ_DELTA_LENGTH_BYTE_ARRAY:
    return text;
  case PQ_DELTA_BYTE_ARRAY:
    return text || fixed;
  case PQ_BYTE_STREAM_SPLIT:
    return integer || real || fixed;
  case PQ_ALP:
    return real;
  default:
    return false;
  }
}

static pq_fault begin_dictionary(struct pq_values *v) {
  if (!v->dictionary->loaded)
    return "it needs a dictionary, and there is none before it";
  v->encoding = PQ_RLE_DICTIONARY;
  if (v->p == v->end) { /* a page of nulls */
    pq_rle_init(&v->rle, v->p, v->end, 1);
    return NULL;
  }
  uint8_t width = *v->p++;
  if (width > 32)
    return "its indexes have more than 32 bits";
  pq_rle_init(&v->rle, v->p, v->end, width);
  return NULL;
}

/* Truth values in runs have the length of their bytes before them, in both versions of pages. */
static pq_fault begin_runs(struct pq_values *v) {
  size_t left = (size_t)(v->end - v->p);
  uint32_t size = left >= 4 ? pq_load32(v->p) : 0;
  if (left >= 4 && size > left - 4)
    return short_values;
  const uint8_t *start = left >= 4 ? v->p + 4 : v->end;
  pq_rle_init(&v->rle, start, start + size, 1);
  return NULL;
}

static pq_fault begin_streams(struct pq_values *v) {
  size_t size = (size_t)(v->end - v->p);
  v->streams = size / v->store->physical;
  v->bit = 0;
  return size % v->store->physical ? "its byte streams are not of the same length" : NULL;
}

pq_fault pq_values_begin(struct pq_values *v, int32_t encoding, const uint8_t *p, const uint8_t *end) {
  if (!is_allowed(v, encoding))
    return "its encoding is none that this type of column can have";
  v->encoding = (enum pq_encoding)encoding;
  v->p = p;
  v->end = end;
  v->bit = 0;
  v->delta.total = v->delta.left = v->suffixes.left = 0;
  v->alp.total = v->alp.read = 0;
  switch (v->encoding) {
  case PQ_PLAIN_DICTIONARY:
  case PQ_RLE_DICTIONARY:
    return begin_dictionary(v);
  case PQ_RLE:
    return begin_runs(v);
  case PQ_DELTA_BINARY_PACKED:
    return p == end ? NULL : pq_delta_init(&v->delta, p, end);
  case PQ_DELTA_LENGTH_BYTE_ARRAY:
  case PQ_DELTA_BYTE_ARRAY:
    return p == end ? NULL : pq_texts_begin(v);
  case PQ_BYTE_STREAM_SPLIT:
    return begin_streams(v);
  case PQ_ALP:
    return p == end ? NULL : pq_alp_init(&v->alp, v->store->physical, p, end);
  default:
    return NULL;
  }
}

/* ---- physical values of fixed width ---- */

/* Byte b of each value lies in stream b. The usual widths have loops of their own that compilers turn into vectors. */
static void join_4(const uint8_t *s, uint64_t stride, uint8_t *out, size_t n) {
  const uint8_t *a = s, *b = s + stride, *c = b + stride, *d = c + stride;
  uint32_t *to = (uint32_t *)(void *)out;
  for (size_t i = 0; i < n; i++)
    to[i] = (uint32_t)a[i] | (uint32_t)b[i] << 8 | (uint32_t)c[i] << 16 | (uint32_t)d[i] << 24;
}

static void join_8(const uint8_t *s, uint64_t stride, uint8_t *out, size_t n) {
  uint32_t low[256], high[256];
  uint64_t *to = (uint64_t *)(void *)out;
  for (size_t done = 0; done < n;) {
    size_t take = n - done < 256 ? n - done : 256;
    join_4(s + done, stride, (uint8_t *)low, take);
    join_4(s + 4 * stride + done, stride, (uint8_t *)high, take);
    for (size_t i = 0; i < take; i++)
      to[done + i] = (uint64_t)high[i] << 32 | low[i];
    done += take;
  }
}

static pq_fault read_streams(struct pq_values *v, uint8_t *out, size_t n) {
  uint32_t width = v->store->physical;
  const uint8_t *s = v->p + v->bit;
  if (n > v->streams - v->bit)
    return short_values;
  v->bit += n;
  if (width == 4 && ((uintptr_t)out & 3) == 0)
    join_4(s, v->streams, out, n);
  else if (width == 8 && ((uintptr_t)out & 7) == 0)
    join_8(s, v->streams, out, n);
  else
    for (uint32_t b = 0; b < width; b++)
      for (size_t i = 0; i < n; i++)
        out[i * width + b] = s[b * v->streams + i];
  return NULL;
}

static pq_fault read_prefixed(struct pq_values *v, uint8_t *out, size_t n) {
  uint32_t width = v->store->physical;
  const int32_t *ends;
  int32_t start = 0;
  v->text_offsets.size = v->texts.size = 0;
  pq_fault fault = pq_texts_read(v, &v->text_offsets, &v->texts, n);
  ends = (const int32_t *)(const void *)v->text_offsets.data;
  for (size_t i = 0; i < n && !fault; start = ends[i++])
    if (ends[i] - start != (int32_t)width)
      fault = "a value is not of its column's length";
  if (!fault && n)
    memcpy(out, v->texts.data, n * width);
  return fault;
}

static pq_fault read_plain(struct pq_values *v, uint8_t *out, size_t n) {
  size_t width = v->store->physical;
  if (n > (size_t)(v->end - v->p) / width)
    return short_values;
  memcpy(out, v->p, n * width);
  v->p += n * width;
  return NULL;
}

pq_fault pq_values_physical(struct pq_values *v, uint8_t *out, size_t n) {
  switch (v->encoding) {
  case PQ_PLAIN:
    return read_plain(v, out, n);
  case PQ_DELTA_BINARY_PACKED:
    return v->store->physical == 4 ? pq_delta_read32(&v->delta, (uint32_t *)(void *)out, n)
                                   : pq_delta_read64(&v->delta, (uint64_t *)(void *)out, n);
  case PQ_BYTE_STREAM_SPLIT:
    return read_streams(v, out, n);
  case PQ_ALP:
    return pq_alp_read(&v->alp, out, n);
  default:
    return read_prefixed(v, out, n);
  }
}

/* ---- stored values ---- */

pq_fault pq_values_indexes(struct pq_values *v, uint32_t *out, size_t n) {
  if (pq_rle_read(&v->rle, out, n) < n)
    return short_values;
  return n ? pq_dictionary_check(v->dictionary, v->rle.highest) : NULL;
}

static pq_fault gather_fixed(struct pq_values *v, uint8_t *out, size_t n) {
  _Alignas(64) uint32_t indexes[PQ_CHUNK];
  pq_fault fault = NULL;
  for (size_t done = 0; done < n && !fault;) {
    size_t take = n - done < PQ_CHUNK ? n - done : PQ_CHUNK;
    fault = pq_values_indexes(v, indexes, take);
    if (!fault)
      pq_dictionary_gather(v->dictionary, v->store->width, indexes, take, out + done * v->store->width);
    done += take;
  }
  return fault;
}

/* Decimals in texts. */
static pq_fault convert_texts(struct pq_values *v, uint8_t *out, size_t n) {
  int32_t start = 0;
  v->text_offsets.size = v->texts.size = 0;
  pq_fault fault = pq_texts_read(v, &v->text_offsets, &v->texts, n);
  const int32_t *ends = (const int32_t *)(const void *)v->text_offsets.data;
  for (size_t i = 0; i < n && !fault; start = ends[i++])
    fault = pq_store_big(v->store, v->texts.data + start, (size_t)(ends[i] - start), out + i * (size_t)v->store->width);
  return fault;
}

/* PLAIN: straight from the page. */
static pq_fault convert_plain(struct pq_values *v, uint8_t *out, size_t n) {
  const uint8_t *in = v->p;
  if (n > (size_t)(v->end - in) / v->store->physical)
    return short_values;
  v->p += n * v->store->physical;
  return pq_store_convert(v->store, in, n, out);
}

static pq_fault convert_fixed(struct pq_values *v, uint8_t *out, size_t n) {
  size_t wide = v->store->physical, most = wide < PQ_CHUNK ? PQ_CHUNK : 1;
  pq_fault fault = NULL;
  v->scratch.size = 0;
  if (sluice_buffer_reserve(&v->scratch, most * wide) != SLUICE_OK)
    return pq_no_memory;
  for (size_t done = 0; done < n && !fault;) {
    size_t take = n - done < most ? n - done : most;
    fault = pq_values_physical(v, v->scratch.data, take);
    if (!fault)
      fault = pq_store_convert(v->store, v->scratch.data, take, out + done * v->store->width);
    done += take;
  }
  return fault;
}

pq_fault pq_values_fixed(struct pq_values *v, uint8_t *out, size_t n) {
  if (n == 0)
    return NULL;
  if (v->encoding == PQ_RLE_DICTIONARY)
    return gather_fixed(v, out, n);
  if (v->type == PQ_BYTES)
    return convert_texts(v, out, n);
  if (v->store->kind == PQ_STORE_SAME)
    return pq_values_physical(v, out, n);
  return v->encoding == PQ_PLAIN ? convert_plain(v, out, n) : convert_fixed(v, out, n);
}

pq_fault pq_values_bits(struct pq_values *v, uint8_t *out, int64_t at, size_t n) {
  int64_t ones;
  if (v->encoding == PQ_RLE)
    return pq_rle_read_bits(&v->rle, out, at, n, &ones) < n ? short_values : NULL;
  if (n > (uint64_t)(v->end - v->p) * 8 - v->bit)
    return short_values;
  pq_bits_copy(out, at, v->p, (int64_t)v->bit, (int64_t)n);
  v->bit += n;
  return NULL;
}

static pq_fault gather_texts(struct pq_values *v, struct sluice_buffer *offsets, struct sluice_buffer *data, size_t n) {
  _Alignas(64) uint32_t indexes[PQ_CHUNK];
  pq_fault fault = NULL;
  for (size_t done = 0; done < n && !fault;) {
    size_t take = n - done < PQ_CHUNK ? n - done : PQ_CHUNK;
    fault = pq_values_indexes(v, indexes, take);
    if (!fault)
      fault = pq_dictionary_gather_texts(v->dictionary, indexes, take, offsets, data);
    done += take;
  }
  return fault;
}

/* The texts behind `from`, of which the first offset is offsets[first - 1]: valid as one text, and none begins inside a
 * character. */
static pq_fault check_utf8(const struct sluice_buffer *offsets, size_t first, const struct sluice_buffer *data,
                           size_t from) {
  const int32_t *ends = (const int32_t *)(const void *)offsets->data;
  size_t n = offsets->size / sizeof *ends;
  if (sluice_utf8_valid(data->data + from, data->size - from) != data->size - from)
    return "a text is not UTF-8";
  for (size_t i = first; i < n; i++)
    if ((size_t)ends[i] < data->size && (data->data[ends[i]] & 0xc0) == 0x80)
      return "a text is not UTF-8";
  return NULL;
}

pq_fault pq_values_texts(struct pq_values *v, struct sluice_buffer *offsets, struct sluice_buffer *data, size_t n) {
  size_t first = offsets->size / sizeof(int32_t), from = data->size;
  if (n == 0)
    return NULL;
  if (v->encoding == PQ_RLE_DICTIONARY)
    return gather_texts(v, offsets, data, n);
  pq_fault fault = pq_texts_read(v, offsets, data, n);
  return !fault && v->store->text && data->size > from ? check_utf8(offsets, first, data, from) : fault;
}
