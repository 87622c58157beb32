/* How credentials are got: which source is configured, in the order that AWS tools have. */
#include "identity/plan_parts.h"
#include <stdlib.h>
#include <strings.h>

const char *plan_variable(const struct world *world, const char *name) {
  return world->variable(world->context, name);
}

int plan_no_memory(struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for credentials");
}

/* ---- environment ---- */

static int from_environment(const struct world *world, struct plan *plan, struct sluice_error *err) {
  const char *id = plan_variable(world, "AWS_ACCESS_KEY_ID"), *secret = plan_variable(world, "AWS_SECRET_ACCESS_KEY");
  if (!id && !secret)
    return SLUICE_END;
  if (!id || !secret)
    return sluice_fail(err, SLUICE_ERR_CONFIG, id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID",
                       "%s is set in the environment but %s is not; set both, or neither",
                       id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                       id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
  plan->base = PLAN_ENVIRONMENT;
  return SLUICE_OK;
}

static int from_web_identity(const struct world *world, struct plan *plan, struct sluice_error *err) {
  const char *file = plan_variable(world, "AWS_WEB_IDENTITY_TOKEN_FILE"), *arn = plan_variable(world, "AWS_ROLE_ARN");
  if (!file)
    return SLUICE_END;
  if (!arn)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "AWS_ROLE_ARN",
                       "AWS_WEB_IDENTITY_TOKEN_FILE is set in the environment but AWS_ROLE_ARN is not; set both");
  plan->base = PLAN_WEB_IDENTITY;
  bool ok = plan_set(&plan->web.token_file, file) && plan_set(&plan->web.role.arn, arn) &&
            plan_set(&plan->web.role.session_name, plan_variable(world, "AWS_ROLE_SESSION_NAME")) &&
            plan_set(&plan->web.role.where, "AWS_ROLE_ARN");
  return ok ? SLUICE_OK : plan_no_memory(err);
}

static int from_container(const struct world *world, struct plan *plan) {
  if (!plan_variable(world, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") &&
      !plan_variable(world, "AWS_CONTAINER_CREDENTIALS_FULL_URI"))
    return SLUICE_END;
  plan->base = PLAN_CONTAINER;
  return SLUICE_OK;
}

/* ---- EC2 ---- */

static const char *variable_or_property(const struct world *world, const struct profiles *profiles, const char *profile,
                                        const char *variable, const char *property) {
  const char *value = plan_variable(world, variable);
  return value ? value : profiles_get(profiles, PROFILES_PROFILE, profile, property);
}

static int read_imds_mode(const struct world *world, const struct profiles *profiles, struct plan *plan,
                          struct sluice_error *err) {
  const char *mode = variable_or_property(world, profiles, plan->profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                          "ec2_metadata_service_endpoint_mode");
  if (!mode || strcasecmp(mode, "IPv4") == 0)
    return SLUICE_OK;
  if (strcasecmp(mode, "IPv6") != 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                       "the mode of the EC2 metadata service is \"%.40s\"; it can be IPv4 or IPv6", mode);
  plan->imds_ipv6 = true;
  return SLUICE_OK;
}

static int read_imds_url(const struct world *world, const struct profiles *profiles, struct plan *plan,
                         struct sluice_error *err) {
  const char *url = variable_or_property(world, profiles, plan->profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                         "ec2_metadata_service_endpoint");
  if (!url || !*url)
    url = plan->imds_ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  if ((strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) || strpbrk(url, " \t\r\n\"<>"))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                       "the endpoint of the EC2 metadata service, \"%.100s\", is no http or https URL", url);
  return plan_set(&plan->imds_url, url) ? SLUICE_OK : plan_no_memory(err);
}

/* A service of version 1 is asked only where somebody says that it may be. */
static void read_imds_switches(const struct world *world, const struct profiles *profiles, struct plan *plan) {
  const char *disabled = plan_variable(world, "AWS_EC2_METADATA_DISABLED");
  const char *no_v1 =
      variable_or_property(world, profiles, plan->profile, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled");
  plan->imds_disabled = disabled && strcasecmp(disabled, "true") == 0;
  plan->imds_v1_disabled = !no_v1 || strcasecmp(no_v1, "false") != 0;
}

/* What is wrong in them matters only to those who ask there. */
static int read_imds(const struct world *world, const struct profiles *profiles, struct plan *plan,
                     struct sluice_error *err) {
  if (plan->base != PLAN_INSTANCE)
    return SLUICE_OK;
  int status = read_imds_mode(world, profiles, plan, err);
  return status == SLUICE_OK ? read_imds_url(world, profiles, plan, err) : status;
}

/* ---- which ---- */

static int from_profile(const struct profiles *profiles, const char *name, bool named, struct plan *plan,
                        struct sluice_error *err) {
  if (!named && !profiles_has(profiles, PROFILES_PROFILE, name))
    return SLUICE_END;
  return plan_follow_profile(profiles, name, plan, err);
}

static int empty_profile(const struct plan *plan, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, "profile",
                     "profile \"%.100s\" says nothing of credentials: no keys, role_arn, sso_session or "
                     "credential_process",
                     plan->profile);
}

static int choose(const struct world *world, const struct profiles *profiles, const struct plan_request *request,
                  bool named, struct plan *plan, struct sluice_error *err) {
  int status = SLUICE_END;
  if (request->anonymous || request->own_keys) {
    plan->base = request->anonymous ? PLAN_ANONYMOUS : PLAN_OPTIONS;
    return SLUICE_OK;
  }
  if (!request->profile)
    status = from_environment(world, plan, err);
  if (status == SLUICE_END)
    status = from_profile(profiles, plan->profile, named, plan, err);
  if (status == SLUICE_END && request->profile)
    return empty_profile(plan, err);
  if (status == SLUICE_END)
    status = from_web_identity(world, plan, err);
  if (status == SLUICE_END)
    status = from_container(world, plan);
  if (status == SLUICE_END) {
    plan->base = plan->imds_disabled ? PLAN_NOTHING : PLAN_INSTANCE;
    status = SLUICE_OK;
  }
  return status;
}

/* ---- the rest ---- */

static int copy_settings(const struct world *world, const struct profiles *profiles, const struct plan_request *request,
                         struct plan *plan, struct sluice_error *err) {
  struct settings settings;
  int status = settings_read(world, profiles, plan->profile, &settings, err);
  if (status != SLUICE_OK)
    return status;
  const char *region = request->region && *request->region ? request->region : settings.region;
  const char *sts = request->sts_endpoint && *request->sts_endpoint ? request->sts_endpoint : settings.sts_url;
  plan->fips = settings.fips;
  plan->dualstack = settings.dualstack;
  plan->sts_global = settings.sts_global;
  bool ok = plan_set(&plan->region, *region ? region : "us-east-1") && plan_set(&plan->sts_url, sts) &&
            plan_set(&plan->sso_url, settings.sso_url) && plan_set(&plan->oidc_url, settings.oidc_url);
  return ok ? SLUICE_OK : plan_no_memory(err);
}

static int append_role(const struct plan_role *role, struct plan *plan, struct sluice_error *err) {
  if (!role)
    return SLUICE_OK;
  if (plan->n_roles == PLAN_ROLES_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "role_arn", "more than %d roles are assumed one after another",
                       PLAN_ROLES_MAX);
  struct plan_role *last = &plan->roles[plan->n_roles++];
  last->duration_s = role->duration_s;
  bool ok = plan_set(&last->arn, role->arn) && plan_set(&last->external_id, role->external_id) &&
            plan_set(&last->session_name, role->session_name) && plan_set(&last->region, role->region);
  return ok ? SLUICE_OK : plan_no_memory(err);
}

static bool base_is_a_role(enum plan_base base) {
  return base == PLAN_WEB_IDENTITY || base == PLAN_CONTAINER || base == PLAN_INSTANCE || base == PLAN_SSO;
}

static int check_role(const struct plan *plan, const struct plan_role *role, bool chained, struct sluice_error *err) {
  return plan_check_role(role, chained, plan->sts_url[0] != 0, role->where, err);
}

static int check_roles(const struct plan *plan, struct sluice_error *err) {
  int status = SLUICE_OK;
  if (plan->base == PLAN_WEB_IDENTITY)
    status = check_role(plan, &plan->web.role, false, err);
  for (size_t i = 0; status == SLUICE_OK && i < plan->n_roles; i++)
    status = check_role(plan, &plan->roles[i], i > 0 || base_is_a_role(plan->base), err);
  return status;
}

static int make_label(struct plan *plan, struct sluice_error *err) {
  static const char *const names[] = {
      [PLAN_NOTHING] = "nothing: none are configured",
      [PLAN_ANONYMOUS] = "nobody (anonymous)",
      [PLAN_OPTIONS] = "the options access_key_id and secret_access_key",
      [PLAN_ENVIRONMENT] = "the environment (AWS_ACCESS_KEY_ID)",
      [PLAN_STATIC] = "keys in profile",
      [PLAN_PROCESS] = "credential_process of profile",
      [PLAN_SSO] = "the SSO session of profile",
      [PLAN_WEB_IDENTITY] = "a web identity token",
      [PLAN_CONTAINER] = "the container's credentials endpoint",
      [PLAN_INSTANCE] = "the EC2 instance metadata service",
  };
  struct text label = {0};
  text_puts(&label, names[plan->base]);
  if (plan->base == PLAN_STATIC || plan->base == PLAN_PROCESS || plan->base == PLAN_SSO)
    text_printf(&label, " \"%.80s\"", plan->base_profile);
  if (plan->base == PLAN_WEB_IDENTITY)
    text_printf(&label, " for role %.200s", plan->web.role.arn);
  for (size_t i = 0; i < plan->n_roles; i++)
    text_printf(&label, ", then role %.200s", plan->roles[i].arn);
  bool ok = !label.failed && plan_set(&plan->label, text_get(&label));
  text_finish(&label);
  return ok ? SLUICE_OK : plan_no_memory(err);
}

static int resolve(const struct world *world, const struct profiles *profiles, const struct plan_request *request,
                   struct plan *plan, struct sluice_error *err) {
  bool named = false;
  const char *profile = request->profile ? request->profile : profiles_selected(world, &named);
  if (!plan_set(&plan->profile, profile))
    return plan_no_memory(err);
  int status = copy_settings(world, profiles, request, plan, err);
  read_imds_switches(world, profiles, plan);
  if (status == SLUICE_OK)
    status = choose(world, profiles, request, named || request->profile, plan, err);
  if (status == SLUICE_OK)
    status = read_imds(world, profiles, plan, err);
  if (status == SLUICE_OK)
    status = append_role(request->role, plan, err);
  if (status == SLUICE_OK && !plan_fill_gaps(plan))
    status = plan_no_memory(err);
  if (status == SLUICE_OK)
    status = check_roles(plan, err);
  return status == SLUICE_OK ? make_label(plan, err) : status;
}

int plan_resolve(const struct world *world, const struct profiles *profiles, const struct plan_request *request,
                 struct plan *out, struct sluice_error *err) {
  struct plan made = {.label = NULL};
  int status = resolve(world, profiles, request, &made, err);
  if (status == SLUICE_OK)
    *out = made;
  else
    plan_finish(&made);
  return status;
}
