/* ALP: floating-point numbers as scaled integers, in vectors. */
#include "alp.h"
#include "unpack.h"
#include <stdlib.h>

enum { HEADER = 7, FLOAT_EXPONENT_MAX = 10, DOUBLE_EXPONENT_MAX = 18 };
static const char cut[] = "its ALP vectors end too early";

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
static const double fractions[] = {1e0,   1e-1,  1e-2,  1e-3,  1e-4,  1e-5,  1e-6,  1e-7,  1e-8, 1e-9,
                                   1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15, 1e-16, 1e-17, 1e-18};
static const float small_powers[] = {1e0f, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f, 1e8f, 1e9f, 1e10f};
static const float small_fractions[] = {1e0f, 1e-1f, 1e-2f, 1e-3f, 1e-4f, 1e-5f, 1e-6f, 1e-7f, 1e-8f, 1e-9f, 1e-10f};

void pq_alp_finish(struct pq_alp *a) {
  free(a->values);
  free(a->packed);
  *a = (struct pq_alp){0};
}

static pq_fault make_room(struct pq_alp *a, size_t values) {
  if (values <= a->capacity)
    return NULL;
  uint8_t *room = realloc(a->values, values * 8);
  if (!room)
    return pq_no_memory;
  a->values = room;
  uint64_t *packed = realloc(a->packed, values * 8);
  if (!packed)
    return pq_no_memory;
  a->packed = packed;
  a->capacity = values;
  return NULL;
}

pq_fault pq_alp_init(struct pq_alp *a, uint32_t width, const uint8_t *p, const uint8_t *end) {
  if (end - p < HEADER)
    return cut;
  uint32_t log = p[2], total = pq_load32(p + 3);
  if (p[0] != 0 || p[1] != 0)
    return "its ALP mode or integer encoding is none that is known";
  if (log < 3 || log > 15 || total > INT32_MAX)
    return "its ALP header is broken";
  a->vectors = p + HEADER;
  a->end = end;
  a->width = width;
  a->total = total;
  a->read = 0;
  a->vector_size = 1u << log;
  a->at = a->held = 0;
  uint64_t vectors = (a->total + a->vector_size - 1) / a->vector_size;
  if (vectors * 4 > (uint64_t)(end - a->vectors))
    return cut;
  return make_room(a, a->vector_size);
}

struct vector {
  const uint8_t *data; /* behind the header */
  uint32_t exponent, factor, exceptions, width, values;
  uint64_t base;
};

static pq_fault read_vector(const struct pq_alp *a, struct vector *v) {
  uint32_t header = 5 + a->width, top = a->width == 4 ? FLOAT_EXPONENT_MAX : DOUBLE_EXPONENT_MAX;
  uint64_t index = a->read / a->vector_size, left = a->total - index * a->vector_size;
  uint32_t offset = pq_load32(a->vectors + 4 * index);
  if (offset > (uint64_t)(a->end - a->vectors) || (uint64_t)(a->end - a->vectors) - offset < header)
    return cut;
  const uint8_t *p = a->vectors + offset;
  v->values = left < a->vector_size ? (uint32_t)left : a->vector_size;
  v->exponent = p[0];
  v->factor = p[1];
  v->exceptions = (uint32_t)p[2] | (uint32_t)p[3] << 8;
  v->base = a->width == 4 ? (uint64_t)(int64_t)(int32_t)pq_load32(p + 4) : pq_load64(p + 4);
  v->width = p[header - 1];
  v->data = p + header;
  if (v->exponent > top || v->factor > v->exponent || v->width > 8 * a->width || v->exceptions > v->values)
    return "an ALP vector has a header that is broken";
  uint64_t need = ((uint64_t)v->values * v->width + 7) / 8 + (uint64_t)v->exceptions * (2 + a->width);
  return need > (uint64_t)(a->end - v->data) ? cut : NULL;
}

/* Two multiplications, in the precision of the values: all readers must come to the same bits. */
static void scale_floats(const struct pq_alp *a, const struct vector *v) {
  float *out = (float *)(void *)a->values, up = small_powers[v->factor], down = small_fractions[v->exponent];
  for (uint32_t i = 0; i < v->values; i++) {
    float scaled = (float)(int32_t)(uint32_t)(a->packed[i] + v->base) * up;
    out[i] = scaled * down;
  }
}

static void scale_doubles(const struct pq_alp *a, const struct vector *v) {
  double *out = (double *)(void *)a->values, up = powers[v->factor], down = fractions[v->exponent];
  for (uint32_t i = 0; i < v->values; i++) {
    double scaled = (double)(int64_t)(a->packed[i] + v->base) * up;
    out[i] = scaled * down;
  }
}

static pq_fault put_exceptions(const struct pq_alp *a, const struct vector *v) {
  const uint8_t *places = v->data + ((uint64_t)v->values * v->width + 7) / 8;
  const uint8_t *values = places + 2 * (size_t)v->exceptions;
  for (uint32_t i = 0; i < v->exceptions; i++) {
    uint32_t place = (uint32_t)places[2 * i] | (uint32_t)places[2 * i + 1] << 8;
    if (place >= v->values)
      return "an ALP exception is outside its vector";
    memcpy(a->values + (size_t)place * a->width, values + (size_t)i * a->width, a->width);
  }
  return NULL;
}

static pq_fault decode_vector(struct pq_alp *a) {
  struct vector v;
  pq_fault fault = read_vector(a, &v);
  if (fault)
    return fault;
  pq_unpack64(v.data, v.width, a->packed, v.values);
  if (a->width == 4)
    scale_floats(a, &v);
  else
    scale_doubles(a, &v);
  a->at = 0;
  a->held = v.values;
  return put_exceptions(a, &v);
}

pq_fault pq_alp_read(struct pq_alp *a, uint8_t *out, size_t n) {
  pq_fault fault = NULL;
  while (n > 0 && !fault) {
    if (a->read == a->total)
      return cut;
    if (a->at == a->held)
      fault = decode_vector(a);
    if (fault)
      break;
    size_t take = a->held - a->at < n ? a->held - a->at : n;
    memcpy(out, a->values + (size_t)a->at * a->width, take * a->width);
    a->at += (uint32_t)take;
    a->read += take;
    out += take * a->width;
    n -= take;
  }
  return fault;
}
