/* The checksums that S3 can keep with an object. */
#ifndef S3D_CHECKSUM_H
#define S3D_CHECKSUM_H
#include "object.h"
#include <stdbool.h>

enum { CHECKSUM_TEXT = 64 };

bool checksum_is_known(const char *name); /* crc32, crc32c, crc64nvme, sha1, sha256 */
/* In base64, of the whole object; false when it cannot be read. */
bool checksum_of(const char *name, const struct object *o, char text[CHECKSUM_TEXT]);

#endif
