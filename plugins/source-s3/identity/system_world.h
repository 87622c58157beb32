/* The real world's parts. Private to identity. */
#ifndef S3_SYSTEM_WORLD_H
#define S3_SYSTEM_WORLD_H
#include "identity/world.h"

struct system_world {
  struct world world;
  const struct sluice_host *host;
  char *ca_file;
  struct sluice_counter requests;
};
int system_http_send(void *context, const struct http_request *request, struct http_answer *out,
                     struct sluice_error *err);
int system_program_run(void *context, char *const *argv, int64_t timeout_ms, struct program_end *out,
                       struct sluice_error *err);
int system_pause(void *context, int64_t milliseconds, struct sluice_error *err);

#endif
