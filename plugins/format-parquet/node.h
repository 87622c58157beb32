/* The tree of columns that batches are made of: an Arrow field each, filled from the levels of the leaf that owns it.
 */
#ifndef PQ_NODE_H
#define PQ_NODE_H
#include "store.h"
#include "views.h"

enum pq_node_kind { PQ_NODE_LEAF, PQ_NODE_STRUCT, PQ_NODE_LIST }; /* a map is a list of its entries */

struct pq_node {
  enum pq_node_kind kind;
  bool nullable;
  bool key;                      /* of a map: it is never null */
  bool large;                    /* its offsets have 64 bits in batches */
  uint8_t def;                   /* the level from which a value is not null */
  uint8_t slot_def, slot_rep;    /* a level of slot_def or more begins a slot, if its repetition is at most slot_rep */
  uint8_t item_def, item_rep;    /* LIST: the level from which an item is there, and the most that begins one */
  int64_t length, nulls;         /* slots so far */
  struct sluice_buffer validity; /* empty until the first null */
  struct sluice_buffer offsets;  /* LIST: where each slot's items begin; texts: 0, then where each ends */
  struct sluice_buffer values;   /* LEAF: values, or bytes of texts */
  struct pq_held held;           /* LEAF of views: what they refer to */
  uint64_t text_bytes;           /* LEAF of views: bytes of their texts */
  int64_t items;                 /* LIST: items so far */
  const struct pq_store *store;  /* LEAF */
  int64_t n_children;
  struct pq_node **children;
};

void pq_node_destroy(struct pq_node *n); /* takes NULL */

/* n slots are valid or null. */
int pq_node_mark(struct pq_node *node, int64_t n, bool valid);
/* Room for the bits of n more slots, for the caller to set; from then on the bitmap is there. */
int pq_node_bitmap(struct pq_node *node, int64_t n);
/* Slots of a struct or list, from n levels of its leaf (reps NULL: all 0). */
pq_fault pq_node_levels(struct pq_node *node, const uint8_t *defs, const uint8_t *reps, size_t n);

/* Items of the first `slots` lists. */
int64_t pq_node_items(const struct pq_node *node, int64_t slots);
/* Bytes that the first `slots` slots take in a batch: of what is there, or of fixed width. */
int64_t pq_node_bytes(const struct pq_node *node, int64_t slots);
/* Moves the first `slots` slots out as an array; the others stay. all: none may stay. */
int pq_node_take(struct pq_node *node, int64_t slots, bool all, struct ArrowArray *out, pq_fault *fault);
/* Takes the block over, on success, for views of later slots to refer to. */
pq_fault pq_node_hold(struct pq_node *node, struct pq_block *block, int32_t *place);

#endif
