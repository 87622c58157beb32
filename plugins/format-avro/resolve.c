/* Pairs the writer's types with the reader's. */
#include "resolve.h"
#include "names.h"
#include <stdlib.h>

enum { MAX_NODES = 200 * 1000 };

static int resolve(struct avro_resolving *r, const struct avro_type *w, const struct avro_type *d,
                   const struct avro_node **out);

static int no_memory(const struct avro_resolving *r) {
  return sluice_fail(r->err, SLUICE_ERR_MEMORY, r->where, "no memory to resolve the schema");
}

static int add_node(struct avro_resolving *r, enum avro_how how, const struct avro_type *w, const struct avro_type *d,
                    struct avro_node **out) {
  struct avro_resolution *all = r->out;
  if (all->count >= MAX_NODES)
    return sluice_fail(r->err, SLUICE_ERR_DATA, r->where, "its schema is too large: over %d pairs of types", MAX_NODES);
  if (all->count == all->capacity) {
    size_t capacity = all->capacity ? all->capacity * 2 : 32;
    struct avro_node **nodes = realloc(all->nodes, capacity * sizeof *nodes);
    if (!nodes)
      return no_memory(r);
    all->nodes = nodes;
    all->capacity = capacity;
  }
  struct avro_node *node = calloc(1, sizeof *node);
  if (!node)
    return no_memory(r);
  *node = (struct avro_node){.how = how, .writer = w, .reader = d};
  all->nodes[all->count++] = node;
  *out = node;
  return SLUICE_OK;
}

static int make_children(struct avro_resolving *r, struct avro_node *node, uint32_t n) {
  node->children = calloc((size_t)n + 1, sizeof *node->children);
  node->targets = malloc(((size_t)n + 1) * sizeof *node->targets);
  for (uint32_t i = 0; i < n && node->targets; i++)
    node->targets[i] = -1;
  node->count = n;
  return node->children && node->targets ? SLUICE_OK : no_memory(r);
}

/* ---- a type as itself ---- */

static int put_same(struct avro_resolving *r, const struct avro_type *type, uint32_t branch,
                    const struct avro_node **out) {
  struct avro_node *node = NULL;
  int code = add_node(r, AVRO_NODE_PUT, type->types[branch], type, &node);
  if (!code)
    code = make_children(r, node, 1);
  if (code)
    return code;
  node->branch = branch;
  *out = node;
  return avro_resolve_same(r, type->types[branch], &node->children[0]);
}

static int fill_same(struct avro_resolving *r, const struct avro_type *type, struct avro_node *node) {
  int code = make_children(r, node, type->count);
  for (uint32_t i = 0; i < type->count && !code; i++) {
    node->targets[i] = (int32_t)i;
    if (type->kind == AVRO_RECORD)
      code = avro_resolve_same(r, type->fields[i].type, &node->children[i]);
    else if (type->kind == AVRO_UNION)
      code = put_same(r, type, i, &node->children[i]);
    else if (type->kind != AVRO_ENUM)
      code = avro_resolve_same(r, type->types[i], &node->children[i]);
  }
  return code;
}

int avro_resolve_same(struct avro_resolving *r, const struct avro_type *type, const struct avro_node **out) {
  struct avro_node *node = type->node;
  if (node) {
    *out = node;
    return SLUICE_OK;
  }
  int code = add_node(r, type->kind == AVRO_UNION ? AVRO_NODE_UNION : AVRO_NODE_VALUE, type, type, &node);
  if (code)
    return code;
  ((struct avro_type *)type)->node = node;
  *out = node;
  return fill_same(r, type, node);
}

/* ---- one type as another ---- */

static bool promotes(enum avro_kind w, enum avro_kind d) {
  switch (w) {
  case AVRO_INT:
    return d == AVRO_LONG || d == AVRO_FLOAT || d == AVRO_DOUBLE;
  case AVRO_LONG:
    return d == AVRO_FLOAT || d == AVRO_DOUBLE;
  case AVRO_FLOAT:
    return d == AVRO_DOUBLE;
  case AVRO_STRING:
    return d == AVRO_BYTES;
  case AVRO_BYTES:
    return d == AVRO_STRING;
  default:
    return false;
  }
}

static bool decimals_match(const struct avro_type *w, const struct avro_type *d) {
  bool both = w->logical == AVRO_DECIMAL && d->logical == AVRO_DECIMAL;
  return !both || (w->precision == d->precision && w->scale == d->scale);
}

/* Whether the types match at this level; what lies within is looked at when it is resolved. */
static bool matches(const struct avro_type *w, const struct avro_type *d) {
  if (w->kind == AVRO_UNION || d->kind == AVRO_UNION)
    return true;
  if (w->kind != d->kind)
    return promotes(w->kind, d->kind);
  if (w->kind == AVRO_ARRAY || w->kind == AVRO_MAP)
    return matches(w->types[0], d->types[0]);
  if (w->kind == AVRO_FIXED && w->size != d->size)
    return false;
  return decimals_match(w, d) && (!w->name || avro_names_match(w, d));
}

/* An error at once where no other branch could stand there; else of the records that have it. */
static int none(struct avro_resolving *r, const struct avro_type *w, const struct avro_type *d,
                const struct avro_node **out) {
  char from[200], to[200];
  struct avro_node *node = NULL;
  int code = add_node(r, AVRO_NODE_NONE, w, d, &node);
  if (code)
    return code;
  avro_type_describe(w, from, sizeof from);
  avro_type_describe(d, to, sizeof to);
  if (!r->optional)
    return sluice_fail(r->err, SLUICE_ERR_DATA, r->where, "the file has %s, which reader_schema cannot take as %s",
                       from, to);
  if (asprintf(&node->reason, "the file has %s, which reader_schema cannot take as %s", from, to) < 0) {
    node->reason = NULL;
    return no_memory(r);
  }
  *out = node;
  return SLUICE_OK;
}

static int resolve_union(struct avro_resolving *r, struct avro_node *node) {
  int code = make_children(r, node, node->writer->count);
  r->optional++;
  for (uint32_t i = 0; i < node->count && !code; i++)
    code = resolve(r, node->writer->types[i], node->reader, &node->children[i]);
  r->optional--;
  return code;
}

/* The first branch that matches; before it one of the same type, as the readers of Java and Python choose, so that no
 * value changes where a union is read as itself: by the words of the specification alone, bytes would become text if
 * the union has string before bytes. */
static uint32_t choose_branch(const struct avro_type *w, const struct avro_type *d) {
  uint32_t first = d->count;
  for (uint32_t i = d->count; i > 0; i--)
    if (matches(w, d->types[i - 1]))
      first = i - 1;
  for (uint32_t i = 0; i < d->count; i++)
    if (w->kind == d->types[i]->kind && matches(w, d->types[i]))
      return i;
  return first;
}

static int resolve_into_union(struct avro_resolving *r, const struct avro_type *w, const struct avro_type *d,
                              const struct avro_node **out) {
  struct avro_node *node = NULL;
  uint32_t at = choose_branch(w, d);
  if (at == d->count)
    return none(r, w, d, out);
  int code = add_node(r, AVRO_NODE_PUT, w, d, &node);
  if (!code)
    code = make_children(r, node, 1);
  if (code)
    return code;
  node->branch = at;
  *out = node;
  return resolve(r, w, d->types[at], &node->children[0]);
}

static bool field_is(const struct avro_field *reader, const char *name) {
  if (strcmp(reader->name, name) == 0)
    return true;
  for (size_t i = 0; i < json_array_size(reader->aliases); i++) {
    const char *alias = json_string_value(json_array_get(reader->aliases, i));
    if (alias && strcmp(alias, name) == 0)
      return true;
  }
  return false;
}

/* The writer's field for a field of the reader: by name first, then by alias. */
static int64_t find_field(const struct avro_type *w, const struct avro_field *reader) {
  for (uint32_t i = 0; i < w->count; i++)
    if (strcmp(reader->name, w->fields[i].name) == 0)
      return i;
  for (uint32_t i = 0; i < w->count; i++)
    if (field_is(reader, w->fields[i].name))
      return i;
  return -1;
}

static int add_fallback(struct avro_resolving *r, struct avro_node *node, uint32_t field) {
  const struct avro_field *f = &node->reader->fields[field];
  struct avro_fallback *out = &node->fallbacks[node->missing];
  struct sluice_buffer bytes = {.limit = AVRO_MAX_HEADER};
  if (!f->fallback)
    return sluice_fail(r->err, SLUICE_ERR_DATA, r->where,
                       "record %.100s has no field \"%.100s\", for which reader_schema gives no default",
                       node->writer->name, f->name);
  int code = avro_default_encode(f->fallback, f->type, &bytes, r, f->name);
  if (!code && sluice_buffer_reserve(&bytes, AVRO_SYNC) != SLUICE_OK)
    code = no_memory(r);
  if (!code)
    code = avro_resolve_same(r, f->type, &out->node);
  if (code) {
    sluice_buffer_free(&bytes);
    return code;
  }
  memset(bytes.data + bytes.size, 0, AVRO_SYNC);
  out->field = field;
  out->data = bytes.data;
  out->size = bytes.size;
  node->missing++;
  return SLUICE_OK;
}

static int resolve_record(struct avro_resolving *r, struct avro_node *node) {
  const struct avro_type *w = node->writer, *d = node->reader;
  int code = make_children(r, node, w->count);
  node->fallbacks = calloc((size_t)d->count + 1, sizeof *node->fallbacks);
  if (!code && !node->fallbacks)
    code = no_memory(r);
  for (uint32_t i = 0; i < d->count && !code; i++) {
    int64_t at = find_field(w, &d->fields[i]);
    if (at >= 0 && node->targets[at] < 0) {
      node->targets[at] = (int32_t)i;
      code = resolve(r, w->fields[at].type, d->fields[i].type, &node->children[at]);
    } else
      code = add_fallback(r, node, i);
  }
  return code;
}

static int resolve_enum(struct avro_resolving *r, struct avro_node *node) {
  const struct avro_type *w = node->writer, *d = node->reader;
  int code = make_children(r, node, w->count);
  uint32_t near = 0; /* symbols mostly come in the same order */
  for (uint32_t i = 0; i < w->count && !code; i++) {
    node->targets[i] = d->fallback;
    for (uint32_t k = 0; k < d->count; k++) {
      uint32_t at = (near + k) % d->count;
      if (strcmp(w->symbols[i], d->symbols[at]) != 0)
        continue;
      node->targets[i] = (int32_t)at;
      near = at + 1;
      break;
    }
  }
  return code;
}

static const struct avro_node *find_pair(const struct avro_resolving *r, const struct avro_type *w,
                                         const struct avro_type *d) {
  for (size_t i = 0; i < r->out->count; i++)
    if (r->out->nodes[i]->how == AVRO_NODE_VALUE && r->out->nodes[i]->writer == w && r->out->nodes[i]->reader == d)
      return r->out->nodes[i];
  return NULL;
}

static int resolve_value(struct avro_resolving *r, struct avro_node *node) {
  const struct avro_type *w = node->writer;
  if (w->kind == AVRO_RECORD)
    return resolve_record(r, node);
  if (w->kind == AVRO_ENUM)
    return resolve_enum(r, node);
  if (w->kind != AVRO_ARRAY && w->kind != AVRO_MAP)
    return SLUICE_OK;
  int code = make_children(r, node, 1);
  return code ? code : resolve(r, w->types[0], node->reader->types[0], &node->children[0]);
}

static int resolve_pair(struct avro_resolving *r, const struct avro_type *w, const struct avro_type *d,
                        const struct avro_node **out) {
  struct avro_node *node = NULL;
  if (w->kind != AVRO_UNION && d->kind == AVRO_UNION)
    return resolve_into_union(r, w, d, out);
  if (w->kind != AVRO_UNION && !matches(w, d))
    return none(r, w, d, out);
  *out = w->kind == AVRO_RECORD ? find_pair(r, w, d) : NULL; /* only records can lead back to themselves */
  if (*out)
    return SLUICE_OK;
  int code = add_node(r, w->kind == AVRO_UNION ? AVRO_NODE_UNION : AVRO_NODE_VALUE, w, d, &node);
  if (code)
    return code;
  *out = node;
  return w->kind == AVRO_UNION ? resolve_union(r, node) : resolve_value(r, node);
}

static int resolve(struct avro_resolving *r, const struct avro_type *w, const struct avro_type *d,
                   const struct avro_node **out) {
  if (r->depth >= AVRO_MAX_NESTING)
    return sluice_fail(r->err, SLUICE_ERR_DATA, r->where, "its schema is nested deeper than %d", AVRO_MAX_NESTING);
  r->depth++;
  int code = resolve_pair(r, w, d, out);
  r->depth--;
  return code;
}

int avro_resolve(const struct avro_schema *writer, const struct avro_schema *reader, const char *where,
                 struct avro_resolution *out, struct sluice_error *err) {
  struct avro_resolving r = {out, where, 0, 0, err};
  *out = (struct avro_resolution){0};
  int code =
      reader ? resolve(&r, writer->root, reader->root, &out->root) : avro_resolve_same(&r, writer->root, &out->root);
  if (code)
    avro_resolution_finish(out);
  return code;
}

void avro_resolution_finish(struct avro_resolution *resolution) {
  for (size_t i = 0; i < resolution->count; i++) {
    struct avro_node *node = resolution->nodes[i];
    for (uint32_t k = 0; k < node->missing; k++)
      free(node->fallbacks[k].data);
    free(node->fallbacks);
    free((void *)node->children);
    free(node->targets);
    free(node->reason);
    free(node);
  }
  free(resolution->nodes);
  *resolution = (struct avro_resolution){0};
}
