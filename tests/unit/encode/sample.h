/* Arrow data laid out by hand, buffer by buffer, and encoding it in one call. */
#ifndef TESTS_UNIT_ENCODE_SAMPLE_H
#define TESTS_UNIT_ENCODE_SAMPLE_H
#include "core/encode/encode.h"
#include <setjmp.h>
#include <stdarg.h>
/* cmocka needs the two above */
#include <cmocka.h>

enum { SAMPLE_CHILDREN = 4, SAMPLE_BUFFERS = 6 };
struct column { /* a schema and an array that own nothing */
  struct ArrowSchema schema;
  struct ArrowArray array;
  struct ArrowSchema *schemas[SAMPLE_CHILDREN];
  struct ArrowArray *arrays[SAMPLE_CHILDREN];
  const void *buffers[SAMPLE_BUFFERS];
};
/* Buffers up to n_buffers follow. */
void column_set(struct column *, const char *format, const char *name, int64_t length, int n_buffers, ...);
void column_child(struct column *parent, struct column *child);
void column_dictionary(struct column *indexes, struct column *values);
/* A batch whose columns these are. */
void record_set(struct column *record, int64_t length, int n, ...);

struct refusals { /* what was rejected */
  int count;
  int64_t row;
  char column[64], reason[160];
};
/* The bytes of all records, in memory that the next call takes back. */
const char *encode_all(const char *format, const char *nan, const struct column *record, struct refusals *);
/* Encodes a batch of this one column (named "v") and checks each value's text, or that it was rejected (NULL). */
void check_values(struct column *value, const char *nan, const char *const *expected);

#endif
