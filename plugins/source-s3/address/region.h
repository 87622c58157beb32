/* AWS regions: what is a region's name, and which partition (a closed set of regions with its own domain) it is in. */
#ifndef S3_REGION_H
#define S3_REGION_H
#include <stdbool.h>

struct partition {
  const char *name;             /* as the second part of an ARN */
  const char *prefix;           /* what its regions begin with; "" takes all that no other takes */
  const char *suffix;           /* the domain of most endpoints */
  const char *dualstack_suffix; /* of services younger than S3 */
  bool s3_fips;                 /* S3 has FIPS endpoints there */
};

bool region_valid(const char *region);     /* lower-case letters, digits, dashes; 1 to 63 */
bool region_is_global(const char *region); /* "aws-global": the endpoint of no region, in us-east-1 */
const struct partition *region_partition(const char *region); /* never NULL: unknown regions are taken for new ones */

#endif
