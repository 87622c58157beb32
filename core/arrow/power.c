/* Powers of ten in 128 bits, which reading and printing of doubles share. */
#include "internal.h"
#include "tables.h"

void power_of_ten(int exponent, uint64_t *high, uint64_t *low, bool *exact) {
  *high = powers[exponent - POWER_MIN][0];
  *low = powers[exponent - POWER_MIN][1];
  *exact = exponent >= 0 && exponent <= POWER_EXACT_MAX;
}
