/* Sync by row with a cursor: a column that never falls when a record changes. What lies below the value that the last
 * whole run ended with is passed over; equal values and nulls are looked at again. [instance]
 *
 * The ledger keeps a text of it: the value in force, and the highest one behind a checkpoint since, which comes in
 * force when a run ends as done, without failed files or rejects. */
#ifndef RUN_ROW_CURSOR_H
#define RUN_ROW_CURSOR_H
#include "core/config/config.h"
#include "core/ledger/ledger.h"
#include <sluice/arrow.h>

struct row_cursor;
/* Of a job with `cursor`. The schema is borrowed. CONFIG: it has no such column, or one that has no order. */
int row_cursor_create(struct ledger *, int64_t delivery, const struct config_job *, const struct ArrowSchema *schema,
                      struct row_cursor **out, struct sluice_error *err);
/* Only whether it could be: for a dry run. */
int row_cursor_check(const struct config_job *, const struct ArrowSchema *schema, struct sluice_error *err);
void row_cursor_destroy(struct row_cursor *); /* takes NULL */
/* passed[i] is set to 1 where record i lies below the value in force. */
int row_cursor_see(struct row_cursor *, const struct sluice_batch *, uint8_t *passed);
/* What a checkpoint behind batch `seq` stores; lives until the next call. NULL: nothing new. MEMORY. */
int row_cursor_text(struct row_cursor *, int64_t seq, const char **out);
void row_cursor_drop(struct row_cursor *, int64_t seq); /* it is stored */
void row_cursor_clear(struct row_cursor *);             /* no checkpoint will follow what was seen since the last */

/* A run ends. complete: the highest value comes in force; otherwise it is forgotten. */
int row_cursor_settle(struct ledger *, int64_t delivery, bool complete, struct sluice_error *err);

#endif
