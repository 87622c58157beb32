/* Percent-encoding, and the pairs of a query or a form. */
#ifndef S3D_URI_H
#define S3D_URI_H
#include "text.h"

enum uri_part { URI_PATH, URI_QUERY }; /* in a query `+` is a space; in a path a plain `/` stays */

struct uri_pair {
  char *name, *value;
};
struct uri_query {
  struct uri_pair *pairs;
  size_t count;
};

/* Decodes; false if a NUL byte comes out, which no key and no option can hold. */
bool uri_decode(struct text *out, const char *raw, size_t n, enum uri_part part);

/* Encodes all but A-Z a-z 0-9 - _ . ~ (and `/` in a path). */
void uri_encode(struct text *out, const char *bytes, size_t n, enum uri_part part);

/* The one canonical spelling of what stands on the wire, as SigV4 wants it. */
void uri_canonical(struct text *out, const char *raw, size_t n, enum uri_part part);

/* Splits `a=b&c` into decoded pairs. */
bool uri_query_init(struct uri_query *q, const char *raw, size_t n);
void uri_query_finish(struct uri_query *q);
const char *uri_query_get(const struct uri_query *q, const char *name); /* NULL when absent */
#endif
