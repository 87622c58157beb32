/* The columns of a file by name. */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H
#include "faults.h"

struct name_at {
  const char *name; /* the schema's */
  int64_t at;
};
struct names { /* sorted; zeroed is empty */
  struct name_at *items;
  size_t count;
};
int names_init(struct names *, const struct ArrowSchema *); /* of its children; MEMORY only */
void names_finish(struct names *);
int names_reserve(struct names *, size_t count); /* zeroed items, for the caller to fill and sort; MEMORY only */
void names_sort(struct names *);
/* A fault for each name that is there more than once; what: "the file has several columns called". */
void names_report(const struct names *, const char *what, struct faults *);
int64_t names_find(const struct names *, const char *name); /* -1: none */
/* The column that a name was meant to be; NULL: none is near. */
const char *names_nearest(const struct names *, const char *name);

#endif
