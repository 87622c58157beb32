/* Sample data for tests: a schema with a column of every type, and values that follow from a number by simple rules. */
#ifndef SLUICE_TEST_SAMPLE_H
#define SLUICE_TEST_SAMPLE_H
#include <sluice/arrow.h>

/* A struct of a column for every type; without those that pyarrow cannot show, if asked so. */
int sample_schema(struct ArrowSchema *out, bool for_pyarrow);
/* Rows of such a schema, or of any other. A value is null where its field may be and its number leaves 3 modulo 5. */
int sample_array(const struct ArrowSchema *schema, int64_t rows, struct ArrowArray *out, struct sluice_error *err);
/* A field of a format; nested formats get children by themselves: items of int32, structs of int32 "a" and text "b". */
int sample_field(struct ArrowSchema *out, const char *format, const char *name);
/* A dictionary field: indexes and values by their formats. */
int sample_dictionary(struct ArrowSchema *out, const char *index, const char *values, const char *name);

#endif
