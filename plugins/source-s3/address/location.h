/* Where objects are: bucket (or access point) and key (or prefix) of an s3://, s3a:// or s3n:// path. */
#ifndef S3_LOCATION_H
#define S3_LOCATION_H
#include <sluice/sdk.h>
#include <stdbool.h>

enum { LOCATION_BUCKET_MAX = 255, LOCATION_KEY_MAX = 3800 /* S3 allows 1,024; a part name has 4,096 */ };

struct location {
  char bucket[LOCATION_BUCKET_MAX + 1]; /* or an ARN, up to the access point's name */
  char key[LOCATION_KEY_MAX + 1];       /* as the path has it, a trailing slash included; "" is the whole bucket */
};

/* where: the option, for the error. CONFIG: it is not such a path. */
int location_parse(const char *uri, const char *where, struct location *out, struct sluice_error *err);

#endif
