/* A growing text with a limit. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_LIMIT = 64 << 20 };

static bool reserve(struct text *t, size_t more) {
  if (t->failed || more >= TEXT_LIMIT - t->len) {
    t->failed = true;
    return false;
  }
  size_t need = t->len + more + 1;
  if (need <= t->cap)
    return true;
  size_t cap = t->cap ? t->cap : 256;
  while (cap < need)
    cap *= 2;
  char *data = realloc(t->data, cap);
  if (!data) {
    t->failed = true;
    return false;
  }
  t->data = data;
  t->cap = cap;
  return true;
}

void text_add(struct text *t, const char *bytes, size_t n) {
  if (!reserve(t, n))
    return;
  if (n > 0)
    memcpy(t->data + t->len, bytes, n);
  t->len += n;
  t->data[t->len] = '\0';
}

void text_puts(struct text *t, const char *s) {
  text_add(t, s, strlen(s));
}

void text_putc(struct text *t, char c) {
  text_add(t, &c, 1);
}

void text_printf(struct text *t, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  if (n < 0)
    t->failed = true;
  else if (reserve(t, (size_t)n)) {
    vsnprintf(t->data + t->len, (size_t)n + 1, format, again);
    t->len += (size_t)n;
  }
  va_end(again);
  va_end(args);
}

void text_finish(struct text *t) {
  free(t->data);
  *t = (struct text){0};
}

bool text_copy(char *to, size_t size, const char *from) {
  size_t n = strlen(from);
  bool fits = n < size;
  memcpy(to, from, fits ? n + 1 : 0);
  if (!fits)
    to[0] = '\0';
  return fits;
}
