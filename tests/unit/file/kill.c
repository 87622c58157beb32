/* The wrapped calls. */
#include "kill.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

static int wanted, count;

void kill_at(int n) {
  wanted = n;
  count = 0;
}
int kill_count(void) {
  return count;
}

static bool is_due(void) {
  count++;
  return count == wanted;
}
static void check(void) {
  if (is_due())
    _exit(KILL_STATUS);
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to) {
  check();
  return __real_rename(from, to);
}
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __wrap_unlink(const char *path) {
  check();
  return __real_unlink(path);
}
int __real_unlinkat(int fd, const char *path, int flags);
int __wrap_unlinkat(int fd, const char *path, int flags);
int __wrap_unlinkat(int fd, const char *path, int flags) {
  check();
  return __real_unlinkat(fd, path, flags);
}
int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size) {
  check();
  return __real_ftruncate(fd, size);
}
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd) {
  check();
  return __real_fsync(fd);
}
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd) {
  check();
  return __real_fdatasync(fd);
}
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  int mode = flags & O_CREAT ? va_arg(arguments, int) : 0;
  va_end(arguments);
  if (flags & O_CREAT)
    check();
  return __real_open(path, flags, mode);
}
ssize_t __real_pwrite(int fd, const void *bytes, size_t n, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t n, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t n, off_t offset) {
  if (is_due()) {
    if (__real_pwrite(fd, bytes, n / 2, offset) < 0)
      perror("pwrite");
    _exit(KILL_STATUS);
  }
  return __real_pwrite(fd, bytes, n, offset);
}
