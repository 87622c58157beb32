/* What a run shows while it goes on, and the watch over the stop that was asked for from outside. */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H
#include "core/run/state.h"

struct progress {
  struct run_state *state;
  const struct stop *outer; /* passed on to the run's own */
  struct stop ended;        /* raised once the run is over */
  int64_t started;          /* monotonic, ms */
  pthread_t thread;
};
int progress_start(struct progress *, struct run_state *, const struct stop *outer);
void progress_end(struct progress *);

#endif
