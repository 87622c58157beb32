/* What a listing says of one object. */
#ifndef S3_ENTRY_H
#define S3_ENTRY_H
#include <stdbool.h>
#include <stdint.h>

struct stream_entry {            /* borrowed until the next call */
  const char *key;               /* whole */
  const char *etag, *version_id; /* "": none */
  int64_t size, modified;        /* microseconds, INT64_MIN unknown */
  bool archived, deleted;
  bool exact; /* the path names it */
};

#endif
