/* Bodies that are not what they should be. */
#ifndef S3D_GARBAGE_H
#define S3D_GARBAGE_H
#include <stdbool.h>
#include <stddef.h>

bool garbage_is_known(const char *kind);
/* Text of malloc; NULL: out of memory. */
char *garbage_make(const char *kind, size_t *len);

#endif
