/* Settings that AWS tools take from the environment and the profile: region, endpoints, FIPS, dual-stack. */
#include "identity/settings.h"
#include <strings.h>

struct asking {
  const struct world *world;
  const struct profiles *profiles;
  const char *profile;
  struct sluice_error *err;
};

static const char *variable(const struct asking *a, const char *name) {
  return a->world->variable(a->world->context, name);
}
static const char *property(const struct asking *a, const char *name) {
  const char *value = profiles_get(a->profiles, PROFILES_PROFILE, a->profile, name);
  return value && *value ? value : NULL;
}

/* ---- true or false ---- */

static int read_bool(const struct asking *a, const char *variable_name, const char *property_name, bool *out) {
  const char *value = variable(a, variable_name), *where = variable_name;
  if (!value) {
    value = property(a, property_name);
    where = property_name;
  }
  if (!value)
    return SLUICE_OK;
  bool yes = strcasecmp(value, "true") == 0;
  if (!yes && strcasecmp(value, "false") != 0)
    return sluice_fail(a->err, SLUICE_ERR_CONFIG, where, "%s is \"%.40s\"; it can be true or false", where, value);
  *out = yes;
  return SLUICE_OK;
}

static int read_sts_endpoints(const struct asking *a, bool *global) {
  const char *value = variable(a, "AWS_STS_REGIONAL_ENDPOINTS");
  if (!value)
    value = property(a, "sts_regional_endpoints");
  if (!value)
    return SLUICE_OK;
  *global = strcasecmp(value, "legacy") == 0;
  if (!*global && strcasecmp(value, "regional") != 0)
    return sluice_fail(a->err, SLUICE_ERR_CONFIG, "AWS_STS_REGIONAL_ENDPOINTS",
                       "sts_regional_endpoints is \"%.40s\"; it can be regional or legacy", value);
  return SLUICE_OK;
}

/* ---- region ---- */

static void read_region(const struct asking *a, struct settings *out) {
  const char *names[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
  const char *value = NULL;
  for (size_t i = 0; !value && i < 2; i++) {
    value = variable(a, names[i]);
    snprintf(out->region_from, sizeof out->region_from, "%s", names[i]);
  }
  if (!value) {
    value = property(a, "region");
    snprintf(out->region_from, sizeof out->region_from, "profile %.60s", a->profile);
  }
  snprintf(out->region, sizeof out->region, "%s", value ? value : "");
}

/* ---- endpoints: the service's variable, the common one, the profile's services section, the profile's own ---- */

static int keep_url(const struct asking *a, const char *value, const char *where, char out[SETTINGS_URL_MAX]) {
  if (snprintf(out, SETTINGS_URL_MAX, "%s", value) < SETTINGS_URL_MAX)
    return SLUICE_OK;
  out[0] = 0;
  return sluice_fail(a->err, SLUICE_ERR_CONFIG, where, "%s: the URL is longer than %d bytes", where,
                     SETTINGS_URL_MAX - 1);
}

static bool services_url(const struct asking *a, const char *service, char out[SETTINGS_URL_MAX]) {
  const char *section = property(a, "services");
  return section &&
         profiles_get_nested(a->profiles, PROFILES_SERVICES, section, service, "endpoint_url", out, SETTINGS_URL_MAX) &&
         out[0];
}

/* variable_name: AWS_ENDPOINT_URL_S3. service: as a services section names it. */
static int read_url(const struct asking *a, const char *variable_name, const char *service, char out[SETTINGS_URL_MAX],
                    char from[96]) {
  const char *names[] = {variable_name, "AWS_ENDPOINT_URL"};
  for (size_t i = 0; i < 2; i++) {
    const char *value = variable(a, names[i]);
    snprintf(from, 96, "%s", names[i]);
    if (value)
      return keep_url(a, value, names[i], out);
  }
  snprintf(from, 96, "profile %.60s", a->profile);
  if (services_url(a, service, out))
    return SLUICE_OK;
  const char *value = property(a, "endpoint_url");
  out[0] = 0;
  return value ? keep_url(a, value, "endpoint_url", out) : SLUICE_OK;
}

static int read_urls(const struct asking *a, struct settings *out) {
  bool ignore = false;
  char from[96];
  int status = read_bool(a, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls", &ignore);
  if (status != SLUICE_OK || ignore)
    return status;
  status = read_url(a, "AWS_ENDPOINT_URL_S3", "s3", out->s3_url, out->s3_url_from);
  if (status == SLUICE_OK)
    status = read_url(a, "AWS_ENDPOINT_URL_STS", "sts", out->sts_url, from);
  if (status == SLUICE_OK)
    status = read_url(a, "AWS_ENDPOINT_URL_SSO", "sso", out->sso_url, from);
  if (status == SLUICE_OK)
    status = read_url(a, "AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc", out->oidc_url, from);
  return status;
}

int settings_read(const struct world *world, const struct profiles *profiles, const char *profile, struct settings *out,
                  struct sluice_error *err) {
  struct asking a = {world, profiles, profile, err};
  struct settings made = {.region = ""};
  read_region(&a, &made);
  int status = read_urls(&a, &made);
  if (status == SLUICE_OK)
    status = read_bool(&a, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", &made.fips);
  if (status == SLUICE_OK)
    status = read_bool(&a, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", &made.dualstack);
  if (status == SLUICE_OK)
    status = read_sts_endpoints(&a, &made.sts_global);
  if (status == SLUICE_OK)
    *out = made;
  return status;
}
