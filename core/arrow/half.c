/* Half-precision floats, which C11 has no type for. */
#include "internal.h"
#include <math.h>

double half_to_double(uint16_t half) {
  int exponent = half >> 10 & 31, fraction = half & 1023;
  double value;
  if (exponent == 31)
    value = fraction ? (double)NAN : (double)INFINITY;
  else if (exponent == 0)
    value = ldexp(fraction, -24);
  else
    value = ldexp(1024 + fraction, exponent - 25);
  return half >> 15 ? -value : value;
}

uint16_t half_from_double(double value) {
  uint16_t sign = signbit(value) ? 0x8000 : 0;
  double size = fabs(value);
  if (isnan(value))
    return sign | 0x7e00;
  if (size >= 65520)
    return sign | 0x7c00; /* rounds beyond the largest, 65504 */
  int exponent = size < 0x1p-14 ? -14 : ilogb(size);
  int steps = (int)nearbyint(ldexp(size, 10 - exponent)); /* of 2^(exponent - 10); 2048 carries into the exponent */
  return (uint16_t)(sign | ((exponent + 14) * 1024 + steps));
}
