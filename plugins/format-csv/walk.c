/* A byte-by-byte walk through one record. The block index must agree with it on where records end. */
#include "walk.h"

static bool ends_at(const struct csv_dialect *d, uint8_t c) {
  return c == '\n' ? d->ends == CSV_ENDS_ANY || d->ends == CSV_ENDS_LF : d->ends == CSV_ENDS_CR;
}

static enum csv_walk_state step(const struct csv_dialect *d, enum csv_walk_state state, uint8_t c) {
  bool quoted = state == CSV_WALK_QUOTED && !(d->single && (c == '\n' || c == '\r'));
  if (c == d->escape)
    return quoted ? CSV_WALK_QUOTED_ESCAPE : CSV_WALK_ESCAPE;
  if (quoted)
    return c == d->quote ? CSV_WALK_CLOSED : CSV_WALK_QUOTED;
  if (c == d->delimiter)
    return CSV_WALK_START;
  if (ends_at(d, c))
    return CSV_WALK_DONE;
  if (c == '\r' && d->ends != CSV_ENDS_LF)
    return CSV_WALK_CR;
  if (c == d->quote && state != CSV_WALK_PLAIN)
    return CSV_WALK_QUOTED;
  return CSV_WALK_PLAIN;
}

/* Behind a CR: it alone ends the record, or with an LF, or is text where only both together end one. */
static size_t step_cr(struct csv_walk *walk, const struct csv_dialect *d, uint8_t c) {
  walk->ending += c == '\n';
  walk->state = c == '\n' || d->ends == CSV_ENDS_ANY ? CSV_WALK_DONE : CSV_WALK_PLAIN;
  if (walk->state == CSV_WALK_PLAIN)
    walk->ending = 0;
  return c == '\n';
}

size_t csv_walk(struct csv_walk *walk, const struct csv_dialect *dialect, const uint8_t *data, size_t n) {
  size_t i = 0;
  while (i < n && walk->state != CSV_WALK_DONE) {
    if (walk->state == CSV_WALK_CR) {
      i += step_cr(walk, dialect, data[i]);
    } else if (walk->state == CSV_WALK_ESCAPE || walk->state == CSV_WALK_QUOTED_ESCAPE) {
      walk->state = walk->state == CSV_WALK_ESCAPE ? CSV_WALK_PLAIN : CSV_WALK_QUOTED;
      i++;
    } else {
      bool outside = walk->state != CSV_WALK_QUOTED;
      walk->delimiters += outside && data[i] == dialect->delimiter;
      walk->state = step(dialect, walk->state, data[i]);
      walk->ending += walk->state == CSV_WALK_DONE || walk->state == CSV_WALK_CR;
      i++;
    }
  }
  return i;
}
