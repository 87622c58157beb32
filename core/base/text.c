/* Growable text with a limit. */
#include "core/base/text.h"
#include <stdlib.h>

enum { TEXT_LIMIT = 16 << 20, TEXT_FIRST = 64 };

static int reserve(struct text *text, size_t more) {
  size_t limit = text->limit ? text->limit : TEXT_LIMIT;
  size_t needed;
  if (!sum_sizes(text->size, more, &needed) || needed > limit)
    return SLUICE_ERR_MEMORY;
  if (needed < text->capacity)
    return SLUICE_OK; /* "<": room for the NUL */
  size_t capacity = text->capacity ? text->capacity : TEXT_FIRST;
  while (capacity <= needed)
    capacity *= 2;
  char *data = realloc(text->data, capacity);
  if (!data)
    return SLUICE_ERR_MEMORY;
  text->data = data;
  text->capacity = capacity;
  return SLUICE_OK;
}

int text_append(struct text *text, const void *bytes, size_t n) {
  int status = reserve(text, n);
  if (status != SLUICE_OK)
    return status;
  if (n)
    memcpy(text->data + text->size, bytes, n);
  text->size += n;
  text->data[text->size] = 0;
  return SLUICE_OK;
}

int text_add(struct text *text, const char *more) {
  return text_append(text, more, strlen(more));
}

int text_vprintf(struct text *text, const char *format, va_list args) {
  va_list again;
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, again);
  va_end(again);
  if (n < 0)
    return SLUICE_ERR_MEMORY;
  int status = reserve(text, (size_t)n);
  if (status != SLUICE_OK)
    return status;
  vsnprintf(text->data + text->size, (size_t)n + 1, format, args);
  text->size += (size_t)n;
  return SLUICE_OK;
}

int text_printf(struct text *text, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int status = text_vprintf(text, format, args);
  va_end(args);
  return status;
}

const char *text_get(const struct text *text) {
  return text->data ? text->data : "";
}

void text_clear(struct text *text) {
  text->size = 0;
  if (text->data)
    text->data[0] = 0;
}

void text_finish(struct text *text) {
  free(text->data);
  *text = (struct text){.limit = text->limit};
}
