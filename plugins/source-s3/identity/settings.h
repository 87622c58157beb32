/* Settings that AWS tools take from the environment and the profile: region, endpoints, FIPS, dual-stack. */
#ifndef S3_SETTINGS_H
#define S3_SETTINGS_H
#include "identity/profiles.h"

enum { SETTINGS_URL_MAX = 1024 };
struct settings_url {
  char url[SETTINGS_URL_MAX]; /* "": none is configured */
  char from[96];              /* names the variable or profile, for messages */
};
struct settings {
  char region[64], region_from[96]; /* region "": none is configured */
  /* What is configured for each service; "": none. `from` names the variable or profile, for messages. */
  char s3_url[SETTINGS_URL_MAX], sts_url[SETTINGS_URL_MAX], sso_url[SETTINGS_URL_MAX], oidc_url[SETTINGS_URL_MAX];
  char s3_url_from[96];
  bool fips, dualstack, sts_global;
};
/* profile: the selected one. CONFIG: a variable or property has a value that it cannot have. */
int settings_read(const struct world *world, const struct profiles *profiles, const char *profile, struct settings *out,
                  struct sluice_error *err);
/* The endpoint URL of one service, by its name in a services section: "s3", "sso_oidc". */
int settings_endpoint_url(const struct world *world, const struct profiles *profiles, const char *profile,
                          const char *service, struct settings_url *out, struct sluice_error *err);

#endif
