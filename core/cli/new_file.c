/* Writing beside the name, then renaming. */
#include "core/cli/new_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100, NAME_KEPT = 200 /* of the name in the temporary one, which has at most 255 bytes */ };

static int exists(const char *path, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, path, "'%s' is there already; --force replaces it", path);
}

static int failed(const struct new_file *file, const char *what, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_DATA, text_get(&file->path), "cannot %s '%s': %s", what, text_get(&file->path),
                     strerror(errno));
}

/* Only a plain file is replaced: a rename would also take the place of a device or a pipe. */
static int check_free(const char *path, enum new_file_mode mode, struct sluice_error *err) {
  struct stat info;
  if (lstat(path, &info) != 0)
    return SLUICE_OK;
  if (mode == NEW_FILE_MUST_NOT_EXIST)
    return exists(path, err);
  if (!S_ISREG(info.st_mode))
    return sluice_fail(err, SLUICE_ERR_CONFIG, path,
                       "'%s' is no plain file, and is not replaced; '-' writes to "
                       "standard output",
                       path);
  return SLUICE_OK;
}

static const char *last_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int open_temporary(struct new_file *file, struct sluice_error *err) {
  const char *path = text_get(&file->path), *name = last_name(path);
  for (int i = 0; i < TRIES && !file->open; i++) {
    text_clear(&file->temporary);
    if (text_append(&file->temporary, path, (size_t)(name - path)) != SLUICE_OK ||
        text_printf(&file->temporary, "%.*s.%ld-%d.part", NAME_KEPT, name, (long)getpid(), i) != SLUICE_OK)
      return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory for the file's name");
    file->fd = open(text_get(&file->temporary), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    file->open = file->fd >= 0;
    if (!file->open && errno != EEXIST)
      break;
  }
  return file->open ? SLUICE_OK : failed(file, "create", err);
}

int new_file_create(struct new_file *file, const char *path, enum new_file_mode mode, struct sluice_error *err) {
  file->mode = mode;
  int code = check_free(path, mode, err);
  if (code == SLUICE_OK && text_add(&file->path, path) != SLUICE_OK)
    code = sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory for the file's name");
  if (code == SLUICE_OK)
    code = open_temporary(file, err);
  if (code != SLUICE_OK)
    new_file_finish(file);
  return code;
}

static bool rename_to_free_name(const char *from, const char *to) {
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return true;
  if (errno != EINVAL && errno != ENOSYS) /* these: the file system cannot do it */
    return false;
  if (link(from, to) != 0)
    return false;
  unlink(from);
  return true;
}

/* The new name is only sure once its folder is on the disk; where folders cannot be synced nothing is lost by it. */
static void sync_folder(const char *path) {
  struct text folder = {0};
  const char *name = last_name(path);
  int code = name == path ? text_add(&folder, ".") : text_append(&folder, path, (size_t)(name - path));
  int fd = code == SLUICE_OK ? open(text_get(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (fd >= 0) {
    (void)fsync(fd);
    close(fd);
  }
  text_finish(&folder);
}

static int close_whole(struct new_file *file, struct sluice_error *err) {
  int synced = fsync(file->fd), reason = errno;
  int closed = close(file->fd);
  file->open = false;
  if (synced == 0 && closed == 0)
    return SLUICE_OK;
  errno = synced ? reason : errno;
  unlink(text_get(&file->temporary));
  return failed(file, "write", err);
}

int new_file_publish(struct new_file *file, struct sluice_error *err) {
  const char *from = text_get(&file->temporary), *to = text_get(&file->path);
  int code = close_whole(file, err);
  if (code != SLUICE_OK)
    return code;
  bool replaces = file->mode == NEW_FILE_MAY_REPLACE;
  if (replaces ? rename(from, to) == 0 : rename_to_free_name(from, to)) {
    sync_folder(to);
    return SLUICE_OK;
  }
  int reason = errno;
  unlink(from);
  errno = reason;
  return reason == EEXIST ? exists(to, err) : failed(file, "create", err);
}

void new_file_finish(struct new_file *file) {
  if (file->open) {
    close(file->fd);
    unlink(text_get(&file->temporary));
  }
  text_finish(&file->path);
  text_finish(&file->temporary);
  *file = (struct new_file){0};
}
