/* One field of the schema with all below it: lists and maps in their present and their older forms. */
#include "shape_field.h"
#include "types.h"
#include <stdlib.h>

struct place { /* levels at a place in the schema */
  uint8_t def, slot_def, slot_rep;
  bool nullable;
};
struct target {
  struct ArrowSchema *field;
  struct pq_node **node;
};

static int shape_inner(const struct pq_shaping *s, int32_t at, const struct ArrowSchema *want, struct place place,
                       const struct target *to);

static const struct pq_element *element_at(const struct pq_shaping *s, int32_t at) {
  return &s->footer->elements[at];
}

/* ---- names and metadata ---- */

static char *name_of(const struct pq_element *e) {
  char *name = malloc(e->name.size + 1);
  if (!name)
    return NULL;
  if (e->name.size)
    memcpy(name, e->name.data, e->name.size);
  name[e->name.size] = 0;
  return name;
}

struct metadata {
  char bytes[1024];
  size_t size;
  int32_t count;
};

static void add_text(struct metadata *m, const char *text) {
  int32_t n = (int32_t)strlen(text);
  memcpy(m->bytes + m->size, &n, sizeof n);
  memcpy(m->bytes + m->size + sizeof n, text, (size_t)n);
  m->size += sizeof n + (size_t)n;
}

static void add_pair(struct metadata *m, const char *key, const char *value) {
  if (m->size == 0)
    m->size = sizeof m->count;
  if (m->size + strlen(key) + strlen(value) + 8 > sizeof m->bytes)
    return;
  add_text(m, key);
  add_text(m, value);
  m->count++;
  memcpy(m->bytes, &m->count, sizeof m->count);
}

static int set_metadata(struct ArrowSchema *field, const struct pq_element *e, const char *extension,
                        const char *parameters) {
  struct metadata m = {.size = 0};
  char id[16];
  if (extension[0]) {
    add_pair(&m, "ARROW:extension:name", extension);
    add_pair(&m, "ARROW:extension:metadata", parameters);
  }
  if (e->has_field_id) {
    snprintf(id, sizeof id, "%d", (int)e->field_id);
    add_pair(&m, "PARQUET:field_id", id);
  }
  return m.count ? sluice_schema_set_metadata(field, m.bytes) : SLUICE_OK;
}

/* ---- nodes ---- */

static struct pq_node *make_node(enum pq_node_kind kind, struct place place, int64_t n_children) {
  struct pq_node *node = calloc(1, sizeof *node);
  if (!node)
    return NULL;
  node->kind = kind;
  node->nullable = place.nullable;
  node->def = place.def;
  node->slot_def = place.slot_def;
  node->slot_rep = place.slot_rep;
  node->children = calloc((size_t)n_children + 1, sizeof *node->children);
  node->n_children = n_children;
  if (node->children)
    return node;
  free(node);
  return NULL;
}

static int add_leaf(struct pq_shape *shape, struct pq_leaf *leaf) {
  if (shape->n_leaves == shape->capacity) {
    int32_t capacity = shape->capacity ? shape->capacity * 2 : 16;
    struct pq_leaf **leaves = realloc(shape->leaves, (size_t)capacity * sizeof *leaves);
    if (!leaves)
      return SLUICE_ERR_MEMORY;
    shape->leaves = leaves;
    shape->capacity = capacity;
  }
  leaf->column = shape->n_leaves;
  shape->leaves[shape->n_leaves++] = leaf;
  return SLUICE_OK;
}

/* Texts come as the wanted type says, else as the scan accepts them. */
static bool want_views(const struct pq_shaping *s, const struct ArrowSchema *want) {
  const char *format = want && want->format ? want->format : "";
  return format[0] ? format[0] == 'v' : s->views;
}

static int shape_leaf(const struct pq_shaping *s, const struct pq_element *e, struct place place, const char *name,
                      const struct ArrowSchema *want, const struct target *to) {
  struct pq_arrow_type type;
  pq_type_of(e, s->config->int96, &type);
  if (want_views(s, want))
    pq_type_view(&type);
  int64_t flags = place.nullable || strcmp(type.format, "n") == 0 ? ARROW_FLAG_NULLABLE : 0;
  int code = sluice_schema_init(to->field, type.format, name, flags);
  if (!code)
    code = set_metadata(to->field, e, type.extension, type.parameters);
  struct pq_leaf *leaf = code ? NULL : calloc(1, sizeof *leaf);
  if (!code)
    *to->node = make_node(PQ_NODE_LEAF, place, 0);
  if (code || !leaf || !*to->node || add_leaf(s->shape, leaf) != SLUICE_OK) {
    free(leaf);
    return code ? code : SLUICE_ERR_MEMORY;
  }
  struct pq_node *node = *to->node;
  node->nullable = place.def > place.slot_def; /* of its own, or because what holds it is null */
  leaf->element = e;
  leaf->ordinal = e->leaf;
  leaf->node = node;
  leaf->store = type.store;
  node->store = &leaf->store;
  leaf->max_def = place.def;
  leaf->max_rep = place.slot_rep;
  leaf->varies = leaf->max_rep > 0 || type.store.kind == PQ_STORE_BYTES || type.store.kind == PQ_STORE_VIEWS;
  return SLUICE_OK;
}

static int shape_at(const struct pq_shaping *s, int32_t at, const struct ArrowSchema *want, struct place place,
                    const struct target *to);

/* ---- structs ---- */

static bool is_wanted(const struct pq_element *e, const struct ArrowSchema *want) {
  for (int64_t i = 0; i < want->n_children; i++)
    if (want->children[i]->name && strlen(want->children[i]->name) == e->name.size &&
        (e->name.size == 0 || memcmp(want->children[i]->name, e->name.data, e->name.size) == 0))
      return true;
  return false;
}

static const struct ArrowSchema *want_of(const struct pq_element *e, const struct ArrowSchema *want) {
  for (int64_t i = 0; want && i < want->n_children; i++) {
    const struct ArrowSchema *child = want->children[i];
    if (child->name && strlen(child->name) == e->name.size &&
        (e->name.size == 0 || memcmp(child->name, e->name.data, e->name.size) == 0))
      return child;
  }
  return NULL;
}

static int64_t count_wanted(const struct pq_shaping *s, int32_t at, const struct ArrowSchema *want) {
  const struct pq_element *e = element_at(s, at);
  int64_t n = 0;
  for (int32_t child = at + 1; child < e->next; child = element_at(s, child)->next)
    n += is_wanted(element_at(s, child), want);
  return n;
}

/* Only the wanted children, unless others are to come too; if none of them is there, all. */
static int shape_struct(const struct pq_shaping *s, int32_t at, const struct ArrowSchema *want, struct place place,
                        const char *name, const struct target *to) {
  const struct pq_element *e = element_at(s, at);
  int64_t n = want && strcmp(want->format, "+s") == 0 ? count_wanted(s, at, want) : 0, i = 0;
  bool all = n == 0 || s->extra;
  if (n == 0)
    want = NULL;
  if (all)
    n = e->n_children;
  int code = sluice_schema_nested(to->field, "+s", name, place.nullable ? ARROW_FLAG_NULLABLE : 0, n);
  if (!code)
    code = set_metadata(to->field, e, e->logical == PQ_VARIANT ? "arrow.parquet.variant" : "", "");
  if (!code) {
    *to->node = make_node(PQ_NODE_STRUCT, place, n);
    code = *to->node ? SLUICE_OK : SLUICE_ERR_MEMORY;
  }
  for (int32_t child = at + 1; child < e->next && !code; child = element_at(s, child)->next) {
    if (!all && !is_wanted(element_at(s, child), want))
      continue;
    const struct target below = {to->field->children[i], &(*to->node)->children[i]};
    code = shape_at(s, child, want_of(element_at(s, child), want), place, &below);
    i++;
  }
  return code;
}

/* ---- lists and maps ---- */

static bool is_named(const struct pq_element *e, const char *name, const char *end) {
  size_t n = strlen(name), m = strlen(end);
  return e->name.size == n + m && (n == 0 || memcmp(e->name.data, name, n) == 0) &&
         (m == 0 || memcmp(e->name.data + n, end, m) == 0);
}

/* Whether the repeated field is the list's item itself, by the rules for older files. */
static bool is_item(const struct pq_shaping *s, int32_t repeated, const char *list) {
  const struct pq_element *r = element_at(s, repeated);
  if (r->type != PQ_GROUP || r->n_children != 1 || r->logical == PQ_LIST || r->logical == PQ_MAP)
    return true;
  if (element_at(s, repeated + 1)->repetition == PQ_REPEATED)
    return true;
  return is_named(r, "array", "") || is_named(r, list, "_tuple");
}

/* What is wanted of a list's items. */
static const struct ArrowSchema *want_item(const struct ArrowSchema *want) {
  return want && want->format[0] == '+' && want->n_children == 1 && strcmp(want->format, "+m") != 0 ? want->children[0]
                                                                                                    : NULL;
}

static struct place in_list(struct place place) {
  uint8_t def = (uint8_t)(place.def + 1);
  return (struct place){def, def, (uint8_t)(place.slot_rep + 1), false};
}

static bool has_leaves(const struct pq_shaping *s, int32_t at) {
  const struct pq_element *e = element_at(s, at);
  for (int32_t i = at; i < e->next; i++)
    if (element_at(s, i)->type != PQ_GROUP)
      return true;
  return false;
}

static int begin_list(const char *format, const char *name, struct place place, const struct target *to) {
  int code = sluice_schema_nested(to->field, format, name, place.nullable ? ARROW_FLAG_NULLABLE : 0, 1);
  if (code)
    return code;
  *to->node = make_node(PQ_NODE_LIST, place, 1);
  if (!*to->node)
    return SLUICE_ERR_MEMORY;
  (*to->node)->item_def = (uint8_t)(place.def + 1);
  (*to->node)->item_rep = (uint8_t)(place.slot_rep + 1);
  return SLUICE_OK;
}

/* A list of what is at `item`: the repeated field itself, or the only field in it. */
static int shape_list(const struct pq_shaping *s, int32_t list, int32_t item, bool itself,
                      const struct ArrowSchema *want, struct place place, const char *name, const struct target *to) {
  int code = begin_list("+l", name, place, to);
  if (!code)
    code = set_metadata(to->field, element_at(s, list), "", "");
  if (code)
    return code;
  const struct target below = {to->field->children[0], &(*to->node)->children[0]};
  struct place inside = in_list(place);
  return itself ? shape_inner(s, item, want_item(want), inside, &below)
                : shape_at(s, item, want_item(want), inside, &below);
}

/* Entries are a struct of key and value. */
static int shape_map(const struct pq_shaping *s, int32_t at, struct place place, const char *name,
                     const struct target *to) {
  int code = begin_list("+m", name, place, to);
  if (!code)
    code = set_metadata(to->field, element_at(s, at), "", "");
  if (code)
    return code;
  const struct target below = {to->field->children[0], &(*to->node)->children[0]};
  code = shape_inner(s, at + 1, NULL, in_list(place), &below);
  if (code)
    return code;
  below.field->children[0]->flags &= ~(int64_t)ARROW_FLAG_NULLABLE; /* whatever the file says */
  (*below.node)->children[0]->key = true;
  return SLUICE_OK;
}

enum form { FORM_STRUCT, FORM_LIST, FORM_MAP, FORM_KEYS };

static enum form form_of(const struct pq_shaping *s, int32_t at) {
  const struct pq_element *e = element_at(s, at), *r = e + 1;
  bool map = e->logical == PQ_MAP || e->logical == PQ_MAP_KEY_VALUE;
  if (e->n_children != 1 || r->repetition != PQ_REPEATED || !has_leaves(s, at))
    return FORM_STRUCT;
  if (e->logical == PQ_LIST)
    return FORM_LIST;
  if (!map || r->type != PQ_GROUP)
    return FORM_STRUCT;
  return r->n_children == 2 ? FORM_MAP : r->n_children == 1 ? FORM_KEYS : FORM_STRUCT;
}

static int shape_group(const struct pq_shaping *s, int32_t at, const struct ArrowSchema *want, struct place place,
                       const char *name, const struct target *to) {
  switch (form_of(s, at)) {
  case FORM_LIST:
    return is_item(s, at + 1, name) ? shape_list(s, at, at + 1, true, want, place, name, to)
                                    : shape_list(s, at, at + 2, false, want, place, name, to);
  case FORM_MAP:
    return shape_map(s, at, place, name, to);
  case FORM_KEYS:
    return shape_list(s, at, at + 2, false, want, place, name, to);
  default:
    return shape_struct(s, at, want, place, name, to);
  }
}

/* What the element is, its repetition aside. */
static int shape_inner(const struct pq_shaping *s, int32_t at, const struct ArrowSchema *want, struct place place,
                       const struct target *to) {
  const struct pq_element *e = element_at(s, at);
  char *name = name_of(e);
  int code = SLUICE_ERR_MEMORY;
  if (name)
    code = e->type == PQ_GROUP ? shape_group(s, at, want, place, name, to) : shape_leaf(s, e, place, name, want, to);
  free(name);
  return code;
}

/* The element at a place; one that repeats without being in a list is a list of required items. */
static int shape_at(const struct pq_shaping *s, int32_t at, const struct ArrowSchema *want, struct place place,
                    const struct target *to) {
  const struct pq_element *e = element_at(s, at);
  place.nullable = e->repetition == PQ_OPTIONAL;
  place.def = (uint8_t)(place.def + (place.nullable ? 1 : 0));
  if (e->repetition != PQ_REPEATED || !has_leaves(s, at))
    return shape_inner(s, at, want, place, to);
  char *name = name_of(e);
  int code = name ? shape_list(s, at, at, true, want, place, name, to) : SLUICE_ERR_MEMORY;
  free(name);
  return code;
}

int pq_shape_field(const struct pq_shaping *s, int32_t element, const struct ArrowSchema *want,
                   struct ArrowSchema *field, struct pq_node **node) {
  const struct target to = {field, node};
  return shape_at(s, element, want, (struct place){0}, &to);
}
