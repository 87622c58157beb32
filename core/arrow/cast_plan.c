/* Planning a cast: which step each field needs, or why there is none. */
#include "cast.h"
#include <stdlib.h>

static bool same_struct(const struct ArrowSchema *a, const struct ArrowSchema *b, enum sluice_type_id id) {
  bool named = id == SLUICE_TYPE_STRUCT || id == SLUICE_TYPE_DENSE_UNION || id == SLUICE_TYPE_SPARSE_UNION;
  for (int64_t i = 0; i < a->n_children && named; i++)
    if (strcmp(a->children[i]->name ? a->children[i]->name : "", b->children[i]->name ? b->children[i]->name : "") != 0)
      return false;
  return true;
}

bool cast_same_type(const struct ArrowSchema *a, const struct ArrowSchema *b, bool with_dictionaries) {
  struct sluice_type type, other;
  if (sluice_type_parse(a->format, &type, NULL) != SLUICE_OK)
    return false;
  if (sluice_type_parse(b->format, &other, NULL) != SLUICE_OK)
    return false;
  bool stamps = type.id == SLUICE_TYPE_TIMESTAMP && other.id == SLUICE_TYPE_TIMESTAMP && type.unit == other.unit;
  if (!stamps && strcmp(a->format, b->format) != 0)
    return false;
  if (a->n_children != b->n_children || !same_struct(a, b, type.id))
    return false;
  if (!a->dictionary != !b->dictionary || (a->dictionary && !with_dictionaries))
    return false;
  for (int64_t i = 0; i < a->n_children; i++)
    if (!cast_same_type(a->children[i], b->children[i], with_dictionaries))
      return false;
  return !a->dictionary || cast_same_type(a->dictionary, b->dictionary, true);
}

void cast_destroy(struct cast *c) {
  if (!c)
    return;
  for (int64_t i = 0; c->children && i < c->n_children; i++)
    cast_destroy(c->children[i]);
  sluice_builder_destroy(c->scratch);
  index_table_destroy(c->index);
  free(c->children);
  free(c->source);
  free(c);
}

static int unsupported(const struct cast *c, const struct path *path, const char *why, struct sluice_error *err) {
  char from[96], to[96];
  sluice_type_name(c->from_schema->format, from, sizeof from);
  sluice_type_name(c->to_schema->format, to, sizeof to);
  return path_fail(path, err, SLUICE_ERR_UNSUPPORTED, "%s cannot be cast to %s%s%s", from, to, why[0] ? ": " : "", why);
}

static int no_memory(const struct path *path, struct sluice_error *err) {
  return path_fail(path, err, SLUICE_ERR_MEMORY, "no memory for a cast");
}

static int make_children(struct cast *c, int64_t n) {
  c->children = calloc((size_t)n + 1, sizeof *c->children);
  c->source = calloc((size_t)n + 1, sizeof *c->source);
  c->n_children = n;
  return c->children && c->source ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

static int plan_child(struct cast *c, int64_t i, const struct ArrowSchema *from, const struct ArrowSchema *to,
                      const struct path *up, struct sluice_error *err) {
  struct path path = {up, to->name, up->depth + 1};
  int status = cast_plan(from, to, c->fields, &path, &c->children[i], err);
  if (status == SLUICE_OK)
    c->may_misfit |= c->children[i]->may_misfit;
  return status;
}

/* One cast of the values, in the same place of the path. */
static int plan_values(struct cast *c, cast_step_fn *step, const struct ArrowSchema *from, const struct ArrowSchema *to,
                       const struct path *path, struct sluice_error *err) {
  if (make_children(c, 1) != SLUICE_OK)
    return no_memory(path, err);
  c->step = step;
  int status = cast_plan(from, to, c->fields, path, &c->children[0], err);
  if (status == SLUICE_OK)
    c->may_misfit = c->children[0]->may_misfit;
  return status;
}

static bool is_list(enum sluice_type_id id) {
  enum layout layout = type_layout(id);
  return layout >= LAYOUT_LIST32 && layout <= LAYOUT_FIXED_LIST;
}

static bool is_union(enum sluice_type_id id) {
  return id == SLUICE_TYPE_DENSE_UNION || id == SLUICE_TYPE_SPARSE_UNION;
}

/* Children of entries go by their place, key to key, as their names are free. */
static int plan_by_place(struct cast *c, cast_step_fn *step, const struct path *path, struct sluice_error *err) {
  if (c->from_schema->n_children != c->to_schema->n_children)
    return unsupported(c, path, "another number of fields", err);
  if (make_children(c, c->to_schema->n_children) != SLUICE_OK)
    return no_memory(path, err);
  c->step = step;
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < c->n_children; i++) {
    c->source[i] = i;
    status = plan_child(c, i, c->from_schema->children[i], c->to_schema->children[i], path, err);
  }
  return status;
}

static int plan_entries(struct cast *map, const struct path *up, struct sluice_error *err) {
  const struct ArrowSchema *from = map->from_schema->children[0], *to = map->to_schema->children[0];
  struct path path = {up, to->name, up->depth + 1};
  struct cast *entries = calloc(1, sizeof *entries);
  if (!entries || make_children(map, 1) != SLUICE_OK) {
    free(entries);
    return no_memory(up, err);
  }
  map->children[0] = entries;
  map->step = cast_list;
  *entries = (struct cast){.from_schema = from, .to_schema = to, .fields = map->fields};
  int status = sluice_type_parse(from->format, &entries->from, err);
  if (status == SLUICE_OK)
    status = sluice_type_parse(to->format, &entries->to, err);
  if (status == SLUICE_OK)
    status = plan_by_place(entries, cast_struct, &path, err);
  if (status != SLUICE_OK)
    return status;
  map->may_misfit = entries->may_misfit;
  return entries->children[0]->may_misfit ? unsupported(map, up, "keys might not fit, and cannot be null", err)
                                          : SLUICE_OK;
}

static int plan_list(struct cast *c, const struct path *path, struct sluice_error *err) {
  if (c->to.id == SLUICE_TYPE_MAP) {
    if (c->from.id != SLUICE_TYPE_MAP)
      return unsupported(c, path, "", err);
    return plan_entries(c, path, err);
  }
  if (make_children(c, 1) != SLUICE_OK)
    return no_memory(path, err);
  c->step = cast_list;
  int status = plan_child(c, 0, c->from_schema->children[0], c->to_schema->children[0], path, err);
  c->may_misfit |= c->to.id == SLUICE_TYPE_FIXED_LIST;
  return status;
}

/* Every field of `from` must have a place, or its values would be lost without a word. */
static int check_places(struct cast *c, const struct path *path, struct sluice_error *err) {
  char why[128];
  for (int64_t i = 0; i < c->from_schema->n_children; i++) {
    const char *name = c->from_schema->children[i]->name ? c->from_schema->children[i]->name : "";
    bool placed = false;
    for (int64_t k = 0; k < c->n_children; k++)
      placed |= c->source[k] == i;
    if (placed)
      continue;
    snprintf(why, sizeof why, "field \"%.64s\" has no place in it", name);
    return unsupported(c, path, why, err);
  }
  return SLUICE_OK;
}

/* The first field of that name that no earlier target has taken; -1: none. */
static int64_t find_source(const struct cast *c, int64_t planned, const char *name) {
  for (int64_t i = 0; i < c->from_schema->n_children; i++) {
    const char *other = c->from_schema->children[i]->name;
    bool taken = strcmp(other ? other : "", name ? name : "") != 0;
    for (int64_t k = 0; k < planned; k++)
      taken |= c->source[k] == i;
    if (!taken)
      return i;
  }
  return -1;
}

static int plan_struct(struct cast *c, cast_step_fn *step, const struct path *path, struct sluice_error *err) {
  char why[128];
  if (make_children(c, c->to_schema->n_children) != SLUICE_OK)
    return no_memory(path, err);
  c->step = step;
  for (int64_t i = 0; i < c->n_children; i++) {
    const struct ArrowSchema *to = c->to_schema->children[i];
    int64_t from = find_source(c, i, to->name);
    c->source[i] = from;
    if (from < 0 && !(to->flags & ARROW_FLAG_NULLABLE)) {
      snprintf(why, sizeof why, "it needs a field \"%.64s\"", to->name ? to->name : "");
      return unsupported(c, path, why, err);
    }
    int status = from < 0 ? SLUICE_OK : plan_child(c, i, c->from_schema->children[from], to, path, err);
    if (status != SLUICE_OK)
      return status;
  }
  bool may_lose = step == cast_struct && c->fields == CAST_KNOWN_FIELDS;
  return may_lose ? SLUICE_OK : check_places(c, path, err);
}

/* Values that can be compared by their bytes, and so be found again. */
static bool can_encode(const struct ArrowSchema *values, bool runs) {
  struct sluice_type type;
  if (values->dictionary || sluice_type_parse(values->format, &type, NULL) != SLUICE_OK)
    return false;
  enum layout layout = type_layout(type.id);
  return layout == LAYOUT_FIXED || layout == LAYOUT_BYTES32 || layout == LAYOUT_BYTES64 || layout == LAYOUT_VIEW ||
         (runs && layout == LAYOUT_BITS);
}

static int plan_encoded(struct cast *c, const struct path *path, struct sluice_error *err) {
  bool runs = c->to.id == SLUICE_TYPE_RUN_END;
  const struct ArrowSchema *values = runs ? c->to_schema->children[1] : c->to_schema->dictionary;
  if (!can_encode(values, runs))
    return unsupported(c, path, "such values cannot be encoded", err);
  int status = plan_values(c, runs ? cast_to_runs : cast_encode, c->from_schema, values, path, err);
  c->may_misfit = true; /* there may be too few indexes */
  return status;
}

static int plan_scalar(struct cast *c, const struct path *path, struct sluice_error *err) {
  enum class from = cast_class(c->from.id), to = cast_class(c->to.id);
  if (!cast_classes(from, to))
    return unsupported(c, path, "", err);
  c->step = cast_scalar;
  bool bytes = (from == CLASS_TEXT || from == CLASS_BYTES) && (to == CLASS_TEXT || to == CLASS_BYTES);
  bool fits = to == CLASS_TEXT ? from != CLASS_BYTES : bytes && c->to.id != SLUICE_TYPE_FIXED_BINARY;
  c->may_misfit = !fits;
  if (bytes && fits && type_layout(c->from.id) == type_layout(c->to.id))
    c->step = cast_copy;
  return SLUICE_OK;
}

static int plan_step(struct cast *c, const struct path *path, struct sluice_error *err) {
  const struct ArrowSchema *from = c->from_schema, *to = c->to_schema;
  if (cast_same_type(from, to, false)) {
    c->step = cast_copy;
    return SLUICE_OK;
  }
  if (from->dictionary)
    return plan_values(c, cast_decode, from->dictionary, to, path, err);
  if (c->from.id == SLUICE_TYPE_RUN_END)
    return plan_values(c, cast_runs, from->children[1], to, path, err);
  if (to->dictionary || c->to.id == SLUICE_TYPE_RUN_END)
    return plan_encoded(c, path, err);
  if (c->from.id == SLUICE_TYPE_NULL) {
    c->step = cast_nulls;
    return SLUICE_OK;
  }
  if (is_list(c->from.id) && is_list(c->to.id))
    return plan_list(c, path, err);
  if (c->from.id == SLUICE_TYPE_STRUCT && c->to.id == SLUICE_TYPE_STRUCT)
    return plan_struct(c, cast_struct, path, err);
  if (is_union(c->from.id) && c->to.id == SLUICE_TYPE_STRUCT)
    return plan_struct(c, cast_union_to_struct, path, err);
  if (is_union(c->from.id) && is_union(c->to.id))
    return plan_by_place(c, cast_union, path, err);
  return plan_scalar(c, path, err);
}

int cast_plan(const struct ArrowSchema *from, const struct ArrowSchema *to, enum cast_fields fields,
              const struct path *path, struct cast **out, struct sluice_error *err) {
  struct cast *c = calloc(1, sizeof *c);
  if (!c)
    return no_memory(path, err);
  c->from_schema = from;
  c->to_schema = to;
  c->fields = fields;
  path_text(path, c->column, sizeof c->column);
  int status = sluice_type_parse(from->format, &c->from, err);
  if (status == SLUICE_OK)
    status = sluice_type_parse(to->format, &c->to, err);
  if (status == SLUICE_OK)
    status = plan_step(c, path, err);
  if (status != SLUICE_OK) {
    cast_destroy(c);
    return status;
  }
  *out = c;
  return SLUICE_OK;
}

int cast_bind(struct cast *c, struct sluice_builder *out, const struct cast_job *job) {
  c->out = out;
  c->job = job;
  int status = SLUICE_OK;
  bool encodes = c->step == cast_encode || c->step == cast_to_runs;
  bool same_place = c->step == cast_decode || c->step == cast_runs;
  if (encodes)
    status = sluice_builder_create(c->children[0]->to_schema, &c->scratch, job->err);
  for (int64_t i = 0; status == SLUICE_OK && i < c->n_children; i++) {
    if (!c->children[i])
      continue;
    struct sluice_builder *child = encodes ? c->scratch : same_place ? out : out->children[i];
    status = cast_bind(c->children[i], child, job);
  }
  return status;
}
