/* A call that reads one page of a listing. */
#ifndef S3_PAGE_H
#define S3_PAGE_H
#include "list/listing.h"
#include "request/call.h"

enum page_kind {
  PAGE_FLAT,    /* all keys below the prefix */
  PAGE_FOLDERS, /* those of the folder itself, and its folders */
  PAGE_VERSIONS /* all versions of all keys */
};
struct page_query {                         /* texts are copied */
  const char *prefix, *start_after, *token; /* start_after and token may be NULL; only one counts */
  int max_keys;
  enum page_kind kind;
  const char *version_token; /* of versions, with token: where in the key's versions; may be NULL */
};
struct page {
  struct call call;
  struct listing_page content; /* valid once the call ended well */
  struct listing_reader *reader;
  enum page_kind kind;
  char *prefix, *start_after, *token, *version_token;
  int limit;
  char max_keys[16]; /* limit, as text */
  struct sigv4_pair query[8];
  struct page *next; /* the pager's */
  bool checked;      /* the pager's: its entries can be trusted */
};

struct page *page_create(struct bucket *bucket, const struct page_query *query); /* NULL: no memory */

struct page *page_again(const struct page *page); /* the same query as a new call */

#endif
