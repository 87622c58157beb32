/* The folders that a walk is in. */
#include "list/level.h"
#include <stdlib.h>

enum {
  JUDGED_AFTER = 8, /* folders */
  FINE_GRAIN = 4    /* times fewer keys a request than a page holds */
};

struct level *level_push(struct walk *walk, const char *prefix, size_t n) {
  if (walk->depth == walk->capacity) {
    size_t capacity = walk->capacity ? walk->capacity * 2 : 8;
    struct level *levels = realloc(walk->levels, capacity * sizeof *levels);
    if (!levels)
      return NULL;
    walk->levels = levels;
    walk->capacity = capacity;
  }
  char *copy = strndup(prefix, n);
  if (!copy)
    return NULL;
  struct level *level = &walk->levels[walk->depth++];
  *level = (struct level){.prefix = copy, .done = {.limit = 2 * LOCATION_KEY_MAX}};
  return level;
}

void level_drop_children(struct level *level) {
  while (level->children) {
    struct child *child = level->children;
    level->children = child->next;
    pager_close(&child->pager);
    free(child);
  }
}

void level_pop(struct walk *walk) {
  struct level *level = &walk->levels[--walk->depth], *above = level_top(walk);
  if (above) {
    above->entries += level->entries;
    above->requests += level->requests;
    above->finished++;
  }
  level_drop_children(level);
  pager_close(&level->pager);
  text_finish(&level->done);
  free(level->prefix);
}

struct level *level_top(struct walk *walk) {
  return walk->depth ? &walk->levels[walk->depth - 1] : NULL;
}

bool level_set_done(struct level *level, const char *name, size_t n, bool folder) {
  text_clear(&level->done);
  text_add(&level->done, name, n);
  level->done_is_folder = folder;
  return !level->done.failed;
}

int level_open(const struct walk *walk, struct level *level, struct sluice_error *err) {
  struct pager_query query = {.engine = walk->query.engine,
                              .bucket = walk->query.bucket,
                              .prefix = level->prefix,
                              .after = text_get(&level->done),
                              .after_folder = level->done_is_folder,
                              .kind = PAGE_FOLDERS};
  if (level->open)
    return SLUICE_OK;
  if (level->done.failed)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a listing");
  int status = pager_open(&level->pager, &query, err);
  level->open = status == SLUICE_OK;
  return status;
}

bool level_is_fine_grained(const struct walk *walk, const struct level *level) {
  return level->finished >= JUDGED_AFTER && level->entries * FINE_GRAIN < level->requests * walk->page_keys;
}
