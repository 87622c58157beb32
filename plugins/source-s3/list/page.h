/* A call that reads one page of a listing. */
#ifndef S3_PAGE_H
#define S3_PAGE_H
#include "list/listing.h"
#include "request/call.h"

struct page_query {                         /* texts are copied */
  const char *prefix, *start_after, *token; /* start_after and token may be NULL; only one counts */
  int max_keys;
};
struct page {
  struct call call;
  struct listing_page content; /* valid once the call ended well */
  struct listing_reader *reader;
  char *prefix, *start_after, *token;
  int limit;
  char max_keys[16]; /* limit, as text */
  struct sigv4_pair query[6];
};

struct page *page_create(struct bucket *bucket, const struct page_query *query); /* NULL: no memory */

struct page *page_again(const struct page *page); /* the same query as a new call */

#endif
