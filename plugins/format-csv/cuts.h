/* Where records begin, found without looking at their fields: 64 bytes at a time, by the places of quotes, delimiters
 * and line ends. For dialects that are not odd. */
#ifndef CSV_CUTS_H
#define CSV_CUTS_H
#include "scan.h"
#include "walk.h"

struct csv_cuts {
  const struct csv_dialect *dialect;
  enum csv_walk_state state; /* START, PLAIN, QUOTED or CLOSED: of what comes next */
  bool line_begins;          /* what comes next is the first byte of a line */
  bool stray;                /* a quote out of place was seen */
  csv_pass_fn *pass;         /* over bytes in which nothing is looked for; NULL: none */
  int64_t rows;              /* lines so far that are not blank, line ends within quotes aside */
};

void csv_cuts_begin(struct csv_cuts *cuts, const struct csv_dialect *dialect);
/* Goes on over n bytes, of which 64 more are readable; stops at the first record that begins `target` bytes on or
 * later, where `found` is set. Returns how far it went; rows counts those before. */
size_t csv_cuts_scan(struct csv_cuts *cuts, const uint8_t *data, size_t n, size_t target, bool *found);

#endif
