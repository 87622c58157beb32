/* Definition and repetition levels of a page. */
#include "levels.h"
#include "bits.h"

static const char too_few[] = "its levels end too early";
static const char too_high[] = "a level is higher than the schema allows";

static uint32_t bits_of(uint8_t max) {
  return max ? 32 - (uint32_t)__builtin_clz(max) : 0;
}

void pq_levels_none(struct pq_levels *l) {
  *l = (struct pq_levels){0};
}

void pq_levels_init(struct pq_levels *l, uint8_t max, const uint8_t *p, const uint8_t *end) {
  *l = (struct pq_levels){.max = max};
  pq_rle_init(&l->rle, p, end, bits_of(max));
}

pq_fault pq_levels_init_msb(struct pq_levels *l, uint8_t max, const uint8_t *p, const uint8_t *end, int64_t values,
                            size_t *used) {
  size_t need = ((uint64_t)values * bits_of(max) + 7) / 8;
  if (need > (size_t)(end - p))
    return too_few;
  *l = (struct pq_levels){.max = max, .msb = true, .p = p, .end = p + need};
  *used = need;
  return NULL;
}

static pq_fault read_msb(struct pq_levels *l, uint8_t *out, size_t n) {
  uint32_t width = bits_of(l->max);
  if (l->bit + n * width > (uint64_t)(l->end - l->p) * 8)
    return too_few;
  for (size_t i = 0; i < n; i++) {
    uint32_t value = 0;
    for (uint32_t j = 0; j < width; j++, l->bit++)
      value = value << 1 | (l->p[l->bit >> 3] >> (7 - (l->bit & 7)) & 1);
    out[i] = (uint8_t)value;
  }
  return NULL;
}

pq_fault pq_levels_read(struct pq_levels *l, uint8_t *out, size_t n) {
  uint8_t highest = 0;
  if (l->max == 0) {
    memset(out, 0, n);
    return NULL;
  }
  pq_fault fault = NULL;
  if (l->msb)
    fault = read_msb(l, out, n);
  else if (pq_rle_read_bytes(&l->rle, out, n) < n)
    fault = too_few;
  for (size_t i = 0; i < n && !fault; i++)
    highest = out[i] > highest ? out[i] : highest;
  return fault ? fault : highest > l->max ? too_high : NULL;
}

pq_fault pq_levels_read_bits(struct pq_levels *l, uint8_t *out, int64_t at, size_t n, int64_t *ones) {
  if (!l->msb)
    return pq_rle_read_bits(&l->rle, out, at, n, ones) < n ? too_few : NULL;
  *ones = 0;
  for (size_t i = 0; i < n; i++) {
    uint8_t level;
    pq_fault fault = read_msb(l, &level, 1);
    if (fault)
      return fault;
    pq_bits_fill(out, at + (int64_t)i, 1, level);
    *ones += level;
  }
  return NULL;
}
