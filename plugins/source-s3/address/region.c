/* AWS regions: what is a region's name, and which partition (a closed set of regions with its own domain) it is in. */
#include "address/region.h"
#include <stddef.h>
#include <string.h>

/* Longer prefixes before shorter ones; the last takes all. */
static const struct partition partitions[] = {
    {"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", false},
    {"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", true},
    {"aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu", true},
    {"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", true},
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", true},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", true},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", true},
    {"aws", "", "amazonaws.com", "api.aws", true}};

bool region_valid(const char *region) {
  size_t n = strlen(region);
  return n >= 1 && n <= 63 && strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

bool region_is_global(const char *region) {
  return strcmp(region, "aws-global") == 0;
}

const struct partition *region_partition(const char *region) {
  const struct partition *at = partitions;
  while (strncmp(region, at->prefix, strlen(at->prefix)) != 0)
    at++;
  return at;
}
