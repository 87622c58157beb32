/* The HTTP sink as a plugin: sends records as JSON in requests that carry idempotency keys. */
#include "check.h"
#include "generation.h"
#include "writer.h"
#include <sluice/services.h>
#include <stdlib.h>

static int http_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "libcurl cannot start");
  struct target *target = malloc(sizeof *target);
  if (!target)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory");
  int status = target_init(target, host, config, err);
  if (status != SLUICE_OK) {
    free(target);
    return status;
  }
  target->requests = sluice_counter_get(host, "requests");
  target->retries = sluice_counter_get(host, "retries");
  *self = target;
  return SLUICE_OK;
}

static void http_close(void *self) {
  if (!self)
    return;
  target_finish(self);
  free(self);
}

static int http_writer(void *self, const struct sluice_stream *stream, const struct ArrowSchema *schema,
                       struct sluice_writer **out, struct sluice_error *err) {
  return writer_create(self, stream, schema, out, err);
}

static int check(void *self, char *found, size_t size, struct sluice_error *err) {
  return http_check(self, found, size, err);
}

static int able(void *self, uint32_t asks, struct sluice_error *err) {
  const struct target *target = self;
  if ((asks & SLUICE_ASKS_GENERATIONS) && !target->steps[TARGET_BEGIN].url.text)
    return generation_not_set(target, TARGET_BEGIN, err);
  for (int op = SLUICE_OP_INSERT; (asks & SLUICE_ASKS_UPDATES) && op <= SLUICE_OP_UPDATE; op++)
    if (!target->records[op])
      return target_refuses(target, op, err);
  return SLUICE_OK;
}

static const struct sluice_check check_power = {.struct_size = sizeof check_power, .check = check, .able = able};

static const void *extension(const char *id) {
  if (strcmp(id, SLUICE_CHECK) == 0)
    return &check_power;
  return strcmp(id, SLUICE_COMMIT) == 0 ? &generation_power : NULL;
}

static const struct sluice_base base = {.struct_size = sizeof base,
                                        .kind = SLUICE_SINK,
                                        .name = "http",
                                        .version = "1.0.0",
                                        .help = "Sends records as JSON to an HTTP server.",
                                        .options = &http_options,
                                        .extension = extension};
static const struct sluice_sink sink = {
    .struct_size = sizeof sink, .base = &base, .open = http_open, .close = http_close, .writer = http_writer};

SLUICE_PLUGIN(SLUICE_SINK, "sink http 1.0.0\n", &sink)
