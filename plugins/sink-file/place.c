/* Places by stream, and which of their files are open. */
#include "place.h"
#include <ctype.h>
#include <search.h>
#include <stdlib.h>

enum { OPEN_MAX_PLACES = 32 /* of up to four files each */ };

/* ---- names ---- */

/* Streams have their names from files' names, so they may hold what a path or a shell minds. A first "." would hide the
 * file, a lone "-" be standard output, and a name such as "a.sluice-journal" be the journal of another. */
static bool is_safe(const char *name, size_t i) {
  unsigned char c = (unsigned char)name[i];
  if (c == '.')
    return i > 0 && strncmp(name + i, ".sluice-", 8) != 0;
  if (c == '-')
    return i > 0;
  return isalnum(c) || c == '_' || c >= 0x80;
}

static char *put_name(char *out, const char *name) {
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; name[i]; i++) {
    if (is_safe(name, i)) {
      *out++ = name[i];
      continue;
    }
    *out++ = '%';
    *out++ = digits[(unsigned char)name[i] >> 4];
    *out++ = digits[name[i] & 15];
  }
  return out;
}

char *place_path(const char *path, const char *stream) {
  size_t mark = sizeof PLACE_STREAM - 1, count = 0;
  for (const char *at = strstr(path, PLACE_STREAM); at; at = strstr(at + mark, PLACE_STREAM))
    count++;
  char *made = malloc(strlen(path) + count * 3 * strlen(stream) + 1), *out = made;
  if (!made)
    return NULL;
  for (const char *at = strstr(path, PLACE_STREAM); at; at = strstr(path, PLACE_STREAM)) {
    memcpy(out, path, (size_t)(at - path));
    out = put_name(out + (at - path), stream);
    path = at + mark;
  }
  memcpy(out, path, strlen(path) + 1);
  return made;
}

/* ---- all places ---- */

static int by_stream(const void *a, const void *b) {
  return strcmp(((const struct place *)a)->stream, ((const struct place *)b)->stream);
}

static void close_retired(struct place *place) {
  while (place->retired) {
    struct output *next = place->retired->next;
    output_close(place->retired);
    place->retired = next;
  }
}

static void destroy(void *self) {
  struct place *place = self;
  if (place->fresh)
    place_retire(place);
  close_retired(place);
  output_close(place->output);
  free(place->fresh_delivery);
  free(place->stream);
  free(place->path);
  free(place);
}

struct place *places_find(struct places *places, const char *path, const char *stream) {
  const struct place key = {.stream = (char *)(uintptr_t)stream};
  struct place **found = tfind(&key, &places->root, by_stream);
  if (found)
    return *found;
  struct place *place = calloc(1, sizeof *place);
  if (!place)
    return NULL;
  place->stream = strdup(stream);
  place->path = place_path(path, stream);
  if (place->stream && place->path && tsearch(place, &places->root, by_stream))
    return place;
  destroy(place);
  return NULL;
}

void places_finish(struct places *places) {
  tdestroy(places->root, destroy);
  *places = (struct places){.root = NULL};
}

/* ---- open files ---- */

static void unlink_place(struct places *places, struct place *place) {
  *(place->newer ? &place->newer->older : &places->newest) = place->older;
  *(place->older ? &place->older->newer : &places->oldest) = place->newer;
  place->newer = place->older = NULL;
}

static void link_newest(struct places *places, struct place *place) {
  place->older = places->newest;
  *(places->newest ? &places->newest->newer : &places->oldest) = place;
  places->newest = place;
}

int place_use(struct places *places, struct place *place, const struct sluice_host *host, bool sync,
              struct sluice_error *err) {
  int rc = SLUICE_OK;
  if (place->output) {
    unlink_place(places, place);
  } else {
    rc = output_open(host, place->path, sync, &place->output, err);
    places->open += rc == SLUICE_OK;
  }
  if (rc != SLUICE_OK)
    return rc;
  link_newest(places, place);
  place->users++;
  return SLUICE_OK;
}

/* What is on the disk of one that is broken is not known, and stays so for the run. */
static bool can_close(const struct place *place) {
  return place->users == 0 && !place->output->broken && !(place->fresh && place->fresh->broken);
}

static void close_files(struct places *places, struct place *place) {
  unlink_place(places, place);
  close_retired(place);
  output_close(place->fresh);
  output_close(place->output);
  place->fresh = place->output = NULL;
  places->open--;
}

void place_done(struct places *places, struct place *place) {
  place->users--;
  for (struct place *at = places->oldest, *newer; at && places->open > OPEN_MAX_PLACES; at = newer) {
    newer = at->newer;
    if (can_close(at))
      close_files(places, at);
  }
}

void place_retire(struct place *place) {
  struct output *fresh = place->fresh;
  if (fresh) { /* writers may still point to it */
    output_retire(fresh);
    fresh->next = place->retired;
    place->retired = fresh;
  }
  place->fresh = NULL;
  free(place->fresh_delivery);
  place->fresh_delivery = NULL;
  place->generation = 0;
}
