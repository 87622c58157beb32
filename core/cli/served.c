/* The state of served jobs, for `status`. */
#include "core/cli/served.h"
#include "core/base/quantity.h"
#include "core/cli/report.h"
#include "core/serve/client.h"
#include "core/serve/serve.h"
#include "core/serve/status.h"

/* ---- where it comes from ---- */

struct left_behind {
  const struct config *config;
  json_t *jobs;
};

static int add_left(void *context, const struct store_job *kept) {
  const struct left_behind *left = context;
  const struct config_job *job = NULL;
  struct served *served = NULL;
  struct sluice_error why = {0};
  int code = config_find_job(left->config, kept->name, &job, &why);
  code = code ? served_create_absent(kept, &served) : served_create(left->config, job, kept, &served, &why);
  if (!code)
    json_array_append_new(left->jobs, status_job(served));
  served_destroy(served);
  return SLUICE_OK;
}

static json_t *read_left(const struct config *config) {
  struct store store;
  struct sluice_error why = {0};
  struct left_behind left = {.config = config};
  if (store_open_read(config_ledger(config), &store, &why) != SLUICE_OK)
    return NULL;
  left.jobs = json_array();
  store_each(&store, add_left, &left, &why);
  store_close(&store);
  return json_pack("{s:b, s:o}", "ok", 1, "jobs", left.jobs);
}

struct deleted {
  const char *job;
  bool found;
};

static int look_for_deleted(void *context, const struct store_job *kept) {
  struct deleted *deleted = context;
  deleted->found |= strcmp(kept->name, deleted->job) == 0 && kept->machine.job == JOB_DELETED;
  return SLUICE_OK;
}

bool cli_served_is_deleted(const struct config *config, const char *job) {
  struct deleted deleted = {.job = job};
  struct sluice_error why = {0};
  struct store store;
  if (store_open_read(config_ledger(config), &store, &why) != SLUICE_OK)
    return false;
  store_each(&store, look_for_deleted, &deleted, &why);
  store_close(&store);
  return deleted.found;
}

void cli_served_find(const struct cli *cli, const struct config *config, struct cli_served *out) {
  struct request request = {.kind = REQUEST_STATUS};
  struct sluice_error why = {0};
  struct text path = {0};
  *out = (struct cli_served){.answer = NULL};
  if (serve_socket_path(config, args_value(&cli->args, "socket"), &path) == SLUICE_OK) {
    int code = client_ask(text_get(&path), &request, &out->answer, &why);
    out->live = code == SLUICE_OK;
    if (code && code != SLUICE_ERR_NOT_FOUND)
      report_note(cli, why.message);
  }
  text_finish(&path);
  if (!out->answer)
    out->answer = read_left(config);
}

void cli_served_finish(struct cli_served *served) {
  json_decref(served->answer);
  *served = (struct cli_served){.answer = NULL};
}

const json_t *cli_served_job(const struct cli_served *served, const char *job) {
  const json_t *jobs = json_object_get(served->answer, "jobs");
  for (size_t i = 0; i < json_array_size(jobs); i++) {
    const json_t *one = json_array_get(jobs, i);
    const char *name = json_string_value(json_object_get(one, "job"));
    if (name && strcmp(name, job) == 0)
      return one;
  }
  return NULL;
}

/* ---- for people ---- */

static const char *text_of(const json_t *object, const char *name) {
  const char *text = json_string_value(json_object_get(object, name));
  return text ? text : "";
}

static void print_now(FILE *out, const json_t *job, bool live) {
  const json_t *run = json_object_get(job, "run");
  const char *at = text_of(run, "at"), *since = text_of(run, "since");
  fprintf(out, "  served    %s, %s; run: %s%s%s", text_of(job, "state"), text_of(job, "health"),
          live ? text_of(run, "state") : "nobody serves now", since[0] ? " since " : "", since);
  if (at[0]) {
    fputs(", at ", out);
    print_safe(out, at);
  }
  fputs("\n", out);
}

static void print_last(FILE *out, const json_t *last) {
  const char *message = text_of(last, "message");
  if (!last || json_is_null(last))
    return;
  fprintf(out, "  last      %s, ended %s", text_of(last, "outcome"), text_of(last, "ended"));
  if (message[0]) {
    fputs(": ", out);
    print_safe(out, message);
  }
  fputs("\n", out);
}

void cli_served_print(FILE *out, const struct cli_served *served, const char *job) {
  const json_t *one = cli_served_job(served, job);
  if (!one)
    return;
  const json_t *refusal = json_object_get(one, "refusal");
  const char *next = text_of(one, "next");
  print_now(out, one, served->live);
  print_last(out, json_object_get(one, "last"));
  fprintf(out, "  next run  %s\n", next[0] ? next : "none is planned");
  if (json_is_object(refusal)) {
    fprintf(out, "  refused   %s: ", text_of(refusal, "at"));
    print_safe(out, text_of(refusal, "text"));
    fputs("\n", out);
  }
}
