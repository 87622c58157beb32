/* Reading a small file whole. */
#include "core/base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int read_all(int fd, const char *path, size_t limit, struct text *out, struct sluice_error *err) {
  size_t total = 0;
  for (;;) {
    char block[8192];
    ssize_t n = read(fd, block, sizeof block);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return sluice_fail(err, SLUICE_ERR_CONFIG, path, "cannot read the file: %s", strerror(errno));
    if (n == 0)
      return SLUICE_OK;
    total += (size_t)n;
    if (total > limit)
      return sluice_fail(err, SLUICE_ERR_CONFIG, path, "the file is larger than the limit of %zu bytes", limit);
    if (text_append(out, block, (size_t)n) != SLUICE_OK)
      return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory for the file");
  }
}

int file_read(const char *path, size_t limit, struct text *out, struct sluice_error *err) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, path, "cannot open the file: %s", strerror(errno));
  size_t before = out->size;
  int status = read_all(fd, path, limit, out, err);
  close(fd);
  if (status != SLUICE_OK && out->data) {
    out->size = before;
    out->data[before] = 0;
  }
  return status;
}
