/* Full refresh: the generation that an instance has open, and the functions of sluice.commit/1. */
#include "generation.h"
#include "sink.h"
#include <stdlib.h>

/* Writers may still point to it: it takes nothing any more, and is freed when the sink is closed. */
static void retire_fresh(struct sink *sink) {
  struct output *fresh = sink->fresh;
  if (!fresh)
    return;
  output_retire(fresh);
  fresh->next = sink->retired;
  sink->retired = fresh;
  sink->fresh = NULL;
  free(sink->fresh_delivery);
  sink->fresh_delivery = NULL;
  sink->generation = 0;
}

void refresh_finish(struct sink *sink) {
  retire_fresh(sink);
  while (sink->retired) {
    struct output *next = sink->retired->next;
    output_close(sink->retired);
    sink->retired = next;
  }
}

static bool is_fresh(const struct sink *sink, const char *delivery, int64_t generation) {
  return sink->fresh && sink->generation == generation && strcmp(sink->fresh_delivery, delivery) == 0;
}

static int begin(struct sink *sink, struct output *output, const char *delivery, int64_t generation,
                 struct sluice_error *err) {
  if (is_fresh(sink, delivery, generation))
    return SLUICE_OK;
  retire_fresh(sink); /* a file that is open is locked, also against ourselves */
  char *copy = strdup(delivery);
  if (!copy)
    return sluice_fail(err, SLUICE_ERR_MEMORY, sink->path, "no memory for a generation");
  int rc = generation_begin(output, delivery, generation, &sink->fresh, err);
  if (rc != SLUICE_OK) {
    free(copy);
    return rc;
  }
  sink->fresh_delivery = copy;
  sink->generation = generation;
  return SLUICE_OK;
}

int refresh_begin(void *self, const char *delivery, int64_t generation, struct sluice_error *err) {
  struct sink *sink = self;
  struct output *output = NULL;
  if (generation <= 0)
    return sluice_fail(err, SLUICE_ERR_BUG, sink->path, "generation %lld is none", (long long)generation);
  int rc = sink_output(sink, &output, err);
  if (rc != SLUICE_OK)
    return rc;
  pthread_mutex_lock(&sink->lock);
  rc = begin(sink, output, delivery, generation, err);
  pthread_mutex_unlock(&sink->lock);
  return rc;
}

int refresh_commit(void *self, const char *delivery, int64_t generation, struct sluice_error *err) {
  struct sink *sink = self;
  struct output *output = NULL;
  int rc = sink_output(sink, &output, err);
  if (rc != SLUICE_OK)
    return rc;
  pthread_mutex_lock(&sink->lock);
  bool fresh = is_fresh(sink, delivery, generation);
  rc = generation_commit(output, delivery, generation, fresh ? sink->fresh : NULL, err);
  if (rc == SLUICE_OK && fresh)
    retire_fresh(sink);
  pthread_mutex_unlock(&sink->lock);
  return rc;
}

int refresh_abort(void *self, const char *delivery, int64_t generation, struct sluice_error *err) {
  struct sink *sink = self;
  struct output *output = NULL;
  int rc = sink_output(sink, &output, err);
  if (rc != SLUICE_OK)
    return rc;
  pthread_mutex_lock(&sink->lock);
  if (is_fresh(sink, delivery, generation) || !sink->fresh) {
    retire_fresh(sink);
    rc = generation_remove(output, delivery, generation, err);
  }
  pthread_mutex_unlock(&sink->lock);
  return rc;
}

int refresh_current(void *self, const char *delivery, int64_t *generation, struct sluice_error *err) {
  struct output *output = NULL;
  int rc = sink_output(self, &output, err);
  return rc == SLUICE_OK ? generation_current(output, delivery, generation, err) : rc;
}

int refresh_output(struct sink *sink, const char *delivery, int64_t generation, struct output **out,
                   struct sluice_error *err) {
  struct output *output = NULL;
  int rc = sink_output(sink, &output, err);
  if (rc != SLUICE_OK)
    return rc;
  pthread_mutex_lock(&sink->lock);
  bool fresh = is_fresh(sink, delivery, generation);
  if (generation != 0 && !fresh)
    rc = sluice_fail(err, SLUICE_ERR_BUG, sink->path, "generation %lld of '%s' was not begun", (long long)generation,
                     sink->path);
  else
    *out = fresh ? sink->fresh : output;
  pthread_mutex_unlock(&sink->lock);
  return rc;
}

int64_t refresh_generation(struct sink *sink, const char *delivery) {
  pthread_mutex_lock(&sink->lock);
  int64_t generation = sink->fresh && strcmp(sink->fresh_delivery, delivery) == 0 ? sink->generation : 0;
  pthread_mutex_unlock(&sink->lock);
  return generation;
}
