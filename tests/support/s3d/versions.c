/* The versions of an object that were replaced or removed. */
#include "versions.h"
#include "hash.h"
#include "text.h"
#include "uri.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char marker_end[] = ".marker";

void version_id_of(const struct object *o, char id[VERSION_ID]) {
  if (o->synthetic || !hash_md5(o->identity, sizeof o->identity, id))
    text_copy(id, VERSION_ID, "null");
}

/* .versions/BUCKET/KEY, the key encoded as one name; false when it is too long. */
static bool folder_of(const char *bucket, const char *key, char path[PATH_MAX]) {
  struct text name = {0};
  uri_encode(&name, key, strlen(key), URI_QUERY);
  int n = name.failed || name.len > NAME_MAX ? -1 : snprintf(path, PATH_MAX, ".versions/%s/%s", bucket, name.data);
  text_finish(&name);
  return n > 0 && n < PATH_MAX;
}

static DIR *open_folder(int root, const char *path) {
  int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
  if (fd >= 0 && !dir)
    close(fd);
  return dir;
}

/* NUMBER-ID or NUMBER-ID.marker */
static bool read_name(const char *name, struct version *v) {
  char *end = NULL;
  v->number = strtoull(name, &end, 10);
  if (end == name || *end != '-')
    return false;
  size_t n = strcspn(end + 1, ".");
  v->marker = strcmp(end + 1 + n, marker_end) == 0;
  if (n >= VERSION_ID || (end[1 + n] && !v->marker))
    return false;
  memcpy(v->id, end + 1, n);
  v->id[n] = '\0';
  return true;
}

static bool add(struct versions *v, const struct version *one, const char *key) {
  if (v->count == v->cap) {
    size_t cap = v->cap ? 2 * v->cap : 64;
    struct version *items = realloc(v->items, cap * sizeof *items);
    if (!items)
      return false;
    v->items = items;
    v->cap = cap;
  }
  v->items[v->count] = *one;
  v->items[v->count].key = strdup(key);
  return v->items[v->count++].key != NULL;
}

void versions_finish(struct versions *v) {
  for (size_t i = 0; i < v->count; i++)
    free(v->items[i].key);
  free(v->items);
  *v = (struct versions){0};
}

static bool list_kept_of(int root, const char *folder, const char *key, struct versions *out) {
  DIR *dir = open_folder(root, folder);
  struct version one = {0};
  bool ok = true;
  for (struct dirent *e = dir ? readdir(dir) : NULL; e && ok; e = readdir(dir))
    ok = !read_name(e->d_name, &one) || add(out, &one, key);
  if (dir)
    closedir(dir);
  return ok;
}

static bool list_kept(int root, const char *bucket, const char *prefix, struct versions *out) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, ".versions/%.256s", bucket);
  DIR *dir = open_folder(root, path);
  bool ok = true;
  for (struct dirent *e = dir ? readdir(dir) : NULL; e && ok; e = readdir(dir)) {
    struct text key = {0};
    bool wanted = e->d_name[0] != '.' && uri_decode(&key, e->d_name, strlen(e->d_name), URI_PATH) &&
                  strncmp(key.data, prefix, strlen(prefix)) == 0;
    ok = !wanted || (folder_of(bucket, key.data, path) && list_kept_of(root, path, key.data, out));
    text_finish(&key);
  }
  if (dir)
    closedir(dir);
  return ok;
}

static bool list_files(struct objects *objects, const char *bucket, const struct listing *names, const char *prefix,
                       struct versions *out) {
  char place[KEY_SIZE];
  struct object o;
  for (size_t i = listing_lower(names, prefix); i < listing_count(names); i++) {
    const char *key = listing_key(names, i, place);
    struct version one = {.number = UINT64_MAX};
    if (strncmp(key, prefix, strlen(prefix)) != 0)
      return true;
    if (!objects_look(objects, bucket, key, &o))
      continue;
    version_id_of(&o, one.id);
    if (!add(out, &one, key))
      return false;
  }
  return true;
}

static int by_key_and_age(const void *a, const void *b) {
  const struct version *one = a, *other = b;
  int order = strcmp(one->key, other->key);
  if (order == 0)
    order = (one->number < other->number) - (one->number > other->number);
  return order;
}

bool versions_list(int root, struct objects *objects, const char *bucket, const struct listing *names,
                   const char *prefix, struct versions *out) {
  *out = (struct versions){0};
  if (!list_files(objects, bucket, names, prefix, out) || !list_kept(root, bucket, prefix, out)) {
    versions_finish(out);
    return false;
  }
  if (out->count > 0)
    qsort(out->items, out->count, sizeof *out->items, by_key_and_age);
  return true;
}

static bool list_one(int root, const char *bucket, const char *key, char folder[PATH_MAX], struct versions *out) {
  *out = (struct versions){0};
  if (!folder_of(bucket, key, folder) || !list_kept_of(root, folder, key, out)) {
    versions_finish(out);
    return false;
  }
  if (out->count > 0)
    qsort(out->items, out->count, sizeof *out->items, by_key_and_age);
  return true;
}

static void name_of(const char *folder, uint64_t number, const char *id, bool marker, char path[PATH_MAX]) {
  snprintf(path, PATH_MAX, "%.3000s/%08llu-%s%s", folder, (unsigned long long)number, id, marker ? marker_end : "");
}

bool versions_open(int root, struct objects *objects, const char *bucket, const char *key, const char *id,
                   struct version *version, struct object *out) {
  char folder[PATH_MAX], path[PATH_MAX];
  struct versions kept;
  bool found = false;
  if (!list_one(root, bucket, key, folder, &kept))
    return false;
  for (size_t i = 0; i < kept.count && !found; i++)
    if (strcmp(kept.items[i].id, id) == 0) {
      *version = kept.items[i];
      version->key = NULL;
      name_of(folder, version->number, id, version->marker, path);
      found = version->marker || objects_open_path(objects, path, out);
    }
  versions_finish(&kept);
  return found;
}

bool versions_newest_is_marker(int root, const char *bucket, const char *key, char id[VERSION_ID]) {
  char folder[PATH_MAX];
  struct versions kept;
  if (!list_one(root, bucket, key, folder, &kept))
    return false;
  bool marker = kept.count > 0 && kept.items[0].marker;
  if (marker)
    text_copy(id, VERSION_ID, kept.items[0].id);
  versions_finish(&kept);
  return marker;
}

/* The folder for a key, made, and a number above all that are in it. */
static bool next_number(int root, const char *bucket, const char *key, char folder[PATH_MAX], uint64_t *number) {
  char path[PATH_MAX];
  struct versions kept;
  if (!list_one(root, bucket, key, folder, &kept))
    return false;
  *number = kept.count > 0 ? kept.items[0].number + 1 : 1;
  versions_finish(&kept);
  snprintf(path, sizeof path, ".versions/%.256s", bucket);
  return (mkdirat(root, ".versions", 0777) == 0 || errno == EEXIST) &&
         (mkdirat(root, path, 0777) == 0 || errno == EEXIST) && (mkdirat(root, folder, 0777) == 0 || errno == EEXIST);
}

/* A link, so that there is no moment without a file under the key. */
bool versions_keep(int root, struct objects *objects, const char *bucket, const char *key) {
  char folder[PATH_MAX], path[PATH_MAX], kept[PATH_MAX], id[VERSION_ID];
  struct object o;
  uint64_t number = 0;
  if (!objects_look(objects, bucket, key, &o) || !objects_path(bucket, key, path, sizeof path))
    return true;
  if (!next_number(root, bucket, key, folder, &number))
    return false;
  version_id_of(&o, id);
  for (int tries = 0; tries < 100; tries++) { /* another PUT of the same key may take the number */
    name_of(folder, number++, id, false, kept);
    if (linkat(root, path, root, kept, 0) == 0)
      return true;
    if (errno != EEXIST)
      return false;
  }
  return false;
}

bool versions_mark(int root, const char *bucket, const char *key, const char *id) {
  char folder[PATH_MAX], path[PATH_MAX];
  uint64_t number = 0;
  if (!next_number(root, bucket, key, folder, &number))
    return false;
  name_of(folder, number, id, true, path);
  int fd = openat(root, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd >= 0)
    close(fd);
  return fd >= 0;
}
