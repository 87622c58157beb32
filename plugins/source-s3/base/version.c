/* The version text of a part: its ETag, its version id, or size and time where a server gives no ETag. */
#include "base/version.h"
#include <string.h>

static const char no_etag[] = "size=", with_id[] = "versionId=";

void version_make(const char *etag, int64_t size, int64_t modified, struct text *out) {
  if (*etag)
    text_puts(out, etag);
  else
    text_printf(out, "%s%lld,modified=%lld", no_etag, (long long)size, (long long)modified);
}

void version_make_id(const char *id, struct text *out) {
  text_puts(out, with_id);
  text_puts(out, id);
}

bool version_is_id(const char *version, const char **id) {
  size_t n = sizeof with_id - 1;
  if (strncmp(version, with_id, n) != 0 || !version[n])
    return false;
  *id = version + n;
  return true;
}

bool version_is_etag(const char *version) {
  return *version && strncmp(version, no_etag, sizeof no_etag - 1) != 0 &&
         strncmp(version, with_id, sizeof with_id - 1) != 0;
}

bool version_fit(const char *version) {
  size_t n = strlen(version);
  for (size_t i = 0; i < n; i++)
    if (version[i] <= 0x20 || version[i] == 0x7f || version[i] == '"')
      return false;
  return n <= 1000;
}
