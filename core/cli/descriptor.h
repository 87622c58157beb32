/* Bytes to a file descriptor: a file, or a pipe whose reader may be slow or go away. */
#ifndef CLI_DESCRIPTOR_H
#define CLI_DESCRIPTOR_H
#include "core/run/stop.h"
#include <sluice/sdk.h>

struct descriptor {
  int fd;
  const struct stop *stop;
  bool closed; /* nobody reads any more */
};
/* Writes all of it. CANCELLED: stopped meanwhile. DATA: it cannot be written, also where nobody reads any more. */
int descriptor_write(struct descriptor *, const void *bytes, size_t n, struct sluice_error *err);

#endif
