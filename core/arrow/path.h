/* Where in a nested column something is: frames on the stack, put together only when a message needs it. */
#ifndef SLUICE_ARROW_PATH_H
#define SLUICE_ARROW_PATH_H
#include "internal.h"

struct path {
  const struct path *up; /* NULL: the top, whose own name is not shown if there is more */
  const char *name;
  int depth;
};

/* "a.b.item"; cut at the end if it is too long. */
void path_text(const struct path *path, char *out, size_t size);
__attribute__((format(printf, 4, 5))) int path_fail(const struct path *path, struct sluice_error *err, int code,
                                                    const char *format, ...);
#endif
