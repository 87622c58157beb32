/* A profile that names an SSO session, or has the legacy form of one. */
#include "identity/plan_parts.h"

static int sso_error(struct sluice_error *err, const char *name, const char *what) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, "profile", "profile \"%.100s\": %s", name, what);
}

static int check_sso(const struct profiles *profiles, const char *name, struct sluice_error *err) {
  const char *account = plan_property(profiles, name, "sso_account_id"),
             *role = plan_property(profiles, name, "sso_role_name");
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
  const char *own_region = plan_property(profiles, name, "sso_region"),
             *own_url = plan_property(profiles, name, "sso_start_url");
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
  const char *region = plan_property(profiles, name, "sso_region"),
             *url = plan_property(profiles, name, "sso_start_url");
  if (!region || !url)
    return sso_error(err, name, "sso_account_id needs sso_region and sso_start_url, or an sso_session");
  return plan_set(&plan->sso.region, region) && plan_set(&plan->sso.start_url, url) ? SLUICE_OK : plan_no_memory(err);
}

int plan_sso_of_profile(const struct profiles *profiles, const char *name, struct plan *plan,
                        struct sluice_error *err) {
  const char *session = plan_property(profiles, name, "sso_session"),
             *account = plan_property(profiles, name, "sso_account_id");
  const char *role = plan_property(profiles, name, "sso_role_name");
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
