/* The newest rows, in memory: what is in the table row_log and not yet all in row_key. A table of row_key's size has
 * to be written in order of keys to be fast, so changes gather here until they are many. */
#ifndef LEDGER_RECENT_H
#define LEDGER_RECENT_H
#include "core/ledger/rows.h"
#include <pthread.h>

struct recent_row {
  int64_t parts; /* whose: struct ledger_place */
  uint8_t key[LEDGER_KEY_SIZE];
  uint64_t fingerprint;
  int64_t row;
  uint32_t part; /* row_part.id */
  bool deleted, uncertain;
};

enum { ROW_DELETED = 1, ROW_UNCERTAIN = 2 }; /* as row_log and row_key have it */
static inline uint8_t recent_flags(const struct recent_row *row) {
  return (uint8_t)((row->deleted ? ROW_DELETED : 0) | (row->uncertain ? ROW_UNCERTAIN : 0));
}

/* Rows by key. Open addressing; a slot is a row's number plus 1. */
struct recent_table {
  struct recent_row *rows;
  uint32_t *slots;
  size_t used, room, n_slots;
  size_t reserved; /* beyond `used`, by operations that are not yet committed */
};
bool recent_reserve(struct recent_table *, size_t more);           /* false: no memory; nothing changed */
void recent_put(struct recent_table *, const struct recent_row *); /* there is room */
const struct recent_row *recent_get(const struct recent_table *, int64_t parts, const uint8_t *key); /* NULL: none */
void recent_clear(struct recent_table *);

/* The numbers of a table's rows in order of their keys. */
struct recent_order {
  uint64_t prefix;
  uint32_t number;
};
uint64_t recent_prefix(const uint8_t *key);                              /* in order as keys are */
void recent_sort(const struct recent_table *, struct recent_order *out); /* as many as the table has rows */

struct ledger_recent {
  pthread_rwlock_t lock; /* of all; only the ledger's thread writes */
  size_t limit;          /* rows gathered in memory before they are moved on */
  size_t step;           /* rows moved at once */
  bool loaded;
  struct recent_table active; /* takes what comes */
  struct recent_table next;   /* takes it from here on, once the group that freezes `active` is committed */
  struct recent_table frozen; /* on its way into row_key, up to `applied` in this order */
  struct recent_order *order;
  size_t applied;
  bool stepping, freezing; /* an operation of this group moves rows on, or freezes */
};

#endif
