/* Fuzzes globs: a pattern, a newline, a key. A pattern whose characters are all escaped matches itself, and **
 * anything. */
#include "list/glob.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct glob *compile(const char *pattern) {
  const char *why = NULL;
  struct glob *glob = glob_create(pattern, &why);
  if (!glob && (!why || !*why))
    abort();
  return glob;
}

static void must_match(const char *pattern, const char *key) {
  struct glob *glob = compile(pattern);
  if (glob && !glob_match(glob, key))
    abort();
  glob_destroy(glob);
}

static void match_itself(const char *text, size_t n) {
  char *escaped = malloc(2 * n + 2), *to = escaped;
  if (!escaped)
    return;
  *to++ = '/';
  for (const char *from = text; *from; from++) {
    if (strchr("*?[]{}\\,-!^", *from))
      *to++ = '\\';
    *to++ = *from;
  }
  *to = 0;
  must_match(escaped, text);
  free(escaped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *pattern = malloc(size + 1);
  if (!pattern)
    return 0;
  memcpy(pattern, data, size);
  pattern[size] = 0;
  char *key = strchr(pattern, '\n');
  if (key)
    *key++ = 0;
  else
    key = pattern + strlen(pattern);
  struct glob *glob = compile(pattern);
  if (glob && glob_match(glob, key) != glob_match(glob, key))
    abort();
  glob_destroy(glob);
  must_match("**", key);
  match_itself(key, strlen(key));
  free(pattern);
  return 0;
}
