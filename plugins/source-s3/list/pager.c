/* One listing below one prefix, page by page, each page checked; pages can be fetched ahead. */
#include "list/pager.h"
#include <stdlib.h>

enum { PAGE_KEYS = 1000, EMPTY_PAGES_MAX = 10000, SEEN_MAX = 2 * LOCATION_KEY_MAX };

/* ---- pages ---- */

static bool is_done(const struct pager *pager, const struct page *page) {
  engine_lock(pager->engine);
  bool done = page->call.done;
  engine_unlock(pager->engine);
  return done;
}

static bool is_good(const struct pager *pager, const struct page *page) {
  return page->checked || (is_done(pager, page) && page->call.status == SLUICE_OK);
}

static void drop_page(struct pager *pager, struct page *page) {
  engine_abandon(pager->engine, &page->call);
  call_unref(&page->call);
}

static void append(struct pager *pager, struct page *page) {
  *(pager->first ? &pager->last->next : &pager->first) = page;
  pager->last = page;
  pager->held++;
  engine_submit(pager->engine, &page->call);
}

static int send_page(struct pager *pager, const struct page_query *query, struct sluice_error *err) {
  struct page *page = page_create(pager->bucket, query);
  if (!page)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a page of the listing");
  append(pager, page);
  return SLUICE_OK;
}

static int send_next(struct pager *pager, struct sluice_error *err) {
  const struct listing_page *content = &pager->last->content;
  bool versions = pager->kind == PAGE_VERSIONS;
  struct page_query query = {.prefix = pager->prefix,
                             .token = listing_text(content, content->token),
                             .version_token = versions ? listing_text(content, content->version_token) : NULL,
                             .max_keys = PAGE_KEYS,
                             .kind = pager->kind};
  return send_page(pager, &query, err);
}

int pager_open(struct pager *pager, const struct pager_query *query, struct sluice_error *err) {
  memset(pager, 0, sizeof *pager);
  pager->engine = query->engine;
  pager->bucket = query->bucket;
  pager->kind = query->kind;
  pager->only_version = query->only_version;
  pager->after_folder = query->after_folder;
  pager->after.limit = pager->seen.limit = SEEN_MAX;
  pager->prefix = strdup(query->prefix);
  text_puts(&pager->after, query->after);
  struct page_query page = {.prefix = query->prefix,
                            .start_after = query->after,
                            .max_keys = query->max_keys ? query->max_keys : PAGE_KEYS,
                            .kind = query->kind};
  int status = SLUICE_OK;
  if (!pager->prefix || pager->after.failed)
    status = sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a listing");
  if (status == SLUICE_OK)
    status = send_page(pager, &page, err);
  if (status != SLUICE_OK)
    pager_close(pager);
  return status;
}

void pager_close(struct pager *pager) {
  while (pager->first) {
    struct page *page = pager->first;
    pager->first = page->next;
    drop_page(pager, page);
  }
  free(pager->prefix);
  text_finish(&pager->after);
  text_finish(&pager->seen);
  memset(pager, 0, sizeof *pager);
}

/* ---- checks ---- */

int pager_distrust(const struct pager *pager, const char *what, const char *key, struct sluice_error *err) {
  char shown[161], prefix[161];
  const char *host = pager->first ? pager->first->call.sent.host : "";
  text_copy_line(shown, sizeof shown, key, strlen(key));
  text_copy_line(prefix, sizeof prefix, pager->prefix, strlen(pager->prefix));
  return sluice_fail(err, SLUICE_ERR_DATA, "path",
                     "%s: bucket \"%s\", prefix \"%s\", endpoint %s: %s \"%s\"; the listing cannot be trusted",
                     pager->kind == PAGE_VERSIONS ? "ListObjectVersions" : "ListObjectsV2", pager->bucket->name, prefix,
                     host, what, shown);
}

/* A folder is the prefix, one name, and the slash; the name may be empty. */
static const char *folder_fault(const struct pager *pager, const char *folder) {
  const char *name = folder + strlen(pager->prefix), *slash = strchr(name, '/');
  if (pager->kind != PAGE_FOLDERS)
    return "it has a common prefix though no delimiter was asked for:";
  return slash && !slash[1] ? NULL : "it has a common prefix that is no folder:";
}

static const char *order_fault(const struct pager *pager, const char *before, bool before_latest, const char *key,
                               bool latest) {
  int order = strcmp(key, before);
  if (pager->kind == PAGE_VERSIONS && order == 0)
    return latest && before_latest ? "a key has two latest versions:" : NULL;
  return order <= 0 ? "its keys are not in byte order, or repeat, at key" : NULL;
}

static const char *entry_fault(const struct pager *pager, const struct listing_entry *entry, const char *key) {
  if (strncmp(key, pager->prefix, strlen(pager->prefix)) != 0)
    return "it has a key outside the prefix:";
  return entry->kind == LISTING_FOLDER ? folder_fault(pager, key) : NULL;
}

/* *latest: whether the latest version of the key before was seen; then that of the last key. */
static int check_entries(const struct pager *pager, const struct page *page, bool *latest, struct sluice_error *err) {
  const struct listing_page *content = &page->content;
  const char *before = pager->seen.size ? text_get(&pager->seen) : NULL;
  for (size_t i = 0; i < content->count; i++) {
    const struct listing_entry *entry = &content->entries[i];
    const char *key = listing_key(content, i), *fault = entry_fault(pager, entry, key);
    if (!fault && before)
      fault = order_fault(pager, before, *latest, key, entry->latest);
    if (fault)
      return pager_distrust(pager, fault, key, err);
    *latest = entry->latest || (*latest && before && strcmp(before, key) == 0);
    before = key;
  }
  return SLUICE_OK;
}

static bool repeats_token(const struct page *page) {
  const struct listing_page *content = &page->content;
  if (!content->truncated || !page->token || strcmp(page->token, listing_text(content, content->token)) != 0)
    return false;
  return page->kind != PAGE_VERSIONS || strcmp(page->version_token, listing_text(content, content->version_token)) == 0;
}

/* Nothing is noted before all is found good: a bad page stays bad, however often it is looked at. */
static int check_page(struct pager *pager, struct page *page, struct sluice_error *err) {
  const struct listing_page *content = &page->content;
  const char *last = content->count ? listing_key(content, content->count - 1) : text_get(&pager->seen);
  int empty = content->count ? 0 : pager->empty_pages + 1;
  bool latest = pager->seen_latest;
  if (page->checked)
    return SLUICE_OK;
  int status = check_entries(pager, page, &latest, err);
  if (status != SLUICE_OK)
    return status;
  if (repeats_token(page))
    return pager_distrust(pager, "the same continuation token came twice after key", last, err);
  if (empty >= EMPTY_PAGES_MAX && content->truncated)
    return pager_distrust(pager, "pages without keys do not end after key", last, err);
  if (content->count) {
    text_clear(&pager->seen);
    text_puts(&pager->seen, last);
  }
  if (pager->seen.failed)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a listing");
  pager->seen_latest = latest;
  pager->empty_pages = empty;
  pager->entries += content->count;
  pager->pages++;
  page->checked = true;
  return SLUICE_OK;
}

/* ---- reading ---- */

static int send_first_again(struct pager *pager, struct sluice_error *err) {
  struct page *fresh = page_again(pager->first);
  if (!fresh)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a page of the listing");
  drop_page(pager, pager->first); /* it failed: none is behind it */
  pager->first = NULL;
  pager->held = 0;
  append(pager, fresh);
  return SLUICE_OK;
}

static int await_first(struct pager *pager, struct sluice_error *err) {
  if (pager->first->checked)
    return SLUICE_OK;
  int status = pager->failed ? send_first_again(pager, err) : SLUICE_OK;
  if (status == SLUICE_OK) {
    status = engine_finish_call(pager->engine, &pager->first->call, err);
    pager->failed = status != SLUICE_OK && status != SLUICE_ERR_CANCELLED;
  }
  return status == SLUICE_OK ? check_page(pager, pager->first, err) : status;
}

static int turn(struct pager *pager, struct sluice_error *err) {
  struct page *page = pager->first;
  int status = SLUICE_OK;
  if (!page->content.truncated) {
    pager->ended = true;
    return SLUICE_OK;
  }
  if (!page->next)
    status = send_next(pager, err);
  if (status != SLUICE_OK)
    return status;
  pager->first = page->next;
  pager->held--;
  pager->index = 0;
  drop_page(pager, page);
  return SLUICE_OK;
}

/* All else that a page holds is passed over: a server that knows no start-after, older versions. */
static bool is_wanted(const struct pager *pager, const struct listing_entry *entry, const char *key) {
  const struct text *after = &pager->after;
  if (pager->kind == PAGE_VERSIONS && !pager->only_version && !entry->latest)
    return false;
  if (!after->size)
    return true;
  if (pager->after_folder && strncmp(key, text_get(after), after->size) == 0)
    return false;
  return strcmp(key, text_get(after)) > 0;
}

/* Behind the key whose one version is wanted there is nothing of interest. */
static bool is_past_key(const struct pager *pager, const char *key) {
  return pager->only_version && strcmp(key, pager->prefix) != 0;
}

static bool is_version(const struct pager *pager, const struct listing_page *content,
                       const struct listing_entry *entry) {
  return !pager->only_version || strcmp(listing_text(content, entry->version_id), pager->only_version) == 0;
}

int pager_peek(struct pager *pager, struct pager_item *out, struct sluice_error *err) {
  while (!pager->ended) {
    int status = await_first(pager, err);
    if (status != SLUICE_OK)
      return status;
    const struct listing_page *content = &pager->first->content;
    if (pager->index == content->count) {
      status = turn(pager, err);
      if (status != SLUICE_OK)
        return status;
      continue;
    }
    const struct listing_entry *entry = &content->entries[pager->index];
    const char *key = listing_text(content, entry->key);
    pager->ended = is_past_key(pager, key);
    if (!pager->ended && is_wanted(pager, entry, key) && is_version(pager, content, entry)) {
      *out = (struct pager_item){content, entry};
      return SLUICE_OK;
    }
    pager->index++;
  }
  return SLUICE_END;
}

void pager_skip(struct pager *pager) {
  pager->index++;
}

/* ---- without waiting ---- */

bool pager_look(struct pager *pager) {
  struct page *page = pager->last;
  struct sluice_error ignored = {0}; /* comes again when the page is read */
  return page && is_good(pager, page) && check_page(pager, page, &ignored) == SLUICE_OK;
}

void pager_fetch(struct pager *pager) {
  if (pager_look(pager) && pager->last->content.truncated && !pager->only_version)
    send_next(pager, NULL);
}

bool pager_in_flight(const struct pager *pager) {
  return pager->last && !pager->last->checked && !is_done(pager, pager->last);
}

bool pager_at_page_end(const struct pager *pager) {
  const struct page *page = pager->first;
  return page && page->checked && !pager->ended && pager->index == page->content.count && page->content.truncated;
}

bool pager_would_wait(const struct pager *pager) {
  const struct page *page = pager->first;
  if (!page || pager->ended)
    return false;
  if (pager_at_page_end(pager))
    return !page->next || !(page->next->checked || is_done(pager, page->next));
  return !page->checked && !is_done(pager, page);
}

bool pager_denied(const struct pager *pager) {
  const struct page *page = pager->first;
  return page && is_done(pager, page) && page->call.status == SLUICE_ERR_AUTH &&
         strcmp(page->call.fault.code, "AccessDenied") == 0;
}

const char *pager_folder(const struct pager *pager, size_t i) {
  size_t index = pager->index;
  for (const struct page *page = pager->first; page && page->checked; page = page->next) {
    for (; index < page->content.count; index++) {
      const struct listing_entry *entry = &page->content.entries[index];
      const char *key = listing_key(&page->content, index);
      if (entry->kind == LISTING_FOLDER && is_wanted(pager, entry, key) && i-- == 0)
        return key;
    }
    index = 0;
  }
  return NULL;
}
