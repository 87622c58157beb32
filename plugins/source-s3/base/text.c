/* Growable, bounded text. */
#include "base/text.h"
#include <openssl/crypto.h>
#include <sluice/arrow.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool grow(struct text *text, size_t more) {
  size_t limit = text->limit ? text->limit : TEXT_LIMIT;
  if (text->failed || more > limit || text->size > limit - more)
    return false;
  size_t need = text->size + more + 1, capacity = text->capacity ? text->capacity : 64;
  if (need <= text->capacity)
    return true;
  while (capacity < need)
    capacity *= 2;
  char *data = malloc(capacity);
  if (!data)
    return false;
  if (text->data) {
    memcpy(data, text->data, text->size);
    OPENSSL_clear_free(text->data, text->capacity); /* it may hold a secret, which realloc would leave behind */
  }
  text->data = data;
  text->capacity = capacity;
  return true;
}

void text_add(struct text *text, const void *bytes, size_t n) {
  if (!grow(text, n)) {
    text->failed = true;
    return;
  }
  if (n)
    memcpy(text->data + text->size, bytes, n);
  text->size += n;
  text->data[text->size] = 0;
}

void text_puts(struct text *text, const char *string) {
  text_add(text, string, strlen(string));
}

void text_printf(struct text *text, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (n < 0 || !grow(text, (size_t)n)) {
    text->failed = true;
    return;
  }
  va_start(args, format);
  vsnprintf(text->data + text->size, (size_t)n + 1, format, args);
  va_end(args);
  text->size += (size_t)n;
}

const char *text_get(const struct text *text) {
  return text->data ? text->data : "";
}

void text_clear(struct text *text) {
  text->size = 0;
  text->failed = false;
  if (text->data)
    text->data[0] = 0;
}

void text_finish(struct text *text) {
  OPENSSL_clear_free(text->data, text->capacity);
  memset(text, 0, sizeof *text);
}

/* Bytes of the character at the start of these; 0: it is none, or not whole. */
static size_t character(const char *bytes, size_t n) {
  unsigned char first = (unsigned char)bytes[0];
  size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return size <= n && sluice_utf8_valid(bytes, size) == size ? size : 0;
}

static bool is_control(const char *bytes, size_t size) {
  unsigned char first = (unsigned char)bytes[0];
  if (size == 1)
    return first < 0x20 || first == 0x7f;
  return size == 2 && first == 0xc2 && (unsigned char)bytes[1] < 0xa0; /* C1: some terminals obey them */
}

void text_copy_line(char *out, size_t size, const char *bytes, size_t n) {
  size_t used = 0;
  for (size_t at = 0; at < n;) {
    size_t length = character(bytes + at, n - at);
    bool shown = length && !is_control(bytes + at, length);
    size_t more = shown ? length : 1;
    if (more > size - 1 - used)
      break;
    memcpy(out + used, shown ? bytes + at : length ? " " : "?", more);
    used += more;
    at += length ? length : 1;
  }
  out[used] = 0;
}
