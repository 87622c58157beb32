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
  page->reader = listing_reader_create(&page->content);
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
  free(page);
}

static void add(struct page *page, const char *name, const char *value) {
  page->query[page->call.request.n_query++] = (struct sigv4_pair){slice_of(name), slice_of(value)};
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
  page->limit = query->max_keys;
  page->call.request.bucket = bucket;
  page->call.request.operation = "ListObjectsV2";
  page->call.request.key = "";
  page->call.request.query = page->query;
  page->prefix = strdup(query->prefix);
  page->start_after = query->start_after ? strdup(query->start_after) : NULL;
  page->token = query->token ? strdup(query->token) : NULL;
  if (!page->prefix || (query->start_after && !page->start_after) || (query->token && !page->token)) {
    call_unref(&page->call);
    return NULL;
  }
  snprintf(page->max_keys, sizeof page->max_keys, "%d", query->max_keys);
  add(page, "list-type", "2");
  add(page, "encoding-type", "url");
  add(page, "max-keys", page->max_keys);
  add(page, "prefix", page->prefix);
  if (page->token)
    add(page, "continuation-token", page->token);
  else if (page->start_after && page->start_after[0])
    add(page, "start-after", page->start_after);
  return page;
}

struct page *page_again(const struct page *page) {
  struct page_query query = {page->prefix, page->start_after, page->token, page->limit};
  return page_create(page->call.request.bucket, &query);
}
