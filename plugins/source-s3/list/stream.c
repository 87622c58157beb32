/* The keys below one path, in order, page by page; the next page is fetched while one is read. */
#include "list/stream.h"

enum { PAGE_KEYS = 1000, EMPTY_PAGES_MAX = 10000 };

/* A path without a slash at its end may name one object exactly. That object comes first below its name as a prefix. */
static bool may_be_exact(const struct stream *stream) {
  size_t n = strlen(stream->location.key);
  return n && stream->location.key[n - 1] != '/';
}

static void drop_page(struct engine *engine, struct page **page) {
  if (!*page)
    return;
  engine_abandon(engine, &(*page)->call);
  call_unref(&(*page)->call);
  *page = NULL;
}

static int send_page(struct stream *stream, struct engine *engine, const char *start_after, const char *token,
                     int max_keys, struct page **out, struct sluice_error *err) {
  struct page_query query = {stream->location.key, start_after, token, max_keys};
  struct page *page = page_create(stream->bucket, &query);
  if (!page)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a page of the listing");
  engine_submit(engine, &page->call);
  *out = page;
  return SLUICE_OK;
}

int stream_open(struct stream *stream, struct engine *engine, const char *after, struct sluice_error *err) {
  struct bucket *bucket = stream->bucket;
  stream_close(stream, engine);
  stream->bucket = bucket;
  text_puts(&stream->after, after);
  stream->last.limit = stream->after.limit = 2 * LOCATION_KEY_MAX;
  if (!stream->bucket || stream->after.failed)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a listing");
  stream->open = true;
  stream->probing = after[0] && may_be_exact(stream);
  if (stream->probing)
    return send_page(stream, engine, NULL, NULL, 1, &stream->next, err);
  return send_page(stream, engine, after, NULL, PAGE_KEYS, &stream->next, err);
}

void stream_close(struct stream *stream, struct engine *engine) {
  struct location location = stream->location;
  size_t place = stream->place;
  drop_page(engine, &stream->current);
  drop_page(engine, &stream->next);
  text_finish(&stream->last);
  text_finish(&stream->after);
  memset(stream, 0, sizeof *stream);
  stream->location = location;
  stream->place = place;
}

/* ---- pages ---- */

static int bad_listing(const struct stream *stream, struct sluice_error *err, const char *what, const char *key) {
  char shown[161];
  text_copy_line(shown, sizeof shown, key, strlen(key));
  return sluice_fail(
      err, SLUICE_ERR_DATA, "path",
      "ListObjectsV2: bucket \"%s\", prefix \"%.160s\", endpoint %s: %s \"%s\"; the listing cannot be trusted",
      stream->location.bucket, stream->location.key, stream->current->call.sent.host, what, shown);
}

static int request_next(struct stream *stream, struct engine *engine, struct sluice_error *err) {
  const struct page *page = stream->current;
  if (!page->content.truncated)
    return SLUICE_OK;
  const char *token = listing_text(&page->content, page->content.token);
  if (page->token && strcmp(page->token, token) == 0)
    return bad_listing(stream, err, "the same continuation token came twice after key", text_get(&stream->last));
  stream->empty_pages = page->content.count ? 0 : stream->empty_pages + 1;
  if (stream->empty_pages == EMPTY_PAGES_MAX)
    return bad_listing(stream, err, "pages without keys do not end after key", text_get(&stream->last));
  return send_page(stream, engine, NULL, token, PAGE_KEYS, &stream->next, err);
}

static bool is_exact(const struct stream *stream) {
  const struct listing_page *content = &stream->current->content;
  return content->count && may_be_exact(stream) &&
         strcmp(listing_text(content, content->entries[0].key), stream->location.key) == 0;
}

/* The probe asked for the first key only: is it the path itself? If not, the listing proper begins. */
static int end_probe(struct stream *stream, struct engine *engine, struct sluice_error *err) {
  stream->probing = false;
  if (is_exact(stream)) {
    stream->only_exact = true;
    return SLUICE_OK;
  }
  drop_page(engine, &stream->current);
  return send_page(stream, engine, text_get(&stream->after), NULL, PAGE_KEYS, &stream->next, err);
}

/* Sends the page that failed again: the caller has waited, and asks once more. */
static int send_again(struct stream *stream, struct engine *engine, struct sluice_error *err) {
  struct page *fresh = page_again(stream->next);
  if (!fresh)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a page of the listing");
  drop_page(engine, &stream->next);
  stream->next = fresh;
  engine_submit(engine, &fresh->call);
  return SLUICE_OK;
}

static int await_next(struct stream *stream, struct engine *engine, struct sluice_error *err) {
  int status = stream->failed ? send_again(stream, engine, err) : SLUICE_OK;
  if (status == SLUICE_OK)
    status = engine_finish_call(engine, &stream->next->call, err);
  stream->failed = status != SLUICE_OK;
  return status;
}

/* Makes the next page the current one. */
static int turn(struct stream *stream, struct engine *engine, struct sluice_error *err) {
  if (!stream->next) {
    stream->ended = true;
    return SLUICE_OK;
  }
  int status = await_next(stream, engine, err);
  if (status != SLUICE_OK)
    return status;
  drop_page(engine, &stream->current);
  stream->current = stream->next;
  stream->next = NULL;
  stream->index = 0;
  if (stream->probing)
    return end_probe(stream, engine, err);
  if (!stream->started && is_exact(stream))
    stream->only_exact = true;
  stream->started = true;
  return stream->only_exact ? SLUICE_OK : request_next(stream, engine, err);
}

/* ---- entries ---- */

static int check(const struct stream *stream, const char *key, struct sluice_error *err) {
  if (strncmp(key, stream->location.key, strlen(stream->location.key)) != 0)
    return bad_listing(stream, err, "it has a key outside the prefix:", key);
  if (stream->last.size && strcmp(key, text_get(&stream->last)) <= 0)
    return bad_listing(stream, err, "its keys are not in byte order, or repeat, at key", key);
  return SLUICE_OK;
}

static bool at_end_of_page(const struct stream *stream) {
  return !stream->current || stream->index == stream->current->content.count || (stream->only_exact && stream->index);
}

int stream_peek(struct stream *stream, struct engine *engine, struct stream_entry *out, struct sluice_error *err) {
  for (;;) {
    while (!stream->ended && at_end_of_page(stream)) {
      int status = turn(stream, engine, err);
      if (status != SLUICE_OK)
        return status;
    }
    if (stream->ended)
      return SLUICE_END;
    const struct listing_page *content = &stream->current->content;
    const struct listing_entry *entry = &content->entries[stream->index];
    const char *key = listing_text(content, entry->key);
    int status = check(stream, key, err);
    if (status != SLUICE_OK)
      return status;
    if (!stream->after.size || strcmp(key, text_get(&stream->after)) > 0) {
      *out =
          (struct stream_entry){key, listing_text(content, entry->etag), entry->size, entry->modified, entry->archived};
      return SLUICE_OK;
    }
    stream_skip(stream); /* a server that knows no start-after */
  }
}

void stream_skip(struct stream *stream) {
  const struct listing_page *content = &stream->current->content;
  text_clear(&stream->last);
  text_puts(&stream->last, listing_text(content, content->entries[stream->index++].key));
}
