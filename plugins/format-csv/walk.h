/* A byte-by-byte walk through one record: finds its end without holding it, and counts its fields. */
#ifndef CSV_WALK_H
#define CSV_WALK_H
#include "csv.h"

enum csv_walk_state {
  CSV_WALK_START,
  CSV_WALK_PLAIN,
  CSV_WALK_QUOTED,
  CSV_WALK_CLOSED,
  CSV_WALK_ESCAPE,
  CSV_WALK_QUOTED_ESCAPE,
  CSV_WALK_CR,
  CSV_WALK_DONE
};

struct csv_walk { /* zeroed: at the start of a record */
  enum csv_walk_state state;
  uint64_t delimiters;
  uint32_t ending; /* bytes of the line end so far */
};

/* Walks on through the n bytes, and returns how many of them belong to the record, its line end included. The record is
 * complete once state is DONE; a CR as the last byte of all leaves it in CR, which is complete too. */
size_t csv_walk(struct csv_walk *walk, const struct csv_dialect *dialect, const uint8_t *data, size_t n);

#endif
