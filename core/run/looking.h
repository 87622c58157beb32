/* What looking at parts one after the other finds. Private to look.c and settle.c. */
#ifndef RUN_LOOKING_H
#define RUN_LOOKING_H
#include "core/run/pipeline.h"

/* What was found so far: by parts with records, and by parts without, which only count where there is nothing else. */
struct found {
  struct ArrowSchema sure, guess;
  size_t sure_parts;
};
/* Adds parts until a few with records could be read. What is wrong with the others is said by the worker that reads
 * them. */
int found_add(struct pipeline *, const struct sluice_part *parts, size_t n, const struct ArrowSchema *want,
              struct found *, struct sluice_error *err);
struct ArrowSchema *found_best(struct found *); /* released: nothing was found */
/* Moves the best out, if it has a column; one that some file has and another has not may be null in any. */
bool found_take(struct found *, struct ArrowSchema *out);
void found_finish(struct found *);

#endif
