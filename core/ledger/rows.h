/* Sync by row: of each key, the fingerprint of the record that was delivered last, and where it came from.
 *
 * Changes travel in struct ledger_progress and are committed with the checkpoint: after a restart at the checkpoint the
 * same records find exactly the same rows. What is found is what is committed: the caller keeps what it sent since.
 * The ledger stores what it is told; who wins is the caller's rule, by where the stored record stands: parts in byte
 * order of their names, then the row. A record that is unchanged but stands later than the stored one has to be stored
 * as well, or a late part between the two would win over it, and one that stands where it stood in a part that is read
 * again, or the part would be taken to have it no more. A deleted key stays as a tombstone, for the same reason.
 *
 * Between the sink and the checkpoint a run may die, and its file may change, so that what was sent is never read
 * again: then the ledger has an older record than the destination. So keys of which something is stored are named
 * before their records are handed over; if no checkpoint follows, they are found as uncertain until they are stored
 * again.
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
  int64_t row;   /* see ledger_row_stamp */
  uint32_t part; /* its number in unit.parts */
  bool deleted;
  bool uncertain; /* it stays so: it was met in its part, and not sent */
};

/* A row's number: the unit that met it, and where in its part. Units of other versions, or of another reading, have
 * other numbers; so it can be told whether the part still has the row. */
enum { LEDGER_ROW_BITS = 32 };
static const int64_t LEDGER_ROW_LAST = (INT64_C(1) << LEDGER_ROW_BITS) - 1; /* this far, or further */
static inline int64_t ledger_row_stamp(int64_t unit, int64_t row) {
  return ((unit & INT32_MAX) << LEDGER_ROW_BITS) | (row < LEDGER_ROW_LAST ? row : LEDGER_ROW_LAST);
}
static inline int64_t ledger_row_unit(int64_t stamp) {
  return stamp >> LEDGER_ROW_BITS;
}

enum ledger_row_place { ROW_ABSENT, ROW_EARLIER, ROW_SAME_PART, ROW_LATER };
struct ledger_row_found {
  uint64_t fingerprint;
  int64_t row;
  enum ledger_row_place place; /* of the stored record's part against the one asked for; ABSENT: no such key */
  bool held; /* LATER: that part still has the row, in the version that was listed last; a part that was not read again
                since it changed is not known to */
  bool deleted;
  bool uncertain; /* the destination may have another record of it, see ledger_rows_sending */
};

/* A look into the rows of a delivery, over a connection of its own, beside the ledger's thread. After a full refresh
 * began, ended, or a reset, another is needed. [instance] */
struct ledger_rows;
int ledger_rows_open(struct ledger *, int64_t delivery, struct ledger_rows **out, struct sluice_error *err);
void ledger_rows_close(struct ledger_rows *); /* takes NULL; before the ledger is closed */
/* What is stored of n keys, as it stands to this part. Larger n is faster: some thousand at once. */
int ledger_rows_find(struct ledger_rows *, const char *part, const uint8_t (*keys)[LEDGER_KEY_SIZE], size_t n,
                     struct ledger_row_found *out, struct sluice_error *err);

/* Records of these keys, of which something is stored, are about to be handed to the sink, in a batch of this unit that
 * ends at this row: durable when it returns. A checkpoint of the unit at or behind that row settles it. */
int ledger_rows_sending(struct ledger_rows *, int64_t unit, int64_t end_row, const uint8_t (*keys)[LEDGER_KEY_SIZE],
                        size_t n, struct sluice_error *err);
/* Before a unit looks its keys up: what others had on their way becomes uncertain. Not what this unit had: resumed, it
 * sends that again, and must decide as it did then, for its requests have the same keys. Where others may still go on
 * they do so under another identity: this one may overwrite what they sent. */
int ledger_rows_doubt(struct ledger_rows *, int64_t unit, struct sluice_error *err);

/* Were records of this unit's parts rejected in an earlier reading, which nobody sent since? Those are not looked at
 * again but in these parts. What this unit rejected itself does not count, so that it is the same when it goes on. */
int ledger_rows_refused(struct ledger_rows *, int64_t unit, bool *any, struct sluice_error *err);

/* Rows are known by these columns from now on, as a text; NULL: what is delivered is not noted by row. Others than
 * before: nothing that is stored is true of the destination any more. So keys have to be told apart by the epoch, a
 * number that rises then, and the cursor is dropped. *former: the text of before, malloc'ed, where that happened, "?"
 * if it was not known; else NULL. */
int ledger_rows_by(struct ledger *, int64_t delivery, const char *columns, char **former, struct sluice_error *err);
int64_t ledger_rows_epoch(const struct ledger_rows *);                                       /* 0 at first */
int ledger_rows_any(struct ledger *, int64_t delivery, bool *any, struct sluice_error *err); /* are any stored? */

/* The text that the last checkpoint with a cursor left (malloc'ed); NULL: none. */
int ledger_cursor(struct ledger *, int64_t delivery, char **text, struct sluice_error *err);
int ledger_cursor_set(struct ledger *, int64_t delivery, const char *text, struct sluice_error *err);

#endif
