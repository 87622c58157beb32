/* Sync by row: of each key, the fingerprint of the record that was delivered last, and where it came from.
 *
 * Changes travel in struct ledger_progress and are committed with the checkpoint: after a restart at the checkpoint the
 * same records find exactly the same rows. What is found is what is committed: the caller keeps what it sent since.
 * The ledger stores what it is told; who wins is the caller's rule, by where the stored record stands: parts in byte
 * order of their names, then the row. A record that is unchanged but stands later than the stored one has to be stored
 * as well, or a late part between the two would win over it. A deleted key stays as a tombstone, for the same reason.
 */
#ifndef LEDGER_ROWS_H
#define LEDGER_ROWS_H
#include <sluice/sdk.h>
#include <stdbool.h>

enum { LEDGER_KEY_SIZE = 16, LEDGER_ROW_CHANGES_MAX = 1 << 20 };
struct ledger;
struct ledger_unit;

struct ledger_row { /* a change, in struct ledger_progress; of one key twice: the last counts */
  uint8_t key[LEDGER_KEY_SIZE];
  uint64_t fingerprint;
  int64_t row;   /* in its part */
  uint32_t part; /* its number in unit.parts */
  bool deleted;
};

enum ledger_row_place { ROW_ABSENT, ROW_EARLIER, ROW_SAME_PART, ROW_LATER };
struct ledger_row_found {
  uint64_t fingerprint;
  int64_t row;
  enum ledger_row_place place; /* of the stored record's part against the one asked for; ABSENT: no such key */
  bool deleted;
};

/* A look into the rows of a delivery, over a connection of its own, beside the ledger's thread. After a full refresh
 * began, ended, or a reset, another is needed. [instance] */
struct ledger_rows;
int ledger_rows_open(struct ledger *, int64_t delivery, struct ledger_rows **out, struct sluice_error *err);
void ledger_rows_close(struct ledger_rows *); /* takes NULL; before the ledger is closed */
/* What is stored of n keys, as it stands to this part. Larger n is faster: some thousand at once. */
int ledger_rows_find(struct ledger_rows *, const char *part, const uint8_t (*keys)[LEDGER_KEY_SIZE], size_t n,
                     struct ledger_row_found *out, struct sluice_error *err);

/* The text that the last checkpoint with a cursor left (malloc'ed); NULL: none. */
int ledger_cursor(struct ledger *, int64_t delivery, char **text, struct sluice_error *err);

#endif
