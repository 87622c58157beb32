/* The byte budget of a run. */
#include "core/run/budget.h"
#include <time.h>

enum { LOOK_MS = 100 }; /* a stop raises no condition, so the wait looks for it */

void budget_init(struct budget *budget, int64_t limit) {
  budget->limit = limit;
  budget->taken = 0;
  pthread_mutex_init(&budget->lock, NULL);
  pthread_cond_init(&budget->given, NULL);
}

void budget_finish(struct budget *budget) {
  pthread_cond_destroy(&budget->given);
  pthread_mutex_destroy(&budget->lock);
}

static bool fits(const struct budget *budget, int64_t bytes) {
  return budget->taken == 0 || bytes <= budget->limit - budget->taken;
}

static void wait_a_little(struct budget *budget) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += LOOK_MS * 1000000L;
  until.tv_sec += until.tv_nsec / 1000000000L;
  until.tv_nsec %= 1000000000L;
  pthread_cond_timedwait(&budget->given, &budget->lock, &until);
}

bool budget_take(struct budget *budget, int64_t bytes, const struct stop *stop) {
  pthread_mutex_lock(&budget->lock);
  while (!fits(budget, bytes) && !stop_at(stop, STOP_DRAIN))
    wait_a_little(budget);
  bool taken = fits(budget, bytes);
  if (taken)
    budget->taken += bytes;
  pthread_mutex_unlock(&budget->lock);
  return taken;
}

void budget_give(struct budget *budget, int64_t bytes) {
  pthread_mutex_lock(&budget->lock);
  budget->taken -= bytes;
  pthread_cond_broadcast(&budget->given);
  pthread_mutex_unlock(&budget->lock);
}
