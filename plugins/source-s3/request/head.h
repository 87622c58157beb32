/* The part of an HTTP answer before its body, as far as S3 needs it. */
#ifndef S3_HEAD_H
#define S3_HEAD_H
#include "read/checksum.h"
#include "request/fault.h"

struct head {
  int http;
  bool ended;               /* the blank line came */
  size_t bytes;             /* of all lines so far */
  int64_t length;           /* Content-Length; -1: none */
  int64_t first, last;      /* Content-Range; -1: none */
  int64_t total;            /* of the object, from Content-Range; -1 unknown */
  int64_t date;             /* seconds since 1970; -1: none */
  int64_t retry_ms;         /* -1: none */
  int64_t retry_extra_ms;   /* see struct fault */
  struct checksum checksum; /* of the whole object */
  bool composite;           /* checksum is one of parts */
  bool etag_unfit;          /* an ETag that cannot be sent back */
  char etag[1001];          /* without quotes; "": none */
  char region[64], request_id[96], host_id[128];
};
enum { HEAD_BYTES_MAX = 256 << 10 };

void head_clear(struct head *head);
/* Takes one line, its end included. false: the head is too large. */
bool head_line(struct head *head, const char *line, size_t n);

#endif
