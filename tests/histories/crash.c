/* Crash points: the program's own write, fsync and so on, which stand before the C library's for SQLite and plugins as
 * well. Nothing is really synced: what a killed process wrote is there all the same. */
#include "crash.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

static struct world *armed;
static struct stop *armed_stop;

void crash_arm(struct world *world, struct stop *stop) {
  armed_stop = stop;
  armed = world;
}

/* next: a function pointer; ISO C has no cast to it. */
static void find_real(const char *name, void *next) {
  void *found = dlsym(RTLD_NEXT, name);
  if (!found)
    abort();
  memcpy(next, &found, sizeof found);
}

/* Does it end here? fd -1: no descriptor. */
static bool is_due(int fd) {
  if (!armed || atomic_load(&armed->crash_at) <= 0)
    return false;
  bool book = fd >= 0 && fd == atomic_load(&armed->book_fd);
  if ((armed->crash_where == CRASH_AT_BOOK && !book) || (armed->crash_where == CRASH_ELSEWHERE && book))
    return false;
  if (atomic_fetch_sub(&armed->crash_at, 1) != 1)
    return false;
  if (armed->crash_how == CRASH_STOP)
    stop_raise(armed_stop, STOP_DRAIN);
  return armed->crash_how != CRASH_STOP;
}

static void end(void) {
  _exit(CRASHED);
}

/* For operations that are done or not. */
#define WHOLE(fd, call)                                                                                                \
  do {                                                                                                                 \
    bool due = is_due(fd);                                                                                             \
    if (due && armed->crash_how == CRASH_BEFORE)                                                                       \
      end();                                                                                                           \
    int done = (call);                                                                                                 \
    if (due)                                                                                                           \
      end();                                                                                                           \
    return done;                                                                                                       \
  } while (0)

typedef ssize_t write_fn(int, const void *, size_t);
PUBLIC ssize_t write(int fd, const void *bytes, size_t n) {
  static write_fn *next;
  if (!next)
    find_real("write", &next);
  bool due = fd != 2 && is_due(fd); /* the log is not worth anything */
  if (due && armed->crash_how == CRASH_BEFORE)
    end();
  ssize_t done = next(fd, bytes, due && armed->crash_how == CRASH_TORN ? n / 2 : n);
  if (due)
    end();
  return done;
}

typedef ssize_t pwrite_fn(int, const void *, size_t, off_t);
static ssize_t write_at(int fd, const void *bytes, size_t n, off_t at) {
  static pwrite_fn *next;
  if (!next)
    find_real("pwrite", &next);
  bool due = is_due(fd);
  if (due && armed->crash_how == CRASH_BEFORE)
    end();
  ssize_t done = next(fd, bytes, due && armed->crash_how == CRASH_TORN ? n / 2 : n, at);
  if (due)
    end();
  return done;
}
PUBLIC ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
  return write_at(fd, bytes, n, at);
}
PUBLIC ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) {
  return write_at(fd, bytes, n, at);
}

typedef int truncate_fn(int, off_t);
static int truncate_to(int fd, off_t size) {
  static truncate_fn *next;
  if (!next)
    find_real("ftruncate", &next);
  WHOLE(fd, next(fd, size));
}
PUBLIC int ftruncate(int fd, off_t size) {
  return truncate_to(fd, size);
}
PUBLIC int ftruncate64(int fd, off64_t size) {
  return truncate_to(fd, size);
}

PUBLIC int fsync(int fd) {
  WHOLE(fd, 0);
}
PUBLIC int fdatasync(int fd) {
  WHOLE(fd, 0);
}

typedef int unlink_fn(const char *);
PUBLIC int unlink(const char *path) {
  static unlink_fn *next;
  if (!next)
    find_real("unlink", &next);
  WHOLE(-1, next(path));
}

typedef int rename_fn(const char *, const char *);
PUBLIC int rename(const char *from, const char *to) {
  static rename_fn *next;
  if (!next)
    find_real("rename", &next);
  WHOLE(-1, next(from, to));
}
