/* Numeric references to characters that XML 1.0 forbids become U+FFFD. XML 1.0, sections 2.2 (Char) and 4.1 (CharRef).
 */
#include "base/charref.h"
#include <stdlib.h>
#include <string.h>

static bool is_char(unsigned long c) {
  if (c < 0x20)
    return c == '\t' || c == '\n' || c == '\r';
  return c < 0xD800 || (c > 0xDFFF && c < 0xFFFE) || (c > 0xFFFF && c < 0x110000);
}

static bool is_digit(char c, bool hex) {
  return (c >= '0' && c <= '9') || (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
}

/* May what is held, with this byte, still be the beginning of a reference? */
static bool goes_on(const struct charref *ref, char c) {
  if (ref->size == 1)
    return c == '#';
  if (ref->size == 2 && c == 'x')
    return true;
  return ref->size >= 2 && ref->size < CHARREF_MAX - 1 && is_digit(c, ref->held[2] == 'x');
}

/* A whole reference is held, all but its semicolon. */
static bool is_forbidden(struct charref *ref) {
  bool hex = ref->size > 2 && ref->held[2] == 'x';
  size_t digits = hex ? 3 : 2;
  if (ref->size <= digits)
    return false;
  ref->held[ref->size] = 0;
  return !is_char(strtoul(ref->held + digits, NULL, hex ? 16 : 10));
}

static size_t copy(char *out, const char *bytes, size_t n) {
  memcpy(out, bytes, n);
  return n;
}

size_t charref_end(struct charref *ref, char *out) {
  size_t n = copy(out, ref->held, ref->size);
  ref->size = 0;
  return n;
}

/* Takes one byte after what is held. */
static size_t step(struct charref *ref, char c, char *out) {
  static const char replacement[] = "\xEF\xBF\xBD";
  if (goes_on(ref, c)) {
    ref->held[ref->size++] = c;
    return 0;
  }
  if (c == ';' && is_forbidden(ref)) {
    ref->replaced = true;
    ref->size = 0;
    return copy(out, replacement, sizeof replacement - 1);
  }
  size_t n = charref_end(ref, out);
  if (c == '&')
    ref->held[ref->size++] = c;
  else
    out[n++] = c;
  return n;
}

size_t charref_filter(struct charref *ref, const char *in, size_t n, char *out) {
  size_t written = 0, at = 0;
  while (at < n) {
    if (ref->size) {
      written += step(ref, in[at++], out + written);
      continue;
    }
    const char *next = memchr(in + at, '&', n - at);
    size_t plain = next ? (size_t)(next - in) - at : n - at;
    written += copy(out + written, in + at, plain);
    at += plain;
    if (next) {
      ref->held[ref->size++] = '&';
      at++;
    }
  }
  return written;
}
