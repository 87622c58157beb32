/* The stage clock: one look at the clock a change of stage. */
#include "core/base/stage.h"
#include "core/base/clock.h"
#include <stddef.h>

static _Thread_local struct {
  struct stages *stages;
  enum stage now;
  int64_t since;
} thread;

void stages_begin(struct stages *stages) {
  stage_enter(STAGE_NONE);
  thread.stages = stages;
}

enum stage stage_enter(enum stage next) {
  enum stage before = thread.now;
  if (!thread.stages || next == before)
    return before;
  int64_t now = clock_monotonic_us();
  if (before != STAGE_NONE)
    atomic_fetch_add_explicit(&thread.stages->us[before], now - thread.since, memory_order_relaxed);
  thread.now = next;
  thread.since = now;
  return before;
}

const char *stage_name(enum stage stage) {
  static const char *const names[STAGES] = {"none", "list", "read", "decode", "map", "deliver"};
  return names[stage];
}
