/* Percent encoding as AWS wants it, and its reverse as S3 listings use it. */
#include "base/uri.h"

static bool plain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '~';
}

static void encode_byte(struct text *out, char c) {
  static const char digits[] = "0123456789ABCDEF";
  unsigned char byte = (unsigned char)c;
  char hex[3] = {'%', digits[byte >> 4], digits[byte & 15]};
  text_add(out, hex, 3);
}

void uri_encode(struct text *out, const char *bytes, size_t n) {
  text_add(out, "", 0);
  for (size_t i = 0; i < n; i++) {
    if (plain(bytes[i]))
      text_add(out, bytes + i, 1);
    else
      encode_byte(out, bytes[i]);
  }
}

void uri_encode_path(struct text *out, const char *bytes, size_t n) {
  text_add(out, "", 0);
  for (size_t i = 0; i < n; i++) {
    if (plain(bytes[i]) || bytes[i] == '/')
      text_add(out, bytes + i, 1);
    else
      encode_byte(out, bytes[i]);
  }
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

bool uri_decode(char *bytes, size_t *n) {
  size_t out = 0;
  for (size_t i = 0; i < *n; i++) {
    char c = bytes[i];
    if (c == '+')
      c = ' ';
    if (c == '%') {
      if (*n - i < 3)
        return false;
      int high = hex_digit(bytes[i + 1]), low = hex_digit(bytes[i + 2]);
      if (high < 0 || low < 0)
        return false;
      c = (char)(high * 16 + low);
      i += 2;
    }
    bytes[out++] = c;
  }
  *n = out;
  return true;
}
