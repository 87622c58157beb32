/* The endpoints of AWS services other than S3 that Sluice asks, by region. */
#ifndef S3_SERVICE_H
#define S3_SERVICE_H
#include <sluice/sdk.h>
#include <stdbool.h>

enum service { SERVICE_STS, SERVICE_SSO, SERVICE_SSO_OIDC };
struct service_place {
  const char *region;
  bool fips, dualstack;
  bool global; /* STS: the one endpoint of old, in the regions that have it */
};
struct service_address {
  char url[320];           /* https://sts.eu-west-3.amazonaws.com */
  char signing_region[64]; /* STS: as the endpoint wants it signed */
};
int service_address(enum service service, const struct service_place *place, struct service_address *out,
                    struct sluice_error *err);

#endif
