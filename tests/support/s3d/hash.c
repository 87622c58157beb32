/* Digests as hex text, and HMAC-SHA256. */
#include "hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

void hash_hex(const unsigned char *bytes, size_t n, char *hex) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < n; i++) {
    hex[2 * i] = digits[bytes[i] >> 4];
    hex[2 * i + 1] = digits[bytes[i] & 15];
  }
  hex[2 * n] = '\0';
}

static bool digest(const EVP_MD *kind, const void *data, size_t n, char *hex) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  if (!EVP_Digest(data, n, out, &len, kind, NULL))
    return false;
  hash_hex(out, len, hex);
  return true;
}

bool hash_sha256(const void *data, size_t n, char hex[HASH_SHA256_HEX]) {
  return digest(EVP_sha256(), data, n, hex);
}

bool hash_md5(const void *data, size_t n, char hex[HASH_MD5_HEX]) {
  return digest(EVP_md5(), data, n, hex);
}

bool hash_hmac(const void *key, size_t key_len, const char *text, unsigned char out[HASH_HMAC]) {
  unsigned len = 0;
  return HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), out, &len) != NULL;
}
