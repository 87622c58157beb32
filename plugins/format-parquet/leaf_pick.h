/* Some of the next rows of a leaf without lists: those that the filter leaves. */
#ifndef PQ_LEAF_PICK_H
#define PQ_LEAF_PICK_H
#include "leaf.h"

struct pq_picked { /* the next n rows, of which `kept` are wanted */
  int64_t n, kept;
  const uint8_t *keep;    /* of each, 1 or 0 */
  const uint32_t *places; /* of those that are wanted, counted from `begin` */
  uint32_t begin;
};

/* Of the next n rows, all told, those up to the last of the first `most` that are wanted. */
struct pq_picked pq_picked_rows(const struct pq_leaf *l, int64_t n, int64_t most);
/* At most PQ_SEGMENT of them, of the page; those that are not wanted are gone past. */
pq_fault pq_add_picked(struct pq_leaf *l, const struct pq_picked *rows);

#endif
