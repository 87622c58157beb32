/* One request body: undone, counted, hashed and, unless only counted, kept as lines. */
#ifndef RECV_BODY_H
#define RECV_BODY_H
#include "scan.h"
#include <openssl/evp.h>
#include <zlib.h>

enum { SHA_TEXT = 65 };

struct body {
  struct scan scan;
  struct lines lines;
  bool keep, gzip;
  int zip_state; /* the last answer of inflate */
  z_stream zip;
  EVP_MD_CTX *sha;
  int64_t bytes; /* decoded */
  char sha256[SHA_TEXT];
};

/* keep: store records and hash; otherwise they are only counted. False: no memory. */
bool body_init(struct body *, enum scan_kind, bool gzip, bool keep);
void body_feed(struct body *, const void *bytes, size_t n);
/* NULL: the body is whole and sound; else what is wrong. */
const char *body_end(struct body *);
void body_finish(struct body *);
/* True if a record line contains the text. */
bool body_contains(const struct body *, const char *text);

#endif
