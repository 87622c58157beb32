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

static int read_region(const struct asking *a, struct settings *out) {
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
  if (value && strlen(value) >= sizeof out->region) /* other rules are for those who use it */
    return sluice_fail(a->err, SLUICE_ERR_CONFIG, out->region_from, "%s: the region \"%.80s\" is too long",
                       out->region_from, value);
  snprintf(out->region, sizeof out->region, "%s", value ? value : "");
  return SLUICE_OK;
}

/* ---- endpoints ---- */

struct configured { /* a URL as it was found: n bytes */
  const char *url;
  size_t n;
};

static struct configured whole(const char *text) {
  return (struct configured){text, text ? strlen(text) : 0};
}

/* AWS_ENDPOINT_URL_SSO_OIDC for "sso_oidc" */
static void name_variable(const char *service, char out[96]) {
  int n = snprintf(out, 96, "AWS_ENDPOINT_URL_%.64s", service);
  for (int i = 0; i < n; i++)
    if (out[i] >= 'a' && out[i] <= 'z')
      out[i] = (char)(out[i] - 'a' + 'A');
}

static struct configured in_services(const struct asking *a, const char *service) {
  const char *section = property(a, "services");
  struct configured found = {NULL, 0};
  if (section)
    found.url = profiles_get_nested(a->profiles, PROFILES_SERVICES, section, service, "endpoint_url", &found.n);
  if (found.n == 0)
    found.url = NULL;
  return found;
}

/* The service's variable, the common one, the profile's services section, the profile's own. */
static struct configured find_url(const struct asking *a, const char *service, char from[96]) {
  name_variable(service, from);
  const char *value = variable(a, from);
  if (!value) {
    snprintf(from, 96, "AWS_ENDPOINT_URL");
    value = variable(a, from);
  }
  if (value)
    return whole(value);
  snprintf(from, 96, "endpoint_url of profile \"%.60s\"", a->profile);
  struct configured found = in_services(a, service);
  return found.url ? found : whole(property(a, "endpoint_url"));
}

static bool is_url(const struct configured *c) {
  bool web = strncmp(c->url, "http://", 7) == 0 || strncmp(c->url, "https://", 8) == 0;
  for (size_t i = 0; i < c->n; i++)
    if ((unsigned char)c->url[i] <= ' ' || c->url[i] == 0x7f || strchr("\"<>", c->url[i]))
      return false;
  return web;
}

static int read_url(const struct asking *a, const char *service, struct settings_url *out) {
  struct settings_url made = {.url = ""};
  struct configured found = find_url(a, service, made.from);
  if (found.url && (found.n >= SETTINGS_URL_MAX || !is_url(&found)))
    return sluice_fail(a->err, SLUICE_ERR_CONFIG, made.from,
                       "%s is no http or https URL of at most %d bytes; write one such as https://s3.example.net",
                       made.from, SETTINGS_URL_MAX - 1);
  if (found.url)
    memcpy(made.url, found.url, found.n);
  *out = made;
  return SLUICE_OK;
}

int settings_endpoint_url(const struct world *world, const struct profiles *profiles, const char *profile,
                          const char *service, struct settings_url *out, struct sluice_error *err) {
  struct asking a = {world, profiles, profile, err};
  struct settings_url none = {.url = ""};
  bool ignore = false;
  int status = read_bool(&a, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls", &ignore);
  if (status == SLUICE_OK && ignore)
    *out = none;
  return status == SLUICE_OK && !ignore ? read_url(&a, service, out) : status;
}

static int read_urls(const struct asking *a, struct settings *out) {
  struct {
    const char *service;
    char *url;
  } wanted[] = {{"sts", out->sts_url}, {"sso", out->sso_url}, {"sso_oidc", out->oidc_url}, {"s3", out->s3_url}};
  struct settings_url found = {.url = ""};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    int status = settings_endpoint_url(a->world, a->profiles, a->profile, wanted[i].service, &found, a->err);
    if (status != SLUICE_OK)
      return status;
    memcpy(wanted[i].url, found.url, sizeof found.url);
  }
  memcpy(out->s3_url_from, found.from, sizeof found.from); /* S3 was the last */
  return SLUICE_OK;
}

/* ---- all ---- */

int settings_read(const struct world *world, const struct profiles *profiles, const char *profile, struct settings *out,
                  struct sluice_error *err) {
  struct asking a = {world, profiles, profile, err};
  struct settings made = {.region = ""};
  int status = read_region(&a, &made);
  if (status == SLUICE_OK)
    status = read_urls(&a, &made);
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
