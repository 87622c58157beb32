/* Bringing batches of a reader to the job's schema: columns by name, casts where a decoder could not give the type. */
#ifndef RUN_CONFORM_H
#define RUN_CONFORM_H
#include "core/run/batch.h"

struct conform;
/* UNSUPPORTED or DATA, naming the column, where values of `from` cannot become `to`. Both are borrowed. */
int conform_create(const struct ArrowSchema *from, const struct ArrowSchema *to, const char *part, struct conform **out,
                   struct sluice_error *err);
void conform_destroy(struct conform *); /* takes NULL */
/* Changes the batch in place; records that do not fit go to rejects (row: ordinal in the unit, as a reader's) and leave
 * the batch. After an error it is only good for release. */
int conform_apply(const struct conform *, struct sluice_batch *batch, struct sluice_rejects *rejects,
                  struct sluice_error *err);
/* The first column of `from` that `to` does not have; NULL: none. */
const char *conform_extra(const struct ArrowSchema *from, const struct ArrowSchema *to);
/* Replaces the batch's array by the rows whose keep[i] is not 0, with their ordinals. */
int conform_drop_rows(const struct ArrowSchema *, struct sluice_batch *batch, const uint8_t *keep,
                      struct sluice_error *err);

#endif
