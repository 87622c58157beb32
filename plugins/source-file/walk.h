/* A walk over a folder that gives files in the byte order of their whole paths. */
#ifndef SOURCE_FILE_WALK_H
#define SOURCE_FILE_WALK_H
#include "filter.h"
#include <sys/stat.h>

struct walk_rules {
  const char *root; /* a folder or a file */
  bool recursive, follow, hidden;
  const struct filter *filter;
  const struct sluice_host *host;
};
struct walk;
struct walk_entry {
  const char *path; /* valid until the next call */
  const char *skip; /* why it is not to be read; a constant; NULL: it is */
  struct stat info; /* of a file that is to be read */
};

/* Starts behind the path `after` (NULL: at the first). The rules must live as long. */
int walk_create(const struct walk_rules *, const char *after, struct walk **out, struct sluice_error *err);
void walk_destroy(struct walk *); /* takes NULL */
/* END after the last. Memory: the names of the folders from the root to where it stands. */
int walk_next(struct walk *, struct walk_entry *out, struct sluice_error *err);
/* How an errno of a path is reported. */
int walk_fail(struct sluice_error *err, const char *path, const char *what, int number);

#endif
