/* Is a schema's structure sound? */
#include "path.h"

enum { CHILDREN_MAX = 1 << 20 };

static bool is_index(enum sluice_type_id id) {
  return id >= SLUICE_TYPE_INT8 && id <= SLUICE_TYPE_UINT64;
}

static int check(const struct ArrowSchema *schema, const struct path *path, struct sluice_error *err);

static int check_child(const struct ArrowSchema *schema, const struct path *up, struct sluice_error *err) {
  if (!schema)
    return path_fail(up, err, SLUICE_ERR_DATA, "a child of the schema is missing");
  struct path path = {up, schema->name, up->depth + 1};
  if (path.depth > DEPTH_MAX)
    return path_fail(up, err, SLUICE_ERR_DATA, "nested deeper than %d", DEPTH_MAX);
  return check(schema, &path, err);
}

static int check_dictionary(const struct ArrowSchema *schema, const struct sluice_type *type, const struct path *path,
                            struct sluice_error *err) {
  if (!schema->dictionary)
    return SLUICE_OK;
  if (!is_index(type->id))
    return path_fail(path, err, SLUICE_ERR_DATA, "dictionary indexes of type \"%.64s\", which is no integer",
                     schema->format);
  return check_child(schema->dictionary, path, err);
}

/* What a type asks of its children beyond their number. The children are sound already. */
static int check_form(const struct ArrowSchema *schema, const struct sluice_type *type, const struct path *path,
                      struct sluice_error *err) {
  if (type->id == SLUICE_TYPE_MAP) {
    const struct ArrowSchema *entries = schema->children[0];
    if (strcmp(entries->format, "+s") != 0 || entries->n_children != 2)
      return path_fail(path, err, SLUICE_ERR_DATA, "the entries of a map must be a struct of key and value");
  }
  if (type->id == SLUICE_TYPE_RUN_END) {
    const char *ends = schema->children[0]->format;
    if (strlen(ends) != 1 || !strchr("sil", ends[0]) || schema->children[0]->dictionary)
      return path_fail(path, err, SLUICE_ERR_DATA, "run ends must be int16, int32 or int64, not \"%.64s\"", ends);
  }
  int8_t codes[128];
  bool is_union = type->id == SLUICE_TYPE_DENSE_UNION || type->id == SLUICE_TYPE_SPARSE_UNION;
  if (is_union && (schema->n_children > 128 || !union_codes(schema->format, schema->n_children, codes)))
    return path_fail(path, err, SLUICE_ERR_DATA, "\"%.64s\" does not name %lld different type codes", schema->format,
                     (long long)schema->n_children);
  return SLUICE_OK;
}

static int check(const struct ArrowSchema *schema, const struct path *path, struct sluice_error *err) {
  struct sluice_type type;
  if (sluice_type_parse(schema->format, &type, NULL) != SLUICE_OK)
    return path_fail(path, err, SLUICE_ERR_DATA, "not an Arrow format: \"%.64s\"",
                     schema->format ? schema->format : "(none)");
  if (schema->name && sluice_utf8_valid(schema->name, strlen(schema->name)) != strlen(schema->name))
    return path_fail(path->up ? path->up : path, err, SLUICE_ERR_DATA, "a field name is not UTF-8");
  int64_t wanted = type_children(type.id), n = schema->n_children;
  if (n < 0 || n > CHILDREN_MAX || (wanted >= 0 && n != wanted) || (n > 0 && !schema->children))
    return path_fail(path, err, SLUICE_ERR_DATA, "format \"%.64s\" with %lld children", schema->format, (long long)n);
  for (int64_t i = 0; i < n; i++) {
    int status = check_child(schema->children[i], path, err);
    if (status != SLUICE_OK)
      return status;
  }
  int status = check_form(schema, &type, path, err);
  return status == SLUICE_OK ? check_dictionary(schema, &type, path, err) : status;
}

int sluice_schema_validate(const struct ArrowSchema *schema, struct sluice_error *err) {
  struct path top = {NULL, schema->name, 0};
  return check(schema, &top, err);
}
