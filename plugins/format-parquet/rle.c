/* The hybrid of runs and bit-packed groups. */
#include "rle.h"
#include "bits.h"
#include "unpack.h"

void pq_rle_init(struct pq_rle *r, const uint8_t *p, const uint8_t *end, uint32_t width) {
  *r = (struct pq_rle){.p = p, .end = end, .width = width};
}

static bool read_head(struct pq_rle *r, uint64_t *out) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 35 && r->p < r->end; shift += 7) {
    uint8_t byte = *r->p++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) {
      *out = value;
      return true;
    }
  }
  return false;
}

static uint32_t read_value(const uint8_t *p, uint32_t bytes) {
  uint32_t value = 0;
  for (uint32_t i = 0; i < bytes; i++)
    value |= (uint32_t)p[i] << 8 * i;
  return value;
}

/* Begins the next run; false: there is none. A packed run whose bytes are cut has as many values as they hold. */
static bool next_run(struct pq_rle *r) {
  uint32_t bytes = (r->width + 7) / 8;
  uint64_t head = 0;
  while (r->run == 0 && r->packed == 0) {
    if (!read_head(r, &head))
      return false;
    size_t left = (size_t)(r->end - r->p);
    if (head & 1) {
      uint64_t held = r->width ? left * 8 / r->width : UINT64_MAX;
      r->packed = (head >> 1) * 8;
      r->packed = r->packed > held ? held : r->packed;
      if (held == 0)
        return false;
    } else if (bytes > left) {
      return false;
    } else {
      r->run = head >> 1;
      r->value = read_value(r->p, bytes);
      r->p += bytes;
    }
  }
  return true;
}

static size_t least(uint64_t a, size_t b) {
  return a < b ? (size_t)a : b;
}

static size_t take_hold(struct pq_rle *r, uint32_t *out, size_t n) {
  size_t take = least(r->hold_n, n);
  for (size_t i = 0; i < take; i++) { /* what pads the last group is not looked at */
    out[i] = r->hold[8 - r->hold_n + i];
    r->highest = out[i] > r->highest ? out[i] : r->highest;
  }
  r->hold_n -= (uint32_t)take;
  return take;
}

/* Whole groups go to the output; of the last one what is not wanted yet is held. */
static size_t take_packed(struct pq_rle *r, uint32_t *out, size_t n) {
  size_t whole = least(r->packed, n) & ~(size_t)7;
  if (whole) {
    uint32_t highest = pq_unpack32_highest(r->p, r->width, out, whole);
    r->highest = highest > r->highest ? highest : r->highest;
    r->p += whole / 8 * r->width;
    r->packed -= whole;
    return whole;
  }
  uint32_t group[8];
  size_t there = least(r->packed, 8);
  pq_unpack32(r->p, r->width, group, 8);
  memcpy(r->hold + (8 - there), group, there * sizeof *group);
  r->hold_n = (uint32_t)there;
  r->packed -= there;
  r->p += there == 8 ? r->width : (size_t)(r->end - r->p); /* less than eight: the bytes end here */
  return take_hold(r, out, n);
}

size_t pq_rle_read(struct pq_rle *r, uint32_t *out, size_t n) {
  size_t done = 0;
  r->highest = 0;
  if (r->width == 0) {
    memset(out, 0, n * sizeof *out);
    return n;
  }
  while (done < n) {
    if (r->hold_n)
      done += take_hold(r, out + done, n - done);
    else if (r->packed)
      done += take_packed(r, out + done, n - done);
    else if (r->run) {
      size_t take = least(r->run, n - done);
      for (size_t i = 0; i < take; i++)
        out[done + i] = r->value;
      r->highest = r->value > r->highest ? r->value : r->highest;
      r->run -= take;
      done += take;
    } else if (!next_run(r))
      break;
  }
  return done;
}

size_t pq_rle_read_bytes(struct pq_rle *r, uint8_t *out, size_t n) {
  uint32_t words[256];
  size_t done = 0;
  while (done < n) {
    size_t take = least(r->run, n - done);
    if (take && !r->hold_n) {
      memset(out + done, (int)r->value, take);
      r->run -= take;
      done += take;
      continue;
    }
    take = least(r->hold_n + r->packed, n - done < 256 ? n - done : 256);
    if (take) {
      size_t got = pq_rle_read(r, words, take);
      for (size_t i = 0; i < got; i++)
        out[done + i] = (uint8_t)words[i];
      done += got;
    } else if (!next_run(r))
      break;
  }
  return done;
}

size_t pq_rle_read_bits(struct pq_rle *r, uint8_t *out, int64_t at, size_t n, int64_t *ones) {
  size_t done = 0;
  while (done < n) {
    int64_t to = at + (int64_t)done;
    size_t take = least(r->run ? r->run : r->packed, n - done);
    if (r->run) {
      pq_bits_fill(out, to, (int64_t)take, r->value & 1);
      r->run -= take;
    } else if (r->packed) {
      pq_bits_copy(out, to, r->p, r->bit, (int64_t)take);
      r->p += (r->bit + take) / 8;
      r->bit = (uint32_t)((r->bit + take) & 7);
      r->packed -= take;
    } else if (!next_run(r))
      break;
    done += take;
  }
  *ones = pq_bits_count(out, at, (int64_t)done);
  return done;
}

size_t pq_rle_same(struct pq_rle *r, size_t n, uint32_t *value) {
  if (r->width == 0) {
    *value = 0;
    return n;
  }
  if (r->hold_n || r->packed || (!r->run && !next_run(r)) || !r->run)
    return 0;
  *value = r->value;
  return least(r->run, n);
}

void pq_rle_skip_same(struct pq_rle *r, size_t n) {
  r->run -= r->width ? n : 0;
}

/* Whole groups need not be unpacked. */
static size_t skip_packed(struct pq_rle *r, size_t n) {
  uint32_t group[8];
  size_t whole = least(r->packed, n) & ~(size_t)7;
  if (whole == 0)
    return take_packed(r, group, n < 8 ? n : 8);
  r->p += whole / 8 * r->width;
  r->packed -= whole;
  return whole;
}

size_t pq_rle_skip(struct pq_rle *r, size_t n) {
  size_t done = 0, take;
  if (r->width == 0)
    return n;
  while (done < n) {
    if (r->hold_n) {
      take = least(r->hold_n, n - done);
      r->hold_n -= (uint32_t)take;
      done += take;
    } else if (r->packed) {
      done += skip_packed(r, n - done);
    } else if (r->run) {
      take = least(r->run, n - done);
      r->run -= take;
      done += take;
    } else if (!next_run(r)) {
      break;
    }
  }
  return done;
}
