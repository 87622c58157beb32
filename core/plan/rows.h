/* Sync by row in a dry run: which records of one file a run would reject for their keys. The ledger is not asked. */
#ifndef PLAN_ROWS_H
#define PLAN_ROWS_H
#include "core/config/config.h"
#include <sluice/arrow.h>

struct rows;
/* Of a job with keys. schema: of the records as the sink gets them; borrowed. CONFIG: it lacks a column of `key`, or
 * that of `cursor`. */
int rows_create(const struct config_job *, const struct ArrowSchema *schema, struct rows **out,
                struct sluice_error *err);
void rows_destroy(struct rows *); /* takes NULL */
/* Refuses records by their index in the batch. */
int rows_judge(struct rows *, const struct sluice_batch *, struct sluice_rejects *, struct sluice_error *err);
/* Whether the last batch's record i was refused. */
bool rows_refused(const struct rows *, int64_t i);
/* Whether there were too many keys to compare all of them. */
bool rows_cut(const struct rows *);

#endif
