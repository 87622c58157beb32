/* What is asked of the supervisor: one job or all of them, and what it says to that. */
#include "core/base/clock.h"
#include "core/log/log.h"
#include "core/serve/server.h"
#include "core/serve/status.h"
#include <unistd.h>

static const char *change(struct served *served, enum request_kind kind, bool *drain) {
  struct machine *m = &served->kept.machine;
  *drain = false;
  if (!served->config && kind != REQUEST_DELETE)
    return m->job == JOB_DELETED ? "the job was deleted" : "the job is no more in the configuration";
  switch (kind) {
  case REQUEST_PAUSE:
    return machine_pause(m, drain);
  case REQUEST_RESUME:
    return machine_resume(m);
  case REQUEST_CANCEL:
    return machine_cancel(m, drain);
  case REQUEST_RUN_NOW:
    return machine_run_now(m);
  case REQUEST_DELETE:
    return machine_delete(m, drain);
  default:
    return "this is no command for a job";
  }
}

/* Of all jobs, those that it does not concern are passed over, and that is no refusal worth keeping. */
static json_t *refuse_one(struct server *server, struct served *served, const struct request *request,
                          const char *why) {
  if (request->job[0]) {
    served_refuse(served, "%s: %s", request_name(request->kind), why);
    runs_save(server, served);
  }
  return json_pack("{s:s, s:b, s:s}", "job", served->kept.name, "ok", 0, "error", why);
}

/* Stored before anything is done; what cannot be stored is not done. */
static json_t *change_one(struct server *server, struct served *served, const struct request *request) {
  enum request_kind kind = request->kind;
  struct machine before = served->kept.machine;
  bool drain;
  const char *why = change(served, kind, &drain);
  if (why)
    return refuse_one(server, served, request, why);
  if (!runs_save(server, served)) {
    served->kept.machine = before;
    return json_pack("{s:s, s:b, s:o}", "job", served->kept.name, "ok", 0, "error", lines_text(served->kept.refusal));
  }
  log_write(SLUICE_INFO, served->kept.name, "%s, as was asked", request_name(kind));
  if (drain)
    runs_drain(served);
  served->wake = 0;
  return json_pack("{s:s, s:b}", "job", served->kept.name, "ok", 1);
}

static json_t *change_jobs(struct server *server, const struct request *request) {
  json_t *jobs = json_array();
  bool known = false, done = false;
  if (server->ending)
    return control_refusal("the program is ending");
  for (size_t i = 0; i < server->n_jobs; i++) {
    struct served *served = server->jobs[i];
    if (request->job[0] ? strcmp(served->kept.name, request->job) != 0 : served->kept.machine.job == JOB_DELETED)
      continue;
    json_t *one = change_one(server, served, request);
    known = true;
    done |= json_is_true(json_object_get(one, "ok"));
    json_array_append_new(jobs, one);
  }
  if (known)
    return json_pack("{s:b, s:o}", "ok", done, "jobs", jobs);
  json_decref(jobs);
  return control_refusal(request->job[0] ? "no such job is served: `sluice status` lists them" : "no job is served");
}

static json_t *status(const struct server *server, const struct request *request) {
  json_t *jobs = json_array();
  char started[CLOCK_TEXT_SIZE];
  for (size_t i = 0; i < server->n_jobs; i++)
    if (!request->job[0] || strcmp(server->jobs[i]->kept.name, request->job) == 0)
      json_array_append_new(jobs, status_job(server->jobs[i]));
  clock_format(server->started_us, started);
  return json_pack("{s:b, s:{s:I, s:s, s:s, s:b, s:I, s:o}, s:o}", "ok", 1, "server", "pid", (json_int_t)getpid(),
                   "started", started, "ledger", config_ledger(server->config), "ending", server->ending, "reloads",
                   (json_int_t)server->reloads, "reload_error",
                   server->reload_error[0] ? lines_text(server->reload_error) : json_null(), "jobs", jobs);
}

json_t *commands_take(void *context, const struct request *request) {
  struct server *server = context;
  switch (request->kind) {
  case REQUEST_STATUS:
    return status(server, request);
  case REQUEST_RELOAD:
    return reload_start(server);
  case REQUEST_STOP:
    ending_start(server);
    return json_pack("{s:b}", "ok", 1);
  default:
    return change_jobs(server, request);
  }
}
