/* The parts of all paths, merged in byte order of their names, each once. */
#include "list/lister.h"
#include "base/version.h"
#include <stdlib.h>

enum { PATHS_MAX = 10000 };

static void name_of(const struct location *location, const char *key, struct text *out) {
  text_clear(out);
  text_printf(out, "s3://%s/%s", location->bucket, key);
}

/* ---- paths ---- */

static int compare_locations(const void *a, const void *b) {
  const struct stream *x = a, *y = b;
  char bucket_x[sizeof x->location.bucket + 1], bucket_y[sizeof y->location.bucket + 1];
  snprintf(bucket_x, sizeof bucket_x, "%s/", x->location.bucket); /* the slash counts: "b-x/" is before "b/" */
  snprintf(bucket_y, sizeof bucket_y, "%s/", y->location.bucket);
  int order = strcmp(bucket_x, bucket_y);
  return order ? order : strcmp(x->location.key, y->location.key);
}

static int read_path(struct lister *lister, size_t place_index, struct sluice_error *err) {
  const struct s3_options *options = lister->options;
  size_t own = options->place.path ? 1 : 0;
  struct s3_place place = s3_place_at(options, place_index);
  struct stream *stream = &lister->streams[place_index];
  char where[48] = "path";
  if (place_index >= own)
    snprintf(where, sizeof where, "paths[%zu].path", place_index - own);
  stream->place = place_index;
  stream->versions = options->pin == S3_PIN_VERSION;
  stream->version_id = options->version_id;
  stream->list_requests = (size_t)options->list_requests;
  int status = location_parse(place.path, where, &stream->location, err);
  if (status == SLUICE_OK)
    status = selection_init(options, &place, 0, &lister->selections[place_index], err);
  return status;
}

static int check_version_id(const struct lister *lister, struct sluice_error *err) {
  const char *id = lister->options->version_id;
  if (!id)
    return SLUICE_OK;
  if (lister->count != 1 || !lister->streams[0].location.key[0])
    return sluice_fail(err, SLUICE_ERR_CONFIG, "version_id",
                       "a version id is that of one object; write path = \"s3://BUCKET/KEY\", and no other path");
  if (!id[0] || !version_fit(id))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "version_id", "\"%.80s\" cannot be a version id", id);
  return SLUICE_OK;
}

static int read_paths(struct lister *lister, struct sluice_error *err) {
  int status = SLUICE_OK;
  for (size_t i = 0; status == SLUICE_OK && i < lister->count; i++)
    status = read_path(lister, i, err);
  return status == SLUICE_OK ? check_version_id(lister, err) : status;
}

int lister_init(struct lister *lister, struct client *client, struct engine *engine, const struct s3_options *options,
                struct sluice_error *err) {
  memset(lister, 0, sizeof *lister);
  size_t count = s3_place_count(options);
  if (count == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "path", "no path is given; write path = \"s3://BUCKET/PREFIX/\"");
  if (count > PATHS_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "paths", "there are more than %d paths; use a common prefix", PATHS_MAX);
  lister->client = client;
  lister->engine = engine;
  lister->options = options;
  lister->streams = calloc(count, sizeof *lister->streams);
  lister->selections = calloc(count, sizeof *lister->selections);
  lister->count = lister->streams && lister->selections ? count : 0;
  int status =
      lister->count ? read_paths(lister, err) : sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the paths");
  if (status == SLUICE_OK)
    qsort(lister->streams, lister->count, sizeof *lister->streams, compare_locations);
  else
    lister_finish(lister);
  return status;
}

void lister_finish(struct lister *lister) {
  for (size_t i = 0; i < lister->count; i++) {
    stream_close(&lister->streams[i]);
    selection_finish(&lister->selections[i]);
  }
  free(lister->streams);
  free(lister->selections);
  text_finish(&lister->name);
  text_finish(&lister->version);
  text_finish(&lister->after);
  text_finish(&lister->previous);
  memset(lister, 0, sizeof *lister);
}

int lister_start(struct lister *lister, const char *after, struct sluice_error *err) {
  int64_t now = client_now(lister->client) * 1000000;
  for (size_t i = 0; i < lister->count; i++) {
    stream_close(&lister->streams[i]);
    lister->selections[i].now = now;
  }
  text_clear(&lister->after);
  text_clear(&lister->previous);
  text_puts(&lister->after, after ? after : "");
  if (lister->after.failed)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a listing");
  return SLUICE_OK;
}

/* ---- merge ---- */

/* The key in this bucket behind which the stream goes on, or NULL if all its names are behind us. */
static const char *key_after(struct lister *lister, const struct stream *stream) {
  const char *after = text_get(&lister->after);
  name_of(&stream->location, "", &lister->name);
  size_t n = lister->name.size;
  if (!*after)
    return "";
  if (strncmp(after, text_get(&lister->name), n) != 0)
    return strcmp(after, text_get(&lister->name)) > 0 ? NULL : "";
  const char *key = after + n, *prefix = stream->location.key;
  if (strncmp(key, prefix, strlen(prefix)) != 0)
    return strcmp(key, prefix) > 0 ? NULL : "";
  return key;
}

/* What the requests of a path name. */
static struct bucket *bucket_of(struct lister *lister, size_t place_index) {
  return &lister->client->accesses[place_index].bucket;
}

static int open_stream(struct lister *lister, struct stream *stream, struct sluice_error *err) {
  const char *key = key_after(lister, stream);
  if (key) {
    stream->bucket = bucket_of(lister, stream->place);
    return stream_open(stream, lister->engine, key, err);
  }
  stream->open = stream->ended = true;
  return SLUICE_OK;
}

/* May the stream hold a name that is before this one? Only then it is opened, so that few are open at once. */
static bool reaches(struct lister *lister, const struct stream *stream, const char *name) {
  if (stream->open || !name)
    return true;
  name_of(&stream->location, stream->location.key, &lister->name);
  return strcmp(text_get(&lister->name), name) <= 0;
}

static int compare_entries(const struct stream *a, const struct stream_entry *x, const struct stream *b,
                           const struct stream_entry *y) {
  struct text left = {0}, right = {0};
  if (strcmp(a->location.bucket, b->location.bucket) == 0)
    return strcmp(x->key, y->key);
  name_of(&a->location, x->key, &left);
  name_of(&b->location, y->key, &right);
  int order = strcmp(text_get(&left), text_get(&right));
  text_finish(&left);
  text_finish(&right);
  return order;
}

struct choice {
  struct stream *stream;
  struct stream_entry entry;
};

/* What the key is called below the path: from its last folder on, for a path may end in the middle of a name. */
static const char *name_below(const struct stream *stream, const char *key) {
  const char *prefix = stream->location.key, *slash = strrchr(prefix, '/');
  return slash ? key + (slash - prefix) + 1 : key;
}

static const char *reason_of(const struct lister *lister, const struct choice *choice) {
  return selection_reason(&lister->selections[choice->stream->place], name_below(choice->stream, choice->entry.key),
                          &choice->entry);
}

/* In byte order; an object that two paths hold is read if one of them wants it. */
static bool goes_before(const struct lister *lister, const struct choice *a, const struct choice *b) {
  int order = compare_entries(a->stream, &a->entry, b->stream, &b->entry);
  return order < 0 || (order == 0 && reason_of(lister, b) && !reason_of(lister, a));
}

static int consider(struct lister *lister, struct stream *stream, struct choice *best, struct sluice_error *err) {
  struct choice choice = {.stream = stream};
  int status = stream->open ? SLUICE_OK : open_stream(lister, stream, err);
  if (status != SLUICE_OK)
    return status;
  status = stream_peek(stream, lister->engine, &choice.entry, err);
  if (status == SLUICE_END)
    return SLUICE_OK;
  if (status != SLUICE_OK)
    return status;
  if (!best->stream || goes_before(lister, &choice, best))
    *best = choice;
  return SLUICE_OK;
}

static int choose(struct lister *lister, struct choice *best, struct sluice_error *err) {
  struct text name = {0};
  int status = SLUICE_OK;
  for (size_t i = 0; status == SLUICE_OK && i < lister->count; i++) {
    struct stream *stream = &lister->streams[i];
    if (stream->open && stream->ended)
      continue;
    if (best->stream)
      name_of(&best->stream->location, best->entry.key, &name);
    if (!reaches(lister, stream, best->stream ? text_get(&name) : NULL))
      break; /* they are sorted: nor do the rest */
    status = consider(lister, stream, best, err);
  }
  text_finish(&name);
  return status;
}

/* ---- parts ---- */

static int judge(const struct lister *lister, const struct choice *best, const char **reason,
                 struct sluice_error *err) {
  *reason = reason_of(lister, best);
  if (*reason != selection_archived || lister->options->archived != S3_ARCHIVED_FAIL)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_DATA, "archived",
                     "s3://%s/%.300s is in an archive class and cannot be read; restore it, or exclude it, or set "
                     "archived = \"skip\" (or \"read\" once it is restored)",
                     best->stream->location.bucket, best->entry.key);
}

/* The version "null" may be written over, and so does not say what is read. */
static void make_version(const struct stream *stream, const struct stream_entry *entry, struct text *out) {
  bool fixed = entry->version_id[0] && (stream->version_id || strcmp(entry->version_id, "null") != 0);
  text_clear(out);
  if (fixed)
    version_make_id(entry->version_id, out);
  else
    version_make(entry->etag, entry->size, entry->modified, out);
}

static int give(struct lister *lister, const struct choice *best, struct sluice_part *out, struct sluice_error *err) {
  const struct stream_entry *entry = &best->entry;
  const char *reason;
  int status = judge(lister, best, &reason, err);
  if (status != SLUICE_OK)
    return status;
  name_of(&best->stream->location, entry->key, &lister->name);
  make_version(best->stream, entry, &lister->version);
  text_clear(&lister->previous);
  text_puts(&lister->previous, text_get(&lister->name));
  if (lister->name.failed || lister->version.failed || lister->previous.failed)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a part's name");
  *out = (struct sluice_part){.struct_size = sizeof *out,
                              .name = text_get(&lister->name),
                              .version = text_get(&lister->version),
                              .size = entry->size,
                              .modified = entry->modified,
                              .skip = reason};
  return SLUICE_OK;
}

int lister_next(struct lister *lister, struct sluice_part *out, struct sluice_error *err) {
  for (;;) {
    struct choice best = {.stream = NULL};
    int status = choose(lister, &best, err);
    if (status != SLUICE_OK)
      return status;
    if (!best.stream)
      return SLUICE_END;
    name_of(&best.stream->location, best.entry.key, &lister->name);
    bool repeated = lister->previous.size && strcmp(text_get(&lister->name), text_get(&lister->previous)) == 0;
    if (!repeated)
      status = give(lister, &best, out, err); /* else two paths hold it */
    if (status == SLUICE_OK)
      stream_skip(best.stream);
    if (!repeated || status != SLUICE_OK)
      return status;
  }
}
