/* A filter bound to the records of one reader: which of them the job wants. */
#ifndef SLUICE_FILTER_H
#define SLUICE_FILTER_H
#include <sluice/arrow.h>

struct filter;
/* CONFIG: a column is not there, or a literal is no value of its type; `part` is named. The tests are borrowed for the
 * call; `schema` for the life of the filter. */
int filter_create(const struct sluice_where *, const struct ArrowSchema *schema, const char *part, struct filter **out,
                  struct sluice_error *err);
void filter_destroy(struct filter *); /* takes NULL */
/* keep[i] (batch->length bytes, written here) is 1 where the filter is true. *n is their number. MEMORY. [any] */
int filter_apply(const struct filter *, const struct ArrowArray *batch, uint8_t *keep, int64_t *n);

/* Its first column that these records lack; NULL: it has all. */
const struct sluice_test *filter_missing(const struct sluice_where *, const struct ArrowSchema *schema);
/* As error text: which column of the test is not there, and which it may have meant. */
int filter_fail_missing(const struct sluice_test *, const struct ArrowSchema *schema, const char *part,
                        struct sluice_error *err);
/* A copy of `want` that also names the columns which the filter needs, of types as found. */
int filter_want(const struct sluice_where *, const struct ArrowSchema *want, struct ArrowSchema *out);

#endif
