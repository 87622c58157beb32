/* Two cyclic redundancy checks that zlib does not have: eight bytes a step by tables, or by the processor's own. */
#include "read/crc.h"
#include <pthread.h>
#include <string.h>

static const uint64_t polynomial_32c = UINT64_C(0x82f63b78), polynomial_64nvme = UINT64_C(0x9a6c9329ac4bc9b5);
static uint64_t table_32c[8][256], table_64nvme[8][256];

static void fill(uint64_t table[8][256], uint64_t polynomial) {
  for (unsigned i = 0; i < 256; i++) {
    uint64_t value = i;
    for (int bit = 0; bit < 8; bit++)
      value = value & 1 ? (value >> 1) ^ polynomial : value >> 1;
    table[0][i] = value;
  }
  for (unsigned k = 1; k < 8; k++)
    for (unsigned i = 0; i < 256; i++)
      table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 0xff];
}

static void fill_tables(void) {
  fill(table_32c, polynomial_32c);
  fill(table_64nvme, polynomial_64nvme);
}

static uint64_t load(const uint8_t *bytes) {
  uint64_t word = 0;
  for (unsigned i = 0; i < 8; i++)
    word |= (uint64_t)bytes[i] << (8 * i);
  return word;
}

static uint64_t by_table(uint64_t table[8][256], uint64_t value, const uint8_t *bytes, size_t n) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, fill_tables);
  for (; n >= 8; bytes += 8, n -= 8) {
    uint64_t word = value ^ load(bytes);
    value = 0;
    for (unsigned i = 0; i < 8; i++)
      value ^= table[7 - i][(word >> (8 * i)) & 0xff];
  }
  for (; n; bytes++, n--)
    value = (value >> 8) ^ table[0][(value ^ *bytes) & 0xff];
  return value;
}

uint32_t crc_32c_portable(const void *bytes, size_t n) {
  return (uint32_t)~by_table(table_32c, UINT32_MAX, bytes, n);
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_processor(const uint8_t *bytes, size_t n) {
  uint64_t value = UINT32_MAX;
  for (; n >= 8; bytes += 8, n -= 8) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    value = __builtin_ia32_crc32di(value, word);
  }
  for (; n; bytes++, n--)
    value = __builtin_ia32_crc32qi((uint32_t)value, *bytes);
  return (uint32_t)~value;
}

uint32_t crc_32c(const void *bytes, size_t n) {
  return __builtin_cpu_supports("sse4.2") ? by_processor(bytes, n) : crc_32c_portable(bytes, n);
}
#else
uint32_t crc_32c(const void *bytes, size_t n) {
  return crc_32c_portable(bytes, n);
}
#endif

uint64_t crc_64nvme(const void *bytes, size_t n) {
  return ~by_table(table_64nvme, UINT64_MAX, bytes, n);
}
