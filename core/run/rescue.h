/* Values that have no place in the job's schema, kept as JSON text in a column of their own. */
#ifndef RUN_RESCUE_H
#define RUN_RESCUE_H
#include "core/schema/schema.h"

struct rescue;
/* For batches of this schema, which is borrowed. */
int rescue_create(const struct ArrowSchema *from, struct rescue **out, struct sluice_error *err);
void rescue_destroy(struct rescue *);                           /* takes NULL */
void rescue_begin(struct rescue *, int64_t rows);               /* nothing is marked in a batch of that many */
void rescue_mark(struct rescue *, int64_t column, int64_t row); /* this value is to be rescued; nulls are not */
/* In every batch all values of this column, or field in a column that is a struct (not in a list), are to be rescued, a
 * field's under its path. MEMORY. */
int rescue_always(struct rescue *, const struct schema_new *);
/* The column: for each row with marked values an object of them by their columns, else null. A value without a JSON
 * form (text that is not UTF-8) is told to misfit, as casts do, and left out. */
int rescue_finish(struct rescue *, const struct ArrowArray *source, sluice_misfit_fn *misfit, void *context,
                  struct ArrowArray *out, struct sluice_error *err);

#endif
