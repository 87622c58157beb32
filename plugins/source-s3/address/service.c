/* The endpoints of AWS services other than S3 that Sluice asks, by region. */
#include "address/service.h"
#include "address/region.h"

static const char *const host_names[] = {
    [SERVICE_STS] = "sts", [SERVICE_SSO] = "portal.sso", [SERVICE_SSO_OIDC] = "oidc"};

/* Regions of before 2019: their STS could be asked at sts.amazonaws.com. */
static bool had_global_sts(const char *region) {
  static const char *const old[] = {"ap-northeast-1", "ap-south-1",   "ap-southeast-1", "ap-southeast-2",
                                    "aws-global",     "ca-central-1", "eu-central-1",   "eu-north-1",
                                    "eu-west-1",      "eu-west-2",    "eu-west-3",      "sa-east-1",
                                    "us-east-1",      "us-east-2",    "us-west-1",      "us-west-2"};
  for (size_t i = 0; i < sizeof old / sizeof old[0]; i++)
    if (strcmp(region, old[i]) == 0)
      return true;
  return false;
}

static bool asks_global_sts(enum service service, const struct service_place *place) {
  if (service != SERVICE_STS || place->fips || place->dualstack)
    return false;
  return region_is_global(place->region) || (place->global && had_global_sts(place->region));
}

static void regional(enum service service, const struct service_place *place, const char *region,
                     struct service_address *out) {
  const struct partition *partition = region_partition(region);
  /* All endpoints of GovCloud are FIPS ones and bear the plain names, unless they are dual-stack. */
  bool plain = !place->fips || (!place->dualstack && strcmp(partition->name, "aws-us-gov") == 0);
  snprintf(out->url, sizeof out->url, "https://%s%s.%s.%s", host_names[service], plain ? "" : "-fips", region,
           place->dualstack ? partition->dualstack_suffix : partition->suffix);
  snprintf(out->signing_region, sizeof out->signing_region, "%s", region);
}

int service_address(enum service service, const struct service_place *place, struct service_address *out,
                    struct sluice_error *err) {
  if (!place->region || !region_valid(place->region))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "region", "\"%.80s\" is no region; write one such as eu-west-3",
                       place->region ? place->region : "");
  if (asks_global_sts(service, place)) {
    snprintf(out->url, sizeof out->url, "https://sts.amazonaws.com");
    snprintf(out->signing_region, sizeof out->signing_region, "us-east-1");
  } else {
    regional(service, place, region_is_global(place->region) ? "us-east-1" : place->region, out);
  }
  return SLUICE_OK;
}
