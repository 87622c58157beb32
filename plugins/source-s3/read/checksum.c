/* The checksums that S3 keeps with objects. */
#include "read/checksum.h"
#include "read/crc.h"
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

static const struct {
  const char *name;
  size_t size;
} kinds[] = {[CHECKSUM_NONE] = {"", 0},         [CHECKSUM_CRC32] = {"crc32", 4},
             [CHECKSUM_CRC32C] = {"crc32c", 4}, [CHECKSUM_CRC64NVME] = {"crc64nvme", 8},
             [CHECKSUM_SHA1] = {"sha1", 20},    [CHECKSUM_SHA256] = {"sha256", 32}};

const char *checksum_name(enum checksum_kind kind) {
  return kinds[kind].name;
}

/* EVP_DecodeBlock counts padding as bytes. */
static bool decode(const char *value, size_t n, size_t wanted, uint8_t out[CHECKSUM_SIZE_MAX]) {
  unsigned char raw[CHECKSUM_SIZE_MAX + 4];
  if (n != (wanted + 2) / 3 * 4)
    return false;
  int got = EVP_DecodeBlock(raw, (const unsigned char *)value, (int)n);
  if (got < (int)wanted || memchr(value, '=', n - (3 - wanted % 3) % 3))
    return false;
  memcpy(out, raw, wanted);
  return true;
}

bool checksum_read(const char *name, size_t name_size, const char *value, size_t value_size, struct checksum *out) {
  static const char prefix[] = "x-amz-checksum-";
  size_t skip = sizeof prefix - 1;
  if (name_size <= skip || strncasecmp(name, prefix, skip) != 0)
    return false;
  for (size_t i = 1; i < sizeof kinds / sizeof *kinds; i++) {
    struct checksum found = {.kind = (enum checksum_kind)i};
    if (name_size - skip != strlen(kinds[i].name) || strncasecmp(name + skip, kinds[i].name, name_size - skip) != 0)
      continue;
    if (!decode(value, value_size, kinds[i].size, found.bytes))
      return false;
    *out = found;
    return true;
  }
  return false;
}

/* ---- values ---- */

static void put_big_endian(uint64_t value, size_t size, uint8_t *out) {
  for (size_t i = 0; i < size; i++)
    out[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
}

static bool digest(const EVP_MD *kind, const void *bytes, size_t n, uint8_t *out) {
  unsigned char full[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes, n, full, &size, kind, NULL) != 1 || size > CHECKSUM_SIZE_MAX)
    return false;
  memcpy(out, full, size);
  return true;
}

static bool compute(enum checksum_kind kind, const void *bytes, size_t n, uint8_t out[CHECKSUM_SIZE_MAX]) {
  switch (kind) {
  case CHECKSUM_NONE:
    return true;
  case CHECKSUM_CRC32:
    put_big_endian(crc32_z(0, bytes, n), 4, out);
    return true;
  case CHECKSUM_CRC32C:
    put_big_endian(crc_32c(bytes, n), 4, out);
    return true;
  case CHECKSUM_CRC64NVME:
    put_big_endian(crc_64nvme(bytes, n), 8, out);
    return true;
  case CHECKSUM_SHA1:
    return digest(EVP_sha1(), bytes, n, out);
  case CHECKSUM_SHA256:
    return digest(EVP_sha256(), bytes, n, out);
  }
  return false;
}

bool checksum_matches(const struct checksum *checksum, const void *bytes, size_t n) {
  uint8_t have[CHECKSUM_SIZE_MAX] = {0};
  return compute(checksum->kind, bytes, n, have) && memcmp(have, checksum->bytes, kinds[checksum->kind].size) == 0;
}
