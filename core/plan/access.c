/* Access of a source or sink, tried as `check` does, its findings kept. */
#include "core/plan/internal.h"
#include <sluice/services.h>
#include <stdlib.h>

struct collector {
  struct sluice_findings out;
  struct planning *p;
  const struct component *component;
  const char *kind, *name;
  size_t count, bad;
};

static void finding_finish(struct plan_finding *f) {
  free(f->type);
  free(f->name);
  free(f->what);
  free(f->text);
}

static int keep(struct collector *c, int state, const char *what, const char *text) {
  struct plan *plan = c->p->plan;
  c->count++;
  c->bad += state == 0;
  if (plan->n_findings == PLAN_FINDINGS_MAX)
    return SLUICE_OK;
  struct plan_finding *grown = realloc(plan->findings, (plan->n_findings + 1) * sizeof *grown);
  if (!grown)
    return SLUICE_ERR_MEMORY;
  plan->findings = grown;
  struct plan_finding *f = &grown[plan->n_findings];
  *f = (struct plan_finding){.kind = c->kind,
                             .type = plan_text(c->component->loaded->entry.name),
                             .name = plan_text(c->name),
                             .what = plan_text(what),
                             .text = plan_text(text),
                             .state = state};
  if (f->type && f->text && (f->what || !what) && (f->name || !c->name)) {
    plan->n_findings++;
    return SLUICE_OK;
  }
  finding_finish(f);
  return SLUICE_ERR_MEMORY;
}

static int add(struct sluice_findings *out, int state, const char *what, const char *text, struct sluice_error *err) {
  struct collector *c = out->private_data;
  if (stop_at(c->p->stop, STOP_DRAIN))
    return sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "interrupted");
  return sluice_fail(err, keep(c, state, what ? what : "", text ? text : ""), c->kind, "no memory");
}

/* The code of what is bad. */
static int ask(struct collector *c, const struct sluice_check *check, struct sluice_error *why) {
  char found[1024] = "";
  if (check && SLUICE_HAS(check, report)) {
    int code = check->report(c->component->self, &c->out, why);
    return code == SLUICE_OK && c->bad ? SLUICE_ERR_DATA : code;
  }
  if (!check || !SLUICE_HAS(check, check))
    return keep(c, 1, NULL, "it opens; it has no further check");
  int code = check->check(c->component->self, found, sizeof found, why);
  return code ? code : keep(c, 1, NULL, found[0] ? found : "ok");
}

int plan_access(struct planning *p, const struct component *component, const char *kind, const char *name, int *found,
                struct sluice_error *err) {
  struct collector c = {.p = p, .component = component, .kind = kind, .name = name};
  struct sluice_error why = {0};
  c.out = (struct sluice_findings){add, &c};
  int code = ask(&c, registry_extension(component->loaded, SLUICE_CHECK), &why);
  if (plan_is_fatal(code)) {
    *err = why;
    return code;
  }
  *found = code;
  if (code == SLUICE_OK)
    return c.count ? code : keep(&c, 1, NULL, "ok");
  if (!c.bad && keep(&c, 0, NULL, why.message))
    return SLUICE_ERR_MEMORY;
  struct sluice_error reason = {0};
  sluice_fail(&reason, code, "", "access of the %s: %s", kind,
              why.message[0] ? why.message : "not all that it needs is there");
  return plan_reason(p->plan, code, &reason);
}
