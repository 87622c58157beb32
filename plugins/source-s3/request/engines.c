/* The I/O threads of a source. */
#include "request/engine.h"
#include "request/transport.h"
#include <unistd.h>

enum { THREADS_MAX = 4 };

/* The other half of the cores decodes. */
static size_t thread_count(const struct s3_options *options) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  size_t count = options->threads ? (size_t)options->threads : cores > 1 ? (size_t)cores / 2 : 1;
  if (!options->threads && count > THREADS_MAX)
    count = THREADS_MAX;
  if (count > (size_t)options->connections)
    count = (size_t)options->connections;
  return count < ENGINES_MAX ? count : ENGINES_MAX;
}

static void wake_all(void *context) {
  struct engines *engines = context;
  pthread_mutex_lock(&engines->lock);
  for (size_t i = 0; i < engines->count; i++)
    engine_wake(engines->items[i]);
  pthread_mutex_unlock(&engines->lock);
}

int engines_create(struct engines *engines, struct client *client, struct sluice_error *err) {
  size_t count = thread_count(client->options);
  int status = SLUICE_OK;
  const struct s3_options *options = client->options;
  if (pthread_mutex_init(&engines->lock, NULL) != 0)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the s3 source");
  engines->made = true;
  engines->buffers = buffers_create((size_t)options->range_size, (size_t)(options->window / options->range_size));
  if (!engines->buffers)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the s3 source");
  while (status == SLUICE_OK && engines->count < count) {
    int connections = (int)((size_t)client->options->connections / count);
    status = engine_create(client, connections, &engines->items[engines->count], err);
    engines->count += status == SLUICE_OK;
  }
  client->ready = wake_all;
  client->ready_context = engines;
  return status;
}

void engines_destroy(struct engines *engines) {
  if (!engines->made)
    return;
  pthread_mutex_lock(&engines->lock);
  size_t count = engines->count;
  engines->count = 0;
  pthread_mutex_unlock(&engines->lock);
  while (count)
    engine_destroy(engines->items[--count]);
}

void engines_finish(struct engines *engines) {
  if (engines->made)
    pthread_mutex_destroy(&engines->lock);
  engines->made = false;
  buffers_unref(engines->buffers);
  engines->buffers = NULL;
}

struct engine *engines_next(struct engines *engines) {
  return engines->items[atomic_fetch_add(&engines->turn, 1) % engines->count];
}
