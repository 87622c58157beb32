/* `sluice serve`: jobs by their schedules, each in a process of its own, with control from outside. */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H
#include "core/base/text.h"
#include "core/config/config.h"
#include "core/load/registry.h"
#include <sys/types.h>

struct serve_world { /* how configurations and plugins are found, which is the command line's matter */
  void *context;
  int (*load)(void *context, struct config **out, struct sluice_error *err);
  int (*registry)(void *context, const struct config *, struct registry **out, struct sluice_error *err);
  const char *socket; /* of --socket; NULL: as configured */
};
/* Where commands are taken; given: of --socket, or NULL. MEMORY. */
int serve_socket_path(const struct config *, const char *given, struct text *out);
/* Serves until SIGTERM, SIGINT or `stop`. CONFIG: the configuration, the folder or the socket cannot be used. */
int serve_run(const struct serve_world *, struct sluice_error *err);

#endif
