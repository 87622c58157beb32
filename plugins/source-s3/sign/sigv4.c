/* AWS Signature Version 4: signing; what is signed is made in canonical.c. */
#include "sign/sigv4.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct slice slice_of(const char *string) {
  return (struct slice){string, strlen(string)};
}

static void to_hex(const uint8_t *bytes, size_t n, char *out) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < n; i++) {
    out[2 * i] = digits[bytes[i] >> 4];
    out[2 * i + 1] = digits[bytes[i] & 15];
  }
  out[2 * n] = 0;
}

void sigv4_date(int64_t unix_seconds, char out[SIGV4_DATE_SIZE]) {
  time_t when = (time_t)unix_seconds;
  struct tm parts;
  if (!gmtime_r(&when, &parts) || strftime(out, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &parts) != SIGV4_DATE_SIZE - 1)
    snprintf(out, SIGV4_DATE_SIZE, "%s", "19700101T000000Z");
}

void sigv4_hash(const void *bytes, size_t n, char hex[SIGV4_HEX_SIZE]) {
  uint8_t digest[EVP_MAX_MD_SIZE] = {0};
  unsigned size = 0;
  EVP_Digest(bytes, n, digest, &size, EVP_sha256(), NULL);
  to_hex(digest, SIGV4_KEY_SIZE, hex);
}

static bool hmac(const void *key, size_t key_size, const void *bytes, size_t n, uint8_t out[SIGV4_KEY_SIZE]) {
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (key_size > INT32_MAX || !HMAC(EVP_sha256(), key, (int)key_size, bytes, n, digest, &size))
    return false;
  memcpy(out, digest, SIGV4_KEY_SIZE);
  OPENSSL_cleanse(digest, sizeof digest);
  return true;
}

static bool hmac_text(uint8_t key[SIGV4_KEY_SIZE], const char *string, size_t n) {
  return hmac(key, SIGV4_KEY_SIZE, string, n, key);
}

bool sigv4_key(const char *secret, const struct sigv4_scope *scope, uint8_t key[SIGV4_KEY_SIZE]) {
  struct text start = {0};
  text_puts(&start, "AWS4");
  text_puts(&start, secret);
  bool ok = !start.failed && strlen(scope->date) >= 8 && hmac(start.data, start.size, scope->date, 8, key) &&
            hmac_text(key, scope->region, strlen(scope->region)) &&
            hmac_text(key, scope->service, strlen(scope->service)) && hmac_text(key, "aws4_request", 12);
  text_finish(&start);
  return ok;
}

static void add_scope(struct text *out, const struct sigv4_scope *scope) {
  text_printf(out, "%.8s/%s/%s/aws4_request", scope->date, scope->region, scope->service);
}

bool sigv4_string_to_sign(const struct text *canonical, const struct sigv4_scope *scope, struct text *out) {
  char hex[SIGV4_HEX_SIZE];
  sigv4_hash(text_get(canonical), canonical->size, hex);
  text_printf(out, "AWS4-HMAC-SHA256\n%s\n", scope->date);
  add_scope(out, scope);
  text_printf(out, "\n%s", hex);
  return !canonical->failed && !out->failed;
}

bool sigv4_signature(const uint8_t key[SIGV4_KEY_SIZE], const struct text *string_to_sign, char hex[SIGV4_HEX_SIZE]) {
  uint8_t digest[SIGV4_KEY_SIZE];
  if (!hmac(key, SIGV4_KEY_SIZE, text_get(string_to_sign), string_to_sign->size, digest))
    return false;
  to_hex(digest, sizeof digest, hex);
  return true;
}

static bool sign_canonical(const struct text *canonical, const struct sigv4_scope *scope,
                           const struct sigv4_signer *signer, char hex[SIGV4_HEX_SIZE]) {
  struct text to_sign = {0};
  bool ok = sigv4_string_to_sign(canonical, scope, &to_sign) && sigv4_signature(signer->key, &to_sign, hex);
  text_finish(&to_sign);
  return ok;
}

bool sigv4_authorize(const struct sigv4_request *request, const struct sigv4_scope *scope,
                     const struct sigv4_signer *signer, struct text *out, char canonical_hash[SIGV4_HEX_SIZE]) {
  struct text canonical = {0}, names = {0};
  char signature[SIGV4_HEX_SIZE];
  bool ok =
      sigv4_canonical_request(request, &canonical, &names) && sign_canonical(&canonical, scope, signer, signature);
  if (ok) {
    if (canonical_hash)
      sigv4_hash(text_get(&canonical), canonical.size, canonical_hash);
    text_printf(out, "AWS4-HMAC-SHA256 Credential=%s/", signer->access_key_id);
    add_scope(out, scope);
    text_printf(out, ", SignedHeaders=%s, Signature=%s", text_get(&names), signature);
  }
  text_finish(&canonical);
  text_finish(&names);
  return ok && !out->failed;
}

enum { PRESIGN_PARAMETERS = 6 };

static size_t presign_parameters(struct sigv4_pair *pairs, const char *credential, const char *date, const char *names,
                                 const char *expires, const char *token) {
  size_t n = 0;
  pairs[n++] = (struct sigv4_pair){slice_of("X-Amz-Algorithm"), slice_of("AWS4-HMAC-SHA256")};
  pairs[n++] = (struct sigv4_pair){slice_of("X-Amz-Credential"), slice_of(credential)};
  pairs[n++] = (struct sigv4_pair){slice_of("X-Amz-Date"), slice_of(date)};
  pairs[n++] = (struct sigv4_pair){slice_of("X-Amz-SignedHeaders"), slice_of(names)};
  pairs[n++] = (struct sigv4_pair){slice_of("X-Amz-Expires"), slice_of(expires)};
  if (token)
    pairs[n++] = (struct sigv4_pair){slice_of("X-Amz-Security-Token"), slice_of(token)};
  return n;
}

bool sigv4_presign(const struct sigv4_request *request, const struct sigv4_scope *scope,
                   const struct sigv4_signer *signer, int64_t expires_seconds, struct text *query,
                   struct text *canonical) {
  struct text unused = {0}, names = {0}, credential = {0}, own = {0}, names_again = {0};
  struct sigv4_request whole = *request;
  char expires[24], signature[SIGV4_HEX_SIZE];
  bool ok = false;
  struct sigv4_pair *pairs = calloc(request->n_query + PRESIGN_PARAMETERS, sizeof *pairs);
  if (!pairs || !sigv4_canonical_request(request, &unused, &names))
    goto out;
  if (request->n_query)
    memcpy(pairs, request->query, request->n_query * sizeof *pairs);
  text_printf(&credential, "%s/", signer->access_key_id);
  add_scope(&credential, scope);
  snprintf(expires, sizeof expires, "%lld", (long long)expires_seconds);
  whole.query = pairs;
  whole.n_query += presign_parameters(pairs + request->n_query, text_get(&credential), scope->date, text_get(&names),
                                      expires, signer->token);
  ok = !credential.failed && sigv4_canonical_request(&whole, &own, &names_again) &&
       sign_canonical(&own, scope, signer, signature) && sigv4_canonical_query(pairs, whole.n_query, query);
  if (!ok)
    goto out;
  text_printf(query, "&X-Amz-Signature=%s", signature);
  if (canonical)
    text_add(canonical, text_get(&own), own.size);
  ok = !query->failed && !(canonical && canonical->failed);
out:
  free(pairs);
  text_finish(&unused);
  text_finish(&names);
  text_finish(&names_again);
  text_finish(&credential);
  text_finish(&own);
  return ok;
}
