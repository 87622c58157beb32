/* From the reader's schema, and what is wanted of it, to columns and their Arrow schema. */
#include "layout.h"
#include <stdlib.h>

struct trail { /* the records around a type, innermost first */
  const struct avro_type *type;
  const struct trail *outer;
};
struct place {                    /* where a column is made */
  const struct ArrowSchema *want; /* NULL: all of it */
  const char *name;
  struct avro_scope *scope;
  const struct trail *trail;
  int depth;
  bool nullable;
};

static int make(struct avro_layout *l, const struct avro_type *type, struct place at, struct ArrowSchema *out,
                struct avro_column **made);

static int no_memory(const struct avro_layout *l) {
  return sluice_fail(l->err, SLUICE_ERR_MEMORY, l->where, "no memory for the columns");
}

static int append(const struct avro_layout *l, void *list, uint32_t *count, uint32_t *room, void *item) {
  void ***items = list;
  if (*count == *room) {
    uint32_t more = *room ? *room * 2 : 8;
    void **grown = realloc(*items, more * sizeof *grown);
    if (!grown)
      return no_memory(l);
    *items = grown;
    *room = more;
  }
  (*items)[(*count)++] = item;
  return SLUICE_OK;
}

static int add_scope(struct avro_layout *l, struct avro_scope **out) {
  struct avro_scope *scope = calloc(1, sizeof *scope);
  int code = scope ? append(l, &l->out->scopes, &l->out->scope_count, &l->out->scope_room, scope) : no_memory(l);
  if (code)
    free(scope);
  else
    *out = scope;
  return code;
}

static int add_column(struct avro_layout *l, const struct avro_type *type, const struct place *at,
                      enum avro_shape shape, struct avro_column **out) {
  struct avro_columns *all = l->out;
  if (all->count >= AVRO_MAX_COLUMNS)
    return sluice_fail(l->err, SLUICE_ERR_UNSUPPORTED, l->where,
                       "its schema makes over %d columns, nested ones included; choose those that are needed",
                       AVRO_MAX_COLUMNS);
  struct avro_column *c = calloc(1, sizeof *c);
  int code = c ? append(l, &all->all, &all->count, &all->room, c) : no_memory(l);
  if (code) {
    free(c);
    return code;
  }
  *c = (struct avro_column){
      .shape = shape, .type = type, .scope = at->scope, .nullable = at->nullable && shape != AVRO_SHAPE_NULL};
  *out = c;
  return append(l, &at->scope->columns, &at->scope->count, &at->scope->room, c);
}

static int64_t flags_of(const struct place *at) {
  return at->nullable ? ARROW_FLAG_NULLABLE : 0;
}

/* ---- values without columns within ---- */

static void settle_width(struct avro_column *c) {
  static const int64_t widths[] = {
      [AVRO_SHAPE_NULL] = 0, [AVRO_SHAPE_BITS] = 1,   [AVRO_SHAPE_FIXED] = 0, [AVRO_SHAPE_BYTES] = 4,
      [AVRO_SHAPE_LIST] = 4, [AVRO_SHAPE_STRUCT] = 0, [AVRO_SHAPE_UNION] = 5, [AVRO_SHAPE_ABSENT] = 0};
  c->scope->width += widths[c->shape] + c->width + c->nullable;
}

static int make_leaf(struct avro_layout *l, const struct avro_type *type, const struct place *at,
                     struct ArrowSchema *out, struct avro_column **made) {
  struct avro_leaf leaf;
  avro_leaf_of(type, &leaf);
  int code = add_column(l, type, at, leaf.shape, made);
  if (code)
    return code;
  struct avro_column *c = *made;
  c->width = leaf.width;
  c->text = leaf.text;
  settle_width(c);
  int64_t nullable = leaf.shape == AVRO_SHAPE_NULL ? ARROW_FLAG_NULLABLE : flags_of(at);
  if (sluice_schema_init(out, leaf.format, at->name, nullable) != SLUICE_OK)
    return no_memory(l);
  if (type->kind == AVRO_ENUM)
    return avro_dictionary_make(l, c, out);
  return avro_leaf_annotate(l, type, out);
}

/* What a column cannot hold, as JSON text: a type within itself, what lies too deep, unions of too many types. */
static int make_json(struct avro_layout *l, const struct avro_type *type, const struct place *at, const char *why,
                     struct ArrowSchema *out, struct avro_column **made) {
  char what[200];
  int code = add_column(l, type, at, AVRO_SHAPE_BYTES, made);
  if (code)
    return code;
  (*made)->json = true; /* it is UTF-8 when it is made */
  settle_width(*made);
  if (sluice_schema_init(out, "u", at->name, flags_of(at)) != SLUICE_OK)
    return no_memory(l);
  avro_type_describe(type, what, sizeof what);
  const struct avro_note notes[] = {{"ARROW:extension:name", "arrow.json"}, {"avro.json", why}, {"avro.type", what}};
  return avro_notes_add(l, notes, 3, out);
}

/* ---- values with columns within ---- */

static const struct ArrowSchema *wanted_child(const struct ArrowSchema *want, const char *format, int64_t i) {
  bool fits = want && want->format && strcmp(want->format, format) == 0 && want->n_children > i;
  return fits ? want->children[i] : NULL;
}

static int make_entries(struct avro_layout *l, const struct avro_type *map, struct place at,
                        const struct ArrowSchema *want, struct ArrowSchema *out, struct avro_column **made) {
  static const struct avro_type text = {.kind = AVRO_STRING, .fallback = -1};
  int code = add_column(l, map, &at, AVRO_SHAPE_STRUCT, made);
  struct avro_column *c = *made;
  if (!code) {
    settle_width(c);
    c->children = calloc(2, sizeof *c->children);
  }
  if (!code && (!c->children || sluice_schema_nested(out, "+s", "entries", 0, 2) != SLUICE_OK))
    code = no_memory(l);
  if (code)
    return code;
  c->count = 2;
  at.depth++;
  at.name = "key";
  code = make_leaf(l, &text, &at, out->children[0], &c->children[0]);
  at.name = "value";
  at.want = wanted_child(want, "+s", 1);
  return code ? code : make(l, map->types[0], at, out->children[1], &c->children[1]);
}

static int make_list(struct avro_layout *l, const struct avro_type *type, const struct place *at,
                     struct ArrowSchema *out, struct avro_column **made) {
  int code = add_column(l, type, at, AVRO_SHAPE_LIST, made);
  struct avro_column *c = *made;
  if (!code) {
    settle_width(c);
    c->children = calloc(1, sizeof *c->children);
    code = c->children ? add_scope(l, &c->inner) : no_memory(l);
  }
  if (!code && sluice_schema_nested(out, type->kind == AVRO_MAP ? "+m" : "+l", at->name, flags_of(at), 1) != SLUICE_OK)
    code = no_memory(l);
  if (code)
    return code;
  struct place inner = {.scope = c->inner, .name = "item", .trail = at->trail, .depth = at->depth + 1};
  c->count = 1;
  if (type->kind == AVRO_MAP)
    return make_entries(l, type, inner, wanted_child(at->want, "+m", 0), out->children[0], &c->children[0]);
  inner.want = wanted_child(at->want, "+l", 0);
  return make(l, type->types[0], inner, out->children[0], &c->children[0]);
}

static int name_union(struct avro_layout *l, const struct avro_type *type, const struct place *at,
                      struct ArrowSchema *out) {
  char format[5 * AVRO_MAX_BRANCHES];
  size_t n = (size_t)snprintf(format, sizeof format, "+ud:");
  for (uint32_t i = 0; i < type->count; i++)
    n += (size_t)snprintf(format + n, sizeof format - n, "%s%u", i ? "," : "", i);
  int code = sluice_schema_nested(out, format, at->name, flags_of(at), type->count);
  return code ? no_memory(l) : code;
}

static int make_branch(struct avro_layout *l, struct avro_column *c, uint32_t i, const struct place *at,
                       struct ArrowSchema *out) {
  const struct avro_type *branch = c->type->types[i];
  struct place inner = {.trail = at->trail, .depth = at->depth + 1};
  inner.name = branch->name && branch->name[0] ? branch->name : avro_kind_name(branch->kind);
  int code = add_scope(l, &inner.scope);
  if (!code)
    code = append(l, &l->out->union_scopes, &l->out->n_unions, &l->union_room, inner.scope);
  return code ? code : make(l, branch, inner, out->children[i], &c->children[i]);
}

static int make_union(struct avro_layout *l, const struct avro_type *type, struct place at, struct ArrowSchema *out,
                      struct avro_column **made) {
  at.nullable = false; /* a union has no validity: its null is a branch */
  int code = add_column(l, type, &at, AVRO_SHAPE_UNION, made);
  struct avro_column *c = *made;
  if (!code) {
    settle_width(c);
    c->children = calloc((size_t)type->count + 1, sizeof *c->children);
    code = c->children ? name_union(l, type, &at, out) : no_memory(l);
  }
  for (uint32_t i = 0; i < type->count && !code; i++) {
    c->count = i + 1;
    code = make_branch(l, c, i, &at, out);
  }
  return code;
}

/* ---- records ---- */

/* The fields that are wanted, in that order; without a want, all. Names that are not there give no column. */
static int64_t choose_fields(const struct avro_type *type, const struct ArrowSchema *want, int64_t *chosen,
                             const struct ArrowSchema **wants) {
  int64_t n = 0;
  uint32_t near = 0;
  for (uint32_t i = 0; i < type->count && !want; i++)
    chosen[n++] = i;
  for (int64_t i = 0; want && i < want->n_children; i++) {
    int64_t at = avro_field_find(type, want->children[i]->name, near);
    if (at < 0)
      continue;
    near = (uint32_t)at + 1;
    wants[n] = want->children[i];
    chosen[n++] = at;
  }
  return n;
}

static int fill_struct(struct avro_layout *l, struct avro_column *c, const struct place *at, int64_t n,
                       const int64_t *chosen, const struct ArrowSchema *const *wants, struct ArrowSchema *out) {
  int code = SLUICE_OK;
  for (int64_t i = 0; i < n && !code; i++) {
    const struct avro_field *field = &c->type->fields[chosen[i]];
    struct place inner = {
        .want = wants[i], .name = field->name, .scope = at->scope, .trail = at->trail, .depth = at->depth + 1};
    code = make(l, field->type, inner, out->children[i], &c->children[i]);
    c->count = (uint32_t)i + 1;
    c->fields[chosen[i]] = c->children[i];
  }
  return code;
}

static int make_struct(struct avro_layout *l, const struct avro_type *type, const struct place *at,
                       struct ArrowSchema *out, struct avro_column **made) {
  const struct ArrowSchema *want = at->want && strcmp(at->want->format, "+s") == 0 && !l->extra ? at->want : NULL;
  size_t most = (want ? (size_t)want->n_children : type->count) + 1;
  const struct ArrowSchema **wants = calloc(most, sizeof *wants);
  int64_t *chosen = calloc(most, sizeof *chosen), n = 0;
  struct trail trail = {type, at->trail};
  struct place inside = *at;
  int code = wants && chosen ? add_column(l, type, at, AVRO_SHAPE_STRUCT, made) : no_memory(l);
  if (!code) {
    settle_width(*made);
    n = choose_fields(type, want, chosen, wants);
    (*made)->field_count = type->count;
    (*made)->fields = calloc((size_t)type->count + 1, sizeof *(*made)->fields);
    (*made)->children = calloc((size_t)n + 1, sizeof *(*made)->children);
    bool there = (*made)->fields && (*made)->children;
    if (!there || sluice_schema_nested(out, "+s", at->name, flags_of(at), n) != SLUICE_OK)
      code = no_memory(l);
  }
  inside.trail = &trail;
  if (!code)
    code = fill_struct(l, *made, &inside, n, chosen, wants, out);
  free(wants);
  free(chosen);
  return code;
}

/* ---- any type ---- */

static bool is_within(const struct avro_type *type, const struct trail *trail) {
  while (trail && trail->type != type)
    trail = trail->outer;
  return trail;
}

static int make(struct avro_layout *l, const struct avro_type *type, struct place at, struct ArrowSchema *out,
                struct avro_column **made) {
  const struct avro_type *inner = avro_union_only(type, &at.nullable);
  if (inner)
    type = inner;
  bool nested =
      type->kind == AVRO_RECORD || type->kind == AVRO_ARRAY || type->kind == AVRO_MAP || type->kind == AVRO_UNION;
  if (type->kind == AVRO_RECORD && is_within(type, at.trail))
    return make_json(l, type, &at, "a type within itself", out, made);
  if (nested && at.depth >= AVRO_MAX_DEPTH)
    return make_json(l, type, &at, "nested too deep", out, made);
  if (nested && l->out->count >= AVRO_NESTED_COLUMNS)
    return make_json(l, type, &at, "over so many columns", out, made);
  if (type->kind == AVRO_UNION && type->count > AVRO_MAX_BRANCHES)
    return make_json(l, type, &at, "a union of too many types", out, made);
  if (type->kind == AVRO_RECORD)
    return make_struct(l, type, &at, out, made);
  if (type->kind == AVRO_ARRAY || type->kind == AVRO_MAP)
    return make_list(l, type, &at, out, made);
  return type->kind == AVRO_UNION && type->count ? make_union(l, type, at, out, made)
                                                 : make_leaf(l, type, &at, out, made);
}

/* ---- the whole ---- */

static int make_absent(struct avro_layout *l, const struct ArrowSchema *want, const struct place *at,
                       struct ArrowSchema *out, struct avro_column **made) {
  if (!(want->flags & ARROW_FLAG_NULLABLE))
    return sluice_fail(l->err, SLUICE_ERR_DATA, l->where,
                       "there is no column \"%s\", which must have values; check the file, or make the column optional",
                       want->name);
  int code = add_column(l, NULL, at, AVRO_SHAPE_ABSENT, made);
  if (code)
    return code;
  (*made)->nullable = false;
  code =
      want->format[0] ? sluice_schema_copy(want, out) : sluice_schema_init(out, "u", want->name, ARROW_FLAG_NULLABLE);
  return code ? no_memory(l) : code;
}

static int make_one(struct avro_layout *l, struct avro_column *root, int64_t field, const struct ArrowSchema *want,
                    const struct trail *trail) {
  struct place at = {.want = want, .scope = l->out->top, .trail = trail, .depth = 1};
  bool single = root->type->kind != AVRO_RECORD;
  at.name = single ? "value" : field >= 0 ? root->type->fields[field].name : want->name;
  const struct avro_type *type = single ? root->type : field >= 0 ? root->type->fields[field].type : NULL;
  uint32_t i = root->count++;
  struct ArrowSchema *out = l->out->schema.children[i];
  if (field < 0)
    return make_absent(l, want, &at, out, &root->children[i]);
  int code = make(l, type, at, out, &root->children[i]);
  root->fields[field] = root->children[i];
  return code;
}

/* Fields by their number, -1: absent, as many as the output has columns. */
static int64_t choose_columns(const struct avro_type *type, const struct ArrowSchema *want, bool extra, int64_t *fields,
                              bool *named) {
  int64_t n = 0;
  int64_t count = type->kind == AVRO_RECORD ? type->count : 1;
  uint32_t near = 0;
  for (int64_t i = 0; want && i < want->n_children; i++) {
    const char *name = want->children[i]->name;
    int64_t at = type->kind == AVRO_RECORD ? avro_field_find(type, name, near) : strcmp(name, "value") == 0 ? 0 : -1;
    if (at >= 0 && named[at])
      at = -1;
    if (at >= 0)
      named[at] = true;
    near = at >= 0 ? (uint32_t)at + 1 : near;
    fields[n++] = at;
  }
  for (int64_t i = 0; (!want || extra) && i < count; i++)
    if (!named[i])
      fields[n++] = i;
  return n;
}

static int make_root(struct avro_layout *l, const struct avro_type *type, const struct ArrowSchema *want,
                     const int64_t *fields, int64_t n) {
  struct trail trail = {type, NULL};
  struct place at = {.scope = l->out->top};
  int code = add_column(l, type, &at, AVRO_SHAPE_STRUCT, &l->out->root);
  if (code)
    return code;
  struct avro_column *root = l->out->root;
  root->field_count = type->kind == AVRO_RECORD ? type->count : 1;
  root->fields = calloc((size_t)root->field_count + 1, sizeof *root->fields);
  root->children = calloc((size_t)n + 1, sizeof *root->children);
  bool there = root->fields && root->children;
  if (!there || sluice_schema_nested(&l->out->schema, "+s", "", 0, n) != SLUICE_OK)
    return no_memory(l);
  const struct trail *outer = type->kind == AVRO_RECORD ? &trail : NULL;
  for (int64_t i = 0; i < n && !code; i++)
    code = make_one(l, root, fields[i], want && i < want->n_children ? want->children[i] : NULL, outer);
  return code;
}

static int list_texts(struct avro_layout *l) {
  struct avro_columns *c = l->out;
  c->texts = calloc((size_t)c->count + 1, sizeof *c->texts);
  for (uint32_t i = 0; c->texts && i < c->count; i++)
    if (c->all[i]->text)
      c->texts[c->n_texts++] = c->all[i];
  return c->texts ? SLUICE_OK : no_memory(l);
}

int avro_columns_init(struct avro_columns *c, const struct avro_type *type, const struct ArrowSchema *want, bool extra,
                      const char *where, struct sluice_error *err) {
  struct avro_layout l = {.out = c, .extra = extra, .where = where, .err = err};
  *c = (struct avro_columns){0};
  size_t own = type->kind == AVRO_RECORD ? type->count : 1, wanted = want ? (size_t)want->n_children : 0;
  int64_t *fields = calloc(own + wanted + 1, sizeof *fields);
  bool *named = calloc(own + 1, sizeof *named);
  int code = fields && named ? add_scope(&l, &c->top) : no_memory(&l);
  if (!code)
    code = make_root(&l, type, want, fields, choose_columns(type, want, extra, fields, named));
  if (!code)
    code = list_texts(&l);
  free(fields);
  free(named);
  if (code)
    avro_columns_finish(c);
  return code;
}

void avro_columns_finish(struct avro_columns *c) {
  avro_columns_clear(c);
  for (uint32_t i = 0; i < c->count; i++) {
    struct avro_column *column = c->all[i];
    sluice_array_release(&column->dictionary);
    free((void *)column->children);
    free((void *)column->fields);
    free(column);
  }
  for (uint32_t i = 0; i < c->scope_count; i++) {
    free(c->scopes[i]->columns);
    free(c->scopes[i]);
  }
  free(c->all);
  free(c->scopes);
  free(c->union_scopes);
  free(c->texts);
  sluice_schema_release(&c->schema);
  *c = (struct avro_columns){0};
}
