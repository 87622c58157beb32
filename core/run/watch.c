/* Notes of what each thread of a run is at. */
#include "core/run/watch.h"
#include <string.h>

void watch_beat(struct watch *watch) {
  if (watch)
    atomic_fetch_add_explicit(&watch->beats, 1, memory_order_relaxed);
}

void watch_at(struct watch *watch, size_t slot, enum watch_stage stage, const char *part, size_t more) {
  if (!watch || slot >= WATCH_SLOTS)
    return;
  struct watch_slot *at = &watch->slots[slot];
  size_t n = part ? strnlen(part, sizeof at->part - 1) : 0;
  if (n)
    memcpy(at->part, part, n);
  at->part[n] = 0;
  atomic_store_explicit(&at->more, (long long)more, memory_order_relaxed);
  atomic_store_explicit(&at->stage, (int)stage, memory_order_release);
  watch_beat(watch);
}

void watch_looking(struct watch *watch, const char *part, const char *version) {
  if (!watch)
    return;
  size_t n = version ? strnlen(version, WATCH_VERSION - 1) : 0;
  if (n)
    memcpy(watch->looked_at, version, n);
  watch->looked_at[n] = 0;
  watch_at(watch, 0, WATCH_LOOKING, part, 0);
}

void watch_clear(struct watch *watch) {
  for (size_t i = 0; watch && i < WATCH_SLOTS; i++)
    atomic_store_explicit(&watch->slots[i].stage, WATCH_IDLE, memory_order_relaxed);
}
