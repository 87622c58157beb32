/* A host that does little, and a folder that is removed again. */
#include "fixture.h"
#include "core/encode/encode.h"
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void host_log(const struct sluice_host *host, int level, const char *message) {
  (void)host, (void)level, (void)message;
}
static int host_cancelled(const struct sluice_host *host) {
  (void)host;
  return 0;
}
static int host_cancel_fd(const struct sluice_host *host) {
  (void)host;
  return -1;
}
static const void *host_service(const struct sluice_host *host, const char *id) {
  (void)host;
  return strcmp(id, SLUICE_ENCODE) == 0 ? encode_service() : NULL;
}
const struct sluice_host fixture_host = {.struct_size = sizeof fixture_host,
                                         .job = "job",
                                         .sink = "",
                                         .run = "",
                                         .log = host_log,
                                         .cancelled = host_cancelled,
                                         .cancel_fd = host_cancel_fd,
                                         .service = host_service};

int fixture_make(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/sluice-test-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
  (void)info, (void)kind, (void)ftw;
  return remove(path);
}
int fixture_remove(void **state) {
  (void)state;
  return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *fixture_path(const char *name) {
  static char paths[64][8192];
  static unsigned next;
  char *path = paths[next++ % 64];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

void fixture_write(const char *name, const void *bytes, size_t n) {
  char path[8192];
  snprintf(path, sizeof path, "%s", fixture_path(name));
  for (char *slash = strchr(path + strlen(folder) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(path, 0777);
    *slash = '/';
  }
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  assert_true(fd >= 0);
  if (n)
    assert_int_equal(write(fd, bytes, n), n);
  close(fd);
}

char *fixture_read(const char *name, size_t *n) {
  int fd = open(fixture_path(name), O_RDONLY);
  struct stat info;
  if (fd < 0)
    return NULL;
  assert_int_equal(fstat(fd, &info), 0);
  char *bytes = malloc((size_t)info.st_size + 1);
  assert_non_null(bytes);
  assert_int_equal(read(fd, bytes, (size_t)info.st_size), info.st_size);
  bytes[info.st_size] = 0;
  if (n)
    *n = (size_t)info.st_size;
  close(fd);
  return bytes;
}
