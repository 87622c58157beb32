/* Memory for answers, kept from one to the next. */
#include "request/buffers.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { KEPT_MAX = 8 };

struct buffers {
  atomic_int references;
  size_t size, most;
  pthread_mutex_t lock;
  uint8_t *kept[KEPT_MAX];
  size_t count;
};

struct buffers *buffers_create(size_t size, size_t most) {
  struct buffers *buffers = calloc(1, sizeof *buffers);
  if (!buffers || pthread_mutex_init(&buffers->lock, NULL) != 0) {
    free(buffers);
    return NULL;
  }
  atomic_init(&buffers->references, 1);
  buffers->size = size;
  buffers->most = most < KEPT_MAX ? most : KEPT_MAX;
  return buffers;
}

struct buffers *buffers_ref(struct buffers *buffers) {
  if (buffers)
    atomic_fetch_add(&buffers->references, 1);
  return buffers;
}

void buffers_unref(struct buffers *buffers) {
  if (!buffers || atomic_fetch_sub(&buffers->references, 1) != 1)
    return;
  while (buffers->count)
    free(buffers->kept[--buffers->count]);
  pthread_mutex_destroy(&buffers->lock);
  free(buffers);
}

uint8_t *buffers_take(struct buffers *buffers, size_t n) {
  uint8_t *data = NULL;
  if (buffers && n == buffers->size) {
    pthread_mutex_lock(&buffers->lock);
    if (buffers->count)
      data = buffers->kept[--buffers->count];
    pthread_mutex_unlock(&buffers->lock);
  }
  return data ? data : malloc(n ? n : 1);
}

void buffers_give(struct buffers *buffers, uint8_t *data, size_t n) {
  if (buffers && data && n == buffers->size) {
    pthread_mutex_lock(&buffers->lock);
    if (buffers->count < buffers->most) {
      buffers->kept[buffers->count++] = data;
      data = NULL;
    }
    pthread_mutex_unlock(&buffers->lock);
  }
  free(data);
}
