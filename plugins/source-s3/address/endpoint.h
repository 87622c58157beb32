/* Which host and path a bucket is reached at. */
#ifndef S3_ENDPOINT_H
#define S3_ENDPOINT_H
#include "address/region.h"
#include <sluice/sdk.h>
#include <stdbool.h>

enum addressing { ADDRESSING_AUTO, ADDRESSING_VIRTUAL, ADDRESSING_PATH }; /* order as the option's choices */

struct endpoint {
  bool fips, dualstack;        /* set after endpoint_parse, then endpoint_check */
  bool custom, https, numeric; /* custom: not AWS; numeric: an IP address */
  enum addressing addressing;
  char host[254]; /* as in the URL, an IPv6 address with its brackets */
  char port[8];   /* ":8080", or "" where it is the scheme's own */
  char base[256]; /* path before the bucket, without its last slash; "" mostly */
};

struct address {
  bool https;
  char host[640];          /* with the port: what the Host header says */
  char root[640];          /* raw path before the "/" of the key: "" or "/bucket" */
  char signing_region[64]; /* the access point's own, us-east-1 for aws-global; mostly the region asked for */
};

/* url NULL or "": AWS. where: the option or variable, for the error. */
int endpoint_parse(const char *url, const char *where, enum addressing addressing, struct endpoint *out,
                   struct sluice_error *err);
/* CONFIG: settings that do not go together. */
int endpoint_check(const struct endpoint *endpoint, struct sluice_error *err);
/* bucket: as location_parse gave it, a name or an access point's ARN. CONFIG: it cannot be reached so. The region must
 * be valid. */
int endpoint_address(const struct endpoint *endpoint, const char *bucket, const char *region, struct address *out,
                     struct sluice_error *err);

#endif
