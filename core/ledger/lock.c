/* The kernel's file lock that makes one process own a job. It is gone when that process dies, however it dies. */
#include "core/ledger/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Locks of open files, not of processes: two in one process exclude each other, and closing another descriptor of the
 * same file does not drop it. */
static struct flock whole_file(short type) {
  return (struct flock){.l_type = type, .l_whence = SEEK_SET};
}

static void write_owner(int fd) {
  char text[64], when[32];
  time_t now = time(NULL);
  struct tm utc;
  gmtime_r(&now, &utc);
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
  int n = snprintf(text, sizeof text, "%ld %s\n", (long)getpid(), when);
  /* Only for the message of a second run: without room for it the lock holds all the same. */
  if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) != n)
    (void)!ftruncate(fd, 0);
}

static int refuse(int fd, const char *path, const char *job, struct sluice_error *err) {
  char text[64] = "", when[32] = "";
  long pid = 0;
  ssize_t n = pread(fd, text, sizeof text - 1, 0);
  if (n > 0 && sscanf(text, "%ld %31[0-9TZ:-]", &pid, when) == 2)
    return sluice_fail(err, SLUICE_ERR_RETRY, path, "job %s is being run by process %ld (started %s)", job, pid, when);
  return sluice_fail(err, SLUICE_ERR_RETRY, path, "job %s is being run by another process", job);
}

int ledger_lock_take(const char *path, const char *job, int *out, struct sluice_error *err) {
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return ledger_file_fail(path, errno, "open", err);
  struct flock lock = whole_file(F_WRLCK);
  if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
    write_owner(fd);
    *out = fd;
    return SLUICE_OK;
  }
  int rc = errno == EAGAIN || errno == EACCES ? refuse(fd, path, job, err) : ledger_file_fail(path, errno, "lock", err);
  close(fd);
  return rc;
}

bool ledger_lock_held(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  struct flock lock = whole_file(F_RDLCK);
  bool held = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  close(fd);
  return held;
}
