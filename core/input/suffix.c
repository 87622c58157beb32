/* Names of files that are packed. */
#include "core/input/input.h"
#include <string.h>
#include <strings.h>

bool input_is_packed(const char *suffix, size_t n) {
  static const char *const known[] = {".gz", ".zst", ".bz2", ".xz", ".lz4", ".sz", ".snappy", ".zip"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strlen(known[i]) == n && strncasecmp(known[i], suffix, n) == 0)
      return true;
  return false;
}

size_t input_plain_size(const char *name) {
  const char *suffix = strrchr(name, '.');
  bool packed = suffix && suffix > name && input_is_packed(suffix, strlen(suffix));
  return packed ? (size_t)(suffix - name) : strlen(name);
}
