/* The schema of a list: of what its places and rules bring, which must be of one type. */
#include "core/mapping/internal.h"
#include <stdlib.h>

static int conflict(const struct ArrowSchema *a, const struct ArrowSchema *b, const char *to,
                    struct sluice_error *err) {
  char x[96], y[96];
  sluice_type_name(a->format, x, sizeof x);
  sluice_type_name(b->format, y, sizeof y);
  return sluice_fail(err, SLUICE_ERR_CONFIG, "mapping", "the list '%s' would hold %s and %s: give its rules one `type`",
                     to, x, y);
}

static int64_t nullable(const struct ArrowSchema *a, const struct ArrowSchema *b) {
  return (a->flags | b->flags) & ARROW_FLAG_NULLABLE;
}

/* A copy that may be null as either, under a's name. */
static int copy_as(const struct ArrowSchema *from, const struct ArrowSchema *a, const struct ArrowSchema *b,
                   struct ArrowSchema *out) {
  int code = sluice_schema_copy(from, out);
  if (!code)
    code = sluice_schema_rename(out, a->name);
  if (!code)
    out->flags |= nullable(a, b);
  return code;
}

/* Fields of a and of b by name; one that only one of them has may be null. */
static int unify_records(const struct ArrowSchema *a, const struct ArrowSchema *b, const char *to,
                         struct ArrowSchema *out, struct sluice_error *err) {
  int64_t n = a->n_children;
  for (int64_t i = 0; i < b->n_children; i++)
    n += sluice_schema_find(a, b->children[i]->name) < 0;
  int code = sluice_schema_nested(out, "+s", a->name, nullable(a, b), n);
  for (int64_t i = 0; i < a->n_children && !code; i++) {
    int64_t k = sluice_schema_find(b, a->children[i]->name);
    code = k < 0 ? sluice_schema_copy(a->children[i], out->children[i])
                 : mapping_unify(a->children[i], b->children[k], to, out->children[i], err);
    if (!code && k < 0)
      out->children[i]->flags |= ARROW_FLAG_NULLABLE;
  }
  n = a->n_children;
  for (int64_t i = 0; i < b->n_children && !code; i++) {
    if (sluice_schema_find(a, b->children[i]->name) >= 0)
      continue;
    code = sluice_schema_copy(b->children[i], out->children[n]);
    if (!code)
      out->children[n++]->flags |= ARROW_FLAG_NULLABLE;
  }
  return code;
}

static int unify_lists(const struct ArrowSchema *a, const struct ArrowSchema *b, const char *to,
                       struct ArrowSchema *out, struct sluice_error *err) {
  int code = sluice_schema_nested(out, "+l", a->name, nullable(a, b), 1);
  return code ? code : mapping_unify(a->children[0], b->children[0], to, out->children[0], err);
}

/* But for names of this level and for being nullable. */
static bool same_type(const struct ArrowSchema *a, const struct ArrowSchema *b) {
  struct ArrowSchema x = *a, y = *b;
  x.name = y.name = "";
  x.flags |= ARROW_FLAG_NULLABLE;
  y.flags |= ARROW_FLAG_NULLABLE;
  return sluice_schema_equal(&x, &y);
}

int mapping_unify(const struct ArrowSchema *a, const struct ArrowSchema *b, const char *to, struct ArrowSchema *out,
                  struct sluice_error *err) {
  if (same_type(a, b) || strcmp(b->format, "n") == 0)
    return copy_as(a, a, b, out);
  if (strcmp(a->format, "n") == 0)
    return copy_as(b, a, b, out);
  bool same = strcmp(a->format, b->format) == 0;
  if (same && strcmp(a->format, "+s") == 0)
    return unify_records(a, b, to, out, err);
  if (same && strcmp(a->format, "+l") == 0)
    return unify_lists(a, b, to, out, err);
  return conflict(a, b, to, err);
}

/* ---- of a node ---- */

static int item_schema(struct mapping_bound *, const struct node *, const char *to, struct ArrowSchema *,
                       struct sluice_error *);

static int record_schema(struct mapping_bound *bound, const struct node *node, const char *to, struct ArrowSchema *out,
                         struct sluice_error *err) {
  int code = sluice_schema_nested(out, "+s", node->name, 0, (int64_t)node->n_children);
  for (size_t i = 0; i < node->n_children && !code; i++)
    code = item_schema(bound, &node->children[i], to, out->children[i], err);
  return code;
}

/* Replaces *all by what holds it and the child too. */
static int add_child(struct mapping_bound *bound, const struct node *child, const char *to, struct ArrowSchema *all,
                     struct sluice_error *err) {
  struct ArrowSchema one = {0}, both = {0};
  int code = item_schema(bound, child, to, &one, err);
  if (!code)
    code = mapping_unify(all, &one, to, &both, err);
  sluice_schema_release(&one);
  if (code) {
    sluice_schema_release(&both);
    return code;
  }
  sluice_schema_release(all);
  sluice_schema_move(&both, all);
  return SLUICE_OK;
}

/* Is a list below this "[]" that may be null as a whole? */
static bool may_be_null(const struct mapping_bound *bound, const struct node *node) {
  if (node->kind == NODE_LEAF)
    return bound->leaves[node->rule].lists > 0;
  for (size_t i = 0; i < node->n_children; i++)
    if (may_be_null(bound, &node->children[i]))
      return true;
  return false;
}

static int list_schema(struct mapping_bound *bound, const struct node *node, const char *to, struct ArrowSchema *out,
                       struct sluice_error *err) {
  bool null = node->kind == NODE_EACH && may_be_null(bound, node);
  int code = sluice_schema_nested(out, "+l", node->name, null ? ARROW_FLAG_NULLABLE : 0, 1);
  if (!code)
    code = item_schema(bound, &node->children[0], to, out->children[0], err);
  for (size_t i = 1; i < node->n_children && !code; i++)
    code = add_child(bound, &node->children[i], to, out->children[0], err);
  return code;
}

static int item_schema(struct mapping_bound *bound, const struct node *node, const char *to, struct ArrowSchema *out,
                       struct sluice_error *err) {
  if (node->kind == NODE_LEAF)
    return sluice_schema_copy(&bound->leaves[node->rule].target, out);
  if (node->kind == NODE_RECORD)
    return record_schema(bound, node, to, out, err);
  return list_schema(bound, node, strcmp(node->name, "item") == 0 ? to : node->name, out, err);
}

int mapping_list_schema(struct mapping_bound *bound, const struct node *node, struct ArrowSchema *out,
                        struct sluice_error *err) {
  return list_schema(bound, node, node->name, out, err);
}
