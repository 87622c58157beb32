/* A schema as JSON and back. */
#include "core/schema/metadata.h"
#include "core/schema/schema.h"
#include <jansson.h>
#include <stdlib.h>

enum { TEXT_MAX = 64 << 20 };
static const int64_t known_flags = ARROW_FLAG_DICTIONARY_ORDERED | ARROW_FLAG_NULLABLE | ARROW_FLAG_MAP_KEYS_SORTED;

/* ---- writing ------------------------------------------------------------------------------------ */

static int write_field(const struct ArrowSchema *field, int depth, json_t **out);

static int put(json_t *object, const char *key, json_t *value) {
  return json_object_set_new(object, key, value) == 0 ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

static int write_scalars(const struct ArrowSchema *field, json_t *object) {
  const char *name = field->name ? field->name : "";
  if (!field->format || (field->flags & ~known_flags))
    return SLUICE_ERR_DATA;
  if (sluice_utf8_valid(name, strlen(name)) != strlen(name))
    return SLUICE_ERR_DATA;
  if (sluice_utf8_valid(field->format, strlen(field->format)) != strlen(field->format))
    return SLUICE_ERR_DATA;
  int rc = put(object, "name", json_string(name));
  if (rc == SLUICE_OK)
    rc = put(object, "type", json_string(field->format));
  if (rc == SLUICE_OK)
    rc = put(object, "nullable", json_boolean(field->flags & ARROW_FLAG_NULLABLE));
  if (rc == SLUICE_OK && (field->flags & ARROW_FLAG_DICTIONARY_ORDERED))
    rc = put(object, "ordered", json_true());
  if (rc == SLUICE_OK && (field->flags & ARROW_FLAG_MAP_KEYS_SORTED))
    rc = put(object, "keys_sorted", json_true());
  return rc;
}

static int write_metadata(const struct ArrowSchema *field, json_t *object) {
  struct schema_tree tree = {0};
  const char *text = NULL;
  if (!field->metadata)
    return SLUICE_OK;
  int rc = schema_metadata_to_text(&tree, field->metadata, &text);
  if (rc == SLUICE_OK)
    rc = put(object, "metadata", json_string(text));
  schema_tree_finish(&tree);
  return rc;
}

static int write_children(const struct ArrowSchema *field, int depth, json_t *object) {
  if (field->n_children < 0 || (field->n_children && !field->children))
    return SLUICE_ERR_DATA;
  if (field->n_children == 0)
    return SLUICE_OK;
  json_t *array = json_array();
  int rc = put(object, "children", array);
  for (int64_t i = 0; i < field->n_children && rc == SLUICE_OK; i++) {
    json_t *child = NULL;
    rc = write_field(field->children[i], depth + 1, &child);
    if (rc == SLUICE_OK && json_array_append_new(array, child) != 0)
      rc = SLUICE_ERR_MEMORY;
  }
  return rc;
}

static int write_dictionary(const struct ArrowSchema *field, int depth, json_t *object) {
  json_t *values = NULL;
  if (!field->dictionary)
    return SLUICE_OK;
  int rc = write_field(field->dictionary, depth + 1, &values);
  return rc == SLUICE_OK ? put(object, "dictionary", values) : rc;
}

static int write_field(const struct ArrowSchema *field, int depth, json_t **out) {
  if (!field || depth > TREE_DEPTH_MAX)
    return SLUICE_ERR_DATA;
  json_t *object = json_object();
  if (!object)
    return SLUICE_ERR_MEMORY;
  int rc = write_scalars(field, object);
  if (rc == SLUICE_OK)
    rc = write_metadata(field, object);
  if (rc == SLUICE_OK)
    rc = write_children(field, depth, object);
  if (rc == SLUICE_OK)
    rc = write_dictionary(field, depth, object);
  if (rc == SLUICE_OK)
    *out = object;
  else
    json_decref(object);
  return rc;
}

int schema_to_json(const struct ArrowSchema *schema, char **text) {
  json_t *root = NULL;
  int rc = write_field(schema, 0, &root);
  if (rc != SLUICE_OK)
    return rc;
  char *out = json_dumps(root, JSON_COMPACT);
  json_decref(root);
  if (!out)
    return SLUICE_ERR_MEMORY;
  *text = out;
  return SLUICE_OK;
}

/* ---- reading ------------------------------------------------------------------------------------ */

/* Stands for "" while the structure is checked, for "" is no Arrow type; told apart by its address. */
static const char unknown_type[] = "n";

struct reading {
  struct schema_tree tree;
  struct sluice_error *err;
  int code;
};

static struct ArrowSchema *read_field(struct reading *, json_t *object, int depth);

static void *refuse(struct reading *r, const char *what, const char *which) {
  r->code =
      sluice_fail(r->err, SLUICE_ERR_DATA, "schema", "the remembered schema is damaged: %s \"%.64s\"", what, which);
  return NULL;
}

static void *no_memory(struct reading *r) {
  r->code = sluice_fail(r->err, SLUICE_ERR_MEMORY, "schema", "no memory");
  return NULL;
}

static bool read_flag(struct reading *r, json_t *object, const char *key, int64_t flag, int64_t *flags) {
  json_t *value = json_object_get(object, key);
  if (!value)
    return true;
  if (!json_is_boolean(value))
    return refuse(r, "not true or false:", key) != NULL;
  if (json_is_true(value))
    *flags |= flag;
  return true;
}

static bool keys_are_known(struct reading *r, json_t *object) {
  static const char *const keys[] = {"name",        "type",     "nullable", "ordered",
                                     "keys_sorted", "metadata", "children", "dictionary"};
  const char *key;
  json_t *value;
  json_object_foreach(object, key, value) {
    size_t i = 0, n = sizeof keys / sizeof keys[0];
    while (i < n && strcmp(key, keys[i]) != 0)
      i++;
    if (i == n)
      return refuse(r, "unknown key", key) != NULL;
  }
  return true;
}

static bool read_scalars(struct reading *r, json_t *object, struct ArrowSchema *out) {
  const char *name = json_string_value(json_object_get(object, "name"));
  const char *type = json_string_value(json_object_get(object, "type"));
  if (!name || !type)
    return refuse(r, "no text", name ? "type" : "name") != NULL;
  out->name = name;
  out->format = type[0] ? type : unknown_type;
  return read_flag(r, object, "nullable", ARROW_FLAG_NULLABLE, &out->flags) &&
         read_flag(r, object, "ordered", ARROW_FLAG_DICTIONARY_ORDERED, &out->flags) &&
         read_flag(r, object, "keys_sorted", ARROW_FLAG_MAP_KEYS_SORTED, &out->flags);
}

static bool read_metadata(struct reading *r, json_t *object, struct ArrowSchema *out) {
  json_t *value = json_object_get(object, "metadata");
  if (!value)
    return true;
  if (!json_is_string(value))
    return refuse(r, "metadata of", out->name) != NULL;
  int rc = schema_metadata_from_text(&r->tree, json_string_value(value), &out->metadata);
  if (rc == SLUICE_ERR_MEMORY)
    return no_memory(r) != NULL;
  return rc == SLUICE_OK || refuse(r, "metadata of", out->name) != NULL;
}

static bool read_children(struct reading *r, json_t *object, int depth, struct ArrowSchema *out) {
  json_t *array = json_object_get(object, "children");
  if (!array)
    return true;
  if (!json_is_array(array))
    return refuse(r, "children of", out->name) != NULL;
  size_t n = json_array_size(array);
  if (!schema_tree_children(&r->tree, out, n))
    return no_memory(r) != NULL;
  for (size_t i = 0; i < n; i++) {
    out->children[i] = read_field(r, json_array_get(array, i), depth + 1);
    if (!out->children[i])
      return false;
  }
  return true;
}

static bool read_dictionary(struct reading *r, json_t *object, int depth, struct ArrowSchema *out) {
  json_t *value = json_object_get(object, "dictionary");
  if (!value)
    return true;
  out->dictionary = read_field(r, value, depth + 1);
  return out->dictionary != NULL;
}

static struct ArrowSchema *read_field(struct reading *r, json_t *object, int depth) {
  struct ArrowSchema empty = {0};
  if (depth > TREE_DEPTH_MAX)
    return refuse(r, "too deep:", "children");
  if (!json_is_object(object))
    return refuse(r, "not a field in", "children");
  struct ArrowSchema *out = schema_tree_node(&r->tree, &empty);
  if (!out)
    return no_memory(r);
  bool ok = keys_are_known(r, object) && read_scalars(r, object, out) && read_metadata(r, object, out) &&
            read_children(r, object, depth, out) && read_dictionary(r, object, depth, out);
  return ok ? out : NULL;
}

static void restore_unknown(struct ArrowSchema *field) {
  if (field->format == unknown_type)
    field->format = "";
  for (int64_t i = 0; i < field->n_children; i++)
    restore_unknown(field->children[i]);
  if (field->dictionary)
    restore_unknown(field->dictionary);
}

static int read_root(struct reading *r, json_t *root, struct ArrowSchema *out) {
  struct ArrowSchema *top = read_field(r, root, 0);
  if (!top)
    return r->code;
  int rc = sluice_schema_validate(top, r->err);
  if (rc != SLUICE_OK)
    return rc;
  restore_unknown(top);
  rc = sluice_schema_copy(top, out);
  return rc == SLUICE_OK ? rc : sluice_fail(r->err, rc, "schema", "cannot copy the remembered schema");
}

int schema_from_json(const char *text, struct ArrowSchema *out, struct sluice_error *err) {
  struct reading r = {.err = err};
  json_error_t error;
  size_t n = strlen(text);
  if (n > TEXT_MAX)
    return sluice_fail(err, SLUICE_ERR_DATA, "schema", "the remembered schema is too long");
  json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
  if (!root)
    return sluice_fail(err, SLUICE_ERR_DATA, "schema", "the remembered schema is no JSON: %s (line %d)", error.text,
                       error.line);
  int rc = read_root(&r, root, out);
  schema_tree_finish(&r.tree);
  json_decref(root);
  return rc;
}
