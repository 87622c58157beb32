/* Sync by row: which records of a batch are new, changed, or as they were. One a worker; [instance].
 *
 * A record is known by its key. Where its fingerprint is the one that was delivered last, it is not sent again. What is
 * sent is remembered here, and in the ledger once a checkpoint stands behind it; a record that is refused later is
 * forgotten, so that it is sent again. Where the same key comes from several files, the one that is later in byte order
 * of the files' names wins, whenever it is read. A key that comes twice in one file is a reject: the first one counts.
 * Where a unit was given up between sending and checkpoint it is not known what the destination has: such keys are sent
 * again, whatever their fingerprint.
 */
#ifndef RUN_BY_ROW_H
#define RUN_BY_ROW_H
#include "core/config/config.h"
#include "core/ledger/ledger.h"
#include <sluice/arrow.h>

enum { BY_ROW_FULL = 1 << 19 /* changes that should make the worker take a checkpoint */ };
struct by_row;
struct by_row_counts {
  int64_t inserted, updated, unchanged, superseded, /* superseded: a later file has that key */
      passed;                                       /* they lie before the cursor */
};
/* Of a job with keys. schema: of the records as the sink gets them; borrowed. CONFIG: it has no such column. */
int by_row_create(struct ledger *, int64_t delivery, const struct config_job *, const struct ArrowSchema *schema,
                  struct by_row **out, struct sluice_error *err);
void by_row_destroy(struct by_row *);     /* takes NULL */
void by_row_look_at_all(struct by_row *); /* also before the cursor, which stays where it is */
/* A unit begins: what was not stored of the one before is forgotten. starts: first ordinal of each of its parts; NULL:
 * it has one. results: of each part; what is not sent goes from its rows to its unchanged ones; NULL: nobody asks. All
 * are borrowed until the next. */
void by_row_begin(struct by_row *, const struct ledger_unit *, const int64_t *starts,
                  struct ledger_part_result *results);
/* Leaves what has to be sent in the batch, with its operations. Rejects are named by their index in the batch as it
 * came. */
int by_row_apply(struct by_row *, struct sluice_batch *batch, struct sluice_rejects *, struct sluice_error *err);
void by_row_refuse(struct by_row *, int64_t seq, int64_t ordinal); /* this record did not arrive after all */
/* What a checkpoint behind batch `seq` stores: malloc'ed, *n of them. */
int by_row_peek(const struct by_row *, int64_t seq, struct ledger_row **out, size_t *n);
/* The cursor's text for that checkpoint; NULL: it stays. Lives until the next call. */
int by_row_cursor(struct by_row *, int64_t seq, const char **out);
void by_row_drop(struct by_row *, int64_t seq); /* they are stored */
size_t by_row_pending(const struct by_row *);
int64_t by_row_left_out(const struct by_row *); /* all records that need not be sent, so far */
struct by_row_counts by_row_counts(const struct by_row *);

#endif
