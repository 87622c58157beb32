/* Integers of 256 bits: just what decimals need. */
#include "internal.h"

__extension__ typedef unsigned __int128 u128;

struct wide wide_load(const void *little_endian, int32_t bytes) {
  const uint8_t *in = little_endian;
  struct wide value;
  memset(&value, in[bytes - 1] & 0x80 ? 0xff : 0, sizeof value);
  memcpy(&value, in, (size_t)bytes);
  return value;
}

void wide_store(struct wide value, void *little_endian, int32_t bytes) {
  memcpy(little_endian, &value, (size_t)bytes);
}

bool wide_negative(struct wide value) {
  return value.limb[3] >> 63;
}

struct wide wide_negate(struct wide value) {
  uint64_t carry = 1;
  for (int i = 0; i < 4; i++) {
    value.limb[i] = ~value.limb[i] + carry;
    carry = carry && value.limb[i] == 0;
  }
  return value;
}

bool wide_muladd(struct wide *value, uint64_t factor, uint64_t addend) {
  uint64_t carry = addend;
  for (int i = 0; i < 4; i++) {
    u128 product = (u128)value->limb[i] * factor + carry;
    value->limb[i] = (uint64_t)product;
    carry = (uint64_t)(product >> 64);
  }
  return carry == 0;
}

uint64_t wide_divide(struct wide *value, uint64_t divisor) {
  uint64_t rest = 0;
  for (int i = 3; i >= 0; i--) {
    if (rest == 0 && value->limb[i] < divisor) { /* the common short values need no long division */
      rest = value->limb[i];
      value->limb[i] = 0;
      continue;
    }
    u128 part = (u128)rest << 64 | value->limb[i];
    value->limb[i] = (uint64_t)(part / divisor);
    rest = (uint64_t)(part % divisor);
  }
  return rest;
}

bool wide_is_zero(struct wide value) {
  return !(value.limb[0] | value.limb[1] | value.limb[2] | value.limb[3]);
}
