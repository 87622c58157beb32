/* Streams in byte order of their names; the rules are those of core/run/opening.c. */
#include "core/plan/spread.h"
#include "core/run/stream.h"
#include <stdlib.h>

/* Where the name is, or would be. */
static size_t place_of(const struct spread *spread, const char *name) {
  size_t low = 0, high = spread->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(spread->items[middle]->name, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

struct spread_stream *spread_get(const struct spread *spread, const char *name) {
  size_t at = place_of(spread, name);
  return at < spread->n && strcmp(spread->items[at]->name, name) == 0 ? spread->items[at] : NULL;
}

static int insert(struct spread *spread, struct spread_stream *stream) {
  if (spread->n == spread->room) {
    size_t room = spread->room ? spread->room * 2 : 16;
    struct spread_stream **grown = realloc(spread->items, room * sizeof(struct spread_stream *));
    if (!grown)
      return SLUICE_ERR_MEMORY;
    spread->items = grown;
    spread->room = room;
  }
  size_t at = place_of(spread, stream->name);
  memmove(spread->items + at + 1, spread->items + at, (spread->n - at) * sizeof(struct spread_stream *));
  spread->items[at] = stream;
  spread->n++;
  return SLUICE_OK;
}

static void destroy(struct spread_stream *stream) {
  for (size_t i = 0; i < stream->n_first; i++) {
    free((char *)(uintptr_t)stream->first[i].name);
    free((char *)(uintptr_t)stream->first[i].version);
  }
  stream_ending_finish(&stream->ending);
  free(stream->folder);
  free(stream->note);
  free(stream);
}

/* Its files are all of one folder: that of the first which the ledger has. */
static int recall(struct spread_stream *stream, struct known *known, struct sluice_error *err) {
  int code = known ? known_stream(known, stream->name, &stream->known, err) : SLUICE_END;
  if (code)
    return code == SLUICE_END ? SLUICE_OK : code;
  code = known_first_part(known, &stream->known, &stream->folder, err);
  char *slash = stream->folder ? strrchr(stream->folder, '/') : NULL;
  if (slash)
    slash[1] = 0;
  else if (stream->folder)
    stream->folder[0] = 0;
  return code;
}

static int add(struct spread *spread, struct known *known, const char *name, struct spread_stream **out,
               struct sluice_error *err) {
  if (spread->n == STREAMS_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "stream",
                       "the job has more than %d streams; let `stream` give fewer names", STREAMS_MAX);
  struct spread_stream *stream = calloc(1, sizeof *stream);
  if (!stream)
    return SLUICE_ERR_MEMORY;
  snprintf(stream->name, sizeof stream->name, "%s", name);
  int code = recall(stream, known, err);
  if (!code)
    code = insert(spread, stream);
  if (code)
    destroy(stream);
  else
    *out = stream;
  return code;
}

static int check_folder(struct spread_stream *stream, const char *part, size_t folder, struct sluice_error *why) {
  if (!stream->folder)
    stream->folder = strndup(part, folder);
  if (!stream->folder)
    return SLUICE_ERR_MEMORY;
  if (strlen(stream->folder) == folder && memcmp(stream->folder, part, folder) == 0)
    return SLUICE_OK;
  sluice_fail(why, SLUICE_ERR_CONFIG, part,
              "it would be of stream \"%s\", as the files of %.300s are; files of different folders are not put "
              "together unasked: name the stream by {path} too, or set across_folders = true in a rule of `streams`",
              stream->name, stream->folder);
  return SLUICE_END;
}

static int note_ending(struct spread_stream *stream, const struct stream_name *name, const char *part) {
  char why[800], text[1200];
  bool fresh;
  int code = stream_ending_see(&stream->ending, name, part, &fresh);
  if (code || !fresh)
    return code;
  stream_ending_text(&stream->ending, stream->name, why, sizeof why);
  snprintf(text, sizeof text, "%.300s: %s", part, why);
  stream->note = strdup(text);
  return stream->note ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

int spread_find(struct spread *spread, const struct naming *naming, struct known *known, const char *part,
                struct spread_stream **out, struct sluice_error *why, struct sluice_error *err) {
  struct stream_name name;
  int code = stream_name_of(naming, part, &name, why);
  if (code)
    return code == SLUICE_ERR_CONFIG ? SLUICE_END : code;
  struct spread_stream *stream = spread_get(spread, name.text);
  if (!stream)
    code = add(spread, known, name.text, &stream, err);
  if (!code && !name.any_folder)
    code = check_folder(stream, part, name.folder, why);
  if (!code)
    code = note_ending(stream, &name, part);
  if (!code)
    *out = stream;
  return code;
}

int spread_keep(struct spread_stream *stream, const struct sluice_part *part) {
  if (stream->n_first == SPREAD_FIRST || part->size == 0)
    return SLUICE_OK;
  struct sluice_part *kept = &stream->first[stream->n_first++];
  *kept = (struct sluice_part){.struct_size = sizeof *kept,
                               .name = strdup(part->name),
                               .version = strdup(part->version ? part->version : ""),
                               .size = part->size,
                               .modified = part->modified};
  return kept->name && kept->version ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

bool spread_before_now(const struct spread_stream *stream, const struct known *known) {
  return known_first_listed(known) == 0 && stream->known.listed == 0;
}

int spread_report(const struct spread *spread, struct plan_files *files) {
  files->streams = calloc(spread->n + 1, sizeof *files->streams);
  if (!files->streams)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < spread->n; i++) {
    const struct spread_stream *stream = spread->items[i];
    struct plan_stream *out = &files->streams[files->n_streams];
    *out = (struct plan_stream){.name = strdup(stream->name),
                                .note = stream->note ? strdup(stream->note) : NULL,
                                .files = stream->files,
                                .bytes = stream->bytes,
                                .names = stream->names};
    files->n_streams++;
    if (!out->name || (stream->note && !out->note))
      return SLUICE_ERR_MEMORY;
  }
  return SLUICE_OK;
}

void spread_finish(struct spread *spread) {
  for (size_t i = 0; i < spread->n; i++)
    destroy(spread->items[i]);
  free(spread->items);
  *spread = (struct spread){.items = NULL};
}
