/* All keys below a prefix, in order. Where there are many, several requests are under way at once: the walk goes by
 * folder then, and lists the next ones while it reads one. */
#ifndef S3_WALK_H
#define S3_WALK_H
#include "list/pager.h"

struct child { /* a folder that is listed ahead */
  struct child *next;
  struct pager pager;
};
struct level { /* a folder whose folders are listed one by one */
  char *prefix;
  struct text done; /* key or folder; the level goes on behind it, also when its pager is closed meanwhile */
  bool done_is_folder, open;
  struct pager pager;                 /* PAGE_FOLDERS; when open */
  struct child *children;             /* in order: the folders that the pager gives next */
  size_t finished, entries, requests; /* folders in it that were read, and what that took */
};
struct walk_query { /* prefix is borrowed, and only_version */
  struct engine *engine;
  struct bucket *bucket;
  const char *prefix, *after, *only_version;
  enum page_kind kind; /* FLAT or VERSIONS */
  size_t list_requests;
};
struct walk { /* zeroed is closed */
  struct walk_query query;
  struct level *levels; /* outermost first; each is a folder of the one before */
  size_t depth, capacity;
  struct pager leaf; /* lists the innermost level's folder that is read, or all; when leaf_open */
  struct text last;  /* key given last, or where it began */
  bool leaf_open, flat;
  size_t patience;  /* pages of a leaf before it may go by folder */
  size_t page_keys; /* most that a page had */
  size_t steps;
};

int walk_open(struct walk *walk, const struct walk_query *query, struct sluice_error *err); /* asks at once */
void walk_close(struct walk *walk);                                                         /* takes a closed one */
/* END after the last. Gives the same item until walk_skip; after an error it may be called again. */
int walk_peek(struct walk *walk, struct pager_item *out, struct sluice_error *err);
void walk_skip(struct walk *walk);

#endif
