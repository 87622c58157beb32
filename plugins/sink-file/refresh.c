/* Full refresh: the generation that a place has open, and the functions of sluice.commit/1. */
#include "generation.h"
#include "sink.h"
#include <stdlib.h>

static bool is_fresh(const struct place *place, const char *delivery, int64_t generation) {
  return place->fresh_delivery && place->generation == generation && strcmp(place->fresh_delivery, delivery) == 0;
}

/* Two streams cannot take turns at replacing one file. */
static int check_other(const struct place *place, const char *delivery, struct sluice_error *err) {
  if (!place->fresh_delivery || strcmp(place->fresh_delivery, delivery) == 0)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_CONFIG, "path",
                     "'%s' would be replaced by each stream in turn; a full refresh of several streams needs a file "
                     "for each: put " PLACE_STREAM " in the path, such as out/" PLACE_STREAM ".ndjson",
                     place->path);
}

static int begin(struct place *place, const char *delivery, int64_t generation, struct sluice_error *err) {
  if (is_fresh(place, delivery, generation))
    return place->fresh ? SLUICE_OK : generation_begin(place->output, delivery, generation, &place->fresh, err);
  int rc = check_other(place, delivery, err);
  if (rc != SLUICE_OK)
    return rc;
  place_retire(place); /* a file that is open is locked, also against ourselves */
  char *copy = strdup(delivery);
  if (!copy)
    return sluice_fail(err, SLUICE_ERR_MEMORY, place->path, "no memory for a generation");
  rc = generation_begin(place->output, delivery, generation, &place->fresh, err);
  if (rc != SLUICE_OK) {
    free(copy);
    return rc;
  }
  place->fresh_delivery = copy;
  place->generation = generation;
  return SLUICE_OK;
}

int refresh_begin(void *self, const char *delivery, int64_t generation, struct sluice_error *err) {
  struct sink *sink = self;
  struct place *place = NULL;
  if (generation <= 0)
    return sluice_fail(err, SLUICE_ERR_BUG, sink->path, "generation %lld is none", (long long)generation);
  int rc = sink_use(sink, delivery, &place, err);
  if (rc != SLUICE_OK)
    return rc;
  pthread_mutex_lock(&sink->lock);
  rc = begin(place, delivery, generation, err);
  pthread_mutex_unlock(&sink->lock);
  sink_done(sink, place);
  return rc;
}

/* Its file may have been closed meanwhile. */
static int reopen(struct place *place, const char *delivery, int64_t generation, struct sluice_error *err) {
  if (place->fresh || !is_fresh(place, delivery, generation))
    return SLUICE_OK;
  return generation_begin(place->output, delivery, generation, &place->fresh, err);
}

/* The run that wrote it died when it was about to be committed: its file is there, and whole. */
static int take_up(struct place *place, const char *delivery, int64_t generation, struct sluice_error *err) {
  int64_t current = 0;
  if (place->fresh_delivery)
    return SLUICE_OK;
  int rc = generation_current(place->output, delivery, &current, err);
  if (rc != SLUICE_OK || generation <= current || !generation_is_there(place->output, generation))
    return rc;
  return begin(place, delivery, generation, err);
}

int refresh_commit(void *self, const char *delivery, int64_t generation, struct sluice_error *err) {
  struct sink *sink = self;
  struct place *place = NULL;
  int rc = sink_use(sink, delivery, &place, err);
  if (rc != SLUICE_OK)
    return rc;
  pthread_mutex_lock(&sink->lock);
  rc = take_up(place, delivery, generation, err);
  bool fresh = is_fresh(place, delivery, generation);
  if (rc == SLUICE_OK)
    rc = reopen(place, delivery, generation, err);
  if (rc == SLUICE_OK)
    rc = generation_commit(place->output, delivery, generation, fresh ? place->fresh : NULL, err);
  if (rc == SLUICE_OK && fresh)
    place_retire(place);
  pthread_mutex_unlock(&sink->lock);
  sink_done(sink, place);
  return rc;
}

int refresh_abort(void *self, const char *delivery, int64_t generation, struct sluice_error *err) {
  struct sink *sink = self;
  struct place *place = NULL;
  int rc = sink_use(sink, delivery, &place, err);
  if (rc != SLUICE_OK)
    return rc;
  pthread_mutex_lock(&sink->lock);
  if (is_fresh(place, delivery, generation) || !place->fresh_delivery) {
    place_retire(place);
    rc = generation_remove(place->output, delivery, generation, err);
  }
  pthread_mutex_unlock(&sink->lock);
  sink_done(sink, place);
  return rc;
}

int refresh_current(void *self, const char *delivery, int64_t *generation, struct sluice_error *err) {
  struct place *place = NULL;
  int rc = sink_use(self, delivery, &place, err);
  if (rc != SLUICE_OK)
    return rc;
  rc = generation_current(place->output, delivery, generation, err);
  sink_done(self, place);
  return rc;
}

int refresh_output(struct sink *sink, struct place *place, const char *delivery, int64_t generation,
                   struct output **out, struct sluice_error *err) {
  pthread_mutex_lock(&sink->lock);
  bool fresh = is_fresh(place, delivery, generation);
  int rc = reopen(place, delivery, generation, err);
  if (generation != 0 && !fresh)
    rc = sluice_fail(err, SLUICE_ERR_BUG, place->path, "generation %lld of '%s' was not begun", (long long)generation,
                     place->path);
  else if (rc == SLUICE_OK)
    *out = fresh ? place->fresh : place->output;
  pthread_mutex_unlock(&sink->lock);
  return rc;
}

int64_t refresh_generation(struct sink *sink, const struct place *place, const char *delivery) {
  pthread_mutex_lock(&sink->lock);
  int64_t generation = place->fresh_delivery && strcmp(place->fresh_delivery, delivery) == 0 ? place->generation : 0;
  pthread_mutex_unlock(&sink->lock);
  return generation;
}
