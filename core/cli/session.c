/* What commands share that work on the jobs of a configuration until a signal ends them. */
#include "core/cli/session.h"
#include "core/cli/signals.h"
#include "core/load/registry.h"

enum exit_status session_run(const struct cli *cli, enum stop_level first, session_fn *work) {
  struct sluice_error err = {0};
  struct stop stop;
  struct session session = {.cli = cli, .stop = &stop};
  int code = stop_init(&stop);
  if (code != SLUICE_OK)
    return report_error(cli, NULL, code, &err);
  signals_install(&stop, first);
  code = cli_config(cli, &session.config, &err);
  if (code == SLUICE_OK)
    code = cli_check_jobs(cli, session.config, &err);
  if (code == SLUICE_OK)
    code = cli_registry(cli, session.config, &session.registry, &err);
  enum exit_status status = code == SLUICE_OK ? work(&session) : report_error(cli, NULL, code, &err);
  registry_destroy(session.registry);
  config_unload(session.config);
  signals_remove();
  stop_finish(&stop);
  return status;
}

enum exit_status session_each_job(const struct session *s, session_job_fn *work) {
  enum exit_status status = STATUS_DONE;
  for (size_t i = 0; i < config_job_count(s->config) && !stop_at(s->stop, STOP_DRAIN); i++) {
    const struct config_job *job = config_job_at(s->config, i);
    if (cli_wants_job(s->cli, job))
      status = exit_worst(status, work(s, job));
  }
  return stop_at(s->stop, STOP_DRAIN) ? STATUS_INTERRUPTED : status;
}
