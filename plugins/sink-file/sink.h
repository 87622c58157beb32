/* The instance of sink-file, and its writers. */
#ifndef SINK_FILE_SINK_H
#define SINK_FILE_SINK_H
#include "output.h"
#include <sluice/services.h>

struct sink {
  const struct sluice_host *host;
  const char *path;
  bool sync, nan_text;
  const struct sluice_encode *encode;
  pthread_mutex_t lock;  /* of `output` being opened */
  struct output *output; /* NULL until it is needed: a check shall change nothing */
};
/* Opens the output if it is not. */
int sink_output(struct sink *, struct output **out, struct sluice_error *);
int sink_writer(void *self, const struct sluice_stream *, const struct ArrowSchema *, struct sluice_writer **out,
                struct sluice_error *);

#endif
