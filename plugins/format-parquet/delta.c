/* DELTA_BINARY_PACKED: integers as differences, packed in blocks. Arithmetic wraps around, as its specification wants.
 */
#include "delta.h"
#include "unpack.h"

static const char short_bytes[] = "its differences end too early";

static pq_fault read_varint(struct pq_delta *d, uint64_t *out) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (d->p == d->end)
      return short_bytes;
    uint8_t byte = *d->p++;
    value |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
    if (!(byte & 0x80)) {
      *out = value;
      return NULL;
    }
  }
  return "a number of its differences has too many bytes";
}

static pq_fault read_zigzag(struct pq_delta *d, uint64_t *out) {
  uint64_t value = 0;
  pq_fault fault = read_varint(d, &value);
  *out = value >> 1 ^ (0 - (value & 1));
  return fault;
}

pq_fault pq_delta_init(struct pq_delta *d, const uint8_t *p, const uint8_t *end) {
  uint64_t block = 0, minis = 0;
  memset(d, 0, offsetof(struct pq_delta, hold));
  d->p = p;
  d->end = end;
  pq_fault fault = read_varint(d, &block);
  if (!fault)
    fault = read_varint(d, &minis);
  if (!fault)
    fault = read_varint(d, &d->total);
  if (!fault)
    fault = read_zigzag(d, &d->value);
  if (fault)
    return fault;
  if (block == 0 || block % 128 || block > 1 << 24 || minis == 0 || minis > block || block % minis ||
      block / minis % PQ_DELTA_GROUP)
    return "its differences have blocks of a size that is not allowed";
  if (d->total > INT32_MAX)
    return "its differences say that they are too many";
  d->mini = block / minis;
  d->minis = d->mini_at = (uint32_t)minis;
  d->left = d->total;
  return NULL;
}

static pq_fault next_block(struct pq_delta *d) {
  pq_fault fault = read_zigzag(d, &d->step);
  if (fault)
    return fault;
  if ((size_t)(d->end - d->p) < d->minis)
    return short_bytes;
  d->widths = d->p;
  d->p += d->minis;
  d->mini_at = 0;
  return NULL;
}

static pq_fault next_mini(struct pq_delta *d) {
  pq_fault fault = d->mini_at == d->minis ? next_block(d) : NULL;
  if (fault)
    return fault;
  d->width = d->widths[d->mini_at++];
  d->mini_left = d->mini;
  return d->width > 64 ? "its differences have more than 64 bits" : NULL;
}

/* Makes sure that a group is there; it may be cut behind the last value. */
static pq_fault begin_group(struct pq_delta *d, uint64_t left) {
  pq_fault fault = d->mini_left ? NULL : next_mini(d);
  uint64_t values = left < PQ_DELTA_GROUP ? left : PQ_DELTA_GROUP;
  if (!fault && (uint64_t)(d->end - d->p) < (values * d->width + 7) / 8)
    return short_bytes;
  return fault;
}

static void end_group(struct pq_delta *d) {
  size_t bytes = (size_t)PQ_DELTA_GROUP / 8 * d->width, there = (size_t)(d->end - d->p);
  d->p += bytes < there ? bytes : there;
  d->mini_left -= PQ_DELTA_GROUP;
}

enum { GROUP_MAX = PQ_DELTA_GROUP / 8 * 64 };

/* The bytes of a group; one that is cut behind its last value is made whole in `room`. */
static const uint8_t *group_bytes(const struct pq_delta *d, uint8_t room[GROUP_MAX + PQ_PADDING]) {
  size_t bytes = (size_t)PQ_DELTA_GROUP / 8 * d->width, there = (size_t)(d->end - d->p);
  if (there >= bytes)
    return d->p;
  memset(room, 0, GROUP_MAX + PQ_PADDING);
  memcpy(room, d->p, there);
  return room;
}

static void sum64(struct pq_delta *d, const uint8_t *in, uint64_t *out) {
  uint64_t value = d->value, step = d->step;
  uint32_t small[PQ_DELTA_GROUP];
  if (d->width <= 32) {
    pq_unpack32(in, d->width, small, PQ_DELTA_GROUP);
    for (size_t i = 0; i < PQ_DELTA_GROUP; i++) {
      value += step + small[i];
      out[i] = value;
    }
  } else {
    pq_unpack64(in, d->width, out, PQ_DELTA_GROUP);
    for (size_t i = 0; i < PQ_DELTA_GROUP; i++) {
      value += step + out[i];
      out[i] = value;
    }
  }
  d->value = value;
}

static void sum32(struct pq_delta *d, uint32_t *out) {
  uint32_t value = (uint32_t)d->value, step = (uint32_t)d->step;
  pq_unpack32(d->p, d->width, out, PQ_DELTA_GROUP);
  for (size_t i = 0; i < PQ_DELTA_GROUP; i++) {
    value += step + out[i];
    out[i] = value;
  }
  d->value = value;
}

/* The first value stands before the blocks. */
static bool take_first(struct pq_delta *d, uint64_t *out) {
  if (d->started)
    return false;
  d->started = true;
  d->left--;
  *out = d->value;
  return true;
}

/* Decodes a group, and gives of it what is wanted; the rest is held. The last value of all ends the sums. */
static pq_fault hold_group(struct pq_delta *d) {
  uint8_t room[GROUP_MAX + PQ_PADDING];
  uint64_t there = d->left < PQ_DELTA_GROUP ? d->left : PQ_DELTA_GROUP;
  pq_fault fault = begin_group(d, d->left);
  if (fault)
    return fault;
  sum64(d, group_bytes(d, room), d->hold);
  end_group(d);
  memmove(d->hold + PQ_DELTA_GROUP - there, d->hold, there * sizeof *d->hold);
  d->hold_n = (uint32_t)there;
  return NULL;
}

static size_t take_hold(struct pq_delta *d, size_t n, const uint64_t **from) {
  size_t take = d->hold_n < n ? d->hold_n : n;
  *from = d->hold + PQ_DELTA_GROUP - d->hold_n;
  d->hold_n -= (uint32_t)take;
  d->left -= take;
  return take;
}

pq_fault pq_delta_read64(struct pq_delta *d, uint64_t *out, size_t n) {
  const uint64_t *held;
  pq_fault fault = NULL;
  if (n > d->left)
    return short_bytes;
  size_t done = n && take_first(d, out);
  while (done < n && !fault) {
    if (d->hold_n) {
      size_t take = take_hold(d, n - done, &held);
      memcpy(out + done, held, take * sizeof *out);
      done += take;
    } else if (n - done >= PQ_DELTA_GROUP) {
      fault = begin_group(d, d->left);
      if (fault)
        break;
      sum64(d, d->p, out + done);
      end_group(d);
      d->left -= PQ_DELTA_GROUP;
      done += PQ_DELTA_GROUP;
    } else {
      fault = hold_group(d);
    }
  }
  return fault;
}

pq_fault pq_delta_read32(struct pq_delta *d, uint32_t *out, size_t n) {
  const uint64_t *held;
  uint64_t first = 0;
  pq_fault fault = NULL;
  if (n > d->left)
    return short_bytes;
  size_t done = n && take_first(d, &first);
  if (done)
    out[0] = (uint32_t)first;
  while (done < n && !fault) {
    if (d->hold_n) {
      size_t take = take_hold(d, n - done, &held);
      for (size_t i = 0; i < take; i++)
        out[done + i] = (uint32_t)held[i];
      done += take;
      continue;
    }
    bool direct = n - done >= PQ_DELTA_GROUP;
    if (direct)
      fault = begin_group(d, d->left);
    if (direct && !fault && d->width <= 32) {
      sum32(d, out + done);
      end_group(d);
      d->left -= PQ_DELTA_GROUP;
      done += PQ_DELTA_GROUP;
    } else if (!fault) {
      fault = hold_group(d);
    }
  }
  return fault;
}

pq_fault pq_delta_end(const struct pq_delta *d, const uint8_t **end) {
  struct pq_delta walk = *d;
  pq_fault fault = NULL;
  uint64_t left = d->total ? d->total - 1 : 0;
  while (left > 0 && !fault) {
    fault = next_mini(&walk);
    uint64_t bytes = walk.mini / 8 * walk.width, there = (uint64_t)(walk.end - walk.p);
    if (!fault && bytes > there)
      return short_bytes;
    walk.p += fault ? 0 : bytes;
    left -= left < walk.mini ? left : walk.mini;
  }
  *end = walk.p;
  return fault;
}
