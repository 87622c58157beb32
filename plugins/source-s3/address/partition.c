/* The partitions of AWS: which domain names a region's services have. */
#include "address/partition.h"
#include <string.h>

static const struct {
  const char *prefix; /* of the regions */
  struct partition partition;
} partitions[] = {
    {"cn-", {"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", true}},
    {"us-gov-", {"aws-us-gov", "amazonaws.com", "api.aws", true}},
    {"us-isob-", {"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", true}},
    {"us-isof-", {"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", true}},
    {"us-iso-", {"aws-iso", "c2s.ic.gov", "api.aws.ic.gov", true}},
    {"eu-isoe-", {"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", true}},
    {"eusc-", {"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", true}},
};

const struct partition *partition_of(const char *region) {
  static const struct partition aws = {"aws", "amazonaws.com", "api.aws", true};
  for (size_t i = 0; i < sizeof partitions / sizeof *partitions; i++)
    if (strncmp(region, partitions[i].prefix, strlen(partitions[i].prefix)) == 0)
      return &partitions[i].partition;
  return &aws;
}
