/* Allocations that fail at will, and a count of the blocks that live. */
#include "failing.h"
#include <stdlib.h>

int64_t failing_in = -1, failing_live;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t n);
void *__real_aligned_alloc(size_t align, size_t n);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t n);
void __real_free(void *block);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t n);
void *__wrap_aligned_alloc(size_t align, size_t n);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t n);
void __wrap_free(void *block);

bool failing_now(void) {
  return failing_in >= 0 && failing_in-- == 0;
}

static void *counted(void *block) {
  failing_live += block != NULL;
  return block;
}

void *__wrap_malloc(size_t n) {
  return failing_now() ? NULL : counted(__real_malloc(n));
}
void *__wrap_calloc(size_t n, size_t size) {
  return failing_now() ? NULL : counted(__real_calloc(n, size));
}
void *__wrap_realloc(void *old, size_t n) {
  if (failing_now())
    return NULL;
  return old ? __real_realloc(old, n) : counted(__real_realloc(old, n));
}
void *__wrap_aligned_alloc(size_t align, size_t n) {
  return failing_now() ? NULL : counted(__real_aligned_alloc(align, n));
}
char *__wrap_strdup(const char *text) {
  return failing_now() ? NULL : counted(__real_strdup(text));
}
char *__wrap_strndup(const char *text, size_t n) {
  return failing_now() ? NULL : counted(__real_strndup(text, n));
}
void __wrap_free(void *block) {
  failing_live -= block != NULL;
  __real_free(block);
}
