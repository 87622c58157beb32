/* Undoing Snappy's compression. Written here because Debian's library calls memmove for each copy, which took half of
 * the time of reading such a file. The format: the unpacked size, then literals and copies of what was unpacked before.
 */
#include "snappy.h"

static const char broken[] = "its compressed bytes are broken";

enum { LITERAL = 0, COPY_NEAR = 1, COPY_FARTHEST = 3, LONG_LITERAL = 60, COPY_MAX = 64, SLACK = 16 };

struct side { /* what is left of the input and of the output */
  const uint8_t *p, *end;
  uint8_t *start, *to, *stop;
};

static bool read_size(struct side *s, uint64_t *out) {
  uint64_t size = 0;
  for (unsigned shift = 0; shift < 35 && s->p < s->end; shift += 7) {
    uint8_t byte = *s->p++;
    size |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) {
      *out = size;
      return true;
    }
  }
  return false;
}

/* The next four bytes, those behind the end 0. */
static uint32_t peek(const struct side *s) {
  uint32_t value = 0;
  for (ptrdiff_t i = 0; i < 4 && i < s->end - s->p; i++)
    value |= (uint32_t)s->p[i] << 8 * i;
  return value;
}

static bool take_literal(struct side *s, uint32_t tag) {
  size_t size = (tag >> 2) + 1;
  if (size > LONG_LITERAL) {
    ptrdiff_t bytes = (ptrdiff_t)size - LONG_LITERAL;
    size = (size_t)(peek(s) & (UINT32_MAX >> (32 - 8 * bytes))) + 1;
    if (s->end - s->p < bytes)
      return false;
    s->p += bytes;
  }
  if (size > (size_t)(s->end - s->p) || size > (size_t)(s->stop - s->to))
    return false;
  memcpy(s->to, s->p, size);
  s->to += size;
  s->p += size;
  return true;
}

/* Of each tag of a copy: its size, and the upper bits of the distance, which near copies have in the tag. */
#define COPY(t) (((t)&3) == COPY_NEAR ? (4 + ((t) >> 2 & 7)) | ((t) >> 5) << 8 : 1 + ((t) >> 2))
#define COPIES_4(t) COPY(t), COPY((t) + 1), COPY((t) + 2), COPY((t) + 3)
#define COPIES_16(t) COPIES_4(t), COPIES_4((t) + 4), COPIES_4((t) + 8), COPIES_4((t) + 12)
#define COPIES_64(t) COPIES_16(t), COPIES_16((t) + 16), COPIES_16((t) + 32), COPIES_16((t) + 48)
static const uint16_t copies[256] = {COPIES_64(0), COPIES_64(64), COPIES_64(128), COPIES_64(192)};

static bool take_copy(struct side *s, uint32_t tag) {
  static const uint32_t masks[4] = {0, 0xff, 0xffff, UINT32_MAX};
  uint32_t kind = tag & 3;
  ptrdiff_t bytes = kind == COPY_FARTHEST ? 4 : (ptrdiff_t)kind;
  size_t size = copies[tag] & 0xff, distance = (copies[tag] & 0x700u) | (peek(s) & masks[kind]);
  if (s->end - s->p < bytes || distance - 1 >= (size_t)(s->to - s->start) || size > (size_t)(s->stop - s->to))
    return false;
  s->p += bytes;
  const uint8_t *from = s->to - distance;
  for (size_t i = 0; i < size; i++)
    s->to[i] = from[i];
  s->to += size;
  return true;
}

/* The next literal or copy, wherever it is. */
static bool take(struct side *s) {
  uint32_t tag = *s->p++;
  return (tag & 3) == LITERAL ? take_literal(s, tag) : take_copy(s, tag);
}

/* ---- far from the ends ---- */

/* Copies of what begins less than eight bytes before: the first eight go one by one; from then on the same bytes lie
 * far enough back, a multiple of the distance. */
static inline void repeat(uint8_t *to, size_t distance, size_t size) {
  static const uint8_t back[8] = {0, 8, 8, 9, 8, 10, 12, 14};
  const uint8_t *from = to - distance;
  for (size_t i = 0; i < 8; i++)
    to[i] = from[i];
  for (size_t i = 8; i < size; i += 8)
    memcpy(to + i, to + i - back[distance], 8);
}

/* May write COPY_MAX + SLACK bytes. */
static inline void copy_wide(uint8_t *to, size_t distance, size_t size) {
  const uint8_t *from = to - distance;
  if (distance >= 8) { /* most are short: these two have no branch between them */
    memcpy(to, from, 8);
    memcpy(to + 8, from + 8, 8);
    for (size_t i = 16; i < size; i += 8)
      memcpy(to + i, from + i, 8);
  } else {
    repeat(to, distance, size);
  }
}

/* Takes what it can as long as neither end is near. Each step finds the tag of the next, which a copy has among the
 * bytes that it looks at anyway: steps wait for little else. */
static bool take_many(struct side *s) {
  const uint8_t *p = s->p + 1, *end = s->end; /* p: behind the tag */
  uint8_t *to = s->to, *start = s->start, *stop = s->stop;
  uint32_t tag = s->p < end ? s->p[0] : 0, kind, word;
  size_t size, distance;
  bool good = s->p < end;
  while (end - p > SLACK && stop - to >= COPY_MAX + SLACK) {
    kind = tag & 3;
    if (kind == LITERAL && tag < SLACK << 2) {
      size = (tag >> 2) + 1;
      memcpy(to, p, SLACK);
      tag = p[size];
      p += size + 1;
    } else if (kind == LITERAL || kind == COPY_FARTHEST) {
      break;
    } else {
      word = pq_load32(p);
      size = copies[tag] & 0xff;
      distance = (copies[tag] & 0x700u) | (word & ((1u << 8 * kind) - 1));
      tag = word >> 8 * kind & 0xff;
      p += kind + 1;
      good = distance - 1 < (size_t)(to - start);
      if (!good)
        break;
      copy_wide(to, distance, size);
    }
    to += size;
  }
  s->p = p - 1;
  s->to = to;
  return good;
}

pq_fault pq_unsnap(const uint8_t *in, size_t n, uint8_t *out, size_t size) {
  struct side s = {in, in + n, out, out, out + size};
  uint64_t said = 0;
  bool good = read_size(&s, &said);
  if (good && said != size)
    return "it does not unpack to the size that its header says";
  while (good && s.p < s.end) {
    good = take_many(&s);
    good = good && (s.p == s.end || take(&s));
  }
  return good && s.to == s.stop ? NULL : broken;
}
