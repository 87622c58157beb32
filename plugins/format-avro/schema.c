/* Reads a schema's JSON: types, fields, and references to named types. */
#include "schema.h"
#include "names.h"
#include <stdlib.h>

enum { MAX_NESTING = 200, MAX_SIZE = 1 << 30 };

struct parse {
  struct avro_schema *schema;
  json_t *names; /* full name to index in schema->types */
  const char *what, *where;
  int code, depth;
  struct sluice_error *err;
};

static int parse_type(struct parse *p, const json_t *json, const char *space, const struct avro_type **out);

static int no_memory(const struct parse *p) {
  return sluice_fail(p->err, SLUICE_ERR_MEMORY, p->where, "no memory for %s", p->what);
}

__attribute__((format(printf, 2, 3))) static int bad(const struct parse *p, const char *format, ...) {
  char text[300];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return sluice_fail(p->err, p->code, p->where, "%s cannot be read: %s", p->what, text);
}

static int add_type(struct parse *p, enum avro_kind kind, struct avro_type **out) {
  struct avro_schema *s = p->schema;
  if (s->count >= AVRO_MAX_TYPES)
    return bad(p, "it has over %d types", AVRO_MAX_TYPES);
  if (s->count == s->capacity) {
    size_t capacity = s->capacity ? s->capacity * 2 : 16;
    struct avro_type **types = realloc(s->types, capacity * sizeof *types);
    if (!types)
      return no_memory(p);
    s->types = types;
    s->capacity = capacity;
  }
  struct avro_type *type = calloc(1, sizeof *type);
  if (!type)
    return no_memory(p);
  type->kind = kind;
  type->fallback = -1;
  s->types[s->count++] = type;
  *out = type;
  return SLUICE_OK;
}

/* A text attribute without a zero byte in it; NULL: absent, or no such text. */
static const char *text_of(const json_t *json) {
  const char *text = json_string_value(json);
  return text && strlen(text) == json_string_length(json) ? text : NULL;
}

static int find_kind(const char *name) {
  for (int kind = AVRO_NULL; kind <= AVRO_FIXED; kind++)
    if (strcmp(name, avro_kind_name((enum avro_kind)kind)) == 0)
      return kind;
  return strcmp(name, "error") == 0 ? AVRO_RECORD : -1;
}

static const struct avro_type *find_name(const struct parse *p, const char *full) {
  const json_t *index = json_object_get(p->names, full);
  return index ? p->schema->types[json_integer_value(index)] : NULL;
}

/* A name that stands for a type defined before, in this namespace or, as some writers have it, in none. */
static int parse_reference(struct parse *p, const char *name, const char *space, const struct avro_type **out) {
  char *full = avro_full_name(name, space);
  if (!full)
    return no_memory(p);
  const struct avro_type *found = find_name(p, full);
  if (!found)
    found = find_name(p, name);
  free(full);
  if (!found)
    return bad(p, "there is no type \"%.100s\"; a type must be defined before its name is used", name);
  *out = found;
  return SLUICE_OK;
}

static int parse_name(struct parse *p, const json_t *json, const char *space, const struct avro_type **out) {
  const char *name = text_of(json);
  if (!name)
    return bad(p, "a type's name is no text");
  int kind = find_kind(name);
  if (kind < 0 || kind > AVRO_STRING)
    return parse_reference(p, name, space, out);
  struct avro_type *type;
  int code = add_type(p, (enum avro_kind)kind, &type);
  if (!code)
    *out = type;
  return code;
}

/* Gives a named type its full name, and makes it known. Polars writes empty names: nothing can refer to such a type. */
static int define(struct parse *p, const json_t *json, const char *space, struct avro_type *type) {
  const char *name = text_of(json_object_get(json, "name"));
  const char *own = text_of(json_object_get(json, "namespace"));
  if (!name)
    return bad(p, "a type that must have a name (%s) has none", avro_kind_name(type->kind));
  type->name = avro_full_name(name, own ? own : space);
  if (!type->name)
    return no_memory(p);
  type->aliases = json_object_get(json, "aliases");
  if (!name[0])
    return SLUICE_OK;
  if (find_name(p, type->name))
    return bad(p, "type \"%.100s\" is defined twice", type->name);
  json_t *index = json_integer((json_int_t)p->schema->count - 1);
  if (!index || json_object_set_new(p->names, type->name, index) != 0)
    return no_memory(p);
  return SLUICE_OK;
}

static int parse_field(struct parse *p, const json_t *json, const char *space, const struct avro_type *record,
                       struct avro_field *out) {
  out->name = text_of(json_object_get(json, "name"));
  out->aliases = json_object_get(json, "aliases");
  out->fallback = json_object_get(json, "default");
  const json_t *type = json_object_get(json, "type");
  if (!out->name)
    return bad(p, "a field of record \"%.100s\" has no name", record->name);
  if (!type)
    return bad(p, "field \"%.100s\" of record \"%.100s\" has no type", out->name, record->name);
  return parse_type(p, type, space, &out->type);
}

static int parse_record(struct parse *p, const json_t *json, const char *space, struct avro_type *type) {
  int code = define(p, json, space, type);
  const json_t *fields = json_object_get(json, "fields");
  size_t n = json_array_size(fields);
  if (code)
    return code;
  if (!json_is_array(fields))
    return bad(p, "record \"%.100s\" has no list of fields", type->name);
  if (n > AVRO_MAX_TYPES) /* each field has one; told before memory is taken */
    return bad(p, "record \"%.100s\" has over %d fields", type->name, AVRO_MAX_TYPES);
  type->fields = calloc(n + 1, sizeof *type->fields);
  char *inner = avro_name_space(type->name);
  if (!type->fields || !inner)
    code = no_memory(p);
  for (size_t i = 0; i < n && !code; i++)
    code = parse_field(p, json_array_get(fields, i), inner, type, &type->fields[i]);
  if (!code)
    type->count = (uint32_t)n;
  free(inner);
  return code;
}

static int parse_enum(struct parse *p, const json_t *json, const char *space, struct avro_type *type) {
  int code = define(p, json, space, type);
  const json_t *symbols = json_object_get(json, "symbols");
  const char *fallback = text_of(json_object_get(json, "default"));
  size_t n = json_array_size(symbols);
  if (code)
    return code;
  if (!json_is_array(symbols) || n > AVRO_MAX_TYPES)
    return bad(p, "enum \"%.100s\" has no list of symbols, or over %d", type->name, AVRO_MAX_TYPES);
  type->symbols = calloc(n + 1, sizeof *type->symbols);
  if (!type->symbols)
    return no_memory(p);
  for (size_t i = 0; i < n; i++) {
    type->symbols[i] = text_of(json_array_get(symbols, i));
    if (!type->symbols[i])
      return bad(p, "a symbol of enum \"%.100s\" is no text", type->name);
    if (fallback && strcmp(fallback, type->symbols[i]) == 0)
      type->fallback = (int32_t)i;
  }
  type->count = (uint32_t)n;
  return SLUICE_OK;
}

static int parse_fixed(struct parse *p, const json_t *json, const char *space, struct avro_type *type) {
  int code = define(p, json, space, type);
  const json_t *size = json_object_get(json, "size");
  if (code)
    return code;
  type->size = json_integer_value(size);
  if (!json_is_integer(size) || type->size < 0 || type->size > MAX_SIZE)
    return bad(p, "fixed \"%.100s\" has no size from 0 to %d", type->name, MAX_SIZE);
  return SLUICE_OK;
}

static int parse_inner(struct parse *p, const json_t *items, const char *space, struct avro_type *type) {
  if (!items)
    return bad(p, "%s without the type of its %s", type->kind == AVRO_MAP ? "a map" : "an array",
               type->kind == AVRO_MAP ? "values" : "items");
  type->types = calloc(1, sizeof *type->types);
  if (!type->types)
    return no_memory(p);
  type->count = 1;
  return parse_type(p, items, space, &type->types[0]);
}

static int parse_union(struct parse *p, const json_t *json, const char *space, const struct avro_type **out) {
  struct avro_type *type = NULL;
  size_t n = json_array_size(json);
  int code = add_type(p, AVRO_UNION, &type);
  if (code)
    return code;
  type->types = calloc(n + 1, sizeof *type->types);
  if (!type->types)
    return no_memory(p);
  for (size_t i = 0; i < n && !code; i++) {
    code = parse_type(p, json_array_get(json, i), space, &type->types[i]);
    if (!code && type->types[i]->kind == AVRO_UNION)
      code = bad(p, "a union stands directly in a union");
  }
  type->count = code ? 0 : (uint32_t)n;
  *out = type;
  return code;
}

static int parse_complex(struct parse *p, const json_t *json, const char *space, struct avro_type *type) {
  switch (type->kind) {
  case AVRO_RECORD:
    return parse_record(p, json, space, type);
  case AVRO_ENUM:
    return parse_enum(p, json, space, type);
  case AVRO_FIXED:
    return parse_fixed(p, json, space, type);
  case AVRO_ARRAY:
    return parse_inner(p, json_object_get(json, "items"), space, type);
  case AVRO_MAP:
    return parse_inner(p, json_object_get(json, "values"), space, type);
  default:
    return SLUICE_OK;
  }
}

static int parse_object(struct parse *p, const json_t *json, const char *space, const struct avro_type **out) {
  const json_t *named = json_object_get(json, "type");
  if (!named)
    return bad(p, "a type has no \"type\"");
  if (!json_is_string(named))
    return parse_type(p, named, space, out);
  const char *name = text_of(named);
  int kind = name ? find_kind(name) : -1;
  if (kind < 0 || kind == AVRO_UNION || (name && find_name(p, name)))
    return parse_name(p, named, space, out);
  struct avro_type *type;
  int code = add_type(p, (enum avro_kind)kind, &type);
  if (code)
    return code;
  code = parse_complex(p, json, space, type);
  avro_logical_read(json, type);
  *out = type;
  return code;
}

static int parse_type(struct parse *p, const json_t *json, const char *space, const struct avro_type **out) {
  if (p->depth >= MAX_NESTING)
    return bad(p, "its types are nested deeper than %d", MAX_NESTING);
  p->depth++;
  int code;
  if (json_is_array(json))
    code = parse_union(p, json, space, out);
  else if (json_is_object(json))
    code = parse_object(p, json, space, out);
  else
    code = parse_name(p, json, space, out);
  p->depth--;
  return code;
}

static int parse_document(struct parse *p, const void *text, size_t size) {
  json_error_t why;
  p->schema->document = json_loadb(text, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
  bool silent = why.text[0] == 0; /* jansson finds no words where it had no memory */
  if (!p->schema->document && (silent || json_error_code(&why) == json_error_out_of_memory))
    return no_memory(p);
  if (!p->schema->document)
    return bad(p, "no JSON, at line %d: %.120s", why.line, why.text);
  p->names = json_object();
  int code = p->names ? parse_type(p, p->schema->document, "", &p->schema->root) : no_memory(p);
  json_decref(p->names);
  return code;
}

int avro_schema_parse(const void *text, size_t size, const char *what, const char *where, int code,
                      struct avro_schema **out, struct sluice_error *err) {
  struct parse p = {.what = what, .where = where, .code = code, .err = err};
  p.schema = calloc(1, sizeof *p.schema);
  if (!p.schema)
    return no_memory(&p);
  int rc = parse_document(&p, text, size);
  if (rc)
    avro_schema_destroy(p.schema);
  else
    *out = p.schema;
  return rc;
}

void avro_schema_destroy(struct avro_schema *schema) {
  if (!schema)
    return;
  for (size_t i = 0; i < schema->count; i++) {
    struct avro_type *type = schema->types[i];
    free(type->name);
    free(type->fields);
    free((void *)type->types);
    free((void *)type->symbols);
    free(type);
  }
  free(schema->types);
  json_decref(schema->document);
  free(schema);
}
