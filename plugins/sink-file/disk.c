/* Writing to descriptors. */
#include "disk.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FULL_RETRY_MS = 10000 };

int disk_fail(struct sluice_error *err, const char *path, const char *what, int number) {
  if (number == ENOSPC || number == EDQUOT) {
    int rc = sluice_fail(err, SLUICE_ERR_RETRY, path, "cannot %s '%s': %s; free some space, nothing is lost meanwhile",
                         what, path, strerror(number));
    if (err)
      err->retry_ms = FULL_RETRY_MS;
    return rc;
  }
  int code = number == EACCES || number == EPERM ? SLUICE_ERR_AUTH
             : number == ENOMEM                  ? SLUICE_ERR_MEMORY
                                                 : SLUICE_ERR_CONFIG;
  const char *hint = number == EFBIG ? "; the limit on the size of files (ulimit -f) is reached" : "";
  return sluice_fail(err, code, path, "cannot %s '%s': %s%s", what, path, strerror(number), hint);
}

/* Blocks the signals that a failed write raises; afterwards takes away one that this thread got by it. */
static void block(const sigset_t *set, sigset_t *before, sigset_t *pending) {
  sigpending(pending);
  pthread_sigmask(SIG_BLOCK, set, before);
}
static void unblock(const sigset_t *set, const sigset_t *before, const sigset_t *pending, int number) {
  static const struct timespec now = {0, 0};
  int signal = number == EPIPE ? SIGPIPE : SIGXFSZ;
  if ((number == EPIPE || number == EFBIG) && !sigismember(pending, signal))
    sigtimedwait(set, NULL, &now);
  pthread_sigmask(SIG_SETMASK, before, NULL);
}
static void signals_of_writes(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGPIPE);
  sigaddset(set, SIGXFSZ);
}

ssize_t disk_quiet_write(int fd, const void *bytes, size_t n) {
  sigset_t set, before, pending;
  signals_of_writes(&set);
  block(&set, &before, &pending);
  ssize_t got = write(fd, bytes, n);
  int number = got < 0 ? errno : 0;
  unblock(&set, &before, &pending, number);
  errno = number;
  return got;
}

int disk_write(int fd, const char *path, const void *bytes, size_t n, int64_t offset, struct sluice_error *err) {
  sigset_t set, before, pending;
  int number = 0;
  signals_of_writes(&set);
  block(&set, &before, &pending);
  for (size_t done = 0; done < n && number == 0;) {
    ssize_t part = pwrite(fd, (const char *)bytes + done, n - done, offset + (int64_t)done);
    if (part > 0)
      done += (size_t)part;
    else if (part == 0)
      number = ENOSPC;
    else if (errno != EINTR)
      number = errno;
  }
  unblock(&set, &before, &pending, number);
  return number ? disk_fail(err, path, "write", number) : SLUICE_OK;
}

int disk_sync_folder(const char *path, struct sluice_error *err) {
  char *folder = strdup(path);
  if (!folder)
    return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory");
  char *slash = strrchr(folder, '/');
  if (slash)
    slash[slash == folder] = 0;
  int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int number = fd < 0 || fsync(fd) != 0 ? errno : 0;
  if (fd >= 0)
    close(fd);
  free(folder);
  /* Some file systems cannot sync a folder, and need not. */
  return number && number != EINVAL ? disk_fail(err, path, "sync the folder of", number) : SLUICE_OK;
}

int disk_make_folders(const char *path, struct sluice_error *err) {
  char *folder = strdup(path);
  if (!folder)
    return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory");
  int rc = SLUICE_OK;
  for (char *slash = strchr(folder + 1, '/'); slash && rc == SLUICE_OK; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
      rc = disk_fail(err, folder, "make the folder", errno);
    *slash = '/';
  }
  free(folder);
  return rc;
}
