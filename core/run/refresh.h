/* Full refresh: a run delivers a generation beside what is there, and puts it in its place at the end. */
#ifndef RUN_REFRESH_H
#define RUN_REFRESH_H
#include "core/run/state.h"

/* CONFIG: the sink cannot keep a generation apart. */
int refresh_check(const struct run_state *, struct sluice_error *err);
/* Before a stream's listing: begins or resumes the generation that the job's mode wants; ends what a run of another
 * mode left. The sink need not have heard of it yet. */
int refresh_begin(struct run_state *, struct stream *, struct sluice_error *err);
/* Before a part of the stream is merged: the sink begins it, if it has not. A stream that has no files any more must
 * not keep others from a place that takes but one. */
int refresh_tell(struct run_state *, struct stream *, struct sluice_error *err);
int refresh_begin_all(struct run_state *, struct sluice_error *err); /* of the streams known so far */
/* After the workers: puts the generations of all streams in place, where they are whole. *again: a file changed under
 * one, or went, so it was given up and is to be begun anew. */
int refresh_end(struct run_state *, bool *again, struct sluice_error *err);
/* The run failed by its rejects: what was delivered of the generation is given up, so that the next run starts anew. */
int refresh_abandon(struct run_state *, const char *why, struct sluice_error *err);

#endif
