/* From physical values to values as Arrow has them. */
#include "store.h"

uint32_t pq_physical_width(const struct pq_element *e) {
  switch (e->type) {
  case PQ_INT32:
  case PQ_FLOAT:
    return 4;
  case PQ_INT64:
  case PQ_DOUBLE:
    return 8;
  case PQ_INT96:
    return 12;
  case PQ_FIXED:
    return (uint32_t)e->type_length;
  default:
    return 0;
  }
}

static void convert_low(const struct pq_store *s, const uint8_t *in, size_t n, uint8_t *out) {
  for (size_t i = 0; i < n && s->width == 1; i++)
    out[i] = in[i * s->physical];
  for (size_t i = 0; i < n && s->width == 2; i++)
    memcpy(out + 2 * i, in + i * s->physical, 2);
  for (size_t i = 0; i < n && s->width == 4; i++)
    memcpy(out + 4 * i, in + i * s->physical, 4);
}

/* To decimals of 128 bits: a constant width, so that compilers make vectors of it. */
static void widen_4(const uint8_t *in, size_t n, uint8_t *out) {
  for (size_t i = 0; i < n; i++) {
    int64_t value = (int32_t)pq_load32(in + 4 * i), words[2] = {value, value >> 63};
    memcpy(out + 16 * i, words, sizeof words);
  }
}

static void widen_8(const uint8_t *in, size_t n, uint8_t *out) {
  for (size_t i = 0; i < n; i++) {
    int64_t value = (int64_t)pq_load64(in + 8 * i), words[2] = {value, value >> 63};
    memcpy(out + 16 * i, words, sizeof words);
  }
}

static void convert_widen(const struct pq_store *s, const uint8_t *in, size_t n, uint8_t *out) {
  if (s->width == 16) {
    (s->physical == 4 ? widen_4 : widen_8)(in, n, out);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    int64_t value = s->physical == 4 ? (int32_t)pq_load32(in + 4 * i) : (int64_t)pq_load64(in + 8 * i);
    uint8_t *to = out + i * s->width;
    memcpy(to, &value, 8);
    memset(to + 8, value < 0 ? 0xff : 0, s->width - 8);
  }
}

/* Spark counts in microseconds that wrap around, when it writes and when it reads, so the last millennia that those
 * reach lie on days that are negative here. */
static pq_fault convert_int96(const struct pq_store *s, const uint8_t *in, size_t n, uint8_t *out) {
  static const int64_t units[] = {1000000000, 1000000, 1000, 1}, seconds_of_day = 86400, julian_1970 = 2440588;
  int64_t divisor = units[s->unit], per_second = 1000000000 / divisor;
  for (size_t i = 0; i < n; i++) {
    int64_t nanos = (int64_t)pq_load64(in + 12 * i), day = (int32_t)pq_load32(in + 12 * i + 8) - julian_1970, value;
    int64_t part = nanos / divisor - (nanos % divisor < 0);
    bool over = __builtin_mul_overflow(day * seconds_of_day, per_second, &value);
    over |= __builtin_add_overflow(value, part, &value);
    if (over && s->unit != SLUICE_MICRO)
      return "a timestamp of 96 bits is out of range; set the option int96 to us or ms";
    memcpy(out + 8 * i, &value, 8);
  }
  return NULL;
}

pq_fault pq_store_big(const struct pq_store *s, const uint8_t *in, size_t size, uint8_t *out) {
  uint8_t sign = size && in[0] & 0x80 ? 0xff : 0;
  for (; size > s->width; in++, size--)
    if (in[0] != sign || (in[1] & 0x80) != (sign & 0x80))
      return "a decimal has more digits than its type";
  for (size_t i = 0; i < size; i++)
    out[i] = in[size - 1 - i];
  memset(out + size, sign, s->width - size);
  return NULL;
}

/* Of at most 16 bytes, of which 16 can be read: the words that they make, turned round. */
static inline void widen_big(const uint8_t *in, uint32_t size, uint8_t *out) {
  uint64_t high = __builtin_bswap64(pq_load64(in)), low = __builtin_bswap64(pq_load64(in + 8));
  uint32_t rest = 128 - 8 * size; /* bits behind the value */
  int64_t words[2];
  if (rest >= 64) {
    words[0] = (int64_t)high >> (rest - 64);
    words[1] = (int64_t)high >> 63;
  } else {
    words[0] = (int64_t)(rest ? low >> rest | high << (64 - rest) : low);
    words[1] = (int64_t)high >> rest;
  }
  memcpy(out, words, sizeof words);
}

static pq_fault convert_big(const struct pq_store *s, const uint8_t *in, size_t n, uint8_t *out) {
  size_t i = 0;
  pq_fault fault = NULL;
  if (s->width == 16 && s->physical > 0 && s->physical <= 16)
    for (; (n - i) * s->physical >= 16; i++)
      widen_big(in + i * s->physical, s->physical, out + i * 16);
  for (; i < n && !fault; i++)
    fault = pq_store_big(s, in + i * s->physical, s->physical, out + i * s->width);
  return fault;
}

/* Arrow's interval has months and days of 32 bits with a sign, and nanoseconds. */
static pq_fault convert_interval(const uint8_t *in, size_t n, uint8_t *out) {
  for (size_t i = 0; i < n; i++) {
    int64_t nanos = (int64_t)pq_load32(in + 12 * i + 8) * 1000000;
    if ((pq_load32(in + 12 * i) | pq_load32(in + 12 * i + 4)) >> 31)
      return "an interval has more months or days than Arrow's has room for";
    memcpy(out + 16 * i, in + 12 * i, 8);
    memcpy(out + 16 * i + 8, &nanos, 8);
  }
  return NULL;
}

pq_fault pq_store_convert(const struct pq_store *s, const uint8_t *in, size_t n, uint8_t *out) {
  switch (s->kind) {
  case PQ_STORE_SAME:
    memcpy(out, in, n * s->physical);
    return NULL;
  case PQ_STORE_LOW:
    convert_low(s, in, n, out);
    return NULL;
  case PQ_STORE_WIDEN:
    convert_widen(s, in, n, out);
    return NULL;
  case PQ_STORE_INT96:
    return convert_int96(s, in, n, out);
  case PQ_STORE_BIG:
    return convert_big(s, in, n, out);
  case PQ_STORE_INTERVAL:
    return convert_interval(in, n, out);
  default:
    return "a value has no way into its column";
  }
}
