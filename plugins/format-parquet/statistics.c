/* What statistics say of a test: bounds as values, compared as values are. */
#include "where.h"

enum { WIDEST = 32 };

/* A bound as it would lie in a column. False: it is no value of the type. */
static bool convert(const struct pq_test *t, struct pq_slice s, uint8_t out[WIDEST]) {
  const struct pq_store *store = &t->store;
  switch (store->kind) {
  case PQ_STORE_SAME:
    if (s.size != store->physical || s.size > WIDEST)
      return false;
    memcpy(out, s.data, s.size);
    return true;
  case PQ_STORE_LOW:
  case PQ_STORE_WIDEN:
    return s.size == store->physical && store->width <= WIDEST && !pq_store_convert(store, s.data, 1, out);
  case PQ_STORE_BIG:
    return s.size > 0 && (store->physical == 0 || s.size == store->physical) && store->width <= WIDEST &&
           !pq_store_big(store, s.data, s.size, out);
  default:
    return false;
  }
}

/* The low bytes alone are a value only where the rest is its sign. */
static bool is_whole(const struct pq_test *t, struct pq_slice s, const uint8_t *value) {
  int32_t told = (int32_t)pq_load32(s.data), kept = 0;
  memcpy(&kept, value, t->store.width);
  if (t->type.id == SLUICE_TYPE_INT8)
    kept = (int8_t)kept;
  if (t->type.id == SLUICE_TYPE_INT16)
    kept = (int16_t)kept;
  return told == kept;
}

static bool apply(const struct sluice_comparison *c, const void *first, const void *second, int64_t n_buffers) {
  const void *buffers[] = {NULL, first, second};
  const struct ArrowArray array = {.length = 1, .n_buffers = n_buffers, .buffers = buffers};
  uint8_t keep = 1;
  return sluice_comparison_apply(c, &array, 0, 1, &keep) != SLUICE_OK || keep;
}

/* True also where the bound says nothing. */
static bool bound_is(const struct pq_test *t, const struct sluice_comparison *c, struct pq_slice s) {
  uint8_t value[WIDEST] = {0};
  if (!c || !s.data)
    return true;
  if (t->store.kind == PQ_STORE_BYTES) {
    const int32_t ends[] = {0, s.size > INT32_MAX ? INT32_MAX : (int32_t)s.size};
    return apply(c, ends, s.data, 3);
  }
  if (t->store.kind == PQ_STORE_BITS)
    return s.size != 1 || s.data[0] > 1 || apply(c, s.data, NULL, 2);
  if (t->store.kind == PQ_STORE_SAME && t->type.id == SLUICE_TYPE_FIXED_BINARY)
    return s.size != t->store.physical || apply(c, s.data, NULL, 2);
  if (!convert(t, s, value) || (t->store.kind == PQ_STORE_LOW && !is_whole(t, s, value)))
    return true;
  return apply(c, value, NULL, 2);
}

static bool is_nan(const struct pq_test *t, struct pq_slice s) {
  float small;
  double large;
  if (!s.data || s.size != t->store.physical)
    return false;
  if (t->type.id == SLUICE_TYPE_HALF)
    return (s.data[1] & 0x7c) == 0x7c && (s.data[0] || s.data[1] & 3);
  if (t->type.id == SLUICE_TYPE_FLOAT) {
    memcpy(&small, s.data, sizeof small);
    return __builtin_isnan(small);
  }
  memcpy(&large, s.data, sizeof large);
  return __builtin_isnan(large);
}

/* NaN is outside the bounds, and not equal to any literal; where a bound is NaN its writer took no care of it. */
static bool may_compare(const struct pq_test *t, const struct pq_page_bounds *b) {
  if (t->real && (t->compare == SLUICE_NOT_EQUAL || is_nan(t, b->min) || is_nan(t, b->max)))
    return true;
  bool least = bound_is(t, t->of_least, b->min), most = bound_is(t, t->of_most, b->max);
  if (t->compare == SLUICE_NOT_EQUAL)
    return !b->min.data || !b->max.data || least || most;
  return least && most;
}

bool pq_test_may(const struct pq_test *t, const struct pq_page_bounds *bounds, int64_t rows) {
  int64_t nulls = !t->nullable ? 0 : bounds->nulls >= 0 && bounds->nulls <= rows ? bounds->nulls : -1;
  bool all_null = nulls == rows || (bounds->all_null && nulls < 0);
  if (bounds->all_null && nulls >= 0 && nulls != rows)
    return true; /* it contradicts itself */
  if (t->compare == SLUICE_IS_NULL)
    return nulls != 0;
  if (all_null)
    return false;
  return t->compare == SLUICE_IS_NOT_NULL || may_compare(t, bounds);
}

struct pq_page_bounds pq_test_bounds(const struct pq_test *t, const struct pq_chunk *chunk, int64_t rows) {
  const struct pq_statistics *s = &chunk->statistics;
  struct pq_page_bounds out = {.nulls = chunk->values == rows ? s->nulls : -1};
  if (chunk->values != rows)
    return out;
  if (t->ordered && (s->min.data || s->max.data)) {
    out.min = s->min;
    out.max = s->max;
  } else if (t->old_order) {
    out.min = s->old_min;
    out.max = s->old_max;
  }
  return out;
}

/* ---- the literal as the file has it ---- */

static bool is_zero(const uint8_t *bytes, size_t n, bool but_sign) {
  for (size_t i = 0; i + 1 < n; i++)
    if (bytes[i])
      return false;
  return n && (bytes[n - 1] & (but_sign ? 0x7f : 0xff)) == 0;
}

/* An integer that is wider in memory: it must fit the one in the file. */
static bool narrow(const uint8_t *value, size_t n, size_t physical, uint8_t *room, struct pq_slice *out) {
  uint8_t sign = value[physical - 1] & 0x80 ? 0xff : 0;
  for (size_t i = physical; i < n; i++)
    if (value[i] != sign)
      return false;
  memcpy(room, value, physical);
  *out = (struct pq_slice){room, physical};
  return true;
}

static bool to_big(const uint8_t *value, size_t n, size_t physical, uint8_t *room, struct pq_slice *out) {
  uint8_t sign = value[n - 1] & 0x80 ? 0xff : 0;
  if (physical == 0 || physical > WIDEST)
    return false;
  for (size_t i = physical; i < n; i++)
    if (value[i] != sign)
      return false;
  for (size_t i = 0; i < physical; i++)
    room[physical - 1 - i] = i < n ? value[i] : sign;
  *out = (struct pq_slice){room, physical};
  return true;
}

bool pq_test_plain(const struct pq_test *t, uint8_t *room, struct pq_slice *out) {
  const void *value = NULL;
  size_t size = 0;
  if (!t->equal || !sluice_comparison_value(t->equal, &value, &size) || t->physical == PQ_INT96)
    return false;
  switch (t->store.kind) {
  case PQ_STORE_BYTES:
    *out = (struct pq_slice){value, size};
    return true;
  case PQ_STORE_SAME:
    *out = (struct pq_slice){value, size};
    return size == t->store.physical && !(t->real && is_zero(value, size, true)); /* two zeroes are equal */
  case PQ_STORE_WIDEN:
    return narrow(value, size, t->store.physical, room, out);
  case PQ_STORE_BIG:
    return to_big(value, size, t->store.physical, room, out);
  default:
    return false; /* others are not the only way to write their value */
  }
}
