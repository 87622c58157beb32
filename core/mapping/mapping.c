/* Compiling mapping rules: a tree of the outgoing record, with conflicts found before any run. */
#include "core/mapping/internal.h"
#include <stdlib.h>

enum { MAX_DEPTH = 16 };

static void node_finish(struct node *node) {
  for (size_t i = 0; i < node->n_children; i++)
    node_finish(&node->children[i]);
  free(node->children);
  free(node->name);
}

void mapping_destroy(struct mapping *mapping) {
  if (!mapping)
    return;
  for (size_t i = 0; i < mapping->n_rules; i++) {
    free(mapping->rules[i].from);
    free(mapping->rules[i].to);
    free(mapping->rules[i].value);
    free(mapping->rules[i].default_value);
  }
  free(mapping->rules);
  node_finish(&mapping->root);
  free(mapping);
}

/* Copies a text that may be NULL; false: no memory. */
static bool copy(const char *text, char **out) {
  *out = text ? strdup(text) : NULL;
  return !text || *out;
}

static struct node *find(struct node *parent, const char *name, size_t n) {
  for (size_t i = 0; i < parent->n_children; i++)
    if (strlen(parent->children[i].name) == n && memcmp(parent->children[i].name, name, n) == 0)
      return &parent->children[i];
  return NULL;
}

static struct node *add(struct node *parent, const char *name, size_t n) {
  struct node *grown = realloc(parent->children, (parent->n_children + 1) * sizeof *grown);
  if (!grown)
    return NULL;
  parent->children = grown;
  struct node *node = &grown[parent->n_children];
  *node = (struct node){.name = strndup(name, n), .rule = -1};
  if (!node->name)
    return NULL;
  parent->n_children++;
  return node;
}

/* Puts rule i at its dotted path. */
static int place(struct mapping *mapping, size_t i, const char *where, struct sluice_error *err) {
  const char *path = mapping->rules[i].to;
  struct node *node = &mapping->root;
  for (int depth = 0;; depth++) {
    size_t n = strcspn(path, ".");
    bool last = !path[n];
    if (n == 0 || depth == MAX_DEPTH)
      return sluice_fail(err, SLUICE_ERR_CONFIG, where, "'%s' is not a path of names with dots between (at most %d)",
                         mapping->rules[i].to, MAX_DEPTH);
    struct node *child = find(node, path, n);
    if (child && (last || child->rule >= 0))
      return sluice_fail(err, SLUICE_ERR_CONFIG, where,
                         "'%s' is already taken by another rule; give each its own place", mapping->rules[i].to);
    if (!child)
      child = add(node, path, n);
    if (!child)
      return sluice_fail(err, SLUICE_ERR_MEMORY, where, "no memory");
    node = child;
    if (last)
      break;
    path += n + 1;
  }
  node->rule = (long)i;
  return SLUICE_OK;
}

static int compile(struct mapping *mapping, const struct mapping_rule *from, size_t i, struct sluice_error *err) {
  struct rule *rule = &mapping->rules[i];
  char where[32];
  snprintf(where, sizeof where, "mapping[%zu]", i);
  if (!from->from == !from->value)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where,
                       "a rule needs `from` (a column) or `value` (a constant), not both");
  if (!from->from && !from->to)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "a constant needs `to`");
  if (!copy(from->from, &rule->from) || !copy(from->to ? from->to : from->from, &rule->to) ||
      !copy(from->value, &rule->value) || !copy(from->default_value, &rule->default_value))
    return sluice_fail(err, SLUICE_ERR_MEMORY, where, "no memory");
  rule->required = from->required;
  if (from->type) {
    struct sluice_error why = {0};
    int code = sluice_type_from_name(from->type, rule->format, &why);
    if (code)
      return sluice_fail(err, code, where, "%s", why.message);
  } else if (from->value) {
    rule->format[0] = 'u';
  }
  return place(mapping, i, where, err);
}

int mapping_create(const struct mapping_rule *rules, size_t n, struct mapping **out, struct sluice_error *err) {
  struct mapping *mapping = calloc(1, sizeof *mapping);
  if (!mapping)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "mapping", "no memory");
  mapping->root.rule = -1;
  mapping->rules = calloc(n ? n : 1, sizeof *mapping->rules);
  mapping->n_rules = mapping->rules ? n : 0;
  int code = mapping->rules ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, "mapping", "no memory");
  for (size_t i = 0; i < n && !code; i++)
    code = compile(mapping, &rules[i], i, err);
  if (code)
    mapping_destroy(mapping);
  else
    *out = mapping;
  return code;
}

/* The index of the first rule that reads the same column. */
static size_t first_use(const struct mapping *mapping, size_t i) {
  for (size_t k = 0; k < i; k++)
    if (mapping->rules[k].from && strcmp(mapping->rules[k].from, mapping->rules[i].from) == 0)
      return k;
  return i;
}

/* The type that the decoder shall give: the rules' own where they agree, else as found and cast afterwards. */
static const char *wanted_format(const struct mapping *mapping, size_t i) {
  const char *format = mapping->rules[i].format;
  for (size_t k = i + 1; k < mapping->n_rules; k++)
    if (mapping->rules[k].from && first_use(mapping, k) == i && strcmp(mapping->rules[k].format, format) != 0)
      return "";
  return format;
}

int mapping_want(const struct mapping *mapping, struct ArrowSchema *out) {
  struct ArrowSchema want;
  int64_t n = 0, at = 0;
  for (size_t i = 0; i < mapping->n_rules; i++)
    n += mapping->rules[i].from && first_use(mapping, i) == i;
  int code = sluice_schema_nested(&want, "+s", "", 0, n);
  if (code)
    return code;
  for (size_t i = 0; i < mapping->n_rules && !code; i++) {
    if (!mapping->rules[i].from || first_use(mapping, i) != i)
      continue;
    code =
        sluice_schema_init(want.children[at++], wanted_format(mapping, i), mapping->rules[i].from, ARROW_FLAG_NULLABLE);
  }
  if (code)
    sluice_schema_release(&want);
  else
    sluice_schema_move(&want, out);
  return code;
}
