/* The chain of profiles that assume roles with each other's credentials. */
#include "identity/plan_parts.h"

static int named_source(const char *name, const char *source, struct plan *plan, struct sluice_error *err) {
  if (strcmp(source, "Environment") == 0)
    plan->base = PLAN_ENVIRONMENT;
  else if (strcmp(source, "EcsContainer") == 0)
    plan->base = PLAN_CONTAINER;
  else if (strcmp(source, "Ec2InstanceMetadata") == 0)
    plan->base = PLAN_INSTANCE;
  else
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile",
                       "profile \"%.100s\": credential_source is \"%.60s\"; it can be Environment, EcsContainer or "
                       "Ec2InstanceMetadata",
                       name, source);
  return SLUICE_OK;
}

/* ---- the chain ---- */

struct chain {
  const struct profiles *profiles;
  const char *visited[PLAN_ROLES_MAX + 1];
  size_t n;
  struct plan *plan;
  struct sluice_error *err;
};

static int loop_error(const struct chain *c, const char *name) {
  char path[400] = "";
  size_t used = 0;
  for (size_t i = 0; i < c->n && used < sizeof path - 1; i++)
    used += (size_t)snprintf(path + used, sizeof path - used, "%.60s, ", c->visited[i]);
  return sluice_fail(c->err, SLUICE_ERR_CONFIG, "profile",
                     "profiles name each other in a loop by source_profile: %s%.60s", path, name);
}

static int visit(struct chain *c, const char *name) {
  for (size_t i = 0; i < c->n; i++)
    if (strcmp(c->visited[i], name) == 0)
      return loop_error(c, name);
  if (c->n == PLAN_ROLES_MAX)
    return sluice_fail(c->err, SLUICE_ERR_CONFIG, "profile", "more than %d profiles assume roles one after another",
                       PLAN_ROLES_MAX);
  if (!profiles_has(c->profiles, PROFILES_PROFILE, name))
    return c->n == 0 ? sluice_fail(c->err, SLUICE_ERR_CONFIG, "profile", "there is no profile \"%.100s\"", name)
                     : sluice_fail(c->err, SLUICE_ERR_CONFIG, "profile",
                                   "profile \"%.100s\" names source_profile \"%.100s\", which does not exist",
                                   c->visited[c->n - 1], name);
  c->visited[c->n++] = name;
  return SLUICE_OK;
}

static int base_required(const struct chain *c, const char *name, int status) {
  if (status != SLUICE_END)
    return status;
  return sluice_fail(c->err, SLUICE_ERR_CONFIG, "profile",
                     "profile \"%.100s\" is the source of credentials for \"%.100s\" but has none itself", name,
                     c->visited[0]);
}

/* One of the two must say with whose credentials the role is assumed. */
static int check_sources(const char *name, const char *source, const char *named, struct sluice_error *err) {
  if (source && named)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile",
                       "profile \"%.100s\" has both source_profile and credential_source; keep one", name);
  if (!source && !named)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile",
                       "profile \"%.100s\" has role_arn but does not say with whose credentials: add source_profile or "
                       "credential_source",
                       name);
  return SLUICE_OK;
}

/* *next NULL: the chain ends here. */
static int assume(struct chain *c, const char *name, const char **next) {
  const char *source = plan_property(c->profiles, name, "source_profile");
  const char *named = plan_property(c->profiles, name, "credential_source");
  struct plan *plan = c->plan;
  int status = check_sources(name, source, named, c->err);
  if (status == SLUICE_OK)
    status = plan_read_role(c->profiles, name, &plan->roles[plan->n_roles], c->err);
  if (status != SLUICE_OK)
    return status;
  plan->n_roles++;
  if (named)
    return named_source(name, named, plan, c->err);
  if (strcmp(source, name) == 0)
    return base_required(c, name, plan_static_of_profile(c->profiles, name, plan, c->err));
  *next = source;
  return SLUICE_OK;
}

static int step(struct chain *c, const char *name, const char **next) {
  bool first = c->n == 1;
  *next = NULL;
  if (!first) { /* a source that has keys of its own is the end of the chain */
    int status = plan_static_of_profile(c->profiles, name, c->plan, c->err);
    if (status != SLUICE_END)
      return status;
  }
  bool web = plan_property(c->profiles, name, "web_identity_token_file") != NULL;
  if (!web && plan_property(c->profiles, name, "role_arn"))
    return assume(c, name, next);
  int status = plan_base_of_profile(c->profiles, name, c->plan, c->err);
  return first ? status : base_required(c, name, status);
}

/* They were found from the last to the first. */
static void reverse_roles(struct plan *plan) {
  for (size_t i = 0; i < plan->n_roles / 2; i++) {
    struct plan_role role = plan->roles[i];
    plan->roles[i] = plan->roles[plan->n_roles - 1 - i];
    plan->roles[plan->n_roles - 1 - i] = role;
  }
}

int plan_follow_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                        struct sluice_error *err) {
  struct chain c = {.profiles = profiles, .plan = plan, .err = err};
  int status = SLUICE_OK;
  while (name && status == SLUICE_OK) {
    const char *next = NULL;
    status = visit(&c, name);
    if (status == SLUICE_OK)
      status = step(&c, name, &next);
    name = next;
  }
  reverse_roles(plan);
  if (status == SLUICE_OK && !plan_set(&plan->base_profile, c.visited[c.n - 1]))
    status = plan_no_memory(err);
  return status;
}
