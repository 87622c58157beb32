/* A test of the values of one column against a literal: what its files share. */
#ifndef SLUICE_ARROW_COMPARE_H
#define SLUICE_ARROW_COMPARE_H
#include "internal.h"

struct sluice_comparison {
  struct sluice_type type;
  enum sluice_compare compare;
  uint8_t less, equal, greater; /* 1: true of a value that is this, beside the literal */
  uint8_t unordered;            /* likewise, where one of the two is NaN */
  bool decided;                 /* the literal lies outside the type: it is as `less` says of every value */
  bool rounded;                 /* no value of the type is equal to the literal as it was written */
  int64_t whole;                /* the literal, of types that lie in memory as integers with sign, and BOOL */
  uint64_t natural;             /* of those without */
  double real;
  struct wide wide;  /* decimals */
  uint8_t value[32]; /* the same as it lies in memory, of fixed width */
  uint8_t *bytes;    /* texts and bytes */
  size_t size;
  struct sluice_comparison *values; /* of a dictionary's values, or of runs */
  struct sluice_type ends;          /* run ends */
};

bool compare_is_null_test(enum sluice_compare compare);
/* Reads the literal as a value of the type. CONFIG: it is none. */
int compare_read(const struct ArrowSchema *field, const char *literal, struct sluice_comparison *out,
                 struct sluice_error *err);
/* keep[i] &= what the test says of value first + i (offset not added yet), nulls not looked at. */
void compare_values(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                    uint8_t *keep);
/* The same, of texts and bytes of any length or of one. */
void compare_texts(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                   uint8_t *keep);

#endif
