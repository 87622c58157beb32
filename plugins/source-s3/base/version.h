/* The version text of a part: its ETag, its version id, or size and time where a server gives no ETag. */
#ifndef S3_VERSION_H
#define S3_VERSION_H
#include "base/text.h"
#include <stdint.h>

void version_make(const char *etag, int64_t size, int64_t modified, struct text *out);
bool version_is_etag(const char *version);                /* and so can be pinned by If-Match */
void version_make_id(const char *id, struct text *out);   /* "null": what was there before the bucket had versions */
bool version_is_id(const char *version, const char **id); /* id: borrowed from version */
bool version_fit(const char *version);                    /* may go into a header; "" does */

#endif
