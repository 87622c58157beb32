/* The status line of a run: files, rows, speed, time left. Only shown on a terminal, see log_set_status_line. */
#include "core/run/progress.h"
#include "core/base/clock.h"
#include "core/base/quantity.h"
#include "core/log/log.h"
#include <poll.h>

enum { EVERY_MS = 200 };

static void show(const struct progress *progress) {
  struct run_counters *c = &progress->state->counters;
  int64_t ms = clock_monotonic_ms() - progress->started, bytes = atomic_load(&c->bytes),
          all = atomic_load(&c->found_bytes);
  char read[QUANTITY_TEXT_SIZE], left[QUANTITY_TEXT_SIZE] = "";
  char line[256];
  quantity_print_size(bytes, read);
  if (bytes > 0 && all > bytes)
    quantity_print_duration((int64_t)((double)ms * (double)(all - bytes) / (double)bytes), left);
  snprintf(line, sizeof line, "%s: %lld of %lld files, %lld rows, %lld rejected, %s, %.1f MB/s%s%s",
           progress->state->job->name, (long long)atomic_load(&c->done_parts), (long long)atomic_load(&c->found_parts),
           (long long)atomic_load(&progress->state->policy.rows),
           (long long)atomic_load(&progress->state->policy.rejects), read,
           ms > 0 ? (double)bytes / 1000.0 / (double)ms : 0.0, left[0] ? ", left: " : "", left);
  log_set_status_line(line);
}

/* The counters as they are now, for who watches the run from another process. */
static void publish(const struct run_state *state) {
  const struct run_counters *c = &state->counters;
  if (!state->watch)
    return;
  struct watch_counters *to = &state->watch->counters;
  atomic_store(&to->rows, atomic_load(&state->policy.rows));
  atomic_store(&to->rejects, atomic_load(&state->policy.settled_rejects));
  atomic_store(&to->bytes, atomic_load(&c->bytes));
  atomic_store(&to->found_parts, atomic_load(&c->found_parts));
  atomic_store(&to->found_bytes, atomic_load(&c->found_bytes));
  atomic_store(&to->done_parts, atomic_load(&c->done_parts));
  atomic_store(&to->failed_parts, atomic_load(&c->failed_parts));
  atomic_store(&to->gone_parts, atomic_load(&c->gone_parts));
  atomic_store(&to->skipped_parts, atomic_load(&c->skipped_parts));
  atomic_store(&to->inserted, atomic_load(&c->inserted));
  atomic_store(&to->updated, atomic_load(&c->updated));
  atomic_store(&to->filtered, atomic_load(&c->filtered));
  atomic_store(&to->unchanged, atomic_load(&state->policy.unchanged));
  for (size_t i = 0; i < STAGES; i++)
    atomic_store(&to->stage_us[i], atomic_load(&state->stages.us[i]));
}

/* Passes the level asked for outside on to the run. */
static void watch(struct progress *progress, int ms) {
  const struct stop *outer = progress->outer;
  int level = atomic_load(&outer->level);
  if (level > STOP_NONE)
    stop_raise(&progress->state->stop, (enum stop_level)level);
  struct pollfd fds[] = {{.fd = level == STOP_NONE ? outer->drain_fd : outer->now_fd, .events = POLLIN},
                         {.fd = progress->ended.drain_fd, .events = POLLIN}};
  if (level >= STOP_NOW)
    fds[0].fd = -1;
  if (poll(fds, 2, ms) > 0 && fds[0].revents)
    stop_raise(&progress->state->stop, (enum stop_level)atomic_load(&outer->level));
}

static void *main_loop(void *context) {
  struct progress *progress = context;
  while (!stop_at(&progress->ended, STOP_DRAIN)) {
    watch(progress, EVERY_MS);
    show(progress);
    publish(progress->state);
  }
  log_set_status_line(NULL);
  return NULL;
}

int progress_start(struct progress *progress, struct run_state *state, const struct stop *outer) {
  *progress = (struct progress){.state = state, .outer = outer, .started = clock_monotonic_ms()};
  if (stop_init(&progress->ended))
    return SLUICE_ERR_MEMORY;
  if (pthread_create(&progress->thread, NULL, main_loop, progress) == 0)
    return SLUICE_OK;
  stop_finish(&progress->ended);
  return SLUICE_ERR_MEMORY;
}

void progress_end(struct progress *progress) {
  stop_raise(&progress->ended, STOP_DRAIN);
  pthread_join(progress->thread, NULL);
  publish(progress->state);
  stop_finish(&progress->ended);
}
