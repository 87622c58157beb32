/* From the file's schema to the columns of the output. */
#include "shape.h"
#include "hint.h"
#include "shape_field.h"
#include "tally.h"
#include <stdlib.h>

enum { LEVELS_MAX = 60 }; /* below the 64 that the rest of the program takes */

static void finish_leaf_list(struct pq_shape *s) {
  for (int32_t i = 0; i < s->n_leaves; i++)
    pq_leaf_destroy(s->leaves[i]);
  free(s->leaves);
  free(s->ordinals);
}

void pq_shape_finish(struct pq_shape *s) {
  for (int64_t i = 0; s->columns && i < s->schema.n_children; i++)
    pq_node_destroy(s->columns[i]);
  free(s->columns);
  finish_leaf_list(s);
  sluice_schema_release(&s->schema);
  *s = (struct pq_shape){0};
}

/* ---- which columns ---- */

struct choice {                   /* one column of the output */
  int32_t element;                /* -1: the file lacks it */
  const struct ArrowSchema *want; /* NULL: as found */
};

static bool same_name(const struct pq_element *e, const char *name) {
  size_t n = name ? strlen(name) : 0;
  return e->name.size == n && (n == 0 || memcmp(e->name.data, name, n) == 0);
}

/* The first column of this name that was not taken. The search goes on from `near`, for most come in order. */
static int32_t find_column(const struct pq_footer *f, const int32_t *roots, const bool *taken, int32_t near,
                           const char *name) {
  int32_t n = f->elements[0].n_children;
  for (int32_t i = 0; i < n; i++) {
    int32_t at = (near + i) % n;
    if (!taken[at] && same_name(&f->elements[roots[at]], name))
      return at;
  }
  return -1;
}

static int64_t choose(const struct pq_footer *f, const struct sluice_scan *scan, const int32_t *roots, bool *taken,
                      struct choice *out) {
  int32_t n = f->elements[0].n_children, near = 0;
  int64_t count = 0, wanted = scan->want ? scan->want->n_children : 0;
  for (int64_t i = 0; i < wanted; i++) {
    const struct ArrowSchema *want = scan->want->children[i];
    int32_t at = n ? find_column(f, roots, taken, near, want->name) : -1;
    out[count++] = (struct choice){at < 0 ? -1 : roots[at], want};
    if (at < 0)
      continue;
    taken[at] = true;
    near = at + 1;
  }
  for (int32_t i = 0; (!scan->want || scan->flags & SLUICE_SCAN_EXTRA) && i < n; i++)
    if (!taken[i])
      out[count++] = (struct choice){roots[i], NULL};
  return count;
}

/* ---- making them ---- */

static int shape_missing(const struct choice *c, const struct sluice_scan *scan, struct ArrowSchema *field,
                         struct sluice_error *err) {
  const char *name = c->want->name ? c->want->name : "";
  if (!(c->want->flags & ARROW_FLAG_NULLABLE))
    return sluice_fail(err, SLUICE_ERR_DATA, scan->part,
                       "there is no column \"%s\", which must have values; check the file, or make the column optional",
                       name);
  if (c->want->format && c->want->format[0])
    return sluice_schema_copy(c->want, field);
  return sluice_schema_init(field, "n", name, ARROW_FLAG_NULLABLE);
}

static int shape_columns(const struct pq_shaping *s, const struct choice *choices, int64_t n,
                         const struct sluice_scan *scan, struct sluice_error *err) {
  struct pq_shape *shape = s->shape;
  int code = sluice_schema_nested(&shape->schema, "+s", "", 0, n);
  for (int64_t i = 0; i < n && !code; i++) {
    struct ArrowSchema *field = shape->schema.children[i];
    code = choices[i].element < 0 ? shape_missing(&choices[i], scan, field, err)
                                  : pq_shape_field(s, choices[i].element, choices[i].want, field, &shape->columns[i]);
  }
  return code;
}

/* ---- whose levels ---- */

static int own(struct pq_leaf *leaf, struct pq_node *const *path, int32_t n) {
  leaf->owned = calloc((size_t)n + 1, sizeof *leaf->owned);
  if (!leaf->owned)
    return SLUICE_ERR_MEMORY;
  for (int32_t i = 0; i < n; i++)
    leaf->owned[leaf->n_owned++] = path[i];
  return SLUICE_OK;
}

struct owning {
  struct pq_shape *shape;
  int32_t next; /* leaf */
  struct pq_node *path[128];
  int32_t n; /* nodes above that nobody owns yet */
  struct pq_node *lists[128];
  int32_t n_lists, n_mine; /* above; the innermost of them that nobody owns yet */
};

static int settle_leaf(struct owning *o) {
  struct pq_leaf *leaf = o->shape->leaves[o->next++];
  int32_t others = o->n_lists - o->n_mine;
  int code = own(leaf, o->path, o->n);
  if (!code && others > 0)
    code = pq_tally_create(leaf, o->lists, others);
  o->n = o->n_mine = 0;
  return code;
}

/* The first leaf below a node has its levels. Structs that cannot be null have as many slots as what holds them. */
static int find_owners(struct owning *o, struct pq_node *node) {
  bool list = node->kind == PQ_NODE_LIST;
  if (node->kind == PQ_NODE_LEAF)
    return settle_leaf(o);
  int code = SLUICE_OK;
  int32_t before = o->n, mine = o->n_mine;
  if (list || node->nullable)
    o->path[o->n++] = node;
  if (list) {
    o->lists[o->n_lists++] = node;
    o->n_mine++;
  }
  for (int64_t i = 0; i < node->n_children && !code; i++)
    code = find_owners(o, node->children[i]);
  o->n_lists -= list;
  if (o->n > before) { /* nothing below it: it is as if it could not be null */
    o->n = before;
    o->n_mine = mine;
    node->nullable = false;
  }
  return code;
}

static void mark_large(const struct ArrowSchema *field, struct pq_node *node) {
  node->large = strcmp(field->format, "U") == 0 || strcmp(field->format, "Z") == 0 || strcmp(field->format, "+L") == 0;
  for (int64_t i = 0; i < node->n_children; i++)
    mark_large(field->children[i], node->children[i]);
}

static int settle_leaves(struct pq_shape *s) {
  struct owning o = {.shape = s};
  int code = SLUICE_OK;
  for (int64_t i = 0; i < s->schema.n_children && !code; i++)
    if (s->columns[i]) {
      mark_large(s->schema.children[i], s->columns[i]);
      code = find_owners(&o, s->columns[i]);
    }
  s->ordinals = calloc((size_t)s->n_leaves + 1, sizeof *s->ordinals);
  for (int32_t i = 0; s->ordinals && i < s->n_leaves; i++)
    s->ordinals[i] = s->leaves[i]->ordinal;
  return s->ordinals ? code : SLUICE_ERR_MEMORY;
}

/* Levels of the type at the top: an int has one, a list of ints two. */
static int count_levels(const struct ArrowSchema *schema) {
  int most = 0;
  for (int64_t i = 0; i < schema->n_children; i++) {
    int levels = count_levels(schema->children[i]);
    most = levels > most ? levels : most;
  }
  return most + 1;
}

static int check_levels(const struct pq_shape *s, const char *part, struct sluice_error *err) {
  for (int64_t i = 0; i < s->schema.n_children; i++)
    if (count_levels(s->schema.children[i]) > LEVELS_MAX)
      return sluice_fail(
          err, SLUICE_ERR_UNSUPPORTED, part,
          "column \"%.200s\" is nested %d levels deep, and at most %d are read; leave it out, or ask for a "
          "part of it",
          s->schema.children[i]->name, count_levels(s->schema.children[i]), LEVELS_MAX);
  return SLUICE_OK;
}

int pq_shape_init(struct pq_shape *s, const struct pq_footer *f, const struct pq_config *config,
                  const struct sluice_scan *scan, struct sluice_error *err) {
  *s = (struct pq_shape){0};
  int32_t n = f->elements[0].n_children, at = 1;
  size_t most = (size_t)n + (scan->want ? (size_t)scan->want->n_children : 0) + 1;
  const struct pq_shaping shaping = {s, f, config, SLUICE_HAS(scan, accepts) && scan->accepts & SLUICE_ACCEPT_VIEW,
                                     scan->flags & SLUICE_SCAN_EXTRA};
  int32_t *roots = calloc((size_t)n + 1, sizeof *roots);
  bool *taken = calloc((size_t)n + 1, sizeof *taken);
  struct choice *choices = calloc(most, sizeof *choices);
  s->columns = calloc(most, sizeof(struct pq_node *));
  int code = roots && taken && choices && s->columns ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (int32_t i = 0; i < n && !code; at = f->elements[at].next)
    roots[i++] = at;
  int64_t count = code ? 0 : choose(f, scan, roots, taken, choices);
  if (!code)
    code = shape_columns(&shaping, choices, count, scan, err);
  if (!code)
    code = pq_hint_apply(f, &s->schema);
  if (!code)
    code = settle_leaves(s);
  if (code)
    (void)sluice_fail(err, code, scan->part, "no memory for the columns");
  else
    code = check_levels(s, scan->part, err);
  free(roots);
  free(taken);
  free(choices);
  if (code)
    pq_shape_finish(s);
  return code;
}
