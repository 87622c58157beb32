/* Digests as hex text, and HMAC-SHA256. */
#ifndef S3D_HASH_H
#define S3D_HASH_H
#include <stdbool.h>
#include <stddef.h>

enum { HASH_SHA256_HEX = 65, HASH_MD5_HEX = 33, HASH_HMAC = 32 };

bool hash_sha256(const void *data, size_t n, char hex[HASH_SHA256_HEX]);
bool hash_md5(const void *data, size_t n, char hex[HASH_MD5_HEX]);
bool hash_hmac(const void *key, size_t key_len, const char *text, unsigned char out[HASH_HMAC]);
void hash_hex(const unsigned char *bytes, size_t n, char *hex); /* 2n + 1 bytes */
#endif
