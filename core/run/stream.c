/* Streams and their schemas. */
#include "core/run/stream.h"
#include <sluice/arrow.h>
#include <stdlib.h>

/* ---- endings ---- */

int stream_ending_see(struct stream_ending *seen, const struct stream_name *name, const char *part, bool *fresh) {
  *fresh = false;
  if (!name->ending || seen->mixed)
    return SLUICE_OK;
  if (!seen->part) {
    seen->part = strdup(part);
    return seen->part ? SLUICE_OK : SLUICE_ERR_MEMORY;
  }
  *fresh = seen->mixed = strlen(seen->part) < name->ending || strcmp(seen->part + name->ending, part + name->ending);
  return SLUICE_OK;
}

void stream_ending_text(const struct stream_ending *seen, const char *stream, char *out, size_t size) {
  snprintf(out, size,
           "it is of stream \"%s\", as %.300s is, for {stem} leaves their endings out; if they hold the same records, "
           "these are delivered twice: name the stream by {name}, leave one out by the source's options, or set "
           "across_folders = true in a rule of `streams` where they belong together",
           stream, seen->part);
}

void stream_ending_finish(struct stream_ending *seen) {
  free(seen->part);
  *seen = (struct stream_ending){.part = NULL};
}

/* ---- one stream ---- */

int stream_create(const char *job, const char *sink, const char *name, struct stream **out) {
  struct stream *stream = calloc(1, sizeof *stream);
  if (!stream)
    return SLUICE_ERR_MEMORY;
  snprintf(stream->name, sizeof stream->name, "%s", name);
  snprintf(stream->delivery, sizeof stream->delivery, "%s/%s/%s", job, sink, name);
  pthread_mutex_init(&stream->lock, NULL);
  *out = stream;
  return SLUICE_OK;
}

void stream_destroy(struct stream *stream) {
  if (!stream)
    return;
  while (stream->schema) {
    struct job_schema *older = stream->schema->older;
    sluice_schema_release(&stream->schema->schema);
    free(stream->schema);
    stream->schema = older;
  }
  pthread_mutex_destroy(&stream->lock);
  sluice_schema_release(&stream->guess);
  free(stream->folder);
  free(stream->failure);
  free(stream->after);
  stream_ending_finish(&stream->ending);
  free(stream);
}

int stream_name_of(const struct naming *naming, const char *part, struct stream_name *out, struct sluice_error *err) {
  struct stream_name name = {.folder = 0};
  int code = naming_of(naming, part, &name, err);
  if (!code && sluice_utf8_valid(name.text, strlen(name.text)) != strlen(name.text))
    code = sluice_fail(err, SLUICE_ERR_CONFIG, part, "the name of its stream is not UTF-8");
  if (!code)
    *out = name;
  return code;
}

/* ---- schemas ---- */

const struct job_schema *stream_schema(struct stream *stream) {
  pthread_mutex_lock(&stream->lock);
  const struct job_schema *schema = stream->schema;
  pthread_mutex_unlock(&stream->lock);
  return schema;
}

static const struct job_schema *find_locked(const struct stream *stream, int64_t number) {
  const struct job_schema *schema = stream->schema;
  while (schema && schema->number != number)
    schema = schema->older;
  return schema;
}

const struct job_schema *stream_find_schema(struct stream *stream, int64_t number) {
  pthread_mutex_lock(&stream->lock);
  const struct job_schema *schema = find_locked(stream, number);
  pthread_mutex_unlock(&stream->lock);
  return schema;
}

static struct job_schema *make(int64_t number, struct ArrowSchema *schema) {
  struct job_schema *made = calloc(1, sizeof *made);
  if (!made)
    return NULL;
  made->number = number;
  sluice_schema_move(schema, &made->schema);
  return made;
}

int stream_keep_schema(struct stream *stream, int64_t number, struct ArrowSchema *schema) {
  struct job_schema *kept = make(number, schema);
  if (!kept)
    return SLUICE_ERR_MEMORY;
  pthread_mutex_lock(&stream->lock);
  bool add = stream->schema && !find_locked(stream, number);
  if (add) {
    kept->older = stream->schema->older;
    stream->schema->older = kept;
  }
  pthread_mutex_unlock(&stream->lock);
  if (!add) {
    sluice_schema_release(&kept->schema);
    free(kept);
  }
  return SLUICE_OK;
}

int stream_add_schema(struct stream *stream, int64_t number, struct ArrowSchema *schema) {
  struct job_schema *added = make(number, schema);
  if (!added)
    return SLUICE_ERR_MEMORY;
  pthread_mutex_lock(&stream->lock);
  added->older = stream->schema;
  stream->schema = added;
  pthread_mutex_unlock(&stream->lock);
  return SLUICE_OK;
}

/* ---- all of a job ---- */

void streams_init(struct streams *streams) {
  *streams = (struct streams){0};
  pthread_mutex_init(&streams->lock, NULL);
}

void streams_clear(struct streams *streams) {
  for (size_t i = 0; i < streams->n; i++)
    stream_destroy(streams->items[i]);
  free(streams->items);
  streams->items = NULL;
  streams->n = streams->room = 0;
}

void streams_finish(struct streams *streams) {
  streams_clear(streams);
  pthread_mutex_destroy(&streams->lock);
}

/* Where the name is, or would be. */
static size_t place_of(const struct streams *streams, const char *name) {
  size_t low = 0, high = streams->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(streams->items[middle]->name, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static int insert(struct streams *streams, struct stream *stream) {
  if (streams->n == streams->room) {
    size_t room = streams->room ? streams->room * 2 : 4;
    struct stream **grown = realloc(streams->items, room * sizeof *grown);
    if (!grown)
      return SLUICE_ERR_MEMORY;
    streams->items = grown;
    streams->room = room;
  }
  size_t at = place_of(streams, stream->name);
  memmove(streams->items + at + 1, streams->items + at, (streams->n - at) * sizeof *streams->items);
  streams->items[at] = stream;
  streams->n++;
  return SLUICE_OK;
}

int streams_add(struct streams *streams, struct stream *stream, struct sluice_error *err) {
  pthread_mutex_lock(&streams->lock);
  int code = streams->n < STREAMS_MAX ? insert(streams, stream) : SLUICE_ERR_CONFIG;
  pthread_mutex_unlock(&streams->lock);
  if (code == SLUICE_ERR_CONFIG)
    return sluice_fail(err, code, "stream", "the job has more than %d streams; let `stream` give fewer names",
                       STREAMS_MAX);
  return sluice_fail(err, code, "stream", "no memory");
}

struct stream *streams_find(struct streams *streams, const char *name) {
  pthread_mutex_lock(&streams->lock);
  size_t at = place_of(streams, name);
  bool found = at < streams->n && strcmp(streams->items[at]->name, name) == 0;
  struct stream *stream = found ? streams->items[at] : NULL;
  pthread_mutex_unlock(&streams->lock);
  return stream;
}

struct stream *streams_at(struct streams *streams, size_t i) {
  pthread_mutex_lock(&streams->lock);
  struct stream *stream = i < streams->n ? streams->items[i] : NULL;
  pthread_mutex_unlock(&streams->lock);
  return stream;
}

size_t streams_count(struct streams *streams) {
  pthread_mutex_lock(&streams->lock);
  size_t n = streams->n;
  pthread_mutex_unlock(&streams->lock);
  return n;
}
