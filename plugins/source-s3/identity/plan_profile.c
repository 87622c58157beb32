/* Credentials that one profile tells of. */
#include "identity/plan_parts.h"
#include <sluice/arrow.h>
#include <stdlib.h>

const char *plan_property(const struct profiles *profiles, const char *name, const char *property) {
  const char *value = profiles_get(profiles, PROFILES_PROFILE, name, property);
  return value && *value ? value : NULL;
}

/* ---- a pair ---- */

int plan_static_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                           struct sluice_error *err) {
  const char *id = plan_property(profiles, name, "aws_access_key_id"),
             *secret = plan_property(profiles, name, "aws_secret_access_key");
  if (!id && !secret)
    return SLUICE_END;
  if (!id || !secret)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile", "profile \"%.100s\" has %s but no %s; give both", name,
                       id ? "aws_access_key_id" : "aws_secret_access_key",
                       id ? "aws_secret_access_key" : "aws_access_key_id");
  plan->base = PLAN_STATIC;
  bool ok = plan_set(&plan->pair.access_key_id, id) && plan_set(&plan->pair.secret, secret) &&
            plan_set(&plan->pair.token, plan_property(profiles, name, "aws_session_token")) &&
            plan_set(&plan->pair.account, plan_property(profiles, name, "aws_account_id"));
  return ok ? SLUICE_OK : plan_no_memory(err);
}

/* ---- roles ---- */

int plan_read_role(const struct profiles *profiles, const char *name, struct plan_role *role,
                   struct sluice_error *err) {
  const char *duration = plan_property(profiles, name, "duration_seconds");
  char where[128];
  snprintf(where, sizeof where, "profile \"%.100s\"", name);
  if (plan_property(profiles, name, "mfa_serial"))
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, "profile",
        "profile \"%.100s\" has mfa_serial: nobody can be asked for a code here. Use a role without it, or "
        "credential_process with a tool that asks",
        name);
  if (duration && (!sluice_parse_int(duration, strlen(duration), &role->duration_s) || role->duration_s <= 0))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile",
                       "profile \"%.100s\": duration_seconds is no number of seconds", name);
  bool ok = plan_set(&role->arn, plan_property(profiles, name, "role_arn")) &&
            plan_set(&role->external_id, plan_property(profiles, name, "external_id")) &&
            plan_set(&role->session_name, plan_property(profiles, name, "role_session_name")) &&
            plan_set(&role->where, where);
  return ok ? SLUICE_OK : plan_no_memory(err);
}

static int web_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                          struct sluice_error *err) {
  const char *file = plan_property(profiles, name, "web_identity_token_file");
  if (!file)
    return SLUICE_END;
  if (!plan_property(profiles, name, "role_arn"))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile",
                       "profile \"%.100s\" has web_identity_token_file but no role_arn; give both", name);
  plan->base = PLAN_WEB_IDENTITY;
  if (!plan_set(&plan->web.token_file, file))
    return plan_no_memory(err);
  return plan_read_role(profiles, name, &plan->web.role, err);
}

/* ---- what is not a role ---- */

static int process_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                              struct sluice_error *err) {
  const char *command = plan_property(profiles, name, "credential_process");
  if (!command)
    return SLUICE_END;
  plan->base = PLAN_PROCESS;
  bool ok = plan_set(&plan->process.command, command) &&
            plan_set(&plan->process.account, plan_property(profiles, name, "aws_account_id"));
  return ok ? SLUICE_OK : plan_no_memory(err);
}

int plan_base_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                         struct sluice_error *err) {
  int status = web_of_profile(profiles, name, plan, err);
  if (status == SLUICE_END)
    status = plan_sso_of_profile(profiles, name, plan, err);
  if (status == SLUICE_END)
    status = plan_static_of_profile(profiles, name, plan, err);
  if (status == SLUICE_END)
    status = process_of_profile(profiles, name, plan, err);
  if (status == SLUICE_END && plan_property(profiles, name, "login_session"))
    status = sluice_fail(err, SLUICE_ERR_CONFIG, "profile",
                         "profile \"%.100s\" has login_session, which is not supported; add to it credential_process = "
                         "aws configure export-credentials --format process",
                         name);
  return status;
}
