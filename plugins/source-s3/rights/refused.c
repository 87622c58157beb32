/* One object refused, or all. */
#include "rights/refused.h"
#include "list/page.h"
#include "rights/try.h"

enum { IN_A_ROW = 8, NAMES_SEEN = 1000 };

void refused_none(struct access *access) {
  if (!atomic_load(&access->any_read))
    atomic_store(&access->any_read, true);
  if (atomic_load(&access->refused_in_a_row))
    atomic_store(&access->refused_in_a_row, 0);
}

static bool ends_asking(int status) {
  return status == SLUICE_ERR_CANCELLED || status == SLUICE_ERR_RETRY || status == SLUICE_ERR_MEMORY;
}

/* Folder markers and empty objects have nothing to read, archived ones are refused for that. */
static bool can_be_tried(const struct listing_page *page, size_t i, const char *key) {
  const struct listing_entry *entry = &page->entries[i];
  return entry->kind == LISTING_OBJECT && entry->size > 0 && !entry->archived && strcmp(listing_key(page, i), key) != 0;
}

static int try_one(struct access *access, struct engine *engine, const char *key, bool *readable,
                   struct sluice_error *err) {
  struct sluice_error why = {0};
  struct fault fault;
  size_t got = 0;
  int status = try_read(access, engine, key, NULL, &got, &fault, &why);
  *readable = status == SLUICE_OK;
  if (!ends_asking(status))
    return SLUICE_OK;
  *err = why;
  return status;
}

/* The first and the last: what is refused together often lies together. */
static int try_others(struct access *access, struct engine *engine, const struct listing_page *page, const char *key,
                      bool *readable, struct sluice_error *err) {
  size_t first = 0, last = page->count;
  while (first < page->count && !can_be_tried(page, first, key))
    first++;
  while (last > first && !can_be_tried(page, last - 1, key))
    last--;
  if (first == last)
    return SLUICE_OK;
  int status = try_one(access, engine, listing_key(page, last - 1), readable, err);
  if (status == SLUICE_OK && !*readable && first < last - 1)
    status = try_one(access, engine, listing_key(page, first), readable, err);
  return status;
}

static int probe(struct access *access, struct engine *engine, const char *key, bool *readable,
                 struct sluice_error *err) {
  struct page_query query = {.prefix = access->prefix, .max_keys = NAMES_SEEN, .kind = PAGE_FLAT};
  struct sluice_error why = {0};
  struct page *page = page_create(&access->bucket, &query);
  if (!page)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a page of the listing");
  engine_submit(engine, &page->call);
  int status = engine_finish_call(engine, &page->call, &why);
  if (status == SLUICE_OK)
    status = try_others(access, engine, &page->content, key, readable, &why);
  engine_abandon(engine, &page->call);
  call_unref(&page->call);
  if (!ends_asking(status))
    return SLUICE_OK;
  *err = why;
  return status;
}

int refused_judge(struct access *access, struct engine *engine, const char *key, bool versioned, bool *alone,
                  struct sluice_error *err) {
  bool readable = false;
  *alone = atomic_fetch_add(&access->refused_in_a_row, 1) < IN_A_ROW && atomic_load(&access->any_read);
  if (*alone || versioned)
    return SLUICE_OK;
  int status = probe(access, engine, key, &readable, err);
  if (status != SLUICE_OK)
    return status;
  if (readable)
    refused_none(access);
  *alone = readable;
  return SLUICE_OK;
}
