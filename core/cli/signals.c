/* From signals to a stop. */
#include "core/cli/signals.h"
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

enum { DRAIN_SECONDS = 10 };

static struct stop *_Atomic target; /* what the handlers raise */
static atomic_int first_level;

static void on_signal(int number) {
  struct stop *stop = atomic_load(&target);
  int saved = errno;
  if (!stop || stop_at(stop, STOP_NOW)) {
    signal(number, SIG_DFL);
    raise(number);
  } else if (stop_at(stop, STOP_DRAIN) || atomic_load(&first_level) == STOP_NOW) {
    stop_raise(stop, STOP_NOW);
  } else {
    stop_raise(stop, STOP_DRAIN);
    alarm(DRAIN_SECONDS);
  }
  errno = saved;
}

static void on_alarm(int number) {
  struct stop *stop = atomic_load(&target);
  int saved = errno;
  (void)number;
  if (stop)
    stop_raise(stop, STOP_NOW);
  errno = saved;
}

/* Without SA_RESTART: a write to a full pipe shall end too. */
static void handle(int number, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler};
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

void signals_install(struct stop *stop, enum stop_level first) {
  atomic_store(&first_level, (int)first);
  atomic_store(&target, stop);
  handle(SIGALRM, on_alarm);
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
}

void signals_remove(void) {
  handle(SIGINT, SIG_DFL);
  handle(SIGTERM, SIG_DFL);
  alarm(0);
  atomic_store(&target, NULL);
}
