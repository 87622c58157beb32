/* Growable, bounded text. A failed append sticks, so that a caller may check once at the end. */
#ifndef S3_TEXT_H
#define S3_TEXT_H
#include <stdbool.h>
#include <stddef.h>

struct text { /* zeroed is empty; limit 0 means TEXT_LIMIT */
  char *data; /* NUL-ended once anything was added */
  size_t size, capacity, limit;
  bool failed; /* no memory, or over the limit: what is there is not whole */
};
enum { TEXT_LIMIT = 1 << 20 };

void text_add(struct text *text, const void *bytes, size_t n);
void text_puts(struct text *text, const char *string);
__attribute__((format(printf, 2, 3))) void text_printf(struct text *text, const char *format, ...);
const char *text_get(const struct text *text); /* never NULL */
void text_clear(struct text *text);            /* keeps the memory */
void text_finish(struct text *text);           /* wipes and frees */

/* Copies what fits into size - 1 bytes of a text for people, and ends it: control characters become blanks, what is not
 * UTF-8 a question mark, and no character is cut. */
void text_copy_line(char *out, size_t size, const char *bytes, size_t n);

#endif
