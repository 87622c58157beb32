/* UTF-8 validation: eight bytes a step through ASCII, by the table of RFC 3629 elsewhere. */
#include "internal.h"

/* Length of the character at p, 0: not one. n is at least 1. */
static size_t character(const uint8_t *p, size_t n) {
  uint8_t a = p[0];
  if (a < 0x80)
    return 1;
  if (a < 0xc2 || a > 0xf4)
    return 0;
  size_t size = a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
  if (n < size)
    return 0;
  uint8_t low = a == 0xe0 ? 0xa0 : a == 0xf0 ? 0x90 : 0x80;  /* no overlong forms */
  uint8_t high = a == 0xed ? 0x9f : a == 0xf4 ? 0x8f : 0xbf; /* no surrogates, nothing over U+10FFFF */
  if (p[1] < low || p[1] > high)
    return 0;
  for (size_t i = 2; i < size; i++)
    if ((p[i] & 0xc0) != 0x80)
      return 0;
  return size;
}

static size_t skip_ascii(const uint8_t *p, size_t i, size_t n) {
  uint64_t a, b;
  while (n - i >= 16) {
    memcpy(&a, p + i, 8);
    memcpy(&b, p + i + 8, 8);
    if ((a | b) & 0x8080808080808080u)
      break;
    i += 16;
  }
  while (i < n && p[i] < 0x80)
    i++;
  return i;
}

size_t sluice_utf8_valid(const void *text, size_t n) {
  const uint8_t *p = text;
  size_t i = 0;
  while (i < n) {
    i = skip_ascii(p, i, n);
    while (i < n && p[i] >= 0x80) { /* texts of other scripts: stay here */
      size_t size = character(p + i, n - i);
      if (size == 0)
        return i;
      i += size;
    }
  }
  return n;
}
