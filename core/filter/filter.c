/* Binding a filter's tests to columns, and putting them to batches. */
#include "core/filter/filter.h"
#include "core/base/nearest.h"
#include <stdlib.h>

enum { DEPTH_MAX = 16 };

struct test {
  struct sluice_comparison *comparison;
  int64_t way[DEPTH_MAX]; /* child by child, from the record down */
  int depth;
  bool null; /* is null: true of what lies in a null struct */
};
struct filter {
  struct test *tests;
  size_t n;
};

/* ---- binding ---- */

static bool is_struct(const struct ArrowSchema *field) {
  return strcmp(field->format, "+s") == 0 && !field->dictionary;
}

/* *depth: how many of the names there are. NULL: not all. */
static const struct ArrowSchema *find(const struct sluice_list *names, const struct ArrowSchema *schema, int64_t *way,
                                      size_t *depth) {
  const struct ArrowSchema *field = schema;
  for (*depth = 0; *depth < names->count; ++*depth) {
    int64_t i = *depth < DEPTH_MAX && is_struct(field) ? sluice_schema_find(field, names->items[*depth]) : -1;
    if (i < 0)
      return NULL;
    if (way)
      way[*depth] = i;
    field = field->children[i];
  }
  return field;
}

static bool is_bare(const struct ArrowSchema *field) {
  return field && strcmp(field->format, "n") == 0;
}

/* A column of nothing but nulls, such as one that the file lacks, has no fields. */
static const struct ArrowSchema *find_or_null(const struct sluice_list *names, const struct ArrowSchema *schema,
                                              int64_t *way, size_t *depth) {
  const struct ArrowSchema *field = find(names, schema, way, depth), *parent = schema;
  if (field || *depth == 0)
    return field;
  for (size_t i = 0; i < *depth; i++)
    parent = parent->children[way[i]];
  return is_bare(parent) ? parent : NULL;
}

const struct sluice_test *filter_missing(const struct sluice_where *where, const struct ArrowSchema *schema) {
  int64_t way[DEPTH_MAX];
  size_t depth;
  for (size_t i = 0; where && i < where->count; i++)
    if (!find_or_null(&where->tests[i].column, schema, way, &depth))
      return &where->tests[i];
  return NULL;
}

int filter_fail_missing(const struct sluice_test *test, const struct ArrowSchema *schema, const char *part,
                        struct sluice_error *err) {
  int64_t way[DEPTH_MAX];
  size_t depth = 0;
  find(&test->column, schema, way, &depth);
  for (size_t i = 0; i < depth; i++)
    schema = schema->children[way[i]];
  const char *name = test->column.items[depth], *near = NULL;
  if (depth && !is_struct(schema))
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, part,
        "where: there is no '%.100s' in column '%.100s', for that is no record of fields (a column whose "
        "name has a dot is written in double quotes)",
        name, test->column.items[depth - 1]);
  const char **names = calloc((size_t)schema->n_children + 1, sizeof *names);
  for (int64_t i = 0; names && i < schema->n_children; i++)
    names[i] = schema->children[i]->name;
  near = names ? nearest_name(name, names, (size_t)schema->n_children) : NULL;
  int code = sluice_fail(err, SLUICE_ERR_CONFIG, part, "where: there is no column '%.100s'%s%.100s%s%s%.100s%s", name,
                         depth ? " in '" : "", depth ? test->column.items[depth - 1] : "", depth ? "'" : "",
                         near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
  free(names);
  return code;
}

static int bind(const struct sluice_test *from, const struct ArrowSchema *schema, const char *part, struct test *out,
                struct sluice_error *err) {
  size_t depth;
  struct sluice_error why = {0};
  const struct ArrowSchema *field = find_or_null(&from->column, schema, out->way, &depth);
  if (!field)
    return filter_fail_missing(from, schema, part, err);
  out->depth = (int)depth;
  out->null = from->compare == SLUICE_IS_NULL;
  int code = sluice_comparison_create(field, from->compare, from->literal, &out->comparison, &why);
  return code ? sluice_fail(err, code, part, "where: %s", why.message) : code;
}

int filter_create(const struct sluice_where *where, const struct ArrowSchema *schema, const char *part,
                  struct filter **out, struct sluice_error *err) {
  struct filter *f = calloc(1, sizeof *f);
  if (f)
    f->tests = calloc(where->count + 1, sizeof *f->tests);
  int code = f && f->tests ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, part, "no memory for the filter");
  for (; !code && f->n < where->count; f->n++)
    code = bind(&where->tests[f->n], schema, part, &f->tests[f->n], err);
  if (code)
    filter_destroy(f);
  else
    *out = f;
  return code;
}

void filter_destroy(struct filter *f) {
  if (!f)
    return;
  for (size_t i = 0; f->tests && i < f->n; i++)
    sluice_comparison_destroy(f->tests[i].comparison);
  free(f->tests);
  free(f);
}

/* ---- applying ---- */

/* What lies in a null struct is null itself. `told` has a byte a row: 1 where the test below it says. */
static int test_nested(const struct test *t, const struct ArrowArray *batch, uint8_t *keep) {
  const struct ArrowArray *array = batch;
  int64_t first = 0, n = batch->length;
  uint8_t *below = malloc(2 * (size_t)n + 1);
  if (!below)
    return SLUICE_ERR_MEMORY;
  uint8_t *hidden = below + n;
  memset(below, 1, (size_t)n);
  memset(hidden, 0, (size_t)n);
  for (int i = 0; i < t->depth; i++) {
    for (int64_t row = 0; row < n && i > 0 && array->buffers[0]; row++)
      hidden[row] |= sluice_is_null(array, first + row);
    first += array->offset; /* rows of a struct are those of its children, its offset on */
    array = array->children[t->way[i]];
  }
  int code = sluice_comparison_apply(t->comparison, array, first, n, below);
  for (int64_t row = 0; row < n && !code; row++)
    keep[row] &= hidden[row] ? t->null : below[row];
  free(below);
  return code;
}

static int test_rows(const struct test *t, const struct ArrowArray *batch, uint8_t *keep) {
  if (t->depth > 1)
    return test_nested(t, batch, keep);
  return sluice_comparison_apply(t->comparison, batch->children[t->way[0]], batch->offset, batch->length, keep);
}

int filter_apply(const struct filter *f, const struct ArrowArray *batch, uint8_t *keep, int64_t *n) {
  int64_t kept = 0;
  int code = SLUICE_OK;
  memset(keep, 1, (size_t)batch->length);
  for (size_t i = 0; i < f->n && !code; i++)
    code = test_rows(&f->tests[i], batch, keep);
  for (int64_t i = 0; i < batch->length && !code; i++)
    kept += keep[i];
  if (!code)
    *n = kept;
  return code;
}

/* ---- asking for its columns ---- */

static bool is_first(const struct sluice_where *where, size_t i) {
  for (size_t k = 0; k < i; k++)
    if (strcmp(where->tests[k].column.items[0], where->tests[i].column.items[0]) == 0)
      return false;
  return true;
}

/* A record of which only other fields are wanted is taken whole, as found. */
static int copy_column(const struct sluice_where *where, const struct ArrowSchema *want, int64_t column,
                       struct ArrowSchema *out) {
  const struct ArrowSchema *field = want->children[column];
  size_t depth;
  for (size_t i = 0; i < where->count && is_struct(field); i++) {
    const struct sluice_list *names = &where->tests[i].column;
    if (strcmp(names->items[0], field->name) == 0 && !find(names, want, NULL, &depth))
      return sluice_schema_init(out, "", field->name, ARROW_FLAG_NULLABLE);
  }
  return sluice_schema_copy(field, out);
}

int filter_want(const struct sluice_where *where, const struct ArrowSchema *want, struct ArrowSchema *out) {
  struct ArrowSchema all;
  int64_t n = want->n_children, more = 0;
  for (size_t i = 0; i < where->count; i++)
    more += is_first(where, i) && sluice_schema_find(want, where->tests[i].column.items[0]) < 0;
  int code = sluice_schema_nested(&all, "+s", "", 0, n + more);
  if (code)
    return code;
  for (int64_t i = 0; i < n && !code; i++)
    code = copy_column(where, want, i, all.children[i]);
  for (size_t i = 0; i < where->count && !code; i++)
    if (is_first(where, i) && sluice_schema_find(want, where->tests[i].column.items[0]) < 0)
      code = sluice_schema_init(all.children[n++], "", where->tests[i].column.items[0], ARROW_FLAG_NULLABLE);
  if (code)
    sluice_schema_release(&all);
  else
    sluice_schema_move(&all, out);
  return code;
}
