/* Data goes before its journal: without a journal, what is in a file would count as committed. */
#include "leftovers.h"
#include "disk.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define INFIX ".sluice-generation-"
#define JOURNAL ".sluice-journal"

char *leftovers_path(const char *path, int64_t generation) {
  char *out = NULL;
  return asprintf(&out, "%s" INFIX "%lld", path, (long long)generation) < 0 ? NULL : out;
}

struct sweep {
  const char *name; /* of the file, without its folder */
  int64_t kept;
  bool journals; /* those now, or the data */
};

/* Is this NAME.sluice-generation-N, or with the end of a journal or its temporary file? */
static bool is_left(const struct sweep *sweep, const char *entry) {
  size_t n = strlen(sweep->name), infix = sizeof INFIX - 1;
  if (strncmp(entry, sweep->name, n) != 0 || strncmp(entry + n, INFIX, infix) != 0)
    return false;
  char *end = NULL;
  errno = 0;
  long long number = strtoll(entry + n + infix, &end, 10);
  if (errno || end == entry + n + infix || number <= 0 || number == sweep->kept)
    return false;
  if (!sweep->journals)
    return !*end;
  return strcmp(end, JOURNAL) == 0 || strcmp(end, JOURNAL ".new") == 0;
}

static int sweep_folder(DIR *folder, const char *path, const struct sweep *sweep, struct sluice_error *err) {
  int rc = SLUICE_OK;
  rewinddir(folder);
  for (const struct dirent *entry = readdir(folder); entry && rc == SLUICE_OK; entry = readdir(folder))
    if (is_left(sweep, entry->d_name) && unlinkat(dirfd(folder), entry->d_name, 0) != 0 && errno != ENOENT)
      rc = disk_fail(err, path, "remove an abandoned generation of", errno);
  return rc;
}

static DIR *open_folder(const char *path, const char *slash) {
  char *name = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
  DIR *folder = name ? opendir(name) : NULL;
  int number = name ? errno : ENOMEM;
  free(name);
  errno = number;
  return folder;
}

int leftovers_remove(const char *path, int64_t kept, struct sluice_error *err) {
  const char *slash = strrchr(path, '/');
  struct sweep sweep = {.name = slash ? slash + 1 : path, .kept = kept};
  DIR *folder = open_folder(path, slash);
  if (!folder)
    return disk_fail(err, path, "look into the folder of", errno);
  int rc = sweep_folder(folder, path, &sweep, err);
  if (rc == SLUICE_OK) /* a journal must not be gone before its data is, also when the power fails */
    rc = disk_sync_folder(path, err);
  sweep.journals = true;
  if (rc == SLUICE_OK)
    rc = sweep_folder(folder, path, &sweep, err);
  closedir(folder);
  return rc;
}

int leftovers_journal(const char *generation_path, struct sluice_error *err) {
  char *journal = NULL;
  if (access(generation_path, F_OK) == 0 || errno != ENOENT)
    return SLUICE_OK; /* opening it says more */
  if (asprintf(&journal, "%s" JOURNAL, generation_path) < 0)
    return sluice_fail(err, SLUICE_ERR_MEMORY, generation_path, "no memory");
  int rc = SLUICE_OK;
  if (unlink(journal) != 0 && errno != ENOENT)
    rc = disk_fail(err, journal, "remove", errno);
  free(journal);
  return rc;
}
