/* Names at a place, grouped at the first slash below it. */
#include "core/cli/level.h"
#include "core/cli/place.h"

enum { FOLDER_PATIENCE = 1000 }; /* names: as many as one request lists */
static const char last_character[] = "\xf4\x8f\xbf\xbf";

static int no_memory(struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for the names");
}

/* ---- names ---- */

const char *name_without_scheme(const char *name) {
  size_t n = place_scheme(name);
  return n ? name + n + 3 : name;
}

/* "key" of "s3://bucket/key"; a local path is itself. */
static const char *key_of(const char *name) {
  const char *rest = name_without_scheme(name);
  const char *slash = place_is_local(name) ? NULL : strchr(rest, '/');
  return slash ? slash + 1 : rest;
}

static int make_base(const char *place, struct text *out) {
  const char *rest = name_without_scheme(place), *slash = strrchr(rest, '/');
  bool ends = slash && !slash[1];
  if (!*rest || ends)
    return text_add(out, rest);
  if (slash && !place_is_local(place))
    return text_append(out, rest, (size_t)(slash - rest) + 1);
  return text_printf(out, "%s/", rest); /* a folder, or "s3://bucket" */
}

/* The name as this level shows it; NULL: it is none of this level's, as where a source has a way of its own with paths.
 */
static const char *relative(const struct level *level, const char *name) {
  const char *rest = name_without_scheme(name), *slash = strrchr(rest, '/');
  if (strncmp(rest, text_get(&level->base), level->base.size) == 0)
    return rest + level->base.size;
  if (strcmp(rest, name_without_scheme(level->place)) == 0) /* a local file, named itself */
    return slash ? slash + 1 : rest;
  return NULL;
}

/* ---- the level ---- */

int level_start(struct level *level, const struct component *source, const char *place, enum level_depth depth,
                struct sluice_error *err) {
  level->source = source;
  level->place = place;
  level->depth = depth;
  if (make_base(place, &level->base) != SLUICE_OK)
    return no_memory(err);
  return source->loaded->source.list(source->self, NULL, err);
}

void level_finish(struct level *level) {
  text_finish(&level->base);
  text_finish(&level->folder);
  text_finish(&level->shown);
}

static bool in_folder(const struct level *level, const char *name) {
  return level->folder.size && strncmp(name, text_get(&level->folder), level->folder.size) == 0;
}

/* Once a folder: names that sort behind that character too are read through. */
static int jump(struct level *level, struct sluice_error *err) {
  struct text after = {0};
  const struct sluice_source *source = &level->source->loaded->source;
  level->jumped = true;
  int code = text_printf(&after, "%s%s", text_get(&level->folder), last_character);
  code = code == SLUICE_OK ? source->list(level->source->self, text_get(&after), err) : no_memory(err);
  text_finish(&after);
  return code;
}

static int pass_over(struct level *level, struct sluice_error *err) {
  bool ordered = level->source->loaded->source.flags & SLUICE_SOURCE_ORDERED;
  level->inside++;
  return ordered && !level->jumped && level->inside >= FOLDER_PATIENCE ? jump(level, err) : SLUICE_OK;
}

static int enter_folder(struct level *level, const char *name, const char *shown, size_t n, struct sluice_error *err) {
  level->inside = 1;
  level->jumped = false;
  text_clear(&level->folder);
  text_clear(&level->shown);
  int code = text_append(&level->folder, name, (size_t)(shown - name) + n);
  if (code == SLUICE_OK)
    code = text_append(&level->shown, shown, n);
  return code == SLUICE_OK ? code : no_memory(err);
}

static int describe(struct level *level, const struct sluice_part *part, struct level_entry *out,
                    struct sluice_error *err) {
  const char *shown = level->depth == LEVEL_ONE ? relative(level, part->name) : NULL;
  const char *slash = shown ? strchr(shown, '/') : NULL;
  struct level_entry entry = {.part = *part, .shown = shown ? shown : key_of(part->name), .folder = slash};
  if (slash) {
    int code = enter_folder(level, part->name, shown, (size_t)(slash - shown) + 1, err);
    if (code != SLUICE_OK)
      return code;
    entry.shown = text_get(&level->shown);
  }
  *out = entry;
  return SLUICE_OK;
}

int level_next(struct level *level, struct level_entry *out, struct sluice_error *err) {
  const struct component *source = level->source;
  for (;;) {
    struct sluice_part part = {.struct_size = sizeof part};
    int code = source->loaded->source.next_part(source->self, &part, err);
    if (code != SLUICE_OK)
      return code;
    if (!in_folder(level, part.name))
      return describe(level, &part, out, err);
    code = pass_over(level, err);
    if (code != SLUICE_OK)
      return code;
  }
}
