/* The region that an S3 endpoint's name tells of. */
#ifndef S3_MOVED_H
#define S3_MOVED_H
#include <stdbool.h>

/* url: a URL or a host's name, such as bucket.s3.eu-west-3.amazonaws.com or s3-eu-west-1.amazonaws.com. False: it is no
 * endpoint of S3 that names a region. */
bool moved_region(const char *url, char out[64]);

#endif
