/* AWS Signature Version 4: pure functions of their arguments, header and presigned query form. */
#ifndef S3_SIGV4_H
#define S3_SIGV4_H
#include "base/text.h"
#include <stdint.h>

#define SIGV4_EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"
enum { SIGV4_KEY_SIZE = 32, SIGV4_HEX_SIZE = 65, SIGV4_DATE_SIZE = 17 };

struct slice {
  const char *data;
  size_t size;
};
struct sigv4_pair { /* a query parameter or header, raw: nothing encoded, trimmed or folded yet */
  struct slice name, value;
};
struct sigv4_request {
  const char *method;
  struct slice path; /* raw, as the key is */
  const struct sigv4_pair *query, *headers;
  size_t n_query, n_headers;
  const char *payload_hash;
  bool fold_path; /* other services than S3 fold dot segments and double slashes */
};
struct sigv4_scope {
  const char *date, *region, *service; /* date: 20130524T000000Z */
};
struct sigv4_signer {
  const char *access_key_id, *token; /* token NULL: none; it is used by presigning only */
  uint8_t key[SIGV4_KEY_SIZE];
};

struct slice slice_of(const char *string);
void sigv4_date(int64_t unix_seconds, char out[SIGV4_DATE_SIZE]);
void sigv4_hash(const void *bytes, size_t n, char hex[SIGV4_HEX_SIZE]);

/* All return false when memory is short or a text is over its limit; outputs are appended to. */
bool sigv4_canonical_query(const struct sigv4_pair *query, size_t n, struct text *out);
bool sigv4_canonical_path(struct slice path, bool fold, struct text *out);
bool sigv4_canonical_request(const struct sigv4_request *request, struct text *out, struct text *signed_headers);
bool sigv4_string_to_sign(const struct text *canonical, const struct sigv4_scope *scope, struct text *out);
bool sigv4_key(const char *secret, const struct sigv4_scope *scope, uint8_t key[SIGV4_KEY_SIZE]);
bool sigv4_signature(const uint8_t key[SIGV4_KEY_SIZE], const struct text *string_to_sign, char hex[SIGV4_HEX_SIZE]);

/* The value of the Authorization header; canonical_hash (may be NULL) gets the hash of the canonical request. */
bool sigv4_authorize(const struct sigv4_request *request, const struct sigv4_scope *scope,
                     const struct sigv4_signer *signer, struct text *out, char canonical_hash[SIGV4_HEX_SIZE]);
/* The query of the presigned form; canonical (may be NULL) gets the canonical request. */
bool sigv4_presign(const struct sigv4_request *request, const struct sigv4_scope *scope,
                   const struct sigv4_signer *signer, int64_t expires_seconds, struct text *query,
                   struct text *canonical);

#endif
