/* Tests, bound to the leaves of a file. */
#include "where.h"
#include "types.h"
#include <stdlib.h>

/* ---- order ---- */

static bool is_signed_integer(enum sluice_type_id id) {
  return (id >= SLUICE_TYPE_INT8 && id <= SLUICE_TYPE_INT64) ||
         (id >= SLUICE_TYPE_DATE32 && id <= SLUICE_TYPE_DURATION);
}
static bool is_bytes(enum sluice_type_id id) {
  return id >= SLUICE_TYPE_UTF8 && id <= SLUICE_TYPE_FIXED_BINARY;
}
static bool is_decimal(enum sluice_type_id id) {
  return id >= SLUICE_TYPE_DECIMAL32 && id <= SLUICE_TYPE_DECIMAL256;
}
static bool is_natural(enum sluice_type_id id) {
  return id >= SLUICE_TYPE_UINT8 && id <= SLUICE_TYPE_UINT64;
}

/* Is the order of the type, as the file's annotation has it, the one in which values are compared? Where an annotation
 * does not fit the physical type, or is not known, nobody can tell what its writer did. */
static bool same_order(const struct pq_element *e, enum sluice_type_id id) {
  if (e->type == PQ_INT96)
    return false;
  switch (e->logical) {
  case PQ_NONE:
    return !e->annotated;
  case PQ_STRING:
  case PQ_ENUM:
  case PQ_JSON:
  case PQ_BSON:
  case PQ_UUID:
    return is_bytes(id);
  case PQ_DECIMAL:
    return is_decimal(id);
  case PQ_DATE:
  case PQ_TIME:
  case PQ_TIMESTAMP:
    return is_signed_integer(id);
  case PQ_INTEGER:
    return e->is_signed ? is_signed_integer(id) : is_natural(id);
  case PQ_FLOAT16:
    return id == SLUICE_TYPE_HALF;
  default:
    return false;
  }
}

static void settle_order(const struct pq_footer *f, const struct pq_element *e, struct pq_test *t) {
  enum sluice_type_id id = t->type.id;
  uint8_t order = f->orders && t->leaf < f->n_orders ? f->orders[t->leaf] : PQ_ORDER_NONE;
  bool same = same_order(e, id);
  t->ordered = same && (order == PQ_ORDER_TYPE || (order == PQ_ORDER_IEEE754 && t->real));
  t->old_order = same && (is_signed_integer(id) || id == SLUICE_TYPE_BOOL || t->real ||
                          (is_decimal(id) && (e->type == PQ_INT32 || e->type == PQ_INT64)));
}

/* ---- which leaf ---- */

static const struct pq_leaf *leaf_of(const struct pq_shape *shape, const struct pq_node *node) {
  for (int32_t i = 0; i < shape->n_leaves; i++)
    if (shape->leaves[i]->node == node)
      return shape->leaves[i];
  return NULL;
}

/* Through structs only; NULL: there is no such leaf, or it is in a list. */
static const struct pq_leaf *find(const struct pq_shape *shape, const struct sluice_list *names,
                                  const struct ArrowSchema **field) {
  const struct ArrowSchema *at = &shape->schema;
  const struct pq_node *node = NULL;
  for (size_t i = 0; i < names->count; i++) {
    int64_t child = sluice_schema_find(at, names->items[i]);
    if (child < 0 || (node && (node->kind != PQ_NODE_STRUCT || child >= node->n_children)))
      return NULL;
    node = node ? node->children[child] : shape->columns[child];
    at = at->children[child];
    if (!node)
      return NULL;
  }
  *field = at;
  return node && node->kind == PQ_NODE_LEAF ? leaf_of(shape, node) : NULL;
}

/* ---- tests ---- */

/* The type that values are compared as: texts and bytes alike, however they lie in memory. */
static int base_field(const struct ArrowSchema *field, struct ArrowSchema *out) {
  struct sluice_type type;
  const char *format = field->dictionary ? field->dictionary->format : field->format;
  int code = sluice_type_parse(format, &type, NULL);
  bool bytes = !code && is_bytes(type.id) && type.id != SLUICE_TYPE_FIXED_BINARY;
  return code ? code : sluice_schema_init(out, bytes ? "z" : format, field->name, ARROW_FLAG_NULLABLE);
}

/* What the least and the greatest value must be for the test to be true of any value between. */
static const struct sides {
  int32_t of_least, of_most; /* 0: anything */
} sides[] = {[SLUICE_EQUAL] = {SLUICE_LESS_EQUAL, SLUICE_GREATER_EQUAL},
             [SLUICE_NOT_EQUAL] = {SLUICE_NOT_EQUAL, SLUICE_NOT_EQUAL},
             [SLUICE_LESS] = {SLUICE_LESS, 0},
             [SLUICE_LESS_EQUAL] = {SLUICE_LESS_EQUAL, 0},
             [SLUICE_GREATER] = {0, SLUICE_GREATER},
             [SLUICE_GREATER_EQUAL] = {0, SLUICE_GREATER_EQUAL},
             [SLUICE_IS_NULL] = {0, 0},
             [SLUICE_IS_NOT_NULL] = {0, 0}};

static int make_comparisons(struct pq_test *t, const struct ArrowSchema *field, const char *literal) {
  const struct sides *s = &sides[t->compare];
  int code = SLUICE_OK;
  if (s->of_least)
    code = sluice_comparison_create(field, s->of_least, literal, &t->of_least, NULL);
  if (!code && s->of_most)
    code = sluice_comparison_create(field, s->of_most, literal, &t->of_most, NULL);
  if (!code && t->compare == SLUICE_EQUAL)
    code = sluice_comparison_create(field, SLUICE_EQUAL, literal, &t->equal, NULL);
  return code;
}

static void test_finish(struct pq_test *t) {
  sluice_comparison_destroy(t->of_least);
  sluice_comparison_destroy(t->of_most);
  sluice_comparison_destroy(t->equal);
}

/* Values lie here as they lie in the columns of the type. */
static bool fits_store(const struct pq_test *t) {
  if (t->store.kind == PQ_STORE_BYTES)
    return t->type.id == SLUICE_TYPE_BINARY;
  if (t->store.kind == PQ_STORE_BITS)
    return t->type.id == SLUICE_TYPE_BOOL;
  return t->type.width > 0 && (uint32_t)t->type.width == t->store.width;
}

static int make_test(const struct sluice_test *from, const struct pq_footer *f, const struct pq_leaf *leaf,
                     const struct ArrowSchema *field, struct pq_test *out) {
  struct pq_arrow_type type;
  struct ArrowSchema base = {0};
  int code = base_field(field, &base);
  if (code)
    return code;
  pq_type_of(leaf->element, SLUICE_NANO, &type);
  *out = (struct pq_test){.leaf = leaf->ordinal,
                          .column = leaf->column,
                          .compare = (enum sluice_compare)from->compare,
                          .store = type.store,
                          .physical = leaf->element->type,
                          .nullable = leaf->max_def > 0};
  code = sluice_type_parse(base.format, &out->type, NULL);
  out->real = out->type.id >= SLUICE_TYPE_HALF && out->type.id <= SLUICE_TYPE_DOUBLE;
  bool null_test = from->compare == SLUICE_IS_NULL || from->compare == SLUICE_IS_NOT_NULL;
  if (!code && !null_test)
    code = from->literal && fits_store(out) ? make_comparisons(out, &base, from->literal) : SLUICE_ERR_UNSUPPORTED;
  if (!code)
    settle_order(f, leaf->element, out);
  sluice_schema_release(&base); /* the type's time zone pointed into it */
  out->type.timezone = "";
  if (code)
    test_finish(out);
  return code;
}

int pq_where_init(struct pq_where *w, const struct sluice_where *where, const struct pq_footer *f,
                  const struct pq_shape *shape, const char *part, struct sluice_error *err) {
  *w = (struct pq_where){.tests = calloc(where->count + 1, sizeof *w->tests)};
  int code = w->tests ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < where->count && !code; i++) {
    const struct sluice_test *test = &where->tests[i];
    const struct ArrowSchema *field = NULL;
    const struct pq_leaf *leaf = find(shape, &test->column, &field);
    if (!leaf || leaf->max_rep > 0 || test->compare < SLUICE_EQUAL || test->compare > SLUICE_IS_NOT_NULL)
      continue;
    code = make_test(test, f, leaf, field, &w->tests[w->n]);
    w->n += !code;
    code = code == SLUICE_ERR_MEMORY ? code : SLUICE_OK; /* what cannot be used leaves out nothing */
  }
  if (code) {
    pq_where_finish(w);
    return sluice_fail(err, code, part, "no memory for the filter");
  }
  return SLUICE_OK;
}

void pq_where_finish(struct pq_where *w) {
  for (int32_t i = 0; w->tests && i < w->n; i++)
    test_finish(&w->tests[i]);
  free(w->tests);
  *w = (struct pq_where){0};
}
