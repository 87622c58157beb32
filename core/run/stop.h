/* Stopping a run: first the reading ends and sinks drain, then everything does. */
#ifndef RUN_STOP_H
#define RUN_STOP_H
#include <stdatomic.h>
#include <stdbool.h>

enum stop_level { STOP_NONE, STOP_DRAIN, STOP_NOW };
struct stop {
  atomic_int level;
  int drain_fd, now_fd; /* readable from that level on */
};
int stop_init(struct stop *); /* a sluice_status */
void stop_finish(struct stop *);
void stop_lower(struct stop *);                  /* back to STOP_NONE; nobody else uses it meanwhile */
void stop_raise(struct stop *, enum stop_level); /* never lowers; safe in a signal handler */
static inline bool stop_at(const struct stop *stop, enum stop_level level) {
  return atomic_load(&stop->level) >= (int)level;
}
/* Sleeps; false: the level was reached before the time was over. */
bool stop_sleep(const struct stop *, enum stop_level, long ms);

#endif
