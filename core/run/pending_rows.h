/* Rows that were sent and are not stored yet, in the order in which they were sent, and by key. */
#ifndef RUN_PENDING_ROWS_H
#define RUN_PENDING_ROWS_H
#include "core/ledger/rows.h"

struct pending_row {
  struct ledger_row row;
  int64_t seq, ordinal; /* of its batch, and in the unit; both rise */
  uint32_t before;      /* number plus 1 of the last one of this key before it that was not refused; 0: none */
  bool refused;
};
struct pending_rows { /* zeroed is empty */
  struct pending_row *items;
  size_t count, room;
  uint32_t *slots; /* by key, open addressing: an item's number plus 1 */
  size_t n_slots;
};

int pending_rows_add(struct pending_rows *, int64_t seq, int64_t ordinal, const struct ledger_row *);
const struct ledger_row *pending_rows_find(const struct pending_rows *,
                                           const uint8_t *key); /* the last one; NULL: none */
void pending_rows_remove(struct pending_rows *, int64_t seq, int64_t ordinal);
int pending_rows_peek(const struct pending_rows *, int64_t seq, struct ledger_row **out,
                      size_t *n);                           /* up to batch seq */
void pending_rows_drop(struct pending_rows *, int64_t seq); /* the same */
void pending_rows_clear(struct pending_rows *);
void pending_rows_finish(struct pending_rows *);

#endif
