/* The include and exclude lists. */
#include "filter.h"
#include "glob.h"
#include <stdlib.h>

static void globs_free(struct glob **globs, size_t n) {
  for (size_t i = 0; globs && i < n; i++)
    glob_destroy(globs[i]);
  free(globs);
}

static int globs_init(struct glob ***out, size_t *count, const struct sluice_list *list, const char *option,
                      struct sluice_error *err) {
  if (list->count == 0)
    return SLUICE_OK;
  struct glob **globs = calloc(list->count, sizeof *globs);
  if (!globs)
    return sluice_fail(err, SLUICE_ERR_MEMORY, option, "no memory for %zu patterns", list->count);
  for (size_t i = 0; i < list->count; i++) {
    const char *wrong = NULL;
    globs[i] = glob_create(list->items[i], &wrong);
    if (globs[i])
      continue;
    globs_free(globs, i);
    if (!wrong)
      return sluice_fail(err, SLUICE_ERR_MEMORY, option, "no memory for a pattern");
    return sluice_fail(err, SLUICE_ERR_CONFIG, option, "pattern '%.200s': %s", list->items[i], wrong);
  }
  *out = globs;
  *count = list->count;
  return SLUICE_OK;
}

int filter_init(struct filter *filter, const struct sluice_list *include, const struct sluice_list *exclude,
                struct sluice_error *err) {
  struct filter made = {0};
  int rc = globs_init(&made.include, &made.includes, include, "include", err);
  if (rc == SLUICE_OK)
    rc = globs_init(&made.exclude, &made.excludes, exclude, "exclude", err);
  if (rc == SLUICE_OK)
    *filter = made;
  else
    filter_finish(&made);
  return rc;
}

void filter_finish(struct filter *filter) {
  globs_free(filter->include, filter->includes);
  globs_free(filter->exclude, filter->excludes);
  *filter = (struct filter){0};
}

static bool any_match(struct glob *const *globs, size_t n, const char *path) {
  for (size_t i = 0; i < n; i++)
    if (glob_match(globs[i], path))
      return true;
  return false;
}

bool filter_takes(const struct filter *filter, const char *path) {
  bool included = filter->includes == 0 || any_match(filter->include, filter->includes, path);
  return included && !any_match(filter->exclude, filter->excludes, path);
}

bool filter_excludes_all(const struct filter *filter, const char *folder) {
  for (size_t i = 0; i < filter->excludes; i++)
    if (glob_covers(filter->exclude[i], folder))
      return true;
  return false;
}
