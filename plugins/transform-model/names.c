/* A sorted index of column names. */
#include "names.h"
#include "nearest.h"
#include <stdlib.h>

static int compare(const void *a, const void *b) {
  return strcmp(((const struct name_at *)a)->name, ((const struct name_at *)b)->name);
}

int names_reserve(struct names *names, size_t count) {
  struct name_at *items = calloc(count + 1, sizeof *items);
  if (!items)
    return SLUICE_ERR_MEMORY;
  *names = (struct names){items, count};
  return SLUICE_OK;
}

void names_sort(struct names *names) {
  qsort(names->items, names->count, sizeof *names->items, compare);
}

int names_init(struct names *names, const struct ArrowSchema *schema) {
  int code = names_reserve(names, (size_t)schema->n_children);
  if (code)
    return code;
  for (size_t i = 0; i < names->count; i++)
    names->items[i] = (struct name_at){schema->children[i]->name ? schema->children[i]->name : "", (int64_t)i};
  names_sort(names);
  return SLUICE_OK;
}

void names_report(const struct names *names, const char *what, struct faults *faults) {
  const struct name_at *items = names->items;
  for (size_t i = 1; i < names->count; i++)
    if (strcmp(items[i].name, items[i - 1].name) == 0 && (i < 2 || strcmp(items[i].name, items[i - 2].name) != 0))
      faults_add(faults, "Duplicate_Columns: %s '%.120s'; rename all but one", what, items[i].name);
}

void names_finish(struct names *names) {
  free(names->items);
  memset(names, 0, sizeof *names);
}

int64_t names_find(const struct names *names, const char *name) {
  struct name_at wanted = {name, 0};
  const struct name_at *found = bsearch(&wanted, names->items, names->count, sizeof wanted, compare);
  return found ? found->at : -1;
}

const char *names_nearest(const struct names *names, const char *name) {
  struct nearest nearest = {.wanted = name};
  for (size_t i = 0; i < names->count && i < 2000; i++) /* the message is not worth more */
    nearest_try(&nearest, names->items[i].name);
  return nearest.best;
}
