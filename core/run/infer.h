/* A stream's schema: remembered in the ledger, else inferred from the first parts, and grown when parts bring columns.
 */
#ifndef RUN_INFER_H
#define RUN_INFER_H
#include "core/run/state.h"

/* Loads the remembered schema, if it was made for what the mapping wants today. *found false: infer it. */
int schema_remembered(struct run_state *, struct stream *, bool *found, struct sluice_error *err);
/* The schema of a unit that an earlier run left: one of those that grew into today's. */
int schema_of_unit(struct run_state *, struct stream *, int64_t number, const struct job_schema **out,
                   struct sluice_error *err);
/* Infers from these parts, in their order, and remembers. Where none of them has records, but a header, only the next
 * fallback goes by it, unless there are more parts than these. */
int schema_infer(struct run_state *, struct stream *, const struct sluice_part *parts, size_t n, bool more,
                 struct sluice_error *err);
/* DATA: the part has records, and the stream's schema is but a guess by headers: no part had any when it was looked at.
 * The next run infers anew. */
int schema_is_known(const struct stream *, const char *part, struct sluice_error *err);
/* Where no part could tell, for this run alone: as headers say, with columns of text; else what the mapping wants, as
 * text where its type is open; without one, no columns. */
int schema_fallback(struct run_state *, struct stream *, struct sluice_error *err);
/* [any] Adds the columns of `more` that are new; others may have done so before. */
int schema_grow(struct run_state *, struct stream *, const struct ArrowSchema *more, struct sluice_error *err);

#endif
