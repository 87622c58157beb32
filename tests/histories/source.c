/* Source: the parts of the world's bucket. What is opened is pinned to its version, as If-Match does it. */
#include "plugin.h"
#include "world.h"
#include <pthread.h>
#include <stdlib.h>

struct config {
  int64_t world;
};
static const struct sluice_option items[] = {
    SLUICE_OPTION(struct config, world, SLUICE_OPTION_INT, .flags = SLUICE_OPTION_REQUIRED, .help = "Its address.")};
static const struct sluice_options options = SLUICE_OPTIONS(struct config, items);

struct bucket {
  struct world *world;
  int next;
  char name[32], version[32];
  pthread_mutex_t lock;
};
struct opened {
  struct bucket *bucket;
  int at, serial, size;
  char name[32], version[32];
  char bytes[WORLD_BYTES];
};

static int bucket_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  (void)host;
  struct bucket *bucket = calloc(1, sizeof *bucket);
  if (!bucket)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "bucket", "no memory");
  bucket->world = (struct world *)(uintptr_t)((const struct config *)config)->world;
  pthread_mutex_init(&bucket->lock, NULL);
  *self = bucket;
  return SLUICE_OK;
}

static void bucket_close(void *self) {
  struct bucket *bucket = self;
  pthread_mutex_destroy(&bucket->lock);
  free(bucket);
}

static int place_of(const char *name) {
  int at = -1;
  return name && sscanf(name, "bucket:p%d.csv", &at) == 1 && at >= 0 && at < WORLD_PARTS ? at : -1;
}

static int bucket_list(void *self, const char *after, struct sluice_error *err) {
  (void)err;
  ((struct bucket *)self)->next = place_of(after) + 1;
  return SLUICE_OK;
}

static int bucket_next(void *self, struct sluice_part *out, struct sluice_error *err) {
  (void)err;
  struct bucket *bucket = self;
  pthread_mutex_lock(&bucket->lock);
  while (bucket->next < WORLD_PARTS && !bucket->world->parts[bucket->next].there)
    bucket->next++;
  bool end = bucket->next == WORLD_PARTS;
  if (!end) {
    const struct world_part *part = &bucket->world->parts[bucket->next];
    snprintf(bucket->name, sizeof bucket->name, "bucket:p%02d.csv", bucket->next++);
    snprintf(bucket->version, sizeof bucket->version, "v%d", part->serial);
    out->name = bucket->name;
    out->version = bucket->version;
    out->size = part->sized ? part->size : -1;
    out->modified = part->modified;
  }
  pthread_mutex_unlock(&bucket->lock);
  return end ? SLUICE_END : SLUICE_OK;
}

static int changed(const struct opened *file, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CHANGED, file->name, "it is not version %s any more", file->version);
}

static int read_at(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                   struct sluice_error *err) {
  struct opened *file = in->private_data;
  const struct world_part *now = &file->bucket->world->parts[file->at];
  pthread_mutex_lock(&file->bucket->lock);
  bool same = now->there && now->serial == file->serial;
  pthread_mutex_unlock(&file->bucket->lock);
  if (!same)
    return changed(file, err);
  size_t left = offset < file->size ? (size_t)(file->size - offset) : 0;
  *got = n < left ? n : left;
  memcpy(buf, file->bytes + (left ? offset : 0), *got);
  return SLUICE_OK;
}

static void release(struct sluice_input *in) {
  free(in->private_data);
  memset(in, 0, sizeof *in);
}

/* What the history has in store for this moment. */
static int meet_fate(struct bucket *bucket, const char *name, struct sluice_error *err) {
  struct world *world = bucket->world;
  if (atomic_load(&world->change_at) > 0 && atomic_fetch_sub(&world->change_at, 1) == 1) {
    world->parts[world->change_part] = world->change;
    atomic_store(&world->changed, true);
  }
  if (atomic_load(&world->read_fails_at) > 0 && atomic_fetch_sub(&world->read_fails_at, 1) == 1)
    return sluice_fail(err, SLUICE_ERR_DATA, name, "this read fails");
  return SLUICE_OK;
}

static int open_copy(struct bucket *bucket, const struct sluice_part *part, struct opened *file,
                     struct sluice_error *err) {
  int at = place_of(part->name);
  int code = meet_fate(bucket, part->name, err);
  const struct world_part *now = &bucket->world->parts[at < 0 ? 0 : at];
  if (code)
    return code;
  if (at < 0 || !now->there)
    return sluice_fail(err, SLUICE_ERR_NOT_FOUND, part->name, "there is no such part");
  *file = (struct opened){.bucket = bucket, .at = at, .serial = now->serial, .size = now->size};
  snprintf(file->name, sizeof file->name, "%s", part->name);
  snprintf(file->version, sizeof file->version, "v%d", now->serial);
  memcpy(file->bytes, now->bytes, sizeof file->bytes);
  return part->version && strcmp(part->version, file->version) != 0 ? changed(file, err) : SLUICE_OK;
}

static int bucket_open_part(void *self, const struct sluice_part *part, struct sluice_part *opened,
                            struct sluice_input *out, struct sluice_error *err) {
  struct bucket *bucket = self;
  struct opened *file = malloc(sizeof *file);
  if (!file)
    return sluice_fail(err, SLUICE_ERR_MEMORY, part->name, "no memory");
  pthread_mutex_lock(&bucket->lock);
  int code = open_copy(bucket, part, file, err);
  pthread_mutex_unlock(&bucket->lock);
  if (code) {
    free(file);
    return code;
  }
  opened->name = file->name;
  opened->version = file->version;
  opened->size = file->size;
  *out = (struct sluice_input){file->size, 1 << 16, read_at, NULL, NULL, release, file};
  return SLUICE_OK;
}

static const char *const schemes[] = {"bucket", NULL};
static const struct sluice_base base = {.struct_size = sizeof base,
                                        .kind = SLUICE_SOURCE,
                                        .name = "bucket",
                                        .version = "1.0.0",
                                        .help = "A bucket in memory, for tests.",
                                        .options = &options,
                                        .names = schemes};
const struct sluice_source bucket_source = {.struct_size = sizeof bucket_source,
                                            .flags = SLUICE_SOURCE_ORDERED,
                                            .base = &base,
                                            .open = bucket_open,
                                            .close = bucket_close,
                                            .list = bucket_list,
                                            .next_part = bucket_next,
                                            .open_part = bucket_open_part};
