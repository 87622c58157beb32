/* A file as an input, read by pread from any thread. */
#include "file.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

_Noreturn void bench_fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

void bench_file_open(struct bench_file *out, const char *path) {
  struct stat info;
  out->fd = open(path, O_RDONLY | O_CLOEXEC);
  if (out->fd < 0 || fstat(out->fd, &info) != 0)
    bench_fail("the file cannot be opened");
  out->size = info.st_size;
  out->bytes = 0;
}

static int read_at(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                   struct sluice_error *err) {
  struct bench_file *file = in->private_data;
  size_t done = 0;
  while (done < n) {
    ssize_t part = pread(file->fd, (char *)buf + done, n - done, offset + (int64_t)done);
    if (part < 0)
      return sluice_fail(err, SLUICE_ERR_DATA, "", "read: %s", strerror(errno));
    if (part == 0)
      break;
    done += (size_t)part;
  }
  *got = done;
  file->bytes += (int64_t)done;
  return SLUICE_OK;
}

static void release(struct sluice_input *in) {
  in->release = NULL;
}

struct sluice_input bench_file_input(struct bench_file *file) {
  return (struct sluice_input){
      .size = file->size, .window = 8 << 20, .read_at = read_at, .release = release, .private_data = file};
}

void bench_keep_memory(void) {
  (void)mallopt(M_TRIM_THRESHOLD, 64 << 20);
  (void)mallopt(M_MMAP_THRESHOLD, 4 << 20);
}
