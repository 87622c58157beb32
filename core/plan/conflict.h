/* Columns to which files give types that have nothing in common, so that they become text. Private to sight.c. */
#ifndef PLAN_CONFLICT_H
#define PLAN_CONFLICT_H
#include <sluice/arrow.h>

struct conflict_file {
  const char *name;
  struct ArrowSchema schema;
};
/* file: the first that has another type than those before it; column: with dots where it lies in structs. code: 0. */
typedef int conflict_fn(void *context, const char *file, const char *column, const char *text, int code);
int conflict_each(const struct ArrowSchema *merged, const struct conflict_file *files, size_t n, conflict_fn *tell,
                  void *context);

#endif
