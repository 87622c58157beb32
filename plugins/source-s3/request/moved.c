/* The region that an S3 endpoint's name tells of. */
#include "request/moved.h"
#include "address/region.h"
#include <stdio.h>
#include <string.h>

/* The label behind "s3." or "s3-", where a label of its own begins with that. */
static const char *behind_service(const char *host, size_t n) {
  for (size_t i = 0; i + 3 < n; i++)
    if ((i == 0 || host[i - 1] == '.') && strncmp(host + i, "s3", 2) == 0 && (host[i + 2] == '.' || host[i + 2] == '-'))
      return host + i + 3;
  return NULL;
}

bool moved_region(const char *url, char out[64]) {
  const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url;
  size_t n = strcspn(host, "/?#:");
  const char *label = behind_service(host, n);
  size_t size = label ? strcspn(label, ".") : 0;
  char region[64];
  if (!label || size == 0 || size >= sizeof region || label + size >= host + n)
    return false;
  if (strncmp(label + size, ".amazonaws.", 11) != 0)
    return false;
  snprintf(region, sizeof region, "%.*s", (int)size, label);
  if (!strchr(region, '-') || !region_valid(region))
    return false;
  memcpy(out, region, sizeof region);
  return true;
}
