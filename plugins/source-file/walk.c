/* The walk: one sorted list of names a folder, on a stack. A folder's name carries a '/' at its end when it is sorted,
 * which is what makes "a-b", "a.b" and "a/b" come in the order of the whole paths. */
#include "walk.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sluice/arrow.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_LIMIT = 4096, AGAIN = 2 /* internal: nothing to give here, go on */ };

struct name {
  size_t at;        /* in the level's texts */
  bool folder, bad; /* bad: not UTF-8, so the text shows its bytes as \xNN */
};
struct level {
  struct sluice_buffer texts, names;
  size_t next, prefix; /* prefix: length of the folder's path, with its '/' */
  dev_t device;
  ino_t inode;
};
struct walk {
  const struct walk_rules *rules;
  char *after; /* NULL: all that comes now is behind it */
  struct level *levels;
  size_t depth, room, root_size;
  bool single; /* the root is a file, and still to be given */
  char path[PATH_LIMIT + 1], last_bad[PATH_LIMIT + 1];
};

int walk_fail(struct sluice_error *err, const char *path, const char *what, int number) {
  int code = number == EACCES || number == EPERM                                         ? SLUICE_ERR_AUTH
             : number == EMFILE || number == ENFILE || number == EIO || number == ESTALE ? SLUICE_ERR_RETRY
             : number == ENOMEM                                                          ? SLUICE_ERR_MEMORY
                                                                                         : SLUICE_ERR_CONFIG;
  int rc = sluice_fail(err, code, path, "cannot %s '%s': %s", what, path, strerror(number));
  if (err && code == SLUICE_ERR_RETRY)
    err->retry_ms = 1000;
  return rc;
}

static struct name *level_names(const struct level *level) {
  return (struct name *)(void *)level->names.data;
}
static size_t level_count(const struct level *level) {
  return level->names.size / sizeof(struct name);
}
static const char *name_text(const struct level *level, const struct name *name) {
  return (const char *)level->texts.data + name->at;
}

static int by_path(const void *a, const void *b, void *level) {
  const struct name *x = a, *y = b;
  int order = strcmp(name_text(level, x), name_text(level, y));
  return order ? order : (int)x->bad - (int)y->bad;
}

static void level_free(struct level *level) {
  sluice_buffer_free(&level->texts);
  sluice_buffer_free(&level->names);
}

/* A name whose bytes are no UTF-8, in a form that can be shown. */
static int append_shown(struct sluice_buffer *texts, const char *name) {
  int rc = SLUICE_OK;
  size_t n = strlen(name);
  while (n > 0 && rc == SLUICE_OK) {
    char hex[5];
    size_t valid = sluice_utf8_valid(name, n);
    rc = sluice_buffer_append(texts, name, valid);
    name += valid;
    n -= valid;
    if (n == 0 || rc != SLUICE_OK)
      break;
    snprintf(hex, sizeof hex, "\\x%02x", (uint8_t)*name);
    rc = sluice_buffer_append(texts, hex, 4);
    name++;
    n--;
  }
  return rc;
}

static bool is_folder(const struct walk *w, int fd, const struct dirent *entry) {
  struct stat info;
  if (entry->d_type == DT_DIR)
    return true;
  if (entry->d_type != DT_UNKNOWN && !(entry->d_type == DT_LNK && w->rules->follow))
    return false;
  return fstatat(fd, entry->d_name, &info, w->rules->follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

static int add_name(const struct walk *w, struct level *level, int fd, const struct dirent *entry) {
  const char *name = entry->d_name;
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
    return SLUICE_OK;
  size_t n = strlen(name);
  struct name added = {level->texts.size, is_folder(w, fd, entry), sluice_utf8_valid(name, n) != n};
  int rc = added.bad ? append_shown(&level->texts, name) : sluice_buffer_append(&level->texts, name, n);
  if (rc == SLUICE_OK)
    rc = sluice_buffer_append(&level->texts, "/", added.folder ? 2 : 0);
  if (rc == SLUICE_OK && !added.folder)
    rc = sluice_buffer_append(&level->texts, "", 1);
  if (rc == SLUICE_OK)
    rc = sluice_buffer_append(&level->names, &added, sizeof added);
  return rc;
}

static int read_names(const struct walk *w, struct level *level, DIR *dir, struct sluice_error *err) {
  const struct sluice_host *host = w->rules->host;
  int rc = SLUICE_OK;
  for (size_t count = 1; rc == SLUICE_OK; count++) {
    errno = 0;
    const struct dirent *entry = readdir(dir);
    if (!entry && errno)
      return walk_fail(err, w->path, "list folder", errno);
    if (!entry)
      break;
    if (count % 1024 == 0 && host->cancelled(host))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, w->path, "cancelled");
    rc = add_name(w, level, dirfd(dir), entry);
  }
  if (rc != SLUICE_OK)
    return sluice_fail(err, SLUICE_ERR_MEMORY, w->path, "no memory for the names of folder '%s'", w->path);
  if (level->names.size)
    qsort_r(level->names.data, level_count(level), sizeof(struct name), by_path, level);
  return SLUICE_OK;
}

static bool is_loop(const struct walk *w, const struct stat *info) {
  for (size_t i = 0; i < w->depth; i++)
    if (w->levels[i].device == info->st_dev && w->levels[i].inode == info->st_ino)
      return true;
  return false;
}

static int push_level(struct walk *w, const struct level *level) {
  if (w->depth == w->room) {
    size_t room = w->room ? 2 * w->room : 8;
    struct level *levels = realloc(w->levels, room * sizeof *levels);
    if (!levels)
      return SLUICE_ERR_MEMORY;
    w->levels = levels;
    w->room = room;
  }
  w->levels[w->depth++] = *level;
  return SLUICE_OK;
}

/* Reads the folder w->path and puts it on the stack. AGAIN: it is gone; *skip: it is not to be walked. */
static int enter(struct walk *w, const char **skip, struct sluice_error *err) {
  bool root = w->depth == 0;
  int fd = open(w->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (root || w->rules->follow ? 0 : O_NOFOLLOW));
  if (fd < 0 && !root && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
    return AGAIN;
  if (fd < 0)
    return walk_fail(err, w->path, "open folder", errno);
  struct stat info;
  DIR *dir = NULL;
  struct level level = {.prefix = strlen(w->path)};
  int rc = SLUICE_OK;
  if (fstat(fd, &info) != 0)
    rc = walk_fail(err, w->path, "look at folder", errno);
  if (rc == SLUICE_OK && is_loop(w, &info))
    *skip = "symbolic link loop";
  if (rc != SLUICE_OK || *skip)
    goto out;
  dir = fdopendir(fd);
  if (!dir)
    rc = walk_fail(err, w->path, "open folder", errno);
  if (rc == SLUICE_OK)
    rc = read_names(w, &level, dir, err);
  level.device = info.st_dev;
  level.inode = info.st_ino;
  if (rc == SLUICE_OK && push_level(w, &level) != SLUICE_OK)
    rc = sluice_fail(err, SLUICE_ERR_MEMORY, w->path, "no memory for folder '%s'", w->path);
  if (rc != SLUICE_OK)
    level_free(&level);
out:
  if (dir)
    closedir(dir);
  else
    close(fd);
  return rc;
}

static int start(struct walk *w, struct sluice_error *err) {
  const char *root = w->rules->root, *skip = NULL;
  struct stat info;
  size_t n = strlen(root);
  if (n == 0 || n >= PATH_LIMIT)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "path", "the path is %s", n ? "too long" : "empty");
  if (stat(root, &info) != 0)
    return errno == ENOENT || errno == ENOTDIR
               ? sluice_fail(err, SLUICE_ERR_CONFIG, "path",
                             "there is no file or folder '%s'; correct the option 'path'", root)
               : walk_fail(err, root, "look at", errno);
  memcpy(w->path, root, n + 1);
  w->single = S_ISREG(info.st_mode);
  if (!w->single && !S_ISDIR(info.st_mode))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "path", "'%s' is neither a file nor a folder", root);
  if (!w->single && w->path[n - 1] != '/')
    memcpy(w->path + n, "/", 2);
  const char *slash = strrchr(w->path, '/');
  w->root_size = slash ? (size_t)(slash - w->path) + 1 : 0;
  return w->single ? SLUICE_OK : enter(w, &skip, err);
}

int walk_create(const struct walk_rules *rules, const char *after, struct walk **out, struct sluice_error *err) {
  struct walk *w = calloc(1, sizeof *w);
  if (!w)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "path", "no memory to walk '%s'", rules->root);
  w->rules = rules;
  w->after = after ? strdup(after) : NULL;
  int rc = after && !w->after ? sluice_fail(err, SLUICE_ERR_MEMORY, "path", "no memory to walk") : start(w, err);
  if (rc == SLUICE_OK)
    *out = w;
  else
    walk_destroy(w);
  return rc;
}

void walk_destroy(struct walk *w) {
  if (!w)
    return;
  for (size_t i = 0; i < w->depth; i++)
    level_free(w->levels + i);
  free(w->levels);
  free(w->after);
  free(w);
}

/* Paths rise, so once one is behind `after` all others are. *inside: the path is a folder that `after` is in. */
static bool is_done(struct walk *w, bool *inside) {
  *inside = false;
  if (!w->after)
    return false;
  int order = strcmp(w->path, w->after);
  if (order > 0) {
    free(w->after);
    w->after = NULL;
    return false;
  }
  size_t n = strlen(w->path);
  *inside = order < 0 && w->path[n - 1] == '/' && strncmp(w->after, w->path, n) == 0;
  return !*inside;
}

static const char *folder_skip(const struct walk *w, const char *name, bool bad) {
  if (bad)
    return "name is not UTF-8";
  if (name[0] == '.' && !w->rules->hidden)
    return "hidden folder";
  if (!w->rules->recursive)
    return "folder";
  return filter_excludes_all(w->rules->filter, w->path + w->root_size) ? "excluded" : NULL;
}

static int visit_folder(struct walk *w, const char *name, bool bad, bool inside, struct walk_entry *out,
                        struct sluice_error *err) {
  const char *skip = folder_skip(w, name, bad);
  int rc = skip ? SLUICE_OK : enter(w, &skip, err);
  if (rc != SLUICE_OK)
    return rc;
  if (!skip || inside)
    return AGAIN;
  *out = (struct walk_entry){.path = w->path, .skip = skip};
  return SLUICE_OK;
}

static int visit_file(struct walk *w, const char *name, bool bad, struct walk_entry *out, struct sluice_error *err) {
  *out = (struct walk_entry){.path = w->path};
  if (bad)
    out->skip = "name is not UTF-8";
  else if (name[0] == '.' && !w->rules->hidden && !w->single)
    out->skip = "hidden file";
  else if (!filter_takes(w->rules->filter, w->path + w->root_size))
    out->skip = "excluded";
  if (out->skip)
    return SLUICE_OK;
  bool follow = w->rules->follow || w->depth == 0;
  if (fstatat(AT_FDCWD, w->path, &out->info, follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0) {
    if (S_ISLNK(out->info.st_mode))
      out->skip = "symbolic link";
    else if (!S_ISREG(out->info.st_mode))
      out->skip = "not a regular file";
    return SLUICE_OK;
  }
  if (errno == ELOOP)
    out->skip = "symbolic link loop";
  else if (errno != ENOENT)
    return walk_fail(err, w->path, "look at", errno);
  else if (lstat(w->path, &out->info) == 0)
    out->skip = "broken symbolic link";
  return out->skip ? SLUICE_OK : AGAIN; /* AGAIN: it went away since its folder was read */
}

/* Two different bad names may be shown alike; one of them is enough to tell. */
static bool is_repeated(struct walk *w, bool bad) {
  if (!bad)
    return false;
  if (strcmp(w->path, w->last_bad) == 0)
    return true;
  memcpy(w->last_bad, w->path, sizeof w->path);
  return false;
}

static int visit(struct walk *w, struct walk_entry *out, struct sluice_error *err) {
  struct level *level = w->levels + w->depth - 1;
  if (level->next == level_count(level)) {
    level_free(level);
    w->depth--;
    return AGAIN;
  }
  const struct name *entry = level_names(level) + level->next++;
  const char *name = name_text(level, entry);
  size_t n = strlen(name);
  w->path[level->prefix] = 0;
  if (n > PATH_LIMIT - level->prefix)
    return sluice_fail(err, SLUICE_ERR_CONFIG, w->path,
                       "a path is longer than 4,096 bytes: '%s' in '%.400s'; exclude it", name, w->path);
  memcpy(w->path + level->prefix, name, n + 1);
  bool inside;
  if (is_done(w, &inside) || is_repeated(w, entry->bad))
    return AGAIN;
  int rc =
      entry->folder ? visit_folder(w, name, entry->bad, inside, out, err) : visit_file(w, name, entry->bad, out, err);
  if (rc < 0)
    w->levels[w->depth - 1].next--; /* asked again, it fails again: nothing is left out unseen */
  return rc;
}

static int visit_single(struct walk *w, struct walk_entry *out, struct sluice_error *err) {
  bool inside;
  int rc = is_done(w, &inside) ? AGAIN : visit_file(w, w->path + w->root_size, false, out, err);
  w->single = false;
  return rc;
}

int walk_next(struct walk *w, struct walk_entry *out, struct sluice_error *err) {
  const struct sluice_host *host = w->rules->host;
  int rc = AGAIN;
  if (w->single)
    rc = visit_single(w, out, err);
  for (size_t count = 0; rc == AGAIN && w->depth > 0; count++) {
    if (count % 64 == 0 && host->cancelled(host))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, w->path, "cancelled");
    rc = visit(w, out, err);
  }
  return rc == AGAIN ? SLUICE_END : rc;
}
