/* Percent encoding as AWS wants it, and its reverse as S3 listings use it. */
#ifndef S3_URI_H
#define S3_URI_H
#include "base/text.h"

void uri_encode(struct text *out, const char *bytes, size_t n);      /* keeps A-Z a-z 0-9 - _ . ~ */
void uri_encode_path(struct text *out, const char *bytes, size_t n); /* and the slash */
/* Decodes in place, %XX and + (a blank); false: a % without two hex digits. */
bool uri_decode(char *bytes, size_t *n);

#endif
