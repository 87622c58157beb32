/* How many digits a number takes, as it is written. */
#ifndef JSON_DIGITS_H
#define JSON_DIGITS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_digits {    /* each is cut off at JSON_DIGITS_MANY */
  uint32_t whole;       /* before the point, without zeros at the front, once the exponent has moved the point */
  uint32_t scale;       /* behind it */
  uint32_t significant; /* without zeros at either end */
};
enum { JSON_DIGITS_MANY = 1 << 20, JSON_DIGITS_DOUBLE = 17 /* that a double can give back */ };

/* Of a number that JSON has. */
struct json_digits json_digits_of(const char *text, size_t n);
/* Whether the double that was read from a number with a fraction or an exponent gives back all its digits. */
static inline bool json_digits_kept(struct json_digits digits, double value) {
  return digits.significant <= JSON_DIGITS_DOUBLE && (value != 0 || digits.significant == 0); /* 0: it is too small */
}

#endif
