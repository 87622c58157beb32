/* The columns of the first files, and what is to be said of these files: which could not be read, and which give one
 * column types that have nothing in common but text. */
#ifndef PLAN_SIGHT_H
#define PLAN_SIGHT_H
#include "core/run/pipeline.h"

enum { SIGHT_NOTES_MAX = 100 };
struct sight_note {
  char *file, *column; /* column NULL: the file could not be read */
  char *text;
  int code; /* of a file that could not be read */
};
struct sight {
  struct ArrowSchema schema; /* every column may be null; released: no file has one */
  struct sight_note *notes;
  size_t n_notes;
  int64_t untold; /* more notes than fit */
};
/* As a run looks at first files: in their order, until a few with records could be read. want: as a scan's; NULL: all
 * columns, as found. *out is to be finished in any case. */
int sight_see(struct pipeline *, const struct sluice_part *parts, size_t n, const struct ArrowSchema *want,
              struct sight *out, struct sluice_error *err);
void sight_finish(struct sight *); /* takes a zeroed one */

#endif
