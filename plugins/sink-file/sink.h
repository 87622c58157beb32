/* The instance of sink-file, and its writers. */
#ifndef SINK_FILE_SINK_H
#define SINK_FILE_SINK_H
#include "place.h"
#include <sluice/services.h>

struct sink {
  const struct sluice_host *host;
  const char *path, *operation_column; /* operation_column NULL: inserts only */
  bool sync, nan_text;
  const struct sluice_encode *encode;
  bool by_stream;       /* the path has {stream} */
  pthread_mutex_t lock; /* of all below */
  struct places places;
};
/* The place of a delivery with its file open, which it stays until sink_done. */
int sink_use(struct sink *, const char *delivery, struct place **out, struct sluice_error *);
void sink_done(struct sink *, struct place *);

/* ---- full refresh (refresh.c) */
int refresh_begin(void *self, const char *delivery, int64_t generation, struct sluice_error *);
int refresh_commit(void *self, const char *delivery, int64_t generation, struct sluice_error *);
int refresh_abort(void *self, const char *delivery, int64_t generation, struct sluice_error *);
int refresh_current(void *self, const char *delivery, int64_t *generation, struct sluice_error *);
/* Where records of this generation go (0: of none). BUG: it was not begun. */
int refresh_output(struct sink *, struct place *, const char *delivery, int64_t generation, struct output **out,
                   struct sluice_error *);
/* The generation that this delivery has open; 0: none. */
int64_t refresh_generation(struct sink *, const struct place *, const char *delivery);

int sink_writer(void *self, const struct sluice_stream *, const struct ArrowSchema *, struct sluice_writer **out,
                struct sluice_error *);

#endif
