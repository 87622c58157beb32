/* An object that S3 refuses because it is gone: told from one that we may not read. */
#include "rights/gone.h"
#include "base/version.h"
#include "list/page.h"
#include "rights/refused.h"
#include <stdlib.h>

enum { VERSIONS_SEEN = 1000 };

/* ---- is it still there? ---- */

/* A key comes first below itself as a prefix. */
static bool is_listed(const struct listing_page *page, const char *key, const char *version_id) {
  for (size_t i = 0; i < page->count && strcmp(listing_key(page, i), key) == 0; i++) {
    const struct listing_entry *entry = &page->entries[i];
    if (!version_id || strcmp(listing_text(page, entry->version_id), version_id) == 0)
      return entry->kind == LISTING_OBJECT;
  }
  return false;
}

/* The versions of one key may go on behind the page. */
static bool is_whole(const struct listing_page *page, const char *key) {
  return !page->truncated || (page->count && strcmp(listing_key(page, page->count - 1), key) != 0);
}

/* OK: *gone is known. */
static int ask(struct access *access, struct engine *engine, const char *key, const char *version_id, bool *gone,
               struct sluice_error *err) {
  struct page_query query = {
      .prefix = key, .max_keys = version_id ? VERSIONS_SEEN : 1, .kind = version_id ? PAGE_VERSIONS : PAGE_FLAT};
  struct page *page = page_create(&access->bucket, &query);
  if (!page)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a page of the listing");
  engine_submit(engine, &page->call);
  int status = engine_finish_call(engine, &page->call, err);
  if (status == SLUICE_OK) {
    bool listed = is_listed(&page->content, key, version_id);
    *gone = !listed && (!version_id || is_whole(&page->content, key));
  }
  engine_abandon(engine, &page->call);
  call_unref(&page->call);
  return status;
}

static int pass_on(int status, const struct sluice_error *own, struct sluice_error *err) {
  if (!err || err->message[0])
    return status;
  err->detail = own->detail;
  err->retry_ms = own->retry_ms;
  return sluice_fail(err, status, own->where, "%s", own->message);
}

/* *there: it is listed. */
static int judge_one(struct access *access, struct engine *engine, const char *key, const char *version_id, int status,
                     const struct sluice_error *own, bool *there, struct sluice_error *err) {
  struct sluice_error why = {0};
  bool gone = false;
  if (status != SLUICE_ERR_AUTH || own->detail != 403)
    return pass_on(status, own, err);
  int asked = ask(access, engine, key, version_id, &gone, &why);
  if (asked == SLUICE_ERR_RETRY || asked == SLUICE_ERR_CANCELLED)
    return pass_on(asked, &why, err);
  *there = asked == SLUICE_OK && !gone;
  if (!gone)
    return pass_on(status, own, err);
  return sluice_fail(
      err, SLUICE_ERR_NOT_FOUND, own->where,
      "the object is not there (any more): S3 refuses to read it, and a listing of its key does not have it");
}

int gone_judge(struct access *access, struct engine *engine, const char *key, const char *version_id, int status,
               const struct sluice_error *own, struct sluice_error *err) {
  bool there;
  return judge_one(access, engine, key, version_id, status, own, &there, err);
}

int gone_judge_read(struct access *access, struct engine *engine, const char *key, const char *version_id, int status,
                    const struct sluice_error *own, struct sluice_error *err) {
  struct sluice_error refusal = {0}, why = {0};
  bool there = false, alone = false;
  status = judge_one(access, engine, key, version_id, status, own, &there, &refusal);
  if (!there)
    return pass_on(status, &refusal, err);
  int asked = refused_judge(access, engine, key, version_id != NULL, &alone, &why);
  if (asked != SLUICE_OK)
    return pass_on(asked, &why, err);
  if (!alone)
    return pass_on(status, &refusal, err);
  return sluice_fail(err, SLUICE_ERR_DATA, refusal.where, "%s; others are read, so it fails alone", refusal.message);
}

/* ---- the guard ---- */

struct guard {
  struct sluice_input input; /* whose reads are judged */
  struct access *access;
  struct engine *engine;
  char *key, *version_id; /* version_id NULL: none */
};

static int judge(const struct guard *guard, int status, const struct sluice_error *own, struct sluice_error *err) {
  if (status != SLUICE_OK)
    return gone_judge_read(guard->access, guard->engine, guard->key, guard->version_id, status, own, err);
  refused_none(guard->access);
  return SLUICE_OK;
}

static int read_at(struct sluice_input *input, int64_t offset, void *buf, size_t n, size_t *got,
                   struct sluice_error *err) {
  struct guard *guard = input->private_data;
  struct sluice_error own = {0};
  return judge(guard, guard->input.read_at(&guard->input, offset, buf, n, got, &own), &own, err);
}

static int view_at(struct sluice_input *input, int64_t offset, size_t n, struct sluice_bytes *out,
                   struct sluice_error *err) {
  struct guard *guard = input->private_data;
  struct sluice_error own = {0};
  return judge(guard, guard->input.view_at(&guard->input, offset, n, out, &own), &own, err);
}

static void will_need(struct sluice_input *input, const struct sluice_range *ranges, size_t count) {
  struct guard *guard = input->private_data;
  guard->input.will_need(&guard->input, ranges, count);
}

static void destroy(struct guard *guard) {
  if (!guard)
    return;
  free(guard->key);
  free(guard->version_id);
  free(guard);
}

static void release(struct sluice_input *input) {
  struct guard *guard = input->private_data;
  guard->input.release(&guard->input);
  destroy(guard);
  input->private_data = NULL;
  input->release = NULL;
}

/* NULL: no memory. */
static struct guard *create(const struct sluice_part *part) {
  struct guard *guard = calloc(1, sizeof *guard);
  struct location location;
  const char *id = NULL;
  if (!guard || location_parse(part->name, "part", &location, NULL) != SLUICE_OK) {
    free(guard);
    return NULL;
  }
  bool versioned = part->version && version_is_id(part->version, &id);
  guard->key = strdup(location.key);
  guard->version_id = versioned ? strdup(id) : NULL;
  if (guard->key && (!versioned || guard->version_id))
    return guard;
  destroy(guard);
  return NULL;
}

int gone_guard(struct access *access, struct engine *engine, const struct sluice_part *part, struct sluice_input *input,
               struct sluice_error *err) {
  struct guard *guard = create(part);
  if (!guard) {
    input->release(input);
    return sluice_fail(err, SLUICE_ERR_MEMORY, part->name, "no memory to read the object");
  }
  guard->input = *input;
  guard->access = access;
  guard->engine = engine;
  *input = (struct sluice_input){.size = guard->input.size,
                                 .window = guard->input.window,
                                 .read_at = read_at,
                                 .view_at = view_at,
                                 .will_need = will_need,
                                 .release = release,
                                 .private_data = guard};
  return SLUICE_OK;
}
