/* Objects that are encrypted with a key of the customer (SSE-C): who does not bring it is refused. */
#ifndef S3D_SSE_H
#define S3D_SSE_H
#include <stdbool.h>

struct request;

/* false: the answer is made. */
bool sse_allows(struct request *r);

#endif
