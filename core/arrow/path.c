/* Names of nested columns for messages. */
#include "path.h"

void path_text(const struct path *path, char *out, size_t size) {
  const struct path *frames[DEPTH_MAX + 2];
  int n = 0;
  for (const struct path *p = path; p && n < DEPTH_MAX + 2; p = p->up)
    frames[n++] = p;
  if (n > 1)
    n--; /* the top is the batch itself */
  size_t at = 0;
  out[0] = 0;
  while (n > 0 && at + 1 < size) {
    const char *name = frames[--n]->name;
    int wrote = snprintf(out + at, size - at, "%s%s", at ? "." : "", name ? name : "");
    if (wrote < 0)
      return;
    at += (size_t)wrote;
  }
}

int path_fail(const struct path *path, struct sluice_error *err, int code, const char *format, ...) {
  char where[sizeof err->where];
  va_list args;
  path_text(path, where, sizeof where);
  va_start(args, format);
  sluice_vfail(err, code, where, format, args);
  va_end(args);
  return code;
}
