/* The partitions of AWS: which domain names a region's services have. */
#ifndef S3_PARTITION_H
#define S3_PARTITION_H
#include <stdbool.h>

struct partition {
  const char *name, *suffix, *dualstack; /* dualstack: suffix of services other than S3; NULL: none */
  bool fips;
};
const struct partition *partition_of(const char *region); /* never NULL: a region nobody knows is one of "aws" */

#endif
