/* Taking a changed configuration: checked in a process of its own, taken whole or not at all. */
#include "core/config/serve.h"
#include "core/log/log.h"
#include "core/serve/server.h"

static void refuse(struct server *server, const struct sluice_error *why) {
  bool said = !why->where[0] || strstr(why->message, why->where);
  snprintf(server->reload_error, sizeof server->reload_error, "%s%s%s", said ? "" : why->where, said ? "" : ": ",
           why->message);
  log_redact(server->reload_error);
  log_write(SLUICE_ERROR, NULL, "the configuration is refused, the old one stays: %s", server->reload_error);
}

json_t *reload_start(struct server *server) {
  struct sluice_error err = {0};
  if (server->ending)
    return control_refusal("the program is ending");
  if (server->check.pid) {
    server->reload_again = true; /* it may have read the files before they were changed */
    return NULL;
  }
  notify_reloading(&server->notify);
  if (check_start(&server->check, server->world, &err) == SLUICE_OK)
    return NULL;
  refuse(server, &err);
  notify_ready(&server->notify, "the last reload was refused");
  return control_refusal(server->reload_error);
}

static bool same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

static void warn_of_fixed(const struct config *old, const struct config *fresh) {
  const struct config_serve *a = config_serve(old), *b = config_serve(fresh);
  if (!same_text(a->socket, b->socket) || !same_text(a->metrics, b->metrics))
    log_write(SLUICE_WARN, NULL, "serve.socket and serve.metrics are taken at the next start only");
}

static int take(struct server *server, struct sluice_error *err) {
  struct config *fresh = NULL;
  int code = server->world->load(server->world->context, &fresh, err);
  if (!code && strcmp(config_ledger(server->config), config_ledger(fresh)) != 0)
    code = sluice_fail(err, SLUICE_ERR_CONFIG, "ledger",
                       "the ledger folder cannot change while jobs are served; end `sluice serve` and start it anew");
  if (!code) {
    warn_of_fixed(server->config, fresh);
    code = jobs_reconfigure(server, fresh, err);
  }
  if (code) {
    config_unload(fresh);
    return code;
  }
  if (strcmp(server->plugins, server->check.plugins) != 0)
    for (size_t i = 0; i < server->n_jobs; i++)
      served_renew(server->jobs[i]);
  snprintf(server->plugins, sizeof server->plugins, "%s", server->check.plugins);
  return SLUICE_OK;
}

static json_t *say_taken(const struct server *server) {
  json_t *answer = json_pack("{s:b, s:I}", "ok", 1, "jobs", (json_int_t)server->n_jobs);
  if (answer && server->check.notes[0])
    json_object_set_new(answer, "warning", lines_text(server->check.notes));
  return answer;
}

static void tell(struct server *server) {
  json_t *answer = server->reload_error[0] ? control_refusal(server->reload_error) : say_taken(server);
  if (answer)
    control_answer(&server->control, answer);
  json_decref(answer);
}

void reload_checked(struct server *server, int wait_status) {
  struct sluice_error err = {0};
  int code = check_end(&server->check, wait_status);
  if (server->reload_again && !server->ending) {
    server->reload_again = false;
    if (check_start(&server->check, server->world, &err) == SLUICE_OK)
      return;
  }
  err = server->check.why;
  if (!code)
    code = take(server, &err);
  server->reload_error[0] = 0;
  if (code)
    refuse(server, &err);
  else
    log_write(SLUICE_INFO, NULL, "the configuration is taken: %zu jobs", server->n_jobs);
  if (!code && server->check.notes[0])
    log_write(SLUICE_WARN, NULL, "%s", server->check.notes);
  server->reloads += !code;
  tell(server);
  notify_ready(&server->notify, code ? "the last reload was refused" : "serving");
}
