/* The host services of one plugin instance. */
#include "core/run/host.h"
#include "core/encode/encode.h"
#include "core/load/secrets.h"
#include "core/log/log.h"
#include <sluice/services.h>

static const struct host *self(const struct sluice_host *host) {
  return host->context;
}

static void write_log(const struct sluice_host *host, int level, const char *message) {
  log_plugin(level, host->job[0] ? host->job : NULL, self(host)->plugin, message);
}

static int cancelled(const struct sluice_host *host) {
  return stop_at(self(host)->stop, self(host)->level);
}

static int cancel_fd(const struct sluice_host *host) {
  const struct host *h = self(host);
  return h->level == STOP_NOW ? h->stop->now_fd : h->stop->drain_fd;
}

static int read_secret(const struct sluice_host *host, struct sluice_secret secret, char *buf, size_t size,
                       struct sluice_error *err) {
  (void)host;
  return secrets_read(secret, buf, size, err);
}

static const void *service(const struct sluice_host *host, const char *id) {
  (void)host;
  if (strcmp(id, SLUICE_METRICS) == 0)
    return metrics_service();
  return strcmp(id, SLUICE_ENCODE) == 0 ? encode_service() : NULL;
}

void host_init(struct host *host, const struct registry_component *component, const char *job, const char *sink,
               const char *run, const struct stop *stop, struct metrics *metrics) {
  *host = (struct host){
      .stop = stop, .metrics = metrics, .level = component->entry.kind == SLUICE_SINK ? STOP_NOW : STOP_DRAIN};
  snprintf(host->plugin, sizeof host->plugin, "%s", component->entry.full_name);
  host->vtable = (struct sluice_host){.struct_size = sizeof host->vtable,
                                      .abi_minor = SLUICE_ABI_MINOR,
                                      .context = host,
                                      .job = job,
                                      .sink = sink,
                                      .run = run,
                                      .log = write_log,
                                      .cancelled = cancelled,
                                      .cancel_fd = cancel_fd,
                                      .secret = read_secret,
                                      .service = service};
}
