/* Binding a mapping to the schema that comes in: columns found, types settled, constants parsed. */
#include "core/base/nearest.h"
#include "core/mapping/internal.h"
#include <stdlib.h>

static int parse_constant(const struct ArrowSchema *field, const char *text, struct ArrowArray *out,
                          struct sluice_error *err) {
  struct ArrowSchema source = {0};
  struct sluice_builder *builder = NULL;
  struct ArrowArray array = {0};
  int code = sluice_schema_init(&source, "u", field->name, ARROW_FLAG_NULLABLE);
  if (!code)
    code = sluice_builder_create(&source, &builder, err);
  if (!code)
    code = sluice_builder_bytes(builder, text, strlen(text));
  if (!code)
    code = sluice_builder_finish(builder, &array, err);
  if (!code)
    code = sluice_cast(&source, &array, field, NULL, NULL, out, err);
  sluice_builder_destroy(builder);
  sluice_array_release(&array);
  sluice_schema_release(&source);
  return code;
}

int mapping_constant(const struct ArrowSchema *field, const char *text, struct ArrowArray *out,
                     struct sluice_error *err) {
  int code = text ? parse_constant(field, text, out, err) : sluice_array_nulls(field, 1, out);
  if (code)
    return code == SLUICE_ERR_DATA ? SLUICE_ERR_CONFIG : code;
  code = sluice_array_share(out);
  if (code)
    sluice_array_release(out);
  return code;
}

int mapping_text(const struct rule *rule, const struct ArrowSchema *field, const char *where, struct ArrowArray *out,
                 struct sluice_error *err) {
  struct sluice_error why = {0};
  int code = mapping_constant(field, rule->from ? rule->default_value : rule->value, out, &why);
  if (code)
    sluice_fail(err, code, where, "the %s of '%s': %s", rule->from ? "default" : "value", rule->to,
                why.message[0] ? why.message : "no memory");
  return code;
}

/* ---- a leaf ---- */

/* What there is in place of a column that is not there. */
static void list_columns(const struct ArrowSchema *in, char *out, size_t size) {
  size_t used = 0;
  out[0] = 0;
  for (int64_t i = 0; i < in->n_children && used < size; i++) {
    int n = snprintf(out + used, size - used, "%s%s", i ? ", " : "", in->children[i]->name);
    used += n > 0 ? (size_t)n : 0;
  }
}

static int no_column(const struct rule *rule, const struct ArrowSchema *in, struct sluice_error *err) {
  char columns[300];
  const char **names = calloc((size_t)in->n_children + 1, sizeof *names);
  for (int64_t i = 0; names && i < in->n_children; i++)
    names[i] = in->children[i]->name;
  const char *near = names ? nearest_name(rule->from, names, (size_t)in->n_children) : NULL;
  list_columns(in, columns, sizeof columns);
  int code = sluice_fail(err, SLUICE_ERR_CONFIG, "mapping", "there is no column '%s'%s%s%s; the data has: %s",
                         rule->from, near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "", columns);
  free(names);
  return code;
}

static int bind_column(const struct rule *rule, const struct ArrowSchema *in, bool in_list, struct leaf *leaf,
                       struct sluice_error *err) {
  leaf->way = mapping_find(in, rule->from);
  if (leaf->way.n == 0)
    return no_column(rule, in, err);
  const struct ArrowSchema *column = in;
  for (int i = 0; i < leaf->way.n; i++)
    column = column->children[leaf->way.steps[i]];
  leaf->plain = in_list || leaf->way.n > 1;
  int code = leaf->plain ? sluice_schema_plain(column, 0, &leaf->found) : sluice_schema_copy(column, &leaf->found);
  return code ? sluice_fail(err, code, "mapping", "no memory for column '%s'", rule->from) : SLUICE_OK;
}

static bool is_list(const struct ArrowSchema *field) {
  return strcmp(field->format, "+l") == 0 || strncmp(field->format, "+w:", 3) == 0;
}

/* The items of the column, `lists` levels down; at most as many as there are. */
static const struct ArrowSchema *item_of(const struct ArrowSchema *column, int most, int *lists) {
  *lists = 0;
  while (*lists < most && is_list(column)) {
    column = column->children[0];
    ++*lists;
  }
  return column;
}

/* What goes out of a leaf: the rule's type, or that of the column (or its items) with its children. */
static int bind_target(const struct rule *rule, const struct ArrowSchema *found, const char *name, struct leaf *leaf,
                       struct sluice_error *err) {
  int64_t flags = rule->required || (!rule->from && rule->value) ? 0 : ARROW_FLAG_NULLABLE;
  int code;
  if (rule->format[0] || !rule->from) {
    code = sluice_schema_init(&leaf->target, rule->format, name, flags);
  } else {
    code = sluice_schema_copy(found, &leaf->target);
    if (!code)
      code = sluice_schema_rename(&leaf->target, name);
    if (!code)
      leaf->target.flags = (leaf->target.flags & ~(int64_t)ARROW_FLAG_NULLABLE) | flags;
  }
  return code ? sluice_fail(err, code, "mapping", "'%s': no such type, or no memory", rule->to) : SLUICE_OK;
}

/* Lists of the target, as deep as the column has them. */
static int bind_lists(struct leaf *leaf) {
  int code = sluice_schema_copy(&leaf->target, &leaf->column);
  for (int i = 0; i < leaf->lists && !code; i++) {
    struct ArrowSchema list;
    code = sluice_schema_nested(&list, "+l", "item", ARROW_FLAG_NULLABLE, 1);
    if (code)
      return code;
    sluice_schema_move(&leaf->column, list.children[0]);
    sluice_schema_move(&list, &leaf->column);
  }
  return code;
}

static int check_cast(const struct rule *rule, const struct leaf *leaf, struct sluice_error *err) {
  struct sluice_error why = {0};
  int code = sluice_cast_check(&leaf->found, &leaf->column, &why);
  if (code != SLUICE_ERR_UNSUPPORTED)
    return code;
  return sluice_fail(err, SLUICE_ERR_CONFIG, "mapping", "column '%s' cannot have the rule's type: %s", rule->from,
                     why.message);
}

/* each: how many "[]" are above it; -1: it is in no list at all. */
static int bind_leaf(struct mapping_bound *bound, const struct node *node, const struct ArrowSchema *in, int each,
                     struct sluice_error *err) {
  const struct rule *rule = &bound->mapping->rules[node->rule];
  struct leaf *leaf = &bound->leaves[node->rule];
  int code = rule->from ? bind_column(rule, in, each >= 0, leaf, err) : SLUICE_OK;
  const struct ArrowSchema *item = !code && rule->from ? item_of(&leaf->found, each, &leaf->lists) : NULL;
  if (!code)
    code = bind_target(rule, item, node->name, leaf, err);
  if (!code)
    code = bind_lists(leaf);
  if (!code && rule->from)
    code = check_cast(rule, leaf, err);
  if (!code && rule->from)
    bound->uses[leaf->way.steps[0]]++;
  const char *text = rule->from ? rule->default_value : rule->value;
  return code || (rule->from && !text) ? code : mapping_text(rule, &leaf->target, "mapping", &leaf->value, err);
}

/* ---- the tree ---- */

static int bind_list_leaves(struct mapping_bound *bound, const struct node *node, const struct ArrowSchema *in,
                            int each, struct sluice_error *err) {
  if (node->kind == NODE_LEAF)
    return bind_leaf(bound, node, in, each, err);
  int code = SLUICE_OK;
  for (size_t i = 0; i < node->n_children && !code; i++)
    code = bind_list_leaves(bound, &node->children[i], in, each + (node->kind == NODE_EACH), err);
  return code;
}

static int bind_list(struct mapping_bound *bound, const struct node *node, const struct ArrowSchema *in,
                     struct ArrowSchema *out, struct sluice_error *err) {
  struct list *grown = realloc(bound->lists, (bound->n_lists + 1) * sizeof *grown);
  if (!grown)
    return SLUICE_ERR_MEMORY;
  bound->lists = grown;
  struct list *list = &grown[bound->n_lists++];
  *list = (struct list){.node = node, .schema = out};
  int code = bind_list_leaves(bound, node, in, 0, err);
  if (!code)
    code = mapping_list_schema(bound, node, out, err);
  return code ? code : mapping_plan_build(node, out, &list->build);
}

static int bind_node(struct mapping_bound *bound, const struct node *node, const struct ArrowSchema *in,
                     struct ArrowSchema *out, struct sluice_error *err) {
  if (node->kind == NODE_LEAF) {
    int code = bind_leaf(bound, node, in, -1, err);
    return code ? code : sluice_schema_copy(&bound->leaves[node->rule].target, out);
  }
  if (node->kind != NODE_RECORD)
    return bind_list(bound, node, in, out, err);
  int code = sluice_schema_nested(out, "+s", node->name, 0, (int64_t)node->n_children);
  for (size_t i = 0; i < node->n_children && !code; i++)
    code = bind_node(bound, &node->children[i], in, out->children[i], err);
  return code;
}

static int bind_all(struct mapping_bound *bound, const struct ArrowSchema *in, struct sluice_error *err) {
  const struct node *root = &bound->mapping->root;
  int code = mapping_bind_kept(bound, in, err);
  if (!code)
    code = sluice_schema_nested(&bound->schema, "+s", "", 0, (int64_t)(root->n_children + bound->n_kept));
  for (size_t i = 0; i < root->n_children && !code; i++)
    code = bind_node(bound, &root->children[i], in, bound->schema.children[i], err);
  for (size_t i = 0; i < bound->n_kept && !code; i++)
    code = sluice_schema_copy(&bound->kept[i].target, bound->schema.children[root->n_children + i]);
  return code;
}

int mapping_bind(const struct mapping *mapping, const struct ArrowSchema *in, struct mapping_bound **out,
                 struct sluice_error *err) {
  struct mapping_bound *bound = calloc(1, sizeof *bound);
  if (!bound)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "mapping", "no memory");
  bound->mapping = mapping;
  bound->leaves = calloc(mapping->n_rules + 1, sizeof *bound->leaves);
  bound->uses = calloc((size_t)in->n_children + 1, sizeof *bound->uses);
  int code = bound->leaves && bound->uses ? sluice_schema_copy(in, &bound->in) : SLUICE_ERR_MEMORY;
  if (!code)
    code = bind_all(bound, in, err);
  if (code) {
    mapping_unbind(bound);
    return sluice_fail(err, code, "mapping", "no memory");
  }
  *out = bound;
  return SLUICE_OK;
}

static void leaf_finish(struct leaf *leaf) {
  sluice_schema_release(&leaf->found);
  sluice_schema_release(&leaf->target);
  sluice_schema_release(&leaf->column);
  sluice_array_release(&leaf->value);
}

void mapping_unbind(struct mapping_bound *bound) {
  if (!bound)
    return;
  for (size_t i = 0; bound->leaves && i < bound->mapping->n_rules; i++)
    leaf_finish(&bound->leaves[i]);
  for (size_t i = 0; i < bound->n_kept; i++)
    sluice_schema_release(&bound->kept[i].target);
  for (size_t i = 0; i < bound->n_lists; i++)
    mapping_build_finish(&bound->lists[i].build);
  free(bound->leaves);
  free(bound->kept);
  free(bound->lists);
  free(bound->uses);
  free(bound->named);
  sluice_schema_release(&bound->in);
  sluice_schema_release(&bound->schema);
  free(bound);
}

const struct ArrowSchema *mapping_schema(const struct mapping_bound *bound) {
  return &bound->schema;
}
