/* All keys below a prefix, in order; by folder where there are many. */
#include "list/walk.h"
#include "list/ahead.h"
#include "list/level.h"
#include <stdlib.h>

enum { PATIENCE_LEAST = 2, PATIENCE_MOST = 1 << 16, LOOK_AHEAD_EVERY = 64 /* keys */ };

/* ---- life ---- */

static int open_leaf(struct walk *walk, const char *prefix, const char *after, struct sluice_error *err) {
  struct pager_query query = {.engine = walk->query.engine,
                              .bucket = walk->query.bucket,
                              .prefix = prefix,
                              .after = after,
                              .kind = walk->query.kind,
                              .only_version = walk->query.only_version};
  int status = pager_open(&walk->leaf, &query, err);
  walk->leaf_open = status == SLUICE_OK;
  walk->steps = 0;
  return status;
}

static void close_leaf(struct walk *walk) {
  pager_close(&walk->leaf);
  walk->leaf_open = false;
}

static bool set_last(struct walk *walk, const char *key) {
  text_clear(&walk->last);
  text_puts(&walk->last, key);
  return !walk->last.failed;
}

int walk_open(struct walk *walk, const struct walk_query *query, struct sluice_error *err) {
  memset(walk, 0, sizeof *walk);
  walk->query = *query;
  walk->flat = query->list_requests < 2 || query->kind == PAGE_VERSIONS;
  walk->patience = PATIENCE_LEAST;
  walk->last.limit = 2 * LOCATION_KEY_MAX;
  if (!set_last(walk, query->after))
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a listing");
  return open_leaf(walk, query->prefix, query->after, err);
}

void walk_close(struct walk *walk) {
  close_leaf(walk);
  while (walk->depth)
    level_pop(walk);
  free(walk->levels);
  text_finish(&walk->last);
  memset(walk, 0, sizeof *walk);
}

/* ---- one listing for all that is left ---- */

/* Level and all in it are given up for one flat listing. */
static int list_flat(struct walk *walk, const char *prefix, struct sluice_error *err) {
  struct pager old = walk->leaf;
  bool had = walk->leaf_open;
  int status = open_leaf(walk, prefix, text_get(&walk->last), err);
  if (status == SLUICE_OK && had)
    pager_close(&old);
  if (status != SLUICE_OK) {
    walk->leaf = old;
    walk->leaf_open = had;
  }
  return status;
}

/* We may list the path but not its folders. */
static int go_flat(struct walk *walk, struct sluice_error *err) {
  int status = list_flat(walk, walk->query.prefix, err);
  if (status != SLUICE_OK)
    return status;
  walk->flat = true;
  while (walk->depth)
    level_pop(walk);
  return SLUICE_OK;
}

/* Going by folder was of no use here: next time it is thought of later. */
static void be_patient(struct walk *walk) {
  if (walk->patience < PATIENCE_MOST)
    walk->patience *= 2;
}

/* The innermost level has folders with few keys each: it is better read as one. */
static int merge_level(struct walk *walk, struct sluice_error *err) {
  int status = list_flat(walk, level_top(walk)->prefix, err);
  if (status != SLUICE_OK)
    return status;
  level_pop(walk);
  be_patient(walk);
  return SLUICE_OK;
}

/* ---- by folder ---- */

/* A leaf with much to list, which nothing else can be listed beside, goes by folder. */
static bool shall_split(const struct walk *walk) {
  size_t few = walk->query.list_requests / 2;
  if (walk->flat || walk->depth >= LEVELS_MAX || !pager_at_page_end(&walk->leaf) || !pager_would_wait(&walk->leaf))
    return false;
  if (walk->leaf.pages < walk->patience || ahead_in_flight(walk) > few)
    return false;
  size_t n = strlen(walk->leaf.prefix);
  return walk->last.size > n && memcmp(text_get(&walk->last), walk->leaf.prefix, n) == 0;
}

/* A level for each folder between the leaf's prefix and its last key; the folder of that key is read to its end first,
 * then they are, the deepest first. */
static int push_levels(struct walk *walk, const char *key, size_t *at, struct sluice_error *err) {
  for (const char *slash = strchr(key + *at, '/'); slash && walk->depth < LEVELS_MAX; slash = strchr(key + *at, '/')) {
    size_t end = (size_t)(slash - key) + 1;
    struct level *level = level_push(walk, key, *at);
    if (!level || !level_set_done(level, key, end, true))
      return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a listing");
    *at = end;
  }
  return SLUICE_OK;
}

static int enter_last_folder(struct walk *walk, const char *key, size_t at, struct sluice_error *err) {
  char *folder = strndup(key, at);
  int status =
      folder ? list_flat(walk, folder, err) : sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a listing");
  free(folder);
  return status;
}

static int split(struct walk *walk, struct sluice_error *err) {
  const char *key = text_get(&walk->last);
  size_t before = walk->depth, n = strlen(walk->leaf.prefix), at = n;
  int status = push_levels(walk, key, &at, err);
  if (status == SLUICE_OK && at == n) { /* the key is in no folder */
    struct level *level = level_push(walk, key, n);
    if (!level || !level_set_done(level, key, strlen(key), false))
      status = sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a listing");
    else
      close_leaf(walk);
  } else if (status == SLUICE_OK) {
    status = enter_last_folder(walk, key, at, err);
  }
  while (status != SLUICE_OK && walk->depth > before)
    level_pop(walk);
  return status;
}

/* The leaf has ended: what is in this folder is done. */
static int leave(struct walk *walk, struct sluice_error *err) {
  struct level *level = level_top(walk);
  if (level) {
    level->finished++;
    level->entries += walk->leaf.entries;
    level->requests += walk->leaf.pages;
  }
  close_leaf(walk);
  if (!level || !level_is_fine_grained(walk, level) || !pager_folder(&level->pager, 0))
    return SLUICE_OK;
  return merge_level(walk, err);
}

/* The first of the children is this folder, unless something is amiss. */
static bool take_child(struct walk *walk, struct level *level, const char *folder) {
  struct child *child = level->children;
  if (!child || strcmp(child->pager.prefix, folder) != 0) {
    level_drop_children(level);
    return false;
  }
  walk->leaf = child->pager;
  walk->leaf_open = true;
  walk->steps = 0;
  level->children = child->next;
  free(child);
  return true;
}

static int enter(struct walk *walk, const char *folder, struct sluice_error *err) {
  struct level *level = level_top(walk);
  int status = take_child(walk, level, folder) ? SLUICE_OK : open_leaf(walk, folder, "", err);
  if (status != SLUICE_OK)
    return status;
  if (!level_set_done(level, folder, strlen(folder), true))
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a listing");
  pager_skip(&level->pager);
  return SLUICE_OK;
}

/* The innermost level has ended. Where it had folders, going by folder was worth it. */
static void pop(struct walk *walk) {
  if (!level_top(walk)->finished)
    be_patient(walk);
  else if (walk->patience > PATIENCE_LEAST)
    walk->patience /= 2;
  level_pop(walk);
}

/* ---- keys ---- */

/* The pager that gives the next key or folder: the leaf, else the innermost level. NULL: there is nothing more. */
static int current(struct walk *walk, struct pager **out, struct sluice_error *err) {
  struct level *level = level_top(walk);
  int status = SLUICE_OK;
  if (!walk->leaf_open && level)
    status = level_open(walk, level, err);
  *out = walk->leaf_open ? &walk->leaf : level ? &level->pager : NULL;
  return status;
}

static int check_order(const struct walk *walk, const struct pager *pager, const char *key, struct sluice_error *err) {
  if (!walk->last.size || strcmp(key, text_get(&walk->last)) > 0)
    return SLUICE_OK;
  return pager_distrust(pager, "its keys are not in byte order, or repeat, at key", key, err);
}

static void look_ahead(struct walk *walk, const struct pager *pager) {
  bool wait = pager_would_wait(pager);
  if (wait)
    walk->steps = 0; /* and again when the page is there */
  if (wait || walk->steps++ % LOOK_AHEAD_EVERY == 0)
    ahead_fetch(walk);
}

/* One step: a key, or AGAIN after one that brought none. */
enum { AGAIN = SLUICE_END + 1 };
static int step(struct walk *walk, struct pager *pager, struct pager_item *out, struct sluice_error *err) {
  bool leaf = pager == &walk->leaf;
  look_ahead(walk, pager);
  int status = leaf && shall_split(walk) ? AGAIN : SLUICE_OK;
  if (status == AGAIN) {
    status = split(walk, err);
    return status == SLUICE_OK ? AGAIN : status;
  }
  status = pager_peek(pager, out, err);
  if (status == SLUICE_END && leaf)
    status = leave(walk, err);
  else if (status == SLUICE_END)
    pop(walk);
  else if (status != SLUICE_OK)
    return status;
  else if (out->entry->kind != LISTING_FOLDER)
    return check_order(walk, pager, listing_text(out->page, out->entry->key), err);
  else
    status = enter(walk, listing_text(out->page, out->entry->key), err);
  return status == SLUICE_OK || status == SLUICE_END ? AGAIN : status;
}

int walk_peek(struct walk *walk, struct pager_item *out, struct sluice_error *err) {
  bool clean = err && !err->message[0];
  int status = AGAIN;
  if (walk->last.failed)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a listing");
  while (status == AGAIN) {
    struct pager *pager;
    status = current(walk, &pager, err);
    if (status != SLUICE_OK)
      return status;
    if (!pager)
      return SLUICE_END;
    status = step(walk, pager, out, err);
    if (status == SLUICE_ERR_AUTH && walk->depth && pager_denied(pager)) {
      if (clean)
        *err = (struct sluice_error){.message = ""};
      status = go_flat(walk, err);
      status = status == SLUICE_OK ? AGAIN : status;
    }
  }
  return status;
}

void walk_skip(struct walk *walk) {
  struct pager *pager = walk->leaf_open ? &walk->leaf : &level_top(walk)->pager;
  set_last(walk, listing_key(&pager->first->content, pager->index));
  if (pager->first->content.count > walk->page_keys)
    walk->page_keys = pager->first->content.count;
  pager_skip(pager);
  if (!walk->leaf_open)
    level_set_done(level_top(walk), text_get(&walk->last), walk->last.size, false);
}
