/* The instance of sink-file, and its writers. */
#ifndef SINK_FILE_SINK_H
#define SINK_FILE_SINK_H
#include "output.h"
#include <sluice/services.h>

struct sink {
  const struct sluice_host *host;
  const char *path, *operation_column; /* operation_column NULL: inserts only */
  bool sync, nan_text;
  const struct sluice_encode *encode;
  pthread_mutex_t lock;  /* of all below */
  struct output *output; /* NULL until it is needed: a check shall change nothing */
  struct output *fresh;  /* of the generation that is being written; NULL: none */
  char *fresh_delivery;
  int64_t generation;
  struct output *retired; /* generations that are over */
};
/* Opens the output if it is not. */
int sink_output(struct sink *, struct output **out, struct sluice_error *);

/* ---- full refresh (refresh.c) */
int refresh_begin(void *self, const char *delivery, int64_t generation, struct sluice_error *);
int refresh_commit(void *self, const char *delivery, int64_t generation, struct sluice_error *);
int refresh_abort(void *self, const char *delivery, int64_t generation, struct sluice_error *);
int refresh_current(void *self, const char *delivery, int64_t *generation, struct sluice_error *);
/* Where records of this generation go (0: of none). BUG: it was not begun. */
int refresh_output(struct sink *, const char *delivery, int64_t generation, struct output **out, struct sluice_error *);
/* The generation that this delivery has open; 0: none. */
int64_t refresh_generation(struct sink *, const char *delivery);
void refresh_finish(struct sink *);

int sink_writer(void *self, const struct sluice_stream *, const struct ArrowSchema *, struct sluice_writer **out,
                struct sluice_error *);

#endif
