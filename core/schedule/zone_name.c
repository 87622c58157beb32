/* Names of time zones: which can be one, and what is said of one that cannot be found. */
#include "core/base/file.h"
#include "core/base/nearest.h"
#include "core/schedule/zone_internal.h"
#include <sys/stat.h>

enum { NAMES_MAX = 1000, LIST_LIMIT = 256 * 1024 };

/* Letters, digits, `_`, `+` and `-`, in parts with one slash between: nothing that leaves the folder. */
bool zone_name_valid(const char *name) {
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
  size_t n = strlen(name);
  return n > 0 && n < ZONE_NAME_SIZE && strspn(name, allowed) == n && name[0] != '/' && name[n - 1] != '/' &&
         !strstr(name, "//");
}

/* The third column of zone.tab; the lines are cut in place. */
static size_t split_names(char *lines, const char *names[NAMES_MAX]) {
  size_t n = 0;
  char *rest = NULL;
  for (char *line = strtok_r(lines, "\n", &rest); line && n < NAMES_MAX; line = strtok_r(NULL, "\n", &rest)) {
    char *tab = line[0] == '#' ? NULL : strchr(line, '\t');
    tab = tab ? strchr(tab + 1, '\t') : NULL;
    if (!tab)
      continue;
    names[n++] = tab + 1;
    tab[1 + strcspn(tab + 1, "\t")] = 0;
  }
  return n;
}

static int fail_unknown(const char *folder, const char *name, struct text *path, struct text *list,
                        struct sluice_error *err) {
  const char *names[NAMES_MAX], *near = NULL;
  if (text_printf(path, "%s/zone.tab", folder) == SLUICE_OK &&
      file_read(text_get(path), LIST_LIMIT, list, NULL) == SLUICE_OK && list->size)
    near = nearest_name(name, names, split_names(list->data, names));
  if (near)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "timezone", "there is no time zone \"%s\"; did you mean \"%s\"?", name,
                       near);
  return sluice_fail(err, SLUICE_ERR_CONFIG, "timezone",
                     "there is no time zone \"%s\" below %s; write a name of tzdata, such as \"Europe/Paris\"", name,
                     folder);
}

int zone_name_fail(const char *folder, const char *name, struct sluice_error *err) {
  struct stat info;
  struct text path = {.limit = 4096}, list = {0};
  if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "timezone",
                       "the time zone \"%s\" cannot be read, as there is no %s; install the package tzdata, or use "
                       "\"UTC\"",
                       name, folder);
  int status = fail_unknown(folder, name, &path, &list, err);
  text_finish(&list);
  text_finish(&path);
  return status;
}
