/* Credentials that a profile tells of, and the chain of profiles that assume roles with each other's. */
#include "identity/plan_parts.h"
#include <sluice/arrow.h>
#include <stdlib.h>

static const char *get(const struct profiles *profiles, const char *name, const char *property) {
  const char *value = profiles_get(profiles, PROFILES_PROFILE, name, property);
  return value && *value ? value : NULL;
}

/* ---- a pair ---- */

int plan_static_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                           struct sluice_error *err) {
  const char *id = get(profiles, name, "aws_access_key_id"), *secret = get(profiles, name, "aws_secret_access_key");
  if (!id && !secret)
    return SLUICE_END;
  if (!id || !secret)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile", "profile \"%.100s\" has %s but no %s; give both", name,
                       id ? "aws_access_key_id" : "aws_secret_access_key",
                       id ? "aws_secret_access_key" : "aws_access_key_id");
  plan->base = PLAN_STATIC;
  bool ok = plan_set(&plan->pair.access_key_id, id) && plan_set(&plan->pair.secret, secret) &&
            plan_set(&plan->pair.token, get(profiles, name, "aws_session_token")) &&
            plan_set(&plan->pair.account, get(profiles, name, "aws_account_id"));
  return ok ? SLUICE_OK : plan_no_memory(err);
}

/* ---- SSO ---- */

static int sso_error(struct sluice_error *err, const char *name, const char *what) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, "profile", "profile \"%.100s\": %s", name, what);
}

static int check_sso(const struct profiles *profiles, const char *name, struct sluice_error *err) {
  const char *account = get(profiles, name, "sso_account_id"), *role = get(profiles, name, "sso_role_name");
  if (role && !account)
    return sso_error(err, name, "sso_role_name is given without sso_account_id; give both");
  if (account && !role)
    return sso_error(err, name, "sso_account_id is given without sso_role_name; give both");
  return SLUICE_OK;
}

static int sso_by_session(const struct profiles *profiles, const char *name, const char *session, struct plan *plan,
                          struct sluice_error *err) {
  if (!profiles_has(profiles, PROFILES_SSO_SESSION, session))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile",
                       "profile \"%.100s\" names sso_session \"%.100s\", but there is no [sso-session %.100s]", name,
                       session, session);
  const char *region = profiles_get(profiles, PROFILES_SSO_SESSION, session, "sso_region");
  const char *url = profiles_get(profiles, PROFILES_SSO_SESSION, session, "sso_start_url");
  const char *own_region = get(profiles, name, "sso_region"), *own_url = get(profiles, name, "sso_start_url");
  if ((own_region && (!region || strcmp(region, own_region) != 0)) || (own_url && (!url || strcmp(url, own_url) != 0)))
    return sso_error(err, name, "sso_region and sso_start_url belong in the [sso-session] that it names");
  if (!region || !*region || !url || !*url)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile", "[sso-session %.100s] needs sso_region and sso_start_url",
                       session);
  bool ok = plan_set(&plan->sso.session, session) && plan_set(&plan->sso.region, region) &&
            plan_set(&plan->sso.start_url, url);
  return ok ? SLUICE_OK : plan_no_memory(err);
}

static int sso_legacy(const struct profiles *profiles, const char *name, struct plan *plan, struct sluice_error *err) {
  const char *region = get(profiles, name, "sso_region"), *url = get(profiles, name, "sso_start_url");
  if (!region || !url)
    return sso_error(err, name, "sso_account_id needs sso_region and sso_start_url, or an sso_session");
  return plan_set(&plan->sso.region, region) && plan_set(&plan->sso.start_url, url) ? SLUICE_OK : plan_no_memory(err);
}

static int sso_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                          struct sluice_error *err) {
  const char *session = get(profiles, name, "sso_session"), *account = get(profiles, name, "sso_account_id");
  const char *role = get(profiles, name, "sso_role_name");
  if (!session && !account && !role)
    return SLUICE_END;
  int status = check_sso(profiles, name, err);
  if (status == SLUICE_OK)
    status = session ? sso_by_session(profiles, name, session, plan, err) : sso_legacy(profiles, name, plan, err);
  if (status != SLUICE_OK)
    return status;
  plan->base = PLAN_SSO;
  return plan_set(&plan->sso.account, account) && plan_set(&plan->sso.role, role) ? SLUICE_OK : plan_no_memory(err);
}

/* ---- roles ---- */

static int read_role(const struct profiles *profiles, const char *name, struct plan_role *role,
                     struct sluice_error *err) {
  const char *duration = get(profiles, name, "duration_seconds");
  if (get(profiles, name, "mfa_serial"))
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, "profile",
        "profile \"%.100s\" has mfa_serial: nobody can be asked for a code here. Use a role without it, or "
        "credential_process with a tool that asks",
        name);
  if (duration && (!sluice_parse_int(duration, strlen(duration), &role->duration_s) || role->duration_s <= 0))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile",
                       "profile \"%.100s\": duration_seconds is no number of seconds", name);
  bool ok = plan_set(&role->arn, get(profiles, name, "role_arn")) &&
            plan_set(&role->external_id, get(profiles, name, "external_id")) &&
            plan_set(&role->session_name, get(profiles, name, "role_session_name"));
  return ok ? SLUICE_OK : plan_no_memory(err);
}

static int web_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                          struct sluice_error *err) {
  const char *file = get(profiles, name, "web_identity_token_file");
  if (!file)
    return SLUICE_END;
  if (!get(profiles, name, "role_arn"))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile",
                       "profile \"%.100s\" has web_identity_token_file but no role_arn; give both", name);
  plan->base = PLAN_WEB_IDENTITY;
  if (!plan_set(&plan->web.token_file, file))
    return plan_no_memory(err);
  return read_role(profiles, name, &plan->web.role, err);
}

/* ---- what is not a role ---- */

static int process_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                              struct sluice_error *err) {
  const char *command = get(profiles, name, "credential_process");
  if (!command)
    return SLUICE_END;
  plan->base = PLAN_PROCESS;
  bool ok = plan_set(&plan->process.command, command) &&
            plan_set(&plan->process.account, get(profiles, name, "aws_account_id"));
  return ok ? SLUICE_OK : plan_no_memory(err);
}

int plan_base_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                         struct sluice_error *err) {
  int status = web_of_profile(profiles, name, plan, err);
  if (status == SLUICE_END)
    status = sso_of_profile(profiles, name, plan, err);
  if (status == SLUICE_END)
    status = plan_static_of_profile(profiles, name, plan, err);
  if (status == SLUICE_END)
    status = process_of_profile(profiles, name, plan, err);
  if (status == SLUICE_END && get(profiles, name, "login_session"))
    status = sluice_fail(err, SLUICE_ERR_CONFIG, "profile",
                         "profile \"%.100s\" has login_session, which is not supported; add to it credential_process = "
                         "aws configure export-credentials --format process",
                         name);
  return status;
}

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
                       PLAN_ROLES_MAX - 1);
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

/* *next NULL: the chain ends here. */
static int assume(struct chain *c, const char *name, const char **next) {
  const char *source = get(c->profiles, name, "source_profile"), *named = get(c->profiles, name, "credential_source");
  struct plan *plan = c->plan;
  *next = NULL;
  if (source && named)
    return sluice_fail(c->err, SLUICE_ERR_CONFIG, "profile",
                       "profile \"%.100s\" has both source_profile and credential_source; keep one", name);
  if (!source && !named)
    return sluice_fail(c->err, SLUICE_ERR_CONFIG, "profile",
                       "profile \"%.100s\" has role_arn but does not say with whose credentials: add source_profile or "
                       "credential_source",
                       name);
  int status = read_role(c->profiles, name, &plan->roles[plan->n_roles], c->err);
  plan->n_roles += status == SLUICE_OK;
  if (status != SLUICE_OK)
    return status;
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
  bool role = get(c->profiles, name, "role_arn") && !get(c->profiles, name, "web_identity_token_file");
  if (role)
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
  return status;
}
