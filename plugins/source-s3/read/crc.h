/* Two cyclic redundancy checks that zlib does not have. Reflected, all ones before and after. */
#ifndef S3_CRC_H
#define S3_CRC_H
#include <stddef.h>
#include <stdint.h>

uint32_t crc_32c(const void *bytes, size_t n);          /* Castagnoli, RFC 3720 */
uint64_t crc_64nvme(const void *bytes, size_t n);       /* NVM Express command set specification */
uint32_t crc_32c_portable(const void *bytes, size_t n); /* the same without special instructions; for tests */

#endif
