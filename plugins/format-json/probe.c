/* Tells whether the head of a part looks like records of JSON. */
#include "json.h"
#include <strings.h>

enum { BY_NAME = 40, BY_CONTENT = 60, BY_BOTH = 80 };

static bool has_suffix(const char *name) {
  static const char *const suffixes[] = {".json", ".jsonl", ".ndjson", ".geojson"};
  static const char *const packed[] = {"", ".gz", ".zst", ".bz2", ".xz", ".lz4", ".sz"};
  size_t n = strlen(name);
  for (size_t i = 0; i < sizeof packed / sizeof *packed; i++) {
    size_t k = strlen(packed[i]);
    if (n < k || strcasecmp(name + n - k, packed[i]) != 0)
      continue;
    for (size_t j = 0; j < sizeof suffixes / sizeof *suffixes; j++) {
      size_t m = strlen(suffixes[j]);
      if (n >= k + m && strncasecmp(name + n - k - m, suffixes[j], m) == 0)
        return true;
    }
  }
  return false;
}

static size_t skip(const uint8_t *p, size_t i, size_t size) {
  while (i < size && json_is_space(p[i]))
    i++;
  return i;
}

/* An object with a member or none, or an array of such. */
static bool is_records(const uint8_t *p, size_t size) {
  size_t i = size >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  i += i < size && p[i] == 0x1e; /* RFC 7464 */
  i = skip(p, i, size);
  if (i < size && p[i] == '[')
    i = skip(p, i + 1, size);
  if (i >= size || p[i] != '{')
    return false;
  i = skip(p, i + 1, size);
  return i < size && (p[i] == '"' || p[i] == '}');
}

int json_probe(const void *head, size_t size, const char *name) {
  bool named = name && has_suffix(name);
  if (is_records(head, size))
    return named ? BY_BOTH : BY_CONTENT;
  return named ? BY_NAME : 0;
}
