/* Planning one job, step by step; what is wrong is collected, so that one look shows as much as can be seen. */
#include "core/log/log.h"
#include "core/plan/errors.h"
#include "core/plan/internal.h"
#include "core/run/ability.h"
#include <sluice/arrow.h>
#include <stdlib.h>

enum { TEXT_MAX = 4096 };

char *plan_text(const char *text) {
  if (!text)
    return NULL;
  size_t n = strlen(text), most = n < TEXT_MAX ? n : TEXT_MAX;
  while (most < n && most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
    most--;
  char *copy = strndup(text, most);
  if (copy)
    log_redact(copy);
  return copy;
}

int plan_reason(struct plan *plan, int code, const struct sluice_error *why) {
  char text[sizeof why->where + sizeof why->message + 2];
  if (plan->n_reasons == PLAN_REASONS_MAX)
    return SLUICE_OK;
  bool placed = why->where[0] && !strstr(why->message, why->where);
  snprintf(text, sizeof text, "%s%s%s", placed ? why->where : "", placed ? ": " : "", why->message);
  char *copy = plan_text(text);
  if (!copy)
    return SLUICE_ERR_MEMORY;
  plan->reasons[plan->n_reasons++] = (struct plan_reason){code, copy};
  return SLUICE_OK;
}

/* A step that failed is a reason, and planning goes on with what does not need it. *ok: it did not fail. */
static int settle(struct plan *plan, int code, const struct sluice_error *why, bool *ok, struct sluice_error *err) {
  *ok = code == SLUICE_OK;
  if (*ok)
    return code;
  if (plan_is_fatal(code)) {
    *err = *why;
    return code;
  }
  return sluice_fail(err, plan_reason(plan, code, why), plan->job->name, "no memory");
}

static int open_pipeline(struct planning *p, struct registry *registry, const struct config_job *job,
                         struct sluice_error *err) {
  const struct config_value *sink;
  const char *name;
  int code = config_job_sink(p->config, job, p->question->sink, &sink, &name, err);
  if (code)
    return code;
  struct component_names names = {job->name, name, "", &p->metrics};
  p->plan->sink = name;
  p->sink = sink;
  return pipeline_open(registry, job, sink, names, p->stop, &p->pipeline, err);
}

static int look_at_source(struct planning *p, struct sluice_error *err) {
  struct sluice_error why = {0};
  bool ok;
  int code = plan_list_files(p, &why);
  code = settle(p->plan, code, &why, &ok, err);
  if (code || !ok)
    return code;
  memset(&why, 0, sizeof why);
  code = plan_look(p, &why);
  return settle(p->plan, code, &why, &ok, err);
}

static int count_rejects(struct planning *p) {
  const struct plan_sample *sample = &p->plan->sample;
  struct sluice_error why = {0};
  if (sample->rejected == 0)
    return SLUICE_OK;
  bool ends = p->pipeline.job->on_error == CONFIG_ERROR_FAIL;
  snprintf(why.message, sizeof why.message, "%lld of the %lld records looked at would be rejected%s",
           (long long)sample->rejected, (long long)sample->records,
           ends ? ", and the run would end at the first of them (on_error = \"fail\")" : "");
  return plan_reason(p->plan, SLUICE_OK, &why);
}

static int count_refused(struct plan *plan) {
  struct sluice_error why = {0};
  int64_t n = plan->files.states[PLAN_REFUSED].files;
  if (n == 0)
    return SLUICE_OK;
  snprintf(why.message, sizeof why.message, "%lld file%s changed after %s delivered, and on_change = \"fail\"",
           (long long)n, n == 1 ? "" : "s", n == 1 ? "it was" : "they were");
  return plan_reason(plan, SLUICE_ERR_CHANGED, &why);
}

/* What a run would refuse before it reads anything. */
static int check_ability(struct planning *p, struct sluice_error *err) {
  struct sluice_error why = {0};
  bool ok;
  int code = ability_check(&p->pipeline, &why);
  return settle(p->plan, code, &why, &ok, err);
}

static int plan_opened(struct planning *p, struct sluice_error *err) {
  int source = SLUICE_OK, sink = SLUICE_OK;
  int code = plan_access(p, &p->pipeline.source, "source", NULL, &source, err);
  if (!code && stop_at(p->stop, STOP_DRAIN))
    code = sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "interrupted");
  if (!code)
    code = plan_access(p, &p->pipeline.sink, "sink", p->plan->sink, &sink, err);
  if (!code)
    code = check_ability(p, err);
  if (!code && source == SLUICE_OK)
    code = look_at_source(p, err);
  if (!code)
    code = count_rejects(p);
  if (!code)
    code = count_refused(p->plan);
  plan_estimate(p);
  return sluice_fail(err, code, p->plan->job->name, "no memory");
}

int plan_job(struct registry *registry, const struct config *config, const struct config_job *job,
             const struct plan_question *question, const struct stop *stop, struct plan *out,
             struct sluice_error *err) {
  struct planning *p = calloc(1, sizeof *p);
  struct sluice_error why = {0};
  bool ok;
  memset(out, 0, sizeof *out);
  out->job = job;
  out->cost = (struct plan_cost){.lists = -1, .reads = -1, .sends = -1, .credentials = -1, .records = -1};
  if (!p)
    return sluice_fail(err, SLUICE_ERR_MEMORY, job->name, "no memory");
  *p = (struct planning){.config = config, .question = question, .stop = stop, .plan = out};
  int code = open_pipeline(p, registry, job, &why);
  bool opened = code == SLUICE_OK;
  code = settle(out, code, &why, &ok, err);
  if (opened) {
    code = plan_opened(p, err);
    pipeline_close(&p->pipeline);
  }
  known_close(p->known);
  sluice_schema_release(&p->schema);
  free(p);
  return code;
}

static void finish_columns(struct plan_schema *schema) {
  for (size_t i = 0; i < schema->n_columns; i++) {
    struct plan_column *c = &schema->columns[i];
    free(c->name);
    free(c->found);
    free(c->wanted);
    free(c->to);
    free(c->note);
    free(c->problem);
  }
  free(schema->columns);
}

void plan_finish(struct plan *plan) {
  for (size_t i = 0; i < plan->n_reasons; i++)
    free(plan->reasons[i].text);
  for (size_t i = 0; i < plan->n_findings; i++) {
    free(plan->findings[i].type);
    free(plan->findings[i].name);
    free(plan->findings[i].what);
    free(plan->findings[i].text);
  }
  free(plan->findings);
  free(plan->part.name);
  free(plan->part.version);
  free(plan->part.stream);
  for (size_t i = 0; i < plan->files.n_streams; i++) {
    free(plan->files.streams[i].name);
    free(plan->files.streams[i].note);
  }
  free(plan->files.streams);
  finish_columns(&plan->schema);
  sight_finish(&plan->schema.sight);
  plan_sample_finish(&plan->sample);
  memset(plan, 0, sizeof *plan);
}
