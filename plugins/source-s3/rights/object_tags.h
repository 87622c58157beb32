/* Leaves out objects without the tag that a path asks for; asks for many at once, ahead of the one that is given. */
#ifndef S3_OBJECT_TAGS_H
#define S3_OBJECT_TAGS_H
#include "list/lister.h"
#include "rights/tags.h"

enum { OBJECT_TAGS_AHEAD = 64 };
struct tagged_part {
  char *name, *version;
  struct sluice_part part;
  struct access *access; /* NULL: nothing is asked */
  struct tags *tags;     /* its call; NULL: none yet */
};
struct object_tags { /* zeroed, then lister and the rest set */
  struct lister *lister;
  struct client *client;
  struct engine *engine;
  struct tagged_part ring[OBJECT_TAGS_AHEAD], given;
  size_t first, count;
  int end; /* what the lister ended with; OK: it goes on */
  struct sluice_error error;
};

bool object_tags_wanted(const struct client *client);
void object_tags_clear(struct object_tags *tags); /* before a new listing, and at the end */
int object_tags_next(struct object_tags *tags, struct sluice_part *out, struct sluice_error *err); /* as lister_next */

#endif
