/* A call that reads one page of a listing. */
#include "list/page.h"
#include <stdlib.h>

static struct page *page_of(struct call *call) {
  return (struct page *)call;
}

static void begin(struct call *call) {
  struct page *page = page_of(call);
  listing_reader_destroy(page->reader);
  listing_page_finish(&page->content);
  page->reader =
      listing_reader_create(&page->content, page->kind == PAGE_VERSIONS ? LISTING_VERSIONS : LISTING_OBJECTS);
}

static enum call_verdict on_head(struct call *call) {
  if (page_of(call)->reader)
    return CALL_GO;
  fault_set(&call->fault, FAULT_MEMORY, "no memory for a page of the listing");
  return CALL_FAULT;
}

static enum call_verdict on_data(struct call *call, const char *bytes, size_t n) {
  return listing_reader_feed(page_of(call)->reader, bytes, n, &call->fault) ? CALL_GO : CALL_FAULT;
}

static enum call_verdict on_end(struct call *call, bool whole) {
  struct page *page = page_of(call);
  if (!whole)
    return CALL_FAULT;
  bool ok = listing_reader_end(page->reader, &call->fault);
  listing_reader_destroy(page->reader);
  page->reader = NULL;
  return ok ? CALL_GO : CALL_FAULT;
}

static void destroy(struct call *call) {
  struct page *page = page_of(call);
  call_finish(call);
  listing_reader_destroy(page->reader);
  listing_page_finish(&page->content);
  free(page->prefix);
  free(page->start_after);
  free(page->token);
  free(page->version_token);
  free(page);
}

/* ---- queries ---- */

static void add(struct page *page, const char *name, const char *value) {
  page->query[page->call.request.n_query++] = (struct sigv4_pair){slice_of(name), slice_of(value)};
}

/* A listing goes on behind a token, or begins behind a key. */
static void add_start(struct page *page, const char *token_name, const char *start_name) {
  if (page->token)
    add(page, token_name, page->token);
  else if (page->start_after && page->start_after[0])
    add(page, start_name, page->start_after);
}

static void add_query(struct page *page) {
  bool versions = page->kind == PAGE_VERSIONS;
  add(page, versions ? "versions" : "list-type", versions ? "" : "2");
  add(page, "encoding-type", "url");
  add(page, "max-keys", page->max_keys);
  add(page, "prefix", page->prefix);
  if (page->kind == PAGE_FOLDERS)
    add(page, "delimiter", "/");
  add_start(page, versions ? "key-marker" : "continuation-token", versions ? "key-marker" : "start-after");
  if (versions && page->token && page->version_token && page->version_token[0])
    add(page, "version-id-marker", page->version_token);
}

static bool copy(const char *from, char **to) {
  if (from)
    *to = strdup(from);
  return !from || *to;
}

static bool copy_texts(struct page *page, const struct page_query *query) {
  return copy(query->prefix, &page->prefix) && copy(query->start_after, &page->start_after) &&
         copy(query->token, &page->token) && copy(query->version_token, &page->version_token);
}

struct page *page_create(struct bucket *bucket, const struct page_query *query) {
  static const struct call_ops ops = {begin, on_head, on_data, on_end, NULL, destroy};
  struct page *page = calloc(1, sizeof *page);
  if (!page)
    return NULL;
  if (call_init(&page->call, &ops) != SLUICE_OK) {
    free(page);
    return NULL;
  }
  page->kind = query->kind;
  page->limit = query->max_keys;
  page->call.request.bucket = bucket;
  page->call.request.operation = query->kind == PAGE_VERSIONS ? "ListObjectVersions" : "ListObjectsV2";
  page->call.request.key = "";
  page->call.request.query = page->query;
  if (!copy_texts(page, query)) {
    call_unref(&page->call);
    return NULL;
  }
  snprintf(page->max_keys, sizeof page->max_keys, "%d", query->max_keys);
  add_query(page);
  return page;
}

struct page *page_again(const struct page *page) {
  struct page_query query = {.prefix = page->prefix,
                             .start_after = page->start_after,
                             .token = page->token,
                             .version_token = page->version_token,
                             .max_keys = page->limit,
                             .kind = page->kind};
  return page_create(page->call.request.bucket, &query);
}
