/* Binding a mapping to the schema that comes in: columns found, types settled, constants parsed. */
#include "core/mapping/internal.h"
#include <stdlib.h>

int mapping_constant(const struct ArrowSchema *field, const char *text, struct ArrowArray *out,
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

/* The closest thing to say about a column that is not there: what there is. */
static void list_columns(const struct ArrowSchema *in, char *out, size_t size) {
  size_t used = 0;
  out[0] = 0;
  for (int64_t i = 0; i < in->n_children && used < size; i++) {
    int n = snprintf(out + used, size - used, "%s%s", i ? ", " : "", in->children[i]->name);
    used += n > 0 ? (size_t)n : 0;
  }
}

static int bind_column(const struct rule *rule, const struct ArrowSchema *in, struct leaf *leaf,
                       struct sluice_error *err) {
  leaf->column = sluice_schema_find(in, rule->from);
  if (leaf->column < 0) {
    char columns[400];
    list_columns(in, columns, sizeof columns);
    return sluice_fail(err, SLUICE_ERR_CONFIG, "mapping", "there is no column '%s'; the data has: %s", rule->from,
                       columns);
  }
  int code = sluice_schema_copy(in->children[leaf->column], &leaf->found);
  if (code)
    return sluice_fail(err, code, "mapping", "no memory");
  return SLUICE_OK;
}

/* What goes out of a leaf: the rule's type, or the column's with its children. */
static int bind_target(const struct rule *rule, struct leaf *leaf, const char *name, struct sluice_error *err) {
  int64_t flags = rule->required ? 0 : ARROW_FLAG_NULLABLE;
  int code;
  if (rule->format[0] || !rule->from) {
    code = sluice_schema_init(&leaf->target, rule->format, name, flags);
  } else {
    code = sluice_schema_copy(&leaf->found, &leaf->target);
    if (!code)
      code = sluice_schema_rename(&leaf->target, name);
    if (!code)
      leaf->target.flags = (leaf->target.flags & ~(int64_t)ARROW_FLAG_NULLABLE) | flags;
  }
  if (code)
    return sluice_fail(err, code, "mapping", "'%s': no such type, or no memory", name);
  return rule->from ? sluice_cast_check(&leaf->found, &leaf->target, err) : SLUICE_OK;
}

static int bind_leaf(const struct rule *rule, const struct ArrowSchema *in, const char *name, struct leaf *leaf,
                     struct sluice_error *err) {
  leaf->column = -1;
  int code = rule->from ? bind_column(rule, in, leaf, err) : SLUICE_OK;
  if (!code)
    code = bind_target(rule, leaf, name, err);
  const char *text = rule->from ? rule->default_value : rule->value;
  if (code || !text)
    return code;
  code = mapping_constant(&leaf->target, text, &leaf->value, err);
  if (code)
    return code == SLUICE_ERR_DATA ? SLUICE_ERR_CONFIG : code;
  return sluice_array_share(&leaf->value);
}

static int bind_node(struct mapping_bound *bound, const struct node *node, const struct ArrowSchema *in,
                     struct ArrowSchema *out, struct sluice_error *err) {
  if (node->rule >= 0) {
    struct leaf *leaf = &bound->leaves[node->rule];
    int code = bind_leaf(&bound->mapping->rules[node->rule], in, node->name, leaf, err);
    if (!code && leaf->column >= 0)
      bound->uses[leaf->column]++;
    return code ? code : sluice_schema_copy(&leaf->target, out);
  }
  int code = sluice_schema_nested(out, "+s", node->name, 0, (int64_t)node->n_children);
  for (size_t i = 0; i < node->n_children && !code; i++)
    code = bind_node(bound, &node->children[i], in, out->children[i], err);
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
  int code = bound->leaves && bound->uses ? SLUICE_OK : SLUICE_ERR_MEMORY;
  if (!code)
    code = bind_node(bound, &mapping->root, in, &bound->schema, err);
  if (code) {
    mapping_unbind(bound);
    return sluice_fail(err, code, "mapping", "no memory");
  }
  *out = bound;
  return SLUICE_OK;
}

void mapping_unbind(struct mapping_bound *bound) {
  if (!bound)
    return;
  for (size_t i = 0; bound->leaves && i < bound->mapping->n_rules; i++) {
    sluice_schema_release(&bound->leaves[i].found);
    sluice_schema_release(&bound->leaves[i].target);
    sluice_array_release(&bound->leaves[i].value);
  }
  free(bound->leaves);
  free(bound->uses);
  sluice_schema_release(&bound->schema);
  free(bound);
}

const struct ArrowSchema *mapping_schema(const struct mapping_bound *bound) {
  return &bound->schema;
}
