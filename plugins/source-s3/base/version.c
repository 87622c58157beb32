/* The version text of a part: its ETag, or size and time where a server gives none. */
#include "base/version.h"
#include <string.h>

static const char no_etag[] = "size=";

void version_make(const char *etag, int64_t size, int64_t modified, struct text *out) {
  if (*etag)
    text_puts(out, etag);
  else
    text_printf(out, "%s%lld,modified=%lld", no_etag, (long long)size, (long long)modified);
}

bool version_is_etag(const char *version) {
  return *version && strncmp(version, no_etag, sizeof no_etag - 1) != 0;
}

bool version_fit(const char *version) {
  size_t n = strlen(version);
  for (size_t i = 0; i < n; i++)
    if (version[i] <= 0x20 || version[i] == 0x7f || version[i] == '"')
      return false;
  return n <= 1000;
}
