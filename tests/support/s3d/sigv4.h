/* AWS Signature Version 4, from the server's side: what was signed, and whether it holds. */
#ifndef S3D_SIGV4_H
#define S3D_SIGV4_H
#include "hash.h"
#include "text.h"
#include <stdint.h>

#define SIGV4_EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct sigv4_header {
  const char *name, *value;
};
struct sigv4_request {
  const char *method, *target; /* the target as it stood on the wire */
  const struct sigv4_header *headers;
  size_t header_count;
  const char *body_hash; /* hex SHA-256 of the body; NULL: what x-amz-content-sha256 says (S3 only) */
};
struct sigv4_rules {
  const char *region, *service; /* region NULL: any, as an STS that stands for all the regional ones */
  bool s3;                      /* S3 wants x-amz-content-sha256 and signs presigned URLs with UNSIGNED-PAYLOAD */
  bool fold_path;               /* other services fold `//`, `.` and `..` of the path before signing */
  int64_t now;                  /* the server's clock */
};
enum sigv4_form { SIGV4_NONE, SIGV4_HEADER, SIGV4_QUERY };

/* What a request claims. */
struct sigv4_claim {
  enum sigv4_form form;
  char access_key[129], date[17], day[9], region[65], service[33], signed_headers[2049], signature[65];
  char token[4097];      /* empty without one */
  char payload[129];     /* the last line of the canonical request */
  int64_t time, expires; /* expires: seconds, presigned only */
};
/* Why a claim is refused; a code of S3's own, and its text. */
struct sigv4_refusal {
  const char *code;
  char message[400];
};

/* Reads and checks all that needs no secret. false: refused. A request without any signature has form SIGV4_NONE. */
bool sigv4_read(const struct sigv4_request *r, const struct sigv4_rules *rules, struct sigv4_claim *claim,
                struct sigv4_refusal *refusal);

/* Builds what must have been signed, and compares. The two texts are for the answer, and are filled either way. */
bool sigv4_check(const struct sigv4_request *r, const struct sigv4_rules *rules, const struct sigv4_claim *claim,
                 const char *secret, struct text *canonical, struct text *to_sign);

/* The parts, for signing and for tests. */
void sigv4_canonical(const struct sigv4_request *r, const struct sigv4_rules *rules, const struct sigv4_claim *claim,
                     struct text *out);
void sigv4_to_sign(const struct sigv4_claim *claim, const struct text *canonical, struct text *out);
bool sigv4_signature(const struct sigv4_claim *claim, const char *secret, const char *to_sign,
                     char hex[HASH_SHA256_HEX]);
const char *sigv4_find_header(const struct sigv4_request *r, const char *name); /* NULL when absent */
#endif
