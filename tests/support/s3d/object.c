/* One object: the file behind a key, its size, time and ETag. */
#include "object.h"
#include "hash.h"
#include "synthetic.h"
#include "text.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Small files have their MD5 as ETag, as S3 has it; a large one the form of a multipart upload, which is no MD5 there
 * either, made from its identity, so that no listing reads gigabytes. */
enum { MD5_LIMIT = 256 * 1024, CACHE_SLOTS = 65536 };

struct cached {
  uint64_t identity[4]; /* device, inode, size, time in ns */
  char etag[HASH_MD5_HEX];
};

struct objects {
  int root;
  uint64_t synthetic_count, synthetic_size;
  pthread_mutex_t lock;
  struct cached *cache; /* direct-mapped */
  struct changed {
    uint64_t name;
    uint32_t times;
  } changed[OBJECTS_CHANGED_MOST]; /* by a fault */
  size_t changed_count;
};

static uint64_t name_hash(const char *bucket, const char *key) {
  uint64_t h = 1469598103934665603u;
  for (const char *p = bucket; *p; p++)
    h = (h ^ (unsigned char)*p) * 1099511628211u;
  h *= 1099511628211u; /* the slash between */
  for (const char *p = key; *p; p++)
    h = (h ^ (unsigned char)*p) * 1099511628211u;
  return h;
}

struct objects *objects_create(int root, uint64_t synthetic_count, uint64_t synthetic_size) {
  struct objects *o = calloc(1, sizeof *o);
  struct cached *cache = calloc(CACHE_SLOTS, sizeof *cache);
  if (!o || !cache) {
    free(o);
    free(cache);
    return NULL;
  }
  o->root = root;
  o->cache = cache;
  o->synthetic_count = synthetic_count;
  o->synthetic_size = synthetic_size;
  pthread_mutex_init(&o->lock, NULL);
  return o;
}

void objects_destroy(struct objects *o) {
  if (!o)
    return;
  pthread_mutex_destroy(&o->lock);
  free(o->cache);
  free(o);
}

bool objects_is_synthetic(const struct objects *o, const char *bucket) {
  return o->synthetic_count > 0 && strcmp(bucket, SYNTHETIC_BUCKET) == 0;
}

uint64_t objects_synthetic_count(const struct objects *o) {
  return o->synthetic_count;
}

bool objects_has_bucket(const struct objects *o, const char *bucket) {
  struct stat st;
  if (objects_is_synthetic(o, bucket))
    return true;
  return bucket[0] != '.' && !strchr(bucket, '/') && fstatat(o->root, bucket, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

bool objects_key_is_path(const char *key) {
  if (strlen(key) > 1024)
    return false;
  for (const char *p = key;; p++) {
    size_t n = strcspn(p, "/");
    bool last = p[n] == '\0', marker = last && n == 0 && p > key;
    if (marker)
      return true;
    if (n == 0 || n > NAME_MAX || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
      return false;
    if (last)
      return true;
    p += n;
  }
}

bool objects_path(const char *bucket, const char *key, char *path, unsigned size) {
  if (!objects_key_is_path(key) || bucket[0] == '.' || strchr(bucket, '/'))
    return false;
  int n = snprintf(path, size, "%s/%s", bucket, key);
  return n > 0 && (unsigned)n < size;
}

static bool read_md5(int fd, size_t size, char hex[HASH_MD5_HEX]) {
  char *data = malloc(size ? size : 1);
  bool ok = data != NULL;
  for (size_t at = 0; ok && at < size;) {
    ssize_t n = pread(fd, data + at, size - at, (off_t)at);
    ok = n > 0;
    at += ok ? (size_t)n : 0;
  }
  ok = ok && hash_md5(data, size, hex);
  free(data);
  return ok;
}

static bool same_file(const struct cached *c, const uint64_t identity[4]) {
  return c->etag[0] && memcmp(c->identity, identity, sizeof c->identity) == 0;
}

/* The MD5 of a small file: remembered, or read from fd, or from the path when fd is -1. */
static bool small_etag(struct objects *o, const uint64_t identity[4], int fd, const char *path, char hex[]) {
  struct cached *slot = &o->cache[(identity[1] * 0x9e3779b97f4a7c15u >> 20) % CACHE_SLOTS];
  pthread_mutex_lock(&o->lock);
  bool known = same_file(slot, identity);
  if (known)
    memcpy(hex, slot->etag, HASH_MD5_HEX);
  pthread_mutex_unlock(&o->lock);
  if (known)
    return true;
  int opened = fd >= 0 ? fd : openat(o->root, path, O_RDONLY | O_CLOEXEC);
  bool ok = opened >= 0 && read_md5(opened, (size_t)identity[2], hex);
  if (opened >= 0 && fd < 0)
    close(opened);
  if (!ok)
    return false;
  pthread_mutex_lock(&o->lock);
  memcpy(slot->identity, identity, sizeof slot->identity);
  memcpy(slot->etag, hex, HASH_MD5_HEX);
  pthread_mutex_unlock(&o->lock);
  return true;
}

static bool fill_file(struct objects *o, const char *path, int fd, const struct stat *st, struct object *out) {
  const uint64_t identity[4] = {(uint64_t)st->st_dev, (uint64_t)st->st_ino, (uint64_t)st->st_size,
                                (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec};
  *out = (struct object){.size = (uint64_t)st->st_size,
                         .modified = st->st_mtim.tv_sec,
                         .fd = fd,
                         .identity = {identity[0], identity[1], identity[3]}};
  if (out->size <= MD5_LIMIT)
    return small_etag(o, identity, fd, path, out->etag);
  if (!hash_md5(identity, sizeof identity, out->etag))
    return false;
  memcpy(out->etag + HASH_MD5_HEX - 1, "-1", 3);
  return true;
}

static bool fill_synthetic(const struct objects *o, const char *key, struct object *out) {
  uint64_t index = 0;
  if (!synthetic_find(key, o->synthetic_count, &index))
    return false;
  *out =
      (struct object){.size = o->synthetic_size, .modified = 1700000000, .fd = -1, .index = index, .synthetic = true};
  const uint64_t identity[2] = {index, o->synthetic_size};
  return hash_md5(identity, sizeof identity, out->etag);
}

static bool fill_marker(const struct stat *st, struct object *out) {
  *out = (struct object){.modified = st->st_mtim.tv_sec, .fd = -1};
  return hash_md5("", 0, out->etag);
}

/* The entry of an object that a fault has changed, or NULL; under the lock. */
static struct changed *find_changed(struct objects *o, uint64_t name) {
  for (size_t i = 0; i < o->changed_count; i++)
    if (o->changed[i].name == name)
      return &o->changed[i];
  return NULL;
}

static void apply_changes(struct objects *o, const char *bucket, const char *key, struct object *out) {
  pthread_mutex_lock(&o->lock);
  const struct changed *entry = o->changed_count > 0 ? find_changed(o, name_hash(bucket, key)) : NULL;
  uint32_t times = entry ? entry->times : 0;
  pthread_mutex_unlock(&o->lock);
  char digits[9];
  if (times == 0)
    return;
  memcpy(digits, out->etag, 8);
  digits[8] = '\0';
  snprintf(digits, sizeof digits, "%08llx", (strtoull(digits, NULL, 16) + times) & 0xffffffffu);
  memcpy(out->etag, digits, 8);
  out->modified += times;
}

bool objects_change(struct objects *o, const char *bucket, const char *key) {
  uint64_t name = name_hash(bucket, key);
  pthread_mutex_lock(&o->lock);
  struct changed *entry = find_changed(o, name);
  if (!entry && o->changed_count < OBJECTS_CHANGED_MOST) {
    entry = &o->changed[o->changed_count++];
    *entry = (struct changed){name, 0};
  }
  if (entry)
    entry->times++;
  pthread_mutex_unlock(&o->lock);
  return entry != NULL;
}

bool objects_look(struct objects *o, const char *bucket, const char *key, struct object *out) {
  char path[PATH_MAX];
  struct stat st;
  bool ok = false;
  if (objects_is_synthetic(o, bucket))
    ok = fill_synthetic(o, key, out);
  else if (objects_path(bucket, key, path, sizeof path) && fstatat(o->root, path, &st, 0) == 0) {
    bool folder = S_ISDIR(st.st_mode), slash = path[strlen(path) - 1] == '/';
    if (folder && slash)
      ok = fill_marker(&st, out);
    else if (S_ISREG(st.st_mode))
      ok = fill_file(o, path, -1, &st, out);
  }
  if (ok)
    apply_changes(o, bucket, key, out);
  return ok;
}

bool objects_open(struct objects *o, const char *bucket, const char *key, struct object *out) {
  char path[PATH_MAX];
  if (objects_is_synthetic(o, bucket) || (*key && key[strlen(key) - 1] == '/'))
    return objects_look(o, bucket, key, out);
  if (!objects_path(bucket, key, path, sizeof path) || !objects_open_path(o, path, out))
    return false;
  apply_changes(o, bucket, key, out);
  return true;
}

bool objects_open_path(struct objects *o, const char *path, struct object *out) {
  struct stat st;
  int fd = openat(o->root, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !fill_file(o, path, fd, &st, out)) {
    close(fd);
    return false;
  }
  return true;
}

void object_close(struct object *object) {
  if (object->fd >= 0)
    close(object->fd);
  object->fd = -1;
}
