/* Opening a part: the file as an input, if it is still the one that was listed.
 *
 * Without mmap: a file that another process cuts short while it is mapped ends this one with SIGBUS, and copying from
 * the page cache costs little beside decoding. */
#include "source.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { WINDOW = 8 << 20 };

struct opened_file {
  int fd;
  int64_t size;
  char version[VERSION_SIZE];
  char *name;
};

static int file_read_at(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                        struct sluice_error *err) {
  const struct opened_file *file = in->private_data;
  size_t done = 0;
  if (offset < 0)
    return sluice_fail(err, SLUICE_ERR_BUG, file->name, "read at %lld", (long long)offset);
  if (offset >= file->size)
    n = 0;
  else if (n > (uint64_t)(file->size - offset))
    n = (size_t)(file->size - offset);
  while (done < n) {
    ssize_t part = pread(file->fd, (char *)buf + done, n - done, offset + (int64_t)done);
    if (part < 0 && errno == EINTR)
      continue;
    if (part < 0)
      return walk_fail(err, file->name, "read", errno);
    if (part == 0)
      return sluice_fail(err, SLUICE_ERR_CHANGED, file->name,
                         "'%s' was cut while it was read: %lld bytes were there, now it ends at %lld", file->name,
                         (long long)file->size, (long long)(offset + (int64_t)done));
    done += (size_t)part;
  }
  *got = done;
  return SLUICE_OK;
}

static void file_will_need(struct sluice_input *in, const struct sluice_range *ranges, size_t count) {
  const struct opened_file *file = in->private_data;
  for (size_t i = 0; i < count; i++)
    posix_fadvise(file->fd, ranges[i].offset, ranges[i].size, POSIX_FADV_WILLNEED);
}

static void file_release(struct sluice_input *in) {
  struct opened_file *file = in->private_data;
  close(file->fd);
  free(file->name);
  free(file);
  memset(in, 0, sizeof *in);
}

/* Does what was opened agree with what was listed? */
static int check_version(const struct sluice_part *part, const char *path, const struct stat *info, const char *version,
                         struct sluice_error *err) {
  if (!S_ISREG(info->st_mode))
    return sluice_fail(err, part->version ? SLUICE_ERR_CHANGED : SLUICE_ERR_CONFIG, path, "'%s' is not a regular file",
                       path);
  if (!part->version || strcmp(part->version, version) == 0)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_CHANGED, path, "'%s' is not what was listed: version %s then, %s now", path,
                     part->version, version);
}

static int open_failed(const char *path, struct sluice_error *err) {
  if (errno == ENOENT || errno == ENOTDIR)
    return sluice_fail(err, SLUICE_ERR_NOT_FOUND, path, "there is no file '%s'", path);
  if (errno == ELOOP)
    return sluice_fail(err, SLUICE_ERR_CHANGED, path, "'%s' is a symbolic link; set follow_symlinks = true to read it",
                       path);
  return walk_fail(err, path, "open", errno);
}

int source_open_part(void *self, const struct sluice_part *part, struct sluice_part *opened, struct sluice_input *out,
                     struct sluice_error *err) {
  const struct source *source = self;
  const char *path = source_path(part->name);
  bool follow = source->rules.follow || strcmp(path, source->rules.root) == 0;
  struct stat info;
  struct opened_file *file = calloc(1, sizeof *file);
  if (!file)
    return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory to open '%s'", path);
  file->name = strdup(part->name);
  /* O_NONBLOCK: a pipe put in the file's place shall not hold us. */
  file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
  int rc = file->fd < 0 ? open_failed(path, err) : SLUICE_OK;
  if (rc == SLUICE_OK && !file->name)
    rc = sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory to open '%s'", path);
  if (rc == SLUICE_OK && fstat(file->fd, &info) != 0)
    rc = walk_fail(err, path, "look at", errno);
  if (rc == SLUICE_OK) {
    source_version(&info, file->version);
    rc = check_version(part, path, &info, file->version, err);
  }
  if (rc != SLUICE_OK) {
    if (file->fd >= 0)
      close(file->fd);
    free(file->name);
    free(file);
    return rc;
  }
  posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  file->size = info.st_size;
  if (opened)
    *opened = (struct sluice_part){.struct_size = sizeof *opened,
                                   .name = file->name,
                                   .version = file->version,
                                   .size = file->size,
                                   .modified = source_modified(&info)};
  *out = (struct sluice_input){file->size, WINDOW, file_read_at, NULL, file_will_need, file_release, file};
  return SLUICE_OK;
}
