/* Full refresh: a run delivers a generation beside what is there, and puts it in its place at the end. */
#ifndef RUN_REFRESH_H
#define RUN_REFRESH_H
#include "core/run/state.h"

/* CONFIG: the sink cannot keep a generation apart. */
int refresh_check(const struct run_state *, struct sluice_error *err);
/* Before the listing: begins or resumes the generation that the job's mode wants; ends what a run of another mode left.
 */
int refresh_begin(struct run_state *, struct sluice_error *err);
/* After the workers: puts the generation in place, where it is whole. *again: a file changed under it, or went, so it
 * was given up and is to be begun anew. */
int refresh_end(struct run_state *, bool *again, struct sluice_error *err);
/* The run failed by its rejects: what was delivered of the generation is given up, so that the next run starts anew. */
int refresh_abandon(struct run_state *, const char *why, struct sluice_error *err);

#endif
