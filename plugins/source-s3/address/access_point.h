/* Access points: the ARNs that a bucket may be named by. */
#ifndef S3_ACCESS_POINT_H
#define S3_ACCESS_POINT_H
#include <sluice/sdk.h>
#include <stdbool.h>

struct access_point {
  char region[64];
  char host[64]; /* NAME-ACCOUNT: the first label of its host */
};

bool access_point_is_arn(const char *text); /* what begins with "arn:" */
/* How much of an ARN with a key behind it names the access point: up to the slash after NAME, or to the end. */
size_t access_point_span(const char *text);
/* The whole text must be arn:PARTITION:s3:REGION:ACCOUNT:accesspoint/NAME (or accesspoint:NAME). CONFIG: it is none, or
 * one that cannot be read: multi-region, on Outposts, of Object Lambda. where: the option, for the error. */
int access_point_parse(const char *arn, const char *where, struct access_point *out, struct sluice_error *err);

#endif
