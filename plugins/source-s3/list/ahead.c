/* What a walk asks for before it gets there: at most list_requests pages at once, and so many held that memory stays
 * what it is however much there is to list. The innermost level comes first, and takes from the others what it needs.
 */
#include "list/ahead.h"
#include "list/level.h"
#include <stdlib.h>

struct use {
  size_t pages, in_flight;
};

static size_t pages_max(const struct walk *walk) {
  return 2 * walk->query.list_requests + 8;
}

/* ---- what there is ---- */

static void add_pager(struct use *use, const struct pager *pager) {
  use->pages += pager->held;
  use->in_flight += pager_in_flight(pager);
}

static void take_pager(struct use *use, const struct pager *pager) {
  use->pages -= pager->held;
  use->in_flight -= pager_in_flight(pager);
}

static struct use count(const struct walk *walk) {
  struct use use = {0, 0};
  if (walk->leaf_open)
    add_pager(&use, &walk->leaf);
  for (size_t i = 0; i < walk->depth; i++) {
    const struct level *level = &walk->levels[i];
    if (level->open)
      add_pager(&use, &level->pager);
    for (const struct child *child = level->children; child; child = child->next)
      add_pager(&use, &child->pager);
  }
  return use;
}

size_t ahead_in_flight(const struct walk *walk) {
  return count(walk).in_flight;
}

/* ---- room ---- */

/* Gives up what would be needed last in this level; false: it has nothing. */
static bool evict(struct level *level, struct use *use) {
  struct child **link = &level->children;
  if (!*link && !level->open)
    return false;
  if (!*link) {
    take_pager(use, &level->pager);
    pager_close(&level->pager);
    level->open = false;
    return true;
  }
  while ((*link)->next)
    link = &(*link)->next;
  take_pager(use, &(*link)->pager);
  pager_close(&(*link)->pager);
  free(*link);
  *link = NULL;
  return true;
}

/* May the level at this depth ask for one more page? */
static bool has_room(struct walk *walk, size_t depth, struct use *use) {
  size_t outer = 0;
  if (use->in_flight >= walk->query.list_requests)
    return false;
  while (use->pages >= pages_max(walk) && outer < depth)
    outer += !evict(&walk->levels[outer], use);
  return use->pages < pages_max(walk);
}

/* ---- asking ---- */

static void fetch_more(struct pager *pager, struct use *use) {
  take_pager(use, pager);
  pager_fetch(pager);
  add_pager(use, pager);
}

static struct child *add_child(const struct walk *walk, struct child **link, const char *folder) {
  struct pager_query query = {
      .engine = walk->query.engine, .bucket = walk->query.bucket, .prefix = folder, .after = "", .kind = PAGE_FLAT};
  struct child *child = calloc(1, sizeof *child);
  if (!child)
    return NULL;
  if (pager_open(&child->pager, &query, NULL) != SLUICE_OK) {
    free(child);
    return NULL;
  }
  *link = child;
  return child;
}

static void fetch_children(struct walk *walk, size_t depth, struct use *use) {
  struct level *level = &walk->levels[depth];
  struct child **link = &level->children;
  size_t n = 0;
  for (; *link && has_room(walk, depth, use); link = &(*link)->next, n++)
    fetch_more(&(*link)->pager, use);
  while (!*link && has_room(walk, depth, use)) {
    const char *folder = pager_folder(&level->pager, n++);
    if (!folder || !add_child(walk, link, folder))
      return;
    add_pager(use, &(*link)->pager);
    link = &(*link)->next;
  }
}

static void fetch_level(struct walk *walk, size_t depth, struct use *use) {
  struct level *level = &walk->levels[depth];
  if (!level->open && has_room(walk, depth, use) && level_open(walk, level, NULL) == SLUICE_OK)
    add_pager(use, &level->pager);
  if (!level->open)
    return;
  if (level->pager.held < 2 && has_room(walk, depth, use))
    fetch_more(&level->pager, use);
  else
    pager_look(&level->pager);
  fetch_children(walk, depth, use);
}

void ahead_fetch(struct walk *walk) {
  if (walk->leaf_open && walk->leaf.held < 2)
    pager_fetch(&walk->leaf);
  if (walk->depth == 0)
    return;
  struct use use = count(walk);
  for (size_t depth = walk->depth; depth-- > 0;)
    fetch_level(walk, depth, &use);
}
