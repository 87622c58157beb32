/* The writer of a stream. */
#ifndef SINK_HTTP_WRITER_H
#define SINK_HTTP_WRITER_H
#include "target.h"

int writer_create(const struct target *, const struct sluice_stream *, const struct ArrowSchema *,
                  struct sluice_writer **out, struct sluice_error *err);

#endif
