/* The body of csv_scan_fn, compiled once for each way to classify 64 bytes. Private to scan.c and scan_x86.c. */
#ifndef CSV_SCAN_BLOCK_H
#define CSV_SCAN_BLOCK_H
#include "classify.h"
#include "scan.h"

struct csv_bytes64 { /* which of 64 bytes are what */
  uint64_t delimiter, lf, cr, quote, zero;
  bool high; /* one is not ASCII */
};
struct csv_bytes64_of { /* what to look for */
  uint8_t delimiter, quote;
  uint64_t quotes; /* all ones if there is a quote character, else 0 */
};
struct csv_scan_ways {
  struct csv_bytes64 (*classify)(const uint8_t *p, const struct csv_bytes64_of *of);
  uint64_t (*prefix_xor)(uint64_t bits);
  /* Writes base + the position of each bit, in order; up to CSV_SCAN_SLACK positions may be written. */
  void (*flatten)(uint32_t *out, uint64_t bits, uint32_t base);
};

struct csv_scan_state {
  uint64_t inside;   /* all ones: the 64 bytes begin within quotes */
  uint64_t boundary; /* 1: a field or a second quote may begin with the first of them */
  uint64_t closed;   /* 1: a quote was just closed */
  uint64_t quote;    /* 1: the byte before is a quote */
  uint64_t cr;       /* 1: the byte before is a CR that ends a record */
  bool doubled, high;
};

/* What ends a field or a line among the 64 bytes, and the first quote that is not as it must be in *bad. */
static inline __attribute__((always_inline)) uint64_t csv_scan_quotes(struct csv_scan_state *s,
                                                                      const struct csv_bytes64 *m,
                                                                      const struct csv_scan_ways *ways, uint64_t *bad) {
  uint64_t ends = m->delimiter | m->lf | m->cr, quote = m->quote;
  *bad = 0;
  if (quote | s->inside | s->closed) {
    uint64_t within = ways->prefix_xor(quote) ^ s->inside; /* from an opening quote up to the closing one */
    uint64_t before = within ^ quote, opens = quote & ~before, closes = quote & before;
    ends &= ~within;
    *bad = (opens & ~((ends | quote) << 1 | s->boundary)) | ((closes << 1 | s->closed) & ~(ends | quote));
    s->doubled |= (opens & (quote << 1 | s->quote)) != 0;
    s->inside = (uint64_t)((int64_t)within >> 63);
    s->closed = closes >> 63;
  }
  s->boundary = (ends | quote) >> 63;
  s->quote = quote >> 63;
  return ends;
}

/* The same with zero bytes among what is bad, and LF behind CR as of the same line end. */
static inline __attribute__((always_inline)) uint64_t
csv_scan_ends(struct csv_scan_state *s, const struct csv_bytes64 *m, const struct csv_scan_ways *ways, uint64_t *bad) {
  uint64_t ends = csv_scan_quotes(s, m, ways, bad);
  *bad |= m->zero;
  s->high |= m->high;
  if (m->cr | s->cr) {
    uint64_t cr = m->cr & ends;
    ends &= ~(m->lf & (cr << 1 | s->cr));
    s->cr = cr >> 63;
  }
  return ends;
}

struct csv_scan_rows { /* the rows as they are found */
  size_t record;       /* where the one at hand begins */
  uint32_t count;      /* ends written */
  uint32_t last;       /* index of the end that must be the row's line end */
};

/* Takes the rows that end at `lines`. False: no further. */
static inline __attribute__((always_inline)) bool csv_scan_lines(struct csv_index *ix, const struct csv_bounds *b,
                                                                 const struct csv_scan_limits *limits, uint64_t ends,
                                                                 uint64_t lines, size_t base, struct csv_scan_rows *r) {
  const uint8_t *data = ix->data;
  while (lines) {
    uint32_t bit = (uint32_t)__builtin_ctzll(lines);
    size_t pos = base + bit, next = pos + 1;
    lines &= lines - 1;
    uint32_t at = r->count + (uint32_t)__builtin_popcountll(ends & (((uint64_t)1 << bit) - 1));
    if (data[pos] == '\r') {
      if (next >= b->size)
        return false; /* what follows decides */
      next += data[next] == '\n';
    }
    if (at != r->last || r->record >= b->stop || next > (uint64_t)b->bytes || pos - r->record > b->max_line)
      return false;
    ix->starts[ix->rows] = (uint32_t)r->record;
    ix->ordinals[ix->rows] = ix->rows;
    ix->rows++;
    r->last += ix->columns;
    r->record = next;
    if (ix->rows >= limits->rows || next >= limits->records)
      return false;
  }
  return true;
}

static inline __attribute__((always_inline)) size_t csv_scan_all(struct csv_index *ix, const struct csv_dialect *d,
                                                                 const struct csv_bounds *b,
                                                                 const struct csv_scan_limits *limits,
                                                                 const struct csv_scan_ways *ways) {
  const struct csv_bytes64_of of = {d->delimiter, (uint8_t)d->quote, d->quote >= 0 ? ~0ull : 0};
  struct csv_scan_state s = {.boundary = 1};
  struct csv_scan_rows r = {.last = ix->columns - 1};
  const uint32_t most = ix->max_rows * ix->columns;
  for (size_t base = 0; base + 64 <= b->size && r.count <= most; base += 64) {
    struct csv_bytes64 m = ways->classify(ix->data + base, &of);
    uint64_t bad, ends = csv_scan_ends(&s, &m, ways, &bad);
    if (bad)
      ends &= (bad & -bad) - 1;
    ways->flatten(ix->ends + r.count, ends, (uint32_t)base);
    if (!csv_scan_lines(ix, b, limits, ends, ends & (m.lf | m.cr), base, &r) || bad)
      break;
    r.count += (uint32_t)__builtin_popcountll(ends);
  }
  ix->simple = !s.doubled;
  ix->ascii = !s.high;
  return r.record;
}

static inline __attribute__((always_inline)) size_t csv_pass_all(struct csv_pass *pass, const struct csv_dialect *d,
                                                                 const uint8_t *data, size_t n,
                                                                 const struct csv_scan_ways *ways) {
  const struct csv_bytes64_of of = {d->delimiter, (uint8_t)d->quote, d->quote >= 0 ? ~0ull : 0};
  struct csv_scan_state s = {.inside = pass->quoted ? ~0ull : 0,
                             .boundary = pass->boundary || pass->closed,
                             .closed = pass->closed,
                             .quote = pass->closed};
  uint64_t begins = pass->line_begins, line = 0;
  size_t base = 0;
  for (; base + 64 <= n; base += 64) {
    const struct csv_scan_state before = s;
    struct csv_bytes64 m = ways->classify(data + base, &of);
    uint64_t bad, ends = csv_scan_quotes(&s, &m, ways, &bad);
    if (bad) {
      s = before;
      break;
    }
    line = ends & (m.lf | m.cr);
    pass->rows += __builtin_popcountll((line << 1 | begins) & ~line);
    begins = line >> 63;
  }
  pass->quoted = s.inside != 0;
  pass->closed = s.closed != 0;
  pass->boundary = s.boundary && !s.closed;
  pass->line_begins = begins != 0;
  return base;
}

#endif
