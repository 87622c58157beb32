/* The objects of one path, in order: the one that it names exactly, or all below it. */
#include "list/stream.h"

/* A path without a slash at its end may name one object exactly. That object comes first below its name as a prefix. */
static bool may_be_exact(const struct stream *stream) {
  size_t n = strlen(stream->location.key);
  return n && stream->location.key[n - 1] != '/' && !stream->version_id;
}

static enum page_kind kind_of(const struct stream *stream) {
  return stream->versions || stream->version_id ? PAGE_VERSIONS : PAGE_FLAT;
}

/* ---- life ---- */

static int open_walk(struct stream *stream, struct engine *engine, struct sluice_error *err) {
  struct walk_query query = {.engine = engine,
                             .bucket = stream->bucket,
                             .prefix = stream->location.key,
                             .after = text_get(&stream->after),
                             .only_version = stream->version_id,
                             .kind = kind_of(stream),
                             .list_requests = stream->list_requests};
  return walk_open(&stream->walk, &query, err);
}

/* Behind the path's own name: if it is an object, there is no more. */
static int open_probe(struct stream *stream, struct engine *engine, struct sluice_error *err) {
  struct pager_query query = {.engine = engine,
                              .bucket = stream->bucket,
                              .prefix = stream->location.key,
                              .after = "",
                              .kind = kind_of(stream),
                              .max_keys = 1};
  stream->probing = true;
  return pager_open(&stream->probe, &query, err);
}

int stream_open(struct stream *stream, struct engine *engine, const char *after, struct sluice_error *err) {
  stream_close(stream);
  stream->after.limit = 2 * LOCATION_KEY_MAX;
  text_puts(&stream->after, after);
  if (!stream->bucket || stream->after.failed)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a listing");
  stream->open = true;
  if (after[0] && stream->version_id) {
    stream->ended = true; /* there is but one object */
    return SLUICE_OK;
  }
  return after[0] && may_be_exact(stream) ? open_probe(stream, engine, err) : open_walk(stream, engine, err);
}

void stream_close(struct stream *stream) {
  pager_close(&stream->probe);
  walk_close(&stream->walk);
  text_finish(&stream->after);
  stream->open = stream->probing = stream->started = stream->only_exact = stream->ended = false;
}

/* ---- objects ---- */

static bool is_path(const struct stream *stream, const struct pager_item *item) {
  return item->entry->kind == LISTING_OBJECT &&
         strcmp(listing_text(item->page, item->entry->key), stream->location.key) == 0;
}

static int end_probe(struct stream *stream, struct engine *engine, struct sluice_error *err) {
  struct pager_item item;
  int status = pager_peek(&stream->probe, &item, err);
  if (status != SLUICE_OK && status != SLUICE_END)
    return status;
  stream->ended = status == SLUICE_END || is_path(stream, &item);
  if (!stream->ended) {
    status = open_walk(stream, engine, err);
    if (status != SLUICE_OK)
      return status;
  }
  pager_close(&stream->probe);
  stream->probing = false;
  return SLUICE_OK;
}

static int no_version(const struct stream *stream, const char *what, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, "version_id", "s3://%s/%.300s: version \"%.160s\" %s",
                     stream->location.bucket, stream->location.key, stream->version_id, what);
}

/* The one version that is asked for must be there. */
static int check_version(const struct stream *stream, int status, const struct pager_item *item,
                         struct sluice_error *err) {
  if (status == SLUICE_END && !stream->started)
    return no_version(stream, "is not there; list the object's versions, or leave version_id out", err);
  if (status == SLUICE_OK && item->entry->kind == LISTING_DELETED)
    return no_version(stream, "is a delete marker, which has no content; name the version before it", err);
  return status;
}

static void fill(const struct stream *stream, const struct pager_item *item, struct stream_entry *out) {
  const struct listing_entry *entry = item->entry;
  *out = (struct stream_entry){.key = listing_text(item->page, entry->key),
                               .etag = listing_text(item->page, entry->etag),
                               .version_id = listing_text(item->page, entry->version_id),
                               .size = entry->size,
                               .modified = entry->modified,
                               .archived = entry->archived,
                               .deleted = entry->kind == LISTING_DELETED,
                               .exact = stream->only_exact || stream->version_id};
}

int stream_peek(struct stream *stream, struct engine *engine, struct stream_entry *out, struct sluice_error *err) {
  struct pager_item item;
  int status = stream->probing ? end_probe(stream, engine, err) : SLUICE_OK;
  if (status != SLUICE_OK)
    return status;
  if (stream->ended)
    return SLUICE_END;
  status = walk_peek(&stream->walk, &item, err);
  if (stream->version_id)
    status = check_version(stream, status, &item, err);
  stream->ended = status == SLUICE_END;
  if (status != SLUICE_OK)
    return status;
  if (!stream->started && may_be_exact(stream))
    stream->only_exact = is_path(stream, &item);
  stream->started = true;
  fill(stream, &item, out);
  return SLUICE_OK;
}

void stream_skip(struct stream *stream) {
  walk_skip(&stream->walk);
  stream->ended = stream->only_exact || stream->version_id;
}
