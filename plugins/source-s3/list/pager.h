/* One listing below one prefix, page by page, each page checked; pages can be fetched ahead. */
#ifndef S3_PAGER_H
#define S3_PAGER_H
#include "list/page.h"
#include "request/engine.h"

struct pager_query { /* texts are copied, but only_version */
  struct engine *engine;
  struct bucket *bucket;
  const char *prefix;
  const char *after; /* what is up to here is not given; "": all */
  bool after_folder; /* `after` is a folder: what is in it is not given either */
  enum page_kind kind;
  int max_keys;             /* of the first page; 0: as many as there are */
  const char *only_version; /* of versions: this one of the key that the prefix is; NULL: the latest of each key */
};
struct pager { /* zeroed is closed; may be moved */
  struct engine *engine;
  struct bucket *bucket;
  char *prefix;
  struct text after;
  bool after_folder;
  enum page_kind kind;
  const char *only_version;
  struct page *first, *last; /* in order; the first is the one that is read */
  size_t held;               /* of them, the one in flight included */
  size_t index;              /* in the first */
  struct text seen;          /* the last key that was checked, */
  bool seen_latest;          /* and whether its latest version was among them */
  int empty_pages;           /* in a row */
  size_t entries, pages;     /* that were checked */
  bool ended, failed;
};
struct pager_item { /* borrowed until the next call */
  const struct listing_page *page;
  const struct listing_entry *entry;
};

int pager_open(struct pager *pager, const struct pager_query *query, struct sluice_error *err); /* asks at once */
void pager_close(struct pager *pager);                                                          /* takes a closed one */
/* Waits for a page where it must; END after the last. Gives the same item until pager_skip. After an error it may be
 * called again: the page is asked for anew. */
int pager_peek(struct pager *pager, struct pager_item *out, struct sluice_error *err);
void pager_skip(struct pager *pager);

/* None of these waits. */
bool pager_look(struct pager *pager);            /* checks the last page, if it is there; true: it is good */
void pager_fetch(struct pager *pager);           /* asks for the page after the last one, if that is known */
bool pager_in_flight(const struct pager *pager); /* is a page under way? */
bool pager_would_wait(const struct pager *pager);
bool pager_at_page_end(const struct pager *pager);             /* the page is read, and it is not the last one */
bool pager_denied(const struct pager *pager);                  /* the error was that we may not list this */
const char *pager_folder(const struct pager *pager, size_t i); /* the i-th of those that are next, as far as known */

/* DATA, with what no honest server does. */
int pager_distrust(const struct pager *pager, const char *what, const char *key, struct sluice_error *err);

#endif
