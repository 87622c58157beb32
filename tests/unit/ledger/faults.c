/* Faults of the disk under the ledger. */
#include "faults.h"
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LOG_SIZE = 4096 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static enum fault fault;
static int at, number, seen;
static bool only_writes;
static char log_text[LOG_SIZE];

void faults_set(enum fault new_fault, int new_at, int new_number) {
  pthread_mutex_lock(&mutex);
  fault = new_fault, at = new_at, number = new_number, seen = 0;
  memset(log_text, 0, sizeof log_text);
  pthread_mutex_unlock(&mutex);
}

void faults_only_writes(bool on) {
  only_writes = on;
}
int faults_seen(void) {
  return seen;
}
const char *faults_log(void) {
  return log_text;
}

static char letter(int fd, char what) {
  char link[64], path[4096] = "";
  struct stat info;
  if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode))
    return 'd';
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (readlink(link, path, sizeof path - 1) > 0 && strstr(path, ".rejects.ndjson"))
    return what == 'w' ? 'W' : 'S';
  return what;
}

/* What shall happen to this call: FAULT_NONE: what it does. */
static enum fault next(int fd, char what) {
  pthread_mutex_lock(&mutex);
  if (seen < LOG_SIZE - 1)
    log_text[seen] = letter(fd, what);
  seen++;
  enum fault now = seen >= at ? fault : FAULT_NONE;
  pthread_mutex_unlock(&mutex);
  return now;
}

static ssize_t write_at(int fd, const void *bytes, size_t n, off_t offset) {
  enum fault now = next(fd, 'w');
  if (now == FAULT_ERROR) {
    errno = number;
    return -1;
  }
  if (now == FAULT_DIE_TORN)
    (void)!syscall(SYS_pwrite64, fd, bytes, n / 2, offset);
  if (now != FAULT_NONE)
    _exit(9);
  return syscall(SYS_pwrite64, fd, bytes, n, offset);
}

static int sync_file(int fd, long call) {
  enum fault now = only_writes ? FAULT_NONE : next(fd, 's');
  if (now == FAULT_DIE || now == FAULT_DIE_TORN)
    _exit(9);
  if (now == FAULT_NONE)
    return (int)syscall(call, fd);
  errno = number;
  return -1;
}

/* visible: SQLite's library shall find these, not the C library's */
#define VISIBLE __attribute__((visibility("default")))
VISIBLE int fdatasync(int fd) {
  return sync_file(fd, SYS_fdatasync);
}
VISIBLE int fsync(int fd) {
  return sync_file(fd, SYS_fsync);
}

/* of the core's objects: linked with -Wl,--wrap=pwrite */
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t n, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t n, off_t offset) {
  return write_at(fd, bytes, n, offset);
}

void faults_install(void) {
  sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
  vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)write_at);
  vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)write_at);
}
