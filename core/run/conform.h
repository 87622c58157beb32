/* Bringing batches of a reader to the job's schema: columns by name, casts where a decoder could not give the type. */
#ifndef RUN_CONFORM_H
#define RUN_CONFORM_H
#include "core/mapping/mapping.h"
#include "core/run/batch.h"

struct conform;
struct conform_rescue {          /* what is kept as JSON text, and where */
  const char *column;            /* of `to` */
  bool fresh, changed;           /* values of columns that `to` has not; values that do not fit their column */
  const struct mapping *mapping; /* NULL: none; else what it excludes is not rescued */
};
/* UNSUPPORTED or DATA, naming the column and both types, where values of `from` cannot become `to`. rescue (or NULL) is
 * copied, all else borrowed. */
int conform_create(const struct ArrowSchema *from, const struct ArrowSchema *to, const char *part,
                   const struct conform_rescue *rescue, struct conform **out, struct sluice_error *err);
void conform_destroy(struct conform *); /* takes NULL */
/* Changes the batch in place; records that do not fit go to rejects (row: ordinal in the unit, as a reader's) and leave
 * the batch. After an error it is only good for release. */
int conform_apply(const struct conform *, struct sluice_batch *batch, struct sluice_rejects *rejects,
                  struct sluice_error *err);
/* Replaces the batch's array by the rows whose keep[i] is not 0, with their ordinals. */
int conform_drop_rows(const struct ArrowSchema *, struct sluice_batch *batch, const uint8_t *keep,
                      struct sluice_error *err);
/* Does a value of a column that is read as text say nothing? An empty one is null where no text is wanted. */
bool conform_is_empty(const struct ArrowSchema *field, const struct ArrowArray *array, int64_t row);

#endif
