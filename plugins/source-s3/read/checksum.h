/* The checksums that S3 keeps with objects: CRC-32, CRC-32C, CRC-64/NVME, SHA-1, SHA-256. */
#ifndef S3_CHECKSUM_H
#define S3_CHECKSUM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum checksum_kind {
  CHECKSUM_NONE,
  CHECKSUM_CRC32,
  CHECKSUM_CRC32C,
  CHECKSUM_CRC64NVME,
  CHECKSUM_SHA1,
  CHECKSUM_SHA256
};
enum { CHECKSUM_SIZE_MAX = 32 };
struct checksum { /* zeroed: none */
  enum checksum_kind kind;
  uint8_t bytes[CHECKSUM_SIZE_MAX]; /* big-endian, as S3 has them before base64 */
};

/* Reads one header: name such as x-amz-checksum-crc32c, in any case, value in base64. False: it is not one, or a
 * checksum of checksums (its value ends in -N), which only the parts could prove. */
bool checksum_read(const char *name, size_t name_size, const char *value, size_t value_size, struct checksum *out);
const char *checksum_name(enum checksum_kind kind);
bool checksum_matches(const struct checksum *checksum, const void *bytes, size_t n); /* NONE matches all */

#endif
