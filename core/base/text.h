/* A text that grows up to a limit, and sums of sizes that cannot wrap. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H
#include <sluice/sdk.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text { /* zeroed is empty; data is NUL-ended once anything was appended; limit 0: 16 MiB */
  char *data;
  size_t size, capacity, limit;
};
/* Each returns OK, or MEMORY (none left, or over the limit) and leaves the text as it was. */
int text_append(struct text *, const void *bytes, size_t n);
int text_add(struct text *, const char *text);
__attribute__((format(printf, 2, 3))) int text_printf(struct text *, const char *format, ...);
int text_vprintf(struct text *, const char *format, va_list args);
const char *text_get(const struct text *); /* never NULL */
void text_clear(struct text *);            /* empty, keeps the memory */
void text_finish(struct text *);

/* False: the result does not fit, and *out is untouched. */
static inline bool sum_sizes(size_t a, size_t b, size_t *out) {
  size_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    return false;
  *out = sum;
  return true;
}
static inline bool multiply_sizes(size_t a, size_t b, size_t *out) {
  size_t product;
  if (__builtin_mul_overflow(a, b, &product))
    return false;
  *out = product;
  return true;
}

#endif
