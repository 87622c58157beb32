/* Where plugins are looked for. */
#include "core/load/folders.h"
#include "core/base/text.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { NAMES_LIMIT = 10000 };
static const char beside[] = "../lib/sluice/plugins";

int names_add(struct names *names, const char *text) {
  if (names->count == names->capacity) {
    size_t capacity = names->capacity ? names->capacity * 2 : 8;
    char **items = capacity > NAMES_LIMIT ? NULL : realloc(names->items, capacity * sizeof *items);
    if (!items)
      return SLUICE_ERR_MEMORY;
    names->items = items;
    names->capacity = capacity;
  }
  char *copy = strdup(text);
  if (!copy)
    return SLUICE_ERR_MEMORY;
  names->items[names->count++] = copy;
  return SLUICE_OK;
}

void names_finish(struct names *names) {
  for (size_t i = 0; i < names->count; i++)
    free(names->items[i]);
  free(names->items);
  *names = (struct names){0};
}

static int add_once(struct names *names, const char *folder) {
  for (size_t i = 0; i < names->count; i++)
    if (strcmp(names->items[i], folder) == 0)
      return SLUICE_OK;
  return names_add(names, folder);
}

static int add_path(struct names *names, const char *path) {
  char *copy = strdup(path), *rest = copy;
  if (!copy)
    return SLUICE_ERR_MEMORY;
  int status = SLUICE_OK;
  for (char *folder = strsep(&rest, ":"); folder && status == SLUICE_OK; folder = strsep(&rest, ":"))
    if (*folder)
      status = add_once(names, folder);
  free(copy);
  return status;
}

/* Where the program has no such folder, there is nothing to say: the others are looked at. */
static int add_beside(struct names *names) {
  char program[PATH_MAX], joined[PATH_MAX + sizeof beside + 1], resolved[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (n <= 0)
    return SLUICE_OK;
  program[n] = 0;
  char *slash = strrchr(program, '/');
  if (!slash)
    return SLUICE_OK;
  *slash = 0;
  snprintf(joined, sizeof joined, "%s/%s", program, beside);
  return realpath(joined, resolved) ? add_once(names, resolved) : SLUICE_OK;
}

int folders_find(const char *const *dirs, size_t n, struct names *out, struct sluice_error *err) {
  const char *path = getenv("SLUICE_PLUGIN_PATH");
  int status = SLUICE_OK;
  for (size_t i = 0; i < n && status == SLUICE_OK; i++)
    status = add_once(out, dirs[i]);
  if (status == SLUICE_OK && path)
    status = add_path(out, path);
  if (status == SLUICE_OK)
    status = add_beside(out);
  return status == SLUICE_OK ? status : sluice_fail(err, status, NULL, "no memory for the plugin folders");
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_plugin_name(const char *name) {
  size_t n = strlen(name);
  return n > 3 && name[0] != '.' && strcmp(name + n - 3, ".so") == 0;
}

static int add_entries(DIR *dir, const char *folder, struct names *out) {
  int status = SLUICE_OK;
  for (struct dirent *entry = readdir(dir); entry && status == SLUICE_OK; entry = readdir(dir)) {
    struct text path = {0};
    if (!is_plugin_name(entry->d_name))
      continue;
    status = text_printf(&path, "%s/%s", folder, entry->d_name);
    if (status == SLUICE_OK)
      status = names_add(out, path.data);
    text_finish(&path);
  }
  return status;
}

int folders_list(const char *folder, struct names *out, struct sluice_error *err) {
  DIR *dir = opendir(folder);
  if (!dir)
    return sluice_fail(err, SLUICE_ERR_CONFIG, folder, "the folder cannot be read: %s", strerror(errno));
  int status = add_entries(dir, folder, out);
  closedir(dir);
  if (status != SLUICE_OK)
    return sluice_fail(err, status, folder, "no memory, or too many files in the folder");
  if (out->count)
    qsort(out->items, out->count, sizeof *out->items, by_text);
  return SLUICE_OK;
}
