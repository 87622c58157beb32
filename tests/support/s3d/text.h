/* A growing text with a limit. A failure sticks: check `failed` once, at the end. */
#ifndef S3D_TEXT_H
#define S3D_TEXT_H
#include <stdbool.h>
#include <stddef.h>

struct text {
  char *data; /* ends with a NUL as soon as something was added */
  size_t len, cap;
  bool failed;
};

void text_add(struct text *t, const char *bytes, size_t n);
void text_puts(struct text *t, const char *s);
void text_putc(struct text *t, char c);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_finish(struct text *t);

/* Copies a text into a fixed place; false (and an empty text) when it does not fit. */
bool text_copy(char *to, size_t size, const char *from);
#endif
