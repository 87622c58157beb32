/* What a run is doing, in memory that may outlive its process: `serve` shares it with the child that runs a job, so
 * that it can tell which part a child was at when it died, and whether one still gets on. All [any]. */
#ifndef RUN_WATCH_H
#define RUN_WATCH_H
#include "core/base/stage.h"
#include "core/run/metrics.h"
#include <stddef.h>

enum { WATCH_SLOTS = 257, WATCH_NAME = 1100, WATCH_VERSION = 1025 };
enum watch_stage { WATCH_IDLE, WATCH_OPENING, WATCH_LISTING, WATCH_LOOKING, WATCH_READING, WATCH_SENDING };

struct watch_slot { /* slot 0: the thread that lists; the others: a worker each */
  atomic_int stage;
  atomic_llong more;     /* parts of the unit beside the one named */
  char part[WATCH_NAME]; /* cut if longer; torn if it is looked at while it is written */
};
struct watch_counters {
  atomic_llong rows, rejects, bytes, found_parts, found_bytes, done_parts, failed_parts, gone_parts, skipped_parts;
  atomic_llong inserted, updated, unchanged, filtered;
  atomic_llong stage_us[STAGES];
};
struct watch {        /* zeroed */
  atomic_llong beats; /* raised with each batch, page and new try: what says that nothing hangs, beside the counters */
  struct watch_counters counters;
  struct metrics metrics;        /* since its process began */
  char looked_at[WATCH_VERSION]; /* the version of what slot 0 looks at */
  struct watch_slot slots[WATCH_SLOTS];
};

/* Each takes NULL, and does nothing then. part NULL: none; `more` others go with it. */
void watch_at(struct watch *, size_t slot, enum watch_stage, const char *part, size_t more);
void watch_looking(struct watch *, const char *part, const char *version); /* slot 0; version NULL: unknown */
void watch_beat(struct watch *);
void watch_clear(struct watch *); /* no slot is at anything */

#endif
