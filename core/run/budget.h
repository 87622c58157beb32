/* The byte budget of a run: what its workers may hold in read-ahead and batches, whatever the size or number of files.
 */
#ifndef RUN_BUDGET_H
#define RUN_BUDGET_H
#include "core/run/stop.h"
#include <pthread.h>
#include <stdint.h>

struct budget {
  int64_t limit, taken;
  pthread_mutex_t lock;
  pthread_cond_t given;
};
void budget_init(struct budget *, int64_t limit);
void budget_finish(struct budget *);
/* [any] Waits until so much is free, or nobody else holds anything: one unit always may go on. Take once a unit, so
 * that nobody waits while holding. False: the run is stopping, nothing was taken. */
bool budget_take(struct budget *, int64_t bytes, const struct stop *);
void budget_give(struct budget *, int64_t bytes); /* [any] what was taken */

#endif
