/* Names, folders and the clock of a ledger. */
#include "core/ledger/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { JOB_NAME_MAX = 200 };

int64_t ledger_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int ledger_check_job(const char *job, struct sluice_error *err) {
  static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  size_t n = strlen(job);
  if (n == 0 || n > JOB_NAME_MAX || strspn(job, allowed) != n)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "job",
                       "job name \"%.100s\" cannot name a file: use 1 to %d letters, digits, _ and -", job,
                       JOB_NAME_MAX);
  return SLUICE_OK;
}

int ledger_path(const char *dir, const char *job, const char *suffix, char **out, struct sluice_error *err) {
  char *path = NULL;
  if (asprintf(&path, "%s/%s%s", dir, job, suffix) < 0)
    return sluice_fail(err, SLUICE_ERR_MEMORY, dir, "no memory");
  *out = path;
  return SLUICE_OK;
}

int ledger_make_dir(const char *dir, struct sluice_error *err) {
  struct stat info;
  if (stat(dir, &info) == 0) {
    if (S_ISDIR(info.st_mode))
      return SLUICE_OK;
    return sluice_fail(err, SLUICE_ERR_CONFIG, dir, "the ledger folder %s is not a folder", dir);
  }
  char path[PATH_MAX];
  if (snprintf(path, sizeof path, "%s", dir) >= (int)sizeof path)
    return ledger_file_fail(dir, ENAMETOOLONG, "make the ledger folder", err);
  for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) { /* parents first */
    if (slash)
      *slash = 0;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
      return ledger_file_fail(dir, errno, "make the ledger folder", err);
    if (!slash)
      return SLUICE_OK;
    *slash = '/';
  }
}

int ledger_sync_dir(const char *dir, struct sluice_error *err) {
  int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return ledger_file_fail(dir, errno, "open", err);
  int rc = fsync(fd) == 0 || errno == EINVAL ? SLUICE_OK : ledger_file_fail(dir, errno, "sync", err);
  close(fd);
  return rc;
}

bool ledger_can_write_beside(const char *path) {
  char *dir = strdup(path);
  if (!dir)
    return true;
  char *slash = strrchr(dir, '/');
  if (slash)
    *slash = 0;
  bool can = access(!slash ? "." : slash == dir ? "/" : dir, W_OK) == 0;
  free(dir);
  return can;
}
