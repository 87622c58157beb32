/* Stopping a run, by two event descriptors that plugins may poll. */
#include "core/run/stop.h"
#include <poll.h>
#include <sluice/plugin.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int stop_init(struct stop *stop) {
  atomic_init(&stop->level, STOP_NONE);
  stop->drain_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  stop->now_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stop->drain_fd >= 0 && stop->now_fd >= 0)
    return SLUICE_OK;
  stop_finish(stop);
  return SLUICE_ERR_MEMORY;
}

void stop_finish(struct stop *stop) {
  if (stop->drain_fd >= 0)
    close(stop->drain_fd);
  if (stop->now_fd >= 0)
    close(stop->now_fd);
  stop->drain_fd = stop->now_fd = -1;
}

static void signal_fd(int fd) {
  uint64_t one = 1;
  ssize_t n = write(fd, &one, sizeof one);
  (void)n; /* it can only fail when it is readable already */
}

void stop_raise(struct stop *stop, enum stop_level level) {
  int now = atomic_load(&stop->level);
  while (now < (int)level && !atomic_compare_exchange_weak(&stop->level, &now, (int)level)) {
  }
  if (level >= STOP_DRAIN)
    signal_fd(stop->drain_fd);
  if (level >= STOP_NOW)
    signal_fd(stop->now_fd);
}

static void clear_fd(int fd) {
  uint64_t count;
  ssize_t n = read(fd, &count, sizeof count);
  (void)n; /* it can only fail when it is not readable anyway */
}

void stop_lower(struct stop *stop) {
  clear_fd(stop->drain_fd);
  clear_fd(stop->now_fd);
  atomic_store(&stop->level, STOP_NONE);
}

bool stop_sleep(const struct stop *stop, enum stop_level level, long ms) {
  struct pollfd fd = {.fd = level == STOP_NOW ? stop->now_fd : stop->drain_fd, .events = POLLIN};
  if (stop_at(stop, level))
    return false;
  return poll(&fd, 1, ms > 0 && ms < 3600000 ? (int)ms : ms > 0 ? 3600000 : 0) <= 0 && !stop_at(stop, level);
}
