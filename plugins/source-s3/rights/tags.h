/* A call that reads the tags of a bucket or an object. */
#ifndef S3_TAGS_H
#define S3_TAGS_H
#include "request/call.h"

enum { TAGS_MAX = 64 };
struct tags {
  struct call call; /* first: it is a call */
  struct xml *xml;
  struct text text;                        /* of all keys and values, each NUL-ended */
  size_t keys[TAGS_MAX], values[TAGS_MAX]; /* offsets */
  size_t count, found_key, found_value;
  char *key, *version_id;
  struct sigv4_pair query[2];
};

/* key "": the bucket's tags. version_id may be NULL. NULL: no memory. */
struct tags *tags_create(struct bucket *bucket, const char *key, const char *version_id);
const char *tags_value(const struct tags *tags, const char *key); /* of a call that ended well; NULL: no such tag */

#endif
