/* What a bucket is like beyond its objects: the lines of ROOT/.buckets/BUCKET, read again for each request. */
#ifndef S3D_BUCKET_H
#define S3D_BUCKET_H
#include "faults.h"

enum { BUCKET_WORD = 64, BUCKET_GLOB = 256, BUCKET_ARN = 512, BUCKET_CLASSES = 8, BUCKET_CALLERS = 8 };

struct bucket_class { /* objects whose key matches have this storage class */
  char name[24], glob[BUCKET_GLOB];
  bool restored;
};
struct bucket_caller { /* who may come in, and for what; operations 0: everything */
  char arn[BUCKET_ARN];
  unsigned operations; /* a bit for each enum operation */
};
struct bucket_settings { /* zeroed: nothing is special */
  char region[BUCKET_WORD], redirect[BUCKET_WORD], owner[BUCKET_WORD];
  char checksum[BUCKET_WORD], checksum_type[BUCKET_WORD], sse_key[BUCKET_WORD];
  bool requester_pays, versions, open, sse_http;
  struct bucket_class classes[BUCKET_CLASSES];
  size_t class_count;
  struct bucket_caller callers[BUCKET_CALLERS];
  size_t caller_count;
};

/* false: the file has an error, and `message` says where and what. */
bool bucket_settings_read(int root, const char *bucket, struct bucket_settings *out, char *message, size_t size);
/* The class of a key; NULL: STANDARD. */
const struct bucket_class *bucket_class_of(const struct bucket_settings *s, const char *key);

#endif
