/* Compiles a schema to nodes: keys escaped, paths made, writers chosen, the room that each needs summed. */
#include "core/encode/program.h"
#include <limits.h>
#include <stdlib.h>

enum { NODE_ROOM = SLUICE_TEXT_MAX + 64 + ENCODE_PAD /* a value and the punctuation around it */, MAX_NODES = 1 << 20 };

static const struct ArrowSchema *child_schema(const struct ArrowSchema *schema, int64_t i) {
  return schema->dictionary ? schema->dictionary : schema->children[i];
}
static int64_t child_count(const struct ArrowSchema *schema) {
  return schema->dictionary ? 1 : schema->n_children;
}

static size_t count_nodes(const struct ArrowSchema *schema) {
  size_t count = 1;
  for (int64_t i = 0; i < child_count(schema) && count <= MAX_NODES; i++)
    count += count_nodes(child_schema(schema, i));
  return count;
}

/* The key with what stands before it in its object: a brace for the first, else a comma. */
static int make_key(struct node *node, const char *name, bool first, struct sluice_error *err) {
  size_t n = strlen(name);
  if (sluice_utf8_valid(name, n) != n)
    return sluice_fail(err, SLUICE_ERR_DATA, node->path,
                       "the name of this column is not UTF-8; give it another name in the mapping");
  if (n > SIZE_MAX / 8)
    return SLUICE_ERR_MEMORY;
  char *key = malloc(6 * n + 8 + 2 * ENCODE_PAD);
  if (!key)
    return SLUICE_ERR_MEMORY;
  uint64_t high = 0;
  key[0] = first ? '{' : ',';
  key[1] = '"';
  size_t size = 2 + escape_json((const uint8_t *)name, n, key + 2, &high);
  key[size++] = '"';
  key[size++] = ':';
  memset(key + size, 0, ENCODE_PAD);
  node->key = key;
  node->key_size = size;
  return SLUICE_OK;
}

/* "parent.name"; items of lists and the like have their parent's path. */
static int make_path(struct node *node, const struct node *parent, const char *name) {
  bool named = parent && parent->type.id == SLUICE_TYPE_STRUCT;
  const char *before = parent ? parent->path : "", *dot = named && before[0] ? "." : "";
  size_t size = strlen(before) + strlen(name) + 2;
  node->path = malloc(size);
  if (!node->path)
    return SLUICE_ERR_MEMORY;
  snprintf(node->path, size, "%s%s%s", before, dot, named ? name : "");
  return SLUICE_OK;
}

/* The type codes of "+ud:0,5": which child each stands for. */
static int make_codes(struct node *node, const char *format) {
  const char *p = strchr(format, ':');
  node->codes = malloc(128);
  if (!node->codes)
    return SLUICE_ERR_MEMORY;
  memset(node->codes, -1, 128);
  for (int64_t i = 0; p && i < node->n_children && i <= INT8_MAX; i++) {
    char *end = NULL;
    long code = strtol(p + 1, &end, 10);
    if (end == p + 1 || code < 0 || code > 127)
      break;
    node->codes[code] = (int8_t)i;
    p = *end == ',' ? end : NULL;
  }
  return SLUICE_OK;
}

static int choose(struct node *node, const struct ArrowSchema *schema, struct sluice_error *err) {
  if (schema->dictionary) {
    mixed_choose_dictionary(node);
    return SLUICE_OK;
  }
  if (node->type.id == SLUICE_TYPE_DENSE_UNION || node->type.id == SLUICE_TYPE_SPARSE_UNION) {
    int rc = make_codes(node, schema->format);
    if (rc != SLUICE_OK)
      return rc;
  }
  if (scalar_choose(node) || nested_choose(node) || mixed_choose(node))
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, node->path, "there is no text for values of type %s", schema->format);
}

/* Fills one node; its children take the next places of the block, side by side. */
static int compile(struct encoder *e, struct node *node, const struct node *parent, const struct ArrowSchema *schema,
                   bool first, struct sluice_error *err) {
  const char *name = schema->name ? schema->name : "";
  int rc = make_path(node, parent, name);
  if (rc == SLUICE_OK)
    rc = sluice_type_parse(schema->format, &node->type, err);
  if (rc == SLUICE_OK)
    rc = make_key(node, name, first, err);
  if (rc != SLUICE_OK)
    return rc;
  node->children = e->nodes + e->n_nodes;
  node->n_children = child_count(schema);
  e->n_nodes += (size_t)node->n_children;
  e->slack += node->key_size + NODE_ROOM;
  rc = choose(node, schema, err);
  for (int64_t i = 0; rc == SLUICE_OK && i < node->n_children; i++)
    rc = compile(e, node->children + i, node, child_schema(schema, i), i == 0, err);
  return rc;
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int refuse_twins(const char *name, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, name,
                     "two columns have the name '%s', and a JSON object can hold only one of them; choose the columns "
                     "by a mapping, or by --columns of cat: one that names '%s' takes the first of them, one that does "
                     "not takes neither",
                     name, name);
}

/* An object with a key twice loses one of the values at nearly every receiver. */
static int check_names(const struct node *node, struct sluice_error *err) {
  if (node->type.id != SLUICE_TYPE_STRUCT || node->n_children < 2)
    return SLUICE_OK;
  const char **names = calloc((size_t)node->n_children, sizeof *names);
  if (!names)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < node->n_children; i++)
    names[i] = node->children[i].path;
  qsort(names, (size_t)node->n_children, sizeof *names, by_text);
  int rc = SLUICE_OK;
  for (int64_t i = 1; i < node->n_children && rc == SLUICE_OK; i++)
    if (strcmp(names[i - 1], names[i]) == 0)
      rc = refuse_twins(names[i], err);
  free(names);
  return rc;
}

int program_compile(struct encoder *e, const struct ArrowSchema *schema, struct sluice_error *err) {
  int rc = sluice_schema_validate(schema, err);
  if (rc != SLUICE_OK)
    return rc;
  if (strcmp(schema->format, "+s") != 0)
    return sluice_fail(err, SLUICE_ERR_BUG, "schema", "a batch is a struct of columns, this is '%s'", schema->format);
  size_t count = count_nodes(schema);
  if (count > MAX_NODES)
    return sluice_fail(err, SLUICE_ERR_DATA, "schema", "over %d columns", (int)MAX_NODES);
  e->nodes = calloc(count, sizeof *e->nodes);
  if (!e->nodes)
    return SLUICE_ERR_MEMORY;
  e->n_nodes = 1;
  rc = compile(e, e->nodes, NULL, schema, true, err);
  for (size_t i = 0; rc == SLUICE_OK && !e->csv && i < e->n_nodes; i++)
    rc = check_names(e->nodes + i, err);
  return rc;
}

void program_free(struct encoder *e) {
  for (size_t i = 0; e->nodes && i < e->n_nodes; i++) {
    free(e->nodes[i].key);
    free(e->nodes[i].path);
    free(e->nodes[i].codes);
  }
  free(e->nodes);
  e->nodes = NULL;
}
