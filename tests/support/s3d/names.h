/* Names in listings: plain, or encoded as S3 does it when asked. */
#ifndef S3D_NAMES_H
#define S3D_NAMES_H
#include "xml.h"

void names_put(struct xml *x, const char *element, const char *name, size_t n, bool url);

#endif
