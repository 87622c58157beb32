/* Where records begin, found without looking at their fields. */
#include "cuts.h"
#include "classify.h"

void csv_cuts_begin(struct csv_cuts *cuts, const struct csv_dialect *dialect) {
  *cuts =
      (struct csv_cuts){.dialect = dialect, .state = CSV_WALK_START, .line_begins = true, .pass = csv_scan_best().pass};
}

struct block {     /* of 64 bytes, or fewer at the end */
  uint64_t live;   /* bytes that there are */
  uint64_t starts; /* first bytes of lines that are not blank */
};

static uint64_t xor_of_all_before(uint64_t bits) { /* bit i: the parity of bits 0 to i */
  for (int shift = 1; shift < 64; shift *= 2)
    bits ^= bits << shift;
  return bits;
}

/* Quotes as they must be: each opens where a field begins, or right behind one that closes. False: nothing is done. */
static bool scan_sound(struct csv_cuts *c, const struct csv_masks *m, struct block *b) {
  uint64_t quotes = m->quote & b->live, inside = xor_of_all_before(quotes);
  bool within = c->state == CSV_WALK_QUOTED;
  if (within)
    inside = ~inside;
  uint64_t outside = ~(inside | quotes), ends = m->line & outside & b->live;
  uint64_t opening = quotes & inside, closing = quotes & ~inside;
  uint64_t behind = ((m->delimiter & outside) | ends | closing) << 1;
  if (c->state == CSV_WALK_START || c->state == CSV_WALK_CLOSED)
    behind |= 1;
  if (opening & ~behind)
    return false;
  uint64_t behind_closing = closing << 1 | (c->state == CSV_WALK_CLOSED ? 1 : 0);
  c->stray |= (behind_closing & b->live & ~(m->delimiter | m->line | m->quote)) != 0;
  uint64_t line_begins = ends << 1 | (c->line_begins ? 1 : 0);
  b->starts = line_begins & ~ends & b->live;
  uint64_t last = b->live & ~(b->live >> 1); /* the highest bit */
  c->line_begins = ends & last;
  if (inside & last)
    c->state = CSV_WALK_QUOTED;
  else if (closing & last)
    c->state = CSV_WALK_CLOSED;
  else
    c->state = ((m->delimiter & outside) | ends) & last ? CSV_WALK_START : CSV_WALK_PLAIN;
  return true;
}

static void step(struct csv_cuts *c, uint8_t byte) {
  const struct csv_dialect *d = c->dialect;
  bool quoted = c->state == CSV_WALK_QUOTED;
  c->line_begins = !quoted && (byte == '\n' || byte == '\r');
  if (quoted)
    c->state = byte == d->quote ? CSV_WALK_CLOSED : CSV_WALK_QUOTED;
  else if (c->line_begins || byte == d->delimiter)
    c->state = CSV_WALK_START;
  else if (byte == d->quote && c->state != CSV_WALK_PLAIN)
    c->state = CSV_WALK_QUOTED;
  else {
    c->stray |= byte == d->quote || c->state == CSV_WALK_CLOSED;
    c->state = CSV_WALK_PLAIN;
  }
}

static void scan_bytes(struct csv_cuts *c, const uint8_t *data, struct block *b) {
  b->starts = 0;
  for (int i = 0; i < 64 && b->live >> i & 1; i++) {
    bool begins = c->line_begins && data[i] != '\n' && data[i] != '\r';
    b->starts |= (uint64_t)begins << i;
    step(c, data[i]);
  }
}

static struct block scan_block(struct csv_cuts *c, const uint8_t *data, size_t n) {
  struct csv_seen seen = {false, false};
  struct csv_masks m = csv_classify(data, c->dialect, &seen);
  struct block b = {.live = n < 64 ? ~(~0ull << n) : ~0ull};
  if (!scan_sound(c, &m, &b))
    scan_bytes(c, data, &b);
  return b;
}

/* Goes over as much as needs no closer look; returns how far. */
static size_t pass_over(struct csv_cuts *c, const uint8_t *data, size_t n) {
  struct csv_pass pass = {.quoted = c->state == CSV_WALK_QUOTED,
                          .closed = c->state == CSV_WALK_CLOSED,
                          .boundary = c->state == CSV_WALK_START,
                          .line_begins = c->line_begins,
                          .rows = c->rows};
  size_t passed = c->pass && n >= 64 ? c->pass(&pass, c->dialect, data, n) : 0;
  if (!passed)
    return 0;
  c->rows = pass.rows;
  c->line_begins = pass.line_begins;
  c->state = pass.quoted     ? CSV_WALK_QUOTED
             : pass.closed   ? CSV_WALK_CLOSED
             : pass.boundary ? CSV_WALK_START
                             : CSV_WALK_PLAIN;
  return passed;
}

size_t csv_cuts_scan(struct csv_cuts *c, const uint8_t *data, size_t n, size_t target, bool *found) {
  *found = false;
  for (size_t base = 0; base < n; base += 64) {
    if (base < target)
      base += pass_over(c, data + base, (n < target ? n : target) - base);
    if (base >= n)
      break;
    struct csv_cuts before = *c;
    struct block b = scan_block(c, data + base, n - base);
    if (base + 64 > target) {
      uint64_t late = b.starts & (target > base ? ~0ull << (target - base) : ~0ull);
      if (late) { /* the state at a record's first byte is known */
        uint64_t first = late & -late;
        c->rows = before.rows + __builtin_popcountll(b.starts & (first - 1));
        c->state = CSV_WALK_START;
        c->line_begins = true;
        *found = true;
        return base + (size_t)__builtin_ctzll(first);
      }
    }
    c->rows += __builtin_popcountll(b.starts);
  }
  return n;
}
