/* Whole texts to integers, truth values and decimals. */
#include "internal.h"

static bool is_digit(char c) {
  return (unsigned char)(c - '0') <= 9;
}

bool sluice_parse_uint(const char *text, size_t n, uint64_t *out) {
  size_t i = n > 0 && text[0] == '+';
  uint64_t value = 0;
  if (i == n)
    return false;
  size_t sure = n - i <= 19 ? n : i + 19; /* 19 digits cannot overflow */
  for (; i < sure; i++) {
    if (!is_digit(text[i]))
      return false;
    value = value * 10 + (uint64_t)(text[i] - '0');
  }
  for (; i < n; i++) {
    if (!is_digit(text[i]) || __builtin_mul_overflow(value, 10u, &value) ||
        __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
      return false;
  }
  *out = value;
  return true;
}

bool sluice_parse_int(const char *text, size_t n, int64_t *out) {
  bool negative = n > 0 && text[0] == '-';
  uint64_t value;
  if (negative && n > 1 && text[1] == '+')
    return false;
  if (!sluice_parse_uint(text + negative, n - negative, &value))
    return false;
  if (value > (uint64_t)INT64_MAX + negative)
    return false;
  *out = negative ? (int64_t)(0 - value) : (int64_t)value;
  return true;
}

bool sluice_parse_bool(const char *text, size_t n, bool *out) {
  static const char *const words[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
  for (size_t i = 0; i < 6; i++)
    if (strlen(words[i]) == n && memcmp(words[i], text, n) == 0) {
      *out = i < 3;
      return true;
    }
  return false;
}

struct number { /* significant digits, and the power of ten behind the last of them */
  char digits[80];
  size_t n;
  int64_t exponent;
  bool negative;
};

/* A digit that is kept, or dropped if it is a zero at the front. False: more digits than any decimal has. */
static bool add_digit(struct number *number, char c, size_t *zeros) {
  if (c == '0') { /* zeros count only once another digit follows */
    *zeros += number->n > 0;
    return true;
  }
  if (*zeros > sizeof number->digits || number->n + *zeros + 1 > sizeof number->digits)
    return false;
  memset(number->digits + number->n, '0', *zeros);
  number->n += *zeros;
  *zeros = 0;
  number->digits[number->n++] = c;
  return true;
}

static bool scan_exponent(const char *text, size_t n, int64_t *out) {
  enum { EXPONENT_MAX = 1 << 30 };
  int64_t value;
  if (n == 0 || !sluice_parse_int(text, n, &value))
    return false;
  if (value > EXPONENT_MAX || value < -EXPONENT_MAX)
    return false;
  *out = value;
  return true;
}

/* [+-]digits[.digits][e[+-]digits] into significant digits without zeros at either end. */
static bool scan_number(const char *text, size_t n, struct number *out) {
  size_t i = 0, zeros = 0, seen = 0;
  int64_t fraction = 0, exponent = 0;
  bool point = false;
  out->n = 0;
  out->negative = n > 0 && text[0] == '-';
  if (n > 0 && (text[0] == '-' || text[0] == '+'))
    i++;
  for (; i < n && (is_digit(text[i]) || (text[i] == '.' && !point)); i++) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    seen++;
    fraction += point;
    if (!add_digit(out, text[i], &zeros))
      return false;
  }
  if (seen == 0)
    return false;
  if (i < n && (text[i] | 0x20) == 'e') {
    if (!scan_exponent(text + i + 1, n - i - 1, &exponent))
      return false;
    i = n;
  }
  out->exponent = exponent - fraction + (int64_t)zeros;
  return i == n;
}

static int32_t precision_of_bytes(int32_t bytes) {
  return bytes == 4 ? 9 : bytes == 8 ? 18 : bytes == 16 ? 38 : bytes == 32 ? 76 : 0;
}

static struct wide digits_to_wide(const char *digits, size_t n, int64_t zeros) {
  struct wide value = {{0}};
  for (size_t i = 0; i < n; i++)
    wide_muladd(&value, 10, (uint64_t)(digits[i] - '0'));
  for (; zeros > 0; zeros--)
    wide_muladd(&value, 10, 0);
  return value;
}

bool sluice_parse_decimal(const char *text, size_t n, int32_t precision, int32_t scale, int32_t bytes,
                          void *little_endian) {
  struct number number;
  if (!scan_number(text, n, &number))
    return false;
  int32_t widest = precision_of_bytes(bytes);
  if (precision < widest)
    widest = precision;
  int64_t zeros = number.exponent + scale; /* to put behind the digits; fewer than none: a digit would be lost */
  if (number.n == 0)
    zeros = 0;
  if (zeros < 0 || (int64_t)number.n + zeros > widest)
    return false;
  struct wide value = digits_to_wide(number.digits, number.n, zeros);
  wide_store(number.negative ? wide_negate(value) : value, little_endian, bytes);
  return true;
}
