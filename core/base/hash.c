/* SHA-256 by libcrypto. */
#include "core/base/hash.h"
#include <openssl/evp.h>
#include <sluice/plugin.h>
#include <string.h>

static void print_hex(const unsigned char *digest, char out[HASH_SIZE]) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < 32; i++) {
    out[2 * i] = digits[digest[i] >> 4];
    out[2 * i + 1] = digits[digest[i] & 15];
  }
  out[64] = 0;
}

/* A length that no text has marks the absent one. */
static int add_text(EVP_MD_CTX *hash, const char *text) {
  uint64_t size = text ? strlen(text) : UINT64_MAX;
  unsigned char prefix[8];
  for (int i = 0; i < 8; i++)
    prefix[i] = (unsigned char)(size >> (8 * i));
  if (!EVP_DigestUpdate(hash, prefix, sizeof prefix))
    return 0;
  return !text || EVP_DigestUpdate(hash, text, strlen(text));
}

int hash_texts(const char *const *texts, size_t n, char out[HASH_SIZE]) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_MD_CTX *hash = EVP_MD_CTX_new();
  if (!hash)
    return SLUICE_ERR_MEMORY;
  int ok = EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
  for (size_t i = 0; ok && i < n; i++)
    ok = add_text(hash, texts[i]);
  ok = ok && EVP_DigestFinal_ex(hash, digest, NULL);
  EVP_MD_CTX_free(hash);
  if (!ok)
    return SLUICE_ERR_MEMORY;
  print_hex(digest, out);
  return SLUICE_OK;
}

int hash_bytes(const void *bytes, size_t n, char out[HASH_SIZE]) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  if (!EVP_Digest(bytes, n, digest, NULL, EVP_sha256(), NULL))
    return SLUICE_ERR_MEMORY;
  print_hex(digest, out);
  return SLUICE_OK;
}
