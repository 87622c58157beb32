/* The list of served jobs, and what a new configuration makes of it. */
#include "core/log/log.h"
#include "core/serve/server.h"
#include <stdlib.h>

struct served *jobs_find(const struct server *server, const char *name) {
  for (size_t i = 0; i < server->n_jobs; i++)
    if (strcmp(server->jobs[i]->kept.name, name) == 0)
      return server->jobs[i];
  return NULL;
}

/* ---- at the start ---- */

struct kept_jobs {
  struct store_job *items;
  size_t n, room;
};

static int keep_one(void *context, const struct store_job *job) {
  struct kept_jobs *kept = context;
  if (kept->n == kept->room) {
    size_t room = kept->room ? kept->room * 2 : 16;
    struct store_job *grown = realloc(kept->items, room * sizeof *grown);
    if (!grown)
      return SLUICE_ERR_MEMORY;
    kept->items = grown;
    kept->room = room;
  }
  kept->items[kept->n++] = *job;
  return SLUICE_OK;
}

static const struct store_job *find_kept(const struct kept_jobs *kept, const char *name) {
  for (size_t i = 0; i < kept->n; i++)
    if (strcmp(kept->items[i].name, name) == 0)
      return &kept->items[i];
  return NULL;
}

static bool is_configured(const struct config *config, const char *name) {
  for (size_t i = 0; i < config_job_count(config); i++)
    if (strcmp(config_job_at(config, i)->name, name) == 0)
      return true;
  return false;
}

/* A deleted job stays in the list; of any other that is gone nothing is kept. */
static int add_unconfigured(struct server *server, const struct store_job *kept, struct sluice_error *err) {
  if (is_configured(server->config, kept->name))
    return SLUICE_OK;
  if (kept->machine.job != JOB_DELETED)
    return store_forget(&server->store, kept->name, err);
  int code = served_create_absent(kept, &server->jobs[server->n_jobs]);
  if (!code && runs_save(server, server->jobs[server->n_jobs]))
    server->n_jobs++;
  return code;
}

static int add_all(struct server *server, const struct kept_jobs *kept, struct sluice_error *err) {
  size_t n = config_job_count(server->config);
  int code = SLUICE_OK;
  server->jobs = calloc(n + kept->n + 1, sizeof *server->jobs);
  if (!server->jobs)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < n && !code; i++) {
    const struct config_job *job = config_job_at(server->config, i);
    code = served_create(server->config, job, find_kept(kept, job->name), &server->jobs[server->n_jobs], err);
    if (!code)
      code = store_save(&server->store, &server->jobs[server->n_jobs++]->kept, err);
  }
  for (size_t i = 0; i < kept->n && !code; i++)
    code = add_unconfigured(server, &kept->items[i], err);
  return code;
}

int jobs_load(struct server *server, struct sluice_error *err) {
  struct kept_jobs kept = {0};
  int code = store_each(&server->store, keep_one, &kept, err);
  if (!code)
    code = add_all(server, &kept, err);
  free(kept.items);
  return code ? sluice_fail(err, code, "serve", "no memory for the jobs") : code;
}

void jobs_finish(struct server *server) {
  for (size_t i = 0; i < server->n_jobs; i++)
    served_destroy(server->jobs[i]);
  free(server->jobs);
  server->jobs = NULL;
  server->n_jobs = 0;
}

/* ---- another configuration ---- */

static void drop(struct server *server, size_t i) {
  served_destroy(server->jobs[i]);
  memmove(&server->jobs[i], &server->jobs[i + 1], (server->n_jobs - i - 1) * sizeof *server->jobs);
  server->n_jobs--;
}

void jobs_sweep(struct server *server) {
  for (size_t i = server->n_jobs; i > 0; i--) {
    struct served *served = server->jobs[i - 1];
    struct sluice_error err = {0};
    if (served->config || served->kept.absent || served->process.pid)
      continue;
    if (served->kept.machine.job == JOB_DELETED) {
      served->kept.absent = true;
      runs_save(server, served);
    } else if (store_forget(&server->store, served->kept.name, &err) == SLUICE_OK) {
      drop(server, i - 1);
    }
  }
}

static void configure_gone(struct served *served) {
  served->config = NULL;
  if (machine_stop(&served->kept.machine, STOP_REMOVED))
    runs_drain(served);
}

/* Each new job is made before anything changes; existing ones were checked to take theirs. */
static int make_new(const struct server *server, const struct config *config, struct served **fresh, size_t *n,
                    struct sluice_error *err) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < config_job_count(config) && !code; i++) {
    const struct config_job *job = config_job_at(config, i);
    struct served *made = NULL;
    code = served_create(config, job, NULL, &made, err);
    if (code)
      break;
    if (jobs_find(server, job->name))
      served_destroy(made); /* it was only a check of its schedule */
    else
      fresh[(*n)++] = made;
  }
  return code;
}

static int configure_known(struct server *server, const struct config *config, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < server->n_jobs && !code; i++) {
    struct served *served = server->jobs[i];
    const struct config_job *job = NULL;
    if (!is_configured(config, served->kept.name)) {
      configure_gone(served);
      continue;
    }
    bool returned = served->kept.absent;
    code = config_find_job(config, served->kept.name, &job, err);
    if (!code)
      code = served_configure(served, config, job, err);
    if (!code && returned) { /* a deleted one that was gone and is back is a new job */
      struct store_job fresh = {.machine = {.job = JOB_ACTIVE}};
      memcpy(fresh.name, served->kept.name, sizeof fresh.name);
      served->kept = fresh;
    }
    runs_save(server, served);
  }
  return code;
}

int jobs_reconfigure(struct server *server, struct config *config, struct sluice_error *err) {
  size_t room = config_job_count(config), n = 0;
  struct served **fresh = calloc(room + 1, sizeof *fresh);
  struct served **jobs = calloc(server->n_jobs + room + 1, sizeof *jobs);
  int code = fresh && jobs ? make_new(server, config, fresh, &n, err) : SLUICE_ERR_MEMORY;
  if (code) {
    for (size_t i = 0; i < n; i++)
      served_destroy(fresh[i]);
    free(fresh);
    free(jobs);
    return sluice_fail(err, code, "serve", "no memory for the jobs");
  }
  if (configure_known(server, config, err)) /* only memory can be short here: all was checked above */
    log_write(SLUICE_ERROR, NULL, "a job keeps its old schedule: %s", err->message);
  memcpy(jobs, server->jobs, server->n_jobs * sizeof *jobs);
  memcpy(jobs + server->n_jobs, fresh, n * sizeof *jobs);
  free(server->jobs);
  server->jobs = jobs;
  server->n_jobs += n;
  for (size_t i = 0; i < n; i++)
    runs_save(server, fresh[i]);
  free(fresh);
  config_unload(server->config);
  server->config = config;
  return SLUICE_OK;
}
