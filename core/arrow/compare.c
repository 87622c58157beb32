/* Tests of one column: making them, and what is common to all types: nulls, dictionaries, runs. */
#include "compare.h"
#include <stdlib.h>

bool compare_is_null_test(enum sluice_compare compare) {
  return compare == SLUICE_IS_NULL || compare == SLUICE_IS_NOT_NULL;
}

static bool has_order(enum sluice_type_id id) {
  return id <= SLUICE_TYPE_DURATION;
}

static void set_sides(struct sluice_comparison *c) {
  c->less = c->compare == SLUICE_LESS || c->compare == SLUICE_LESS_EQUAL || c->compare == SLUICE_NOT_EQUAL;
  c->equal = c->compare == SLUICE_EQUAL || c->compare == SLUICE_LESS_EQUAL || c->compare == SLUICE_GREATER_EQUAL;
  c->unordered = c->compare == SLUICE_NOT_EQUAL;
  c->greater = c->compare == SLUICE_GREATER || c->compare == SLUICE_GREATER_EQUAL || c->compare == SLUICE_NOT_EQUAL;
}

static int no_order(const struct ArrowSchema *field, struct sluice_error *err) {
  char type[96];
  sluice_type_name(field->format, type, sizeof type);
  return sluice_fail(err, SLUICE_ERR_CONFIG, field->name,
                     "column '%.100s' is %s, whose values cannot be compared: only `is null` and `is not null` can be "
                     "asked of it",
                     field->name ? field->name : "", type);
}

/* Numbers lie in memory with their lowest byte first. */
static const void *fixed_value(const struct sluice_comparison *c, float *small, uint16_t *half) {
  enum sluice_type_id id = c->type.id;
  *small = (float)c->real;
  *half = half_from_double(c->real);
  if (id == SLUICE_TYPE_HALF)
    return half;
  if (id == SLUICE_TYPE_FLOAT)
    return small;
  if (id == SLUICE_TYPE_DOUBLE)
    return &c->real;
  if (id >= SLUICE_TYPE_UINT8 && id <= SLUICE_TYPE_UINT64)
    return &c->natural;
  if (id >= SLUICE_TYPE_DECIMAL32 && id <= SLUICE_TYPE_DECIMAL256)
    return &c->wide;
  return &c->whole;
}

static void keep_value(struct sluice_comparison *c) {
  float small;
  uint16_t half;
  if (c->type.width > 0 && (size_t)c->type.width <= sizeof c->value)
    memcpy(c->value, fixed_value(c, &small, &half), (size_t)c->type.width);
}

static int make(const struct ArrowSchema *field, const char *literal, struct sluice_comparison *c,
                struct sluice_error *err) {
  bool null_test = compare_is_null_test(c->compare), runs;
  int code = sluice_type_parse(field->format, &c->type, err);
  if (code)
    return code;
  c->type.timezone = "";
  runs = c->type.id == SLUICE_TYPE_RUN_END;
  if (runs)
    code = sluice_type_parse(field->children[0]->format, &c->ends, err);
  if (!code && (runs || field->dictionary))
    return sluice_comparison_create(runs ? field->children[1] : field->dictionary, (int32_t)c->compare, literal,
                                    &c->values, err);
  if (code || null_test)
    return code;
  if (!has_order(c->type.id))
    return no_order(field, err);
  if (!literal)
    return sluice_fail(err, SLUICE_ERR_CONFIG, field->name, "a comparison needs a literal");
  code = compare_read(field, literal, c, err);
  if (!code && !c->bytes)
    keep_value(c);
  return code;
}

int sluice_comparison_create(const struct ArrowSchema *field, int32_t compare, const char *literal,
                             struct sluice_comparison **out, struct sluice_error *err) {
  if (compare < SLUICE_EQUAL || compare > SLUICE_IS_NOT_NULL)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, field->name, "comparison %d is not known", (int)compare);
  struct sluice_comparison *c = calloc(1, sizeof *c);
  if (!c)
    return sluice_fail(err, SLUICE_ERR_MEMORY, field->name, "no memory for a test");
  c->compare = (enum sluice_compare)compare;
  set_sides(c);
  int code = make(field, literal, c, err);
  if (code) {
    sluice_comparison_destroy(c);
    return sluice_fail(err, code, field->name, "no memory for a test");
  }
  *out = c;
  return SLUICE_OK;
}

void sluice_comparison_destroy(struct sluice_comparison *c) {
  if (!c)
    return;
  sluice_comparison_destroy(c->values);
  free(c->bytes);
  free(c);
}

bool sluice_comparison_value(const struct sluice_comparison *c, const void **bytes, size_t *size) {
  if (compare_is_null_test(c->compare) || c->values || c->decided || c->rounded || c->type.id == SLUICE_TYPE_NULL ||
      c->type.id == SLUICE_TYPE_BOOL)
    return false;
  *bytes = c->bytes ? c->bytes : c->value;
  *size = c->bytes ? c->size : (size_t)c->type.width;
  return true;
}

/* ---- applying ---- */

static void set_all(uint8_t *keep, int64_t n, bool value) {
  if (!value)
    memset(keep, 0, (size_t)n);
}

/* Nulls by the validity bitmap. */
static void test_nulls(const struct ArrowArray *array, int64_t first, int64_t n, bool when_null, uint8_t *keep) {
  if (array->n_buffers == 0 || !array->buffers[0]) {
    set_all(keep, n, !when_null);
    return;
  }
  for (int64_t i = 0; i < n; i++)
    keep[i] &= sluice_bit(array->buffers[0], array->offset + first + i) ? !when_null : when_null;
}

static void test_null(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                      uint8_t *keep) {
  bool when_null = c->compare == SLUICE_IS_NULL;
  if (type_has_validity(c->type.id))
    test_nulls(array, first, n, when_null, keep);
  else
    set_all(keep, n, (c->type.id == SLUICE_TYPE_NULL) == when_null); /* a value of a union is there */
}

/* What the test says of each of the values that are shared. */
static int test_shared(const struct sluice_comparison *c, const struct ArrowArray *values, uint8_t **out) {
  uint8_t *table = malloc((size_t)values->length + 1);
  if (!table)
    return SLUICE_ERR_MEMORY;
  memset(table, 1, (size_t)values->length);
  int code = sluice_comparison_apply(c->values, values, 0, values->length, table);
  if (code)
    free(table);
  else
    *out = table;
  return code;
}

static int test_dictionary(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                           uint8_t *keep) {
  uint8_t *table;
  uint8_t null = c->compare == SLUICE_IS_NULL;
  int code = test_shared(c, array->dictionary, &table);
  if (code)
    return code;
  for (int64_t i = 0; i < n; i++)
    keep[i] &= sluice_is_null(array, first + i) ? null : table[array_index(&c->type, array, first + i)];
  free(table);
  return SLUICE_OK;
}

static int test_runs(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                     uint8_t *keep) {
  const struct ArrowArray *ends = array->children[0];
  uint8_t *table;
  int code = test_shared(c, array->children[1], &table);
  if (code)
    return code;
  int64_t at = array->offset + first, run = n ? run_find(&c->ends, ends, at) : 0;
  for (int64_t i = 0; i < n; i++) {
    run += run_end_at(&c->ends, ends, run) <= at + i;
    keep[i] &= table[run];
  }
  free(table);
  return SLUICE_OK;
}

int sluice_comparison_apply(const struct sluice_comparison *c, const struct ArrowArray *array, int64_t first, int64_t n,
                            uint8_t *keep) {
  if (c->type.id == SLUICE_TYPE_RUN_END)
    return test_runs(c, array, first, n, keep);
  if (c->values)
    return test_dictionary(c, array, first, n, keep);
  if (compare_is_null_test(c->compare)) {
    test_null(c, array, first, n, keep);
    return SLUICE_OK;
  }
  if (c->type.id == SLUICE_TYPE_NULL || (c->decided && !c->less))
    set_all(keep, n, false);
  else if (!c->decided && n > 0)
    compare_values(c, array, first, n, keep);
  if (c->type.id != SLUICE_TYPE_NULL)
    test_nulls(array, first, n, false, keep);
  return SLUICE_OK;
}
