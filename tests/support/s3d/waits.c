/* Connections that are put to sleep, and the one thread that wakes them. */
#include "waits.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct sleeper {
  struct MHD_Connection *connection;
  int64_t wake_ns;
  struct sleeper *next;
};

struct waits {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct sleeper *first; /* the next to wake is first */
  bool stopping;
};

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void wake_due(struct waits *w, int64_t now) {
  while (w->first && (w->stopping || w->first->wake_ns <= now)) {
    struct sleeper *s = w->first;
    w->first = s->next;
    MHD_resume_connection(s->connection);
    free(s);
  }
}

static void *run(void *argument) {
  struct waits *w = argument;
  pthread_mutex_lock(&w->lock);
  for (;;) {
    wake_due(w, now_ns());
    if (w->stopping)
      break;
    if (!w->first)
      pthread_cond_wait(&w->changed, &w->lock);
    else {
      struct timespec until = {.tv_sec = (time_t)(w->first->wake_ns / 1000000000),
                               .tv_nsec = (long)(w->first->wake_ns % 1000000000)};
      pthread_cond_timedwait(&w->changed, &w->lock, &until);
    }
  }
  pthread_mutex_unlock(&w->lock);
  return NULL;
}

struct waits *waits_create(void) {
  pthread_condattr_t monotonic;
  struct waits *w = calloc(1, sizeof *w);
  if (!w)
    return NULL;
  pthread_mutex_init(&w->lock, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&w->changed, &monotonic);
  pthread_condattr_destroy(&monotonic);
  if (pthread_create(&w->thread, NULL, run, w) != 0) {
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->changed);
    free(w);
    return NULL;
  }
  return w;
}

void waits_stop(struct waits *w) {
  pthread_mutex_lock(&w->lock);
  w->stopping = true;
  pthread_cond_signal(&w->changed);
  pthread_mutex_unlock(&w->lock);
  pthread_join(w->thread, NULL);
}

void waits_destroy(struct waits *w) {
  if (!w)
    return;
  pthread_mutex_destroy(&w->lock);
  pthread_cond_destroy(&w->changed);
  free(w);
}

bool waits_sleep(struct waits *w, struct MHD_Connection *connection, int64_t ms) {
  struct sleeper *s = malloc(sizeof *s);
  int64_t most = INT64_C(1000) * 86400;
  pthread_mutex_lock(&w->lock);
  bool awake = !s || w->stopping || ms <= 0;
  if (!awake) {
    struct sleeper **at = &w->first;
    *s = (struct sleeper){.connection = connection, .wake_ns = now_ns() + (ms < most ? ms : most) * 1000000};
    MHD_suspend_connection(connection);
    while (*at && (*at)->wake_ns <= s->wake_ns)
      at = &(*at)->next;
    s->next = *at;
    *at = s;
    pthread_cond_signal(&w->changed);
  }
  pthread_mutex_unlock(&w->lock);
  if (awake)
    free(s);
  return !awake;
}
