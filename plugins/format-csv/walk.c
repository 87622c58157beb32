/* A byte-by-byte walk through one record. The block index must agree with it on where records end. */
#include "walk.h"

static enum csv_walk_state step(const struct csv_dialect *d, enum csv_walk_state state, uint8_t c) {
  if (state == CSV_WALK_QUOTED)
    return c == d->quote ? CSV_WALK_CLOSED : CSV_WALK_QUOTED;
  if (c == d->delimiter)
    return CSV_WALK_START;
  if (c == '\n')
    return CSV_WALK_DONE;
  if (c == '\r')
    return CSV_WALK_CR;
  if (c == d->quote && state != CSV_WALK_PLAIN)
    return CSV_WALK_QUOTED;
  return CSV_WALK_PLAIN;
}

size_t csv_walk(struct csv_walk *walk, const struct csv_dialect *dialect, const uint8_t *data, size_t n) {
  size_t i = 0;
  while (i < n && walk->state != CSV_WALK_DONE) {
    if (walk->state == CSV_WALK_CR) {
      walk->ending += data[i] == '\n';
      i += data[i] == '\n';
      walk->state = CSV_WALK_DONE;
      break;
    }
    bool outside = walk->state != CSV_WALK_QUOTED;
    walk->delimiters += outside && data[i] == dialect->delimiter;
    walk->state = step(dialect, walk->state, data[i]);
    walk->ending += walk->state == CSV_WALK_DONE || walk->state == CSV_WALK_CR;
    i++;
  }
  return i;
}
