/* From what is wanted and what was found to columns and their Arrow schema. */
#include "build.h"
#include "convert.h"
#include <stdlib.h>

struct build {
  const struct json_config *config;
  const struct sluice_scan *scan;
  struct sluice_error *err;
  uint32_t columns;
};
struct place {                    /* where a column is made */
  const struct ArrowSchema *want; /* NULL: as found */
  const struct json_guess *guess; /* NULL: never seen */
  const char *name;
  struct json_column *parent;
  int depth;
  bool nullable;
};

static int make(struct build *b, const struct place *at, struct ArrowSchema *out, struct json_column **made);

static int no_memory(const struct build *b) {
  return sluice_fail(b->err, SLUICE_ERR_MEMORY, b->scan->part, "no memory for the columns");
}

static bool is_open(const struct ArrowSchema *want) {
  return !want || !want->format || !want->format[0];
}

static bool takes_extra(const struct build *b, const struct ArrowSchema *want) {
  return !want || (b->scan->flags & SLUICE_SCAN_EXTRA);
}

static int add_column(struct build *b, const struct place *at, enum json_shape shape, struct json_column **out) {
  if (b->columns++ >= 2 * JSON_MAX_COLUMNS)
    return sluice_fail(b->err, SLUICE_ERR_UNSUPPORTED, b->scan->part,
                       "its records have over %d columns, nested ones included; choose those that are needed",
                       2 * JSON_MAX_COLUMNS);
  struct json_column *c = calloc(1, sizeof *c);
  if (!c)
    return no_memory(b);
  *c = (struct json_column){
      .shape = shape, .nullable = at->nullable, .parent = at->parent, .lenient = !is_open(at->want), .name = ""};
  *out = c;
  return SLUICE_OK;
}

static int add_children(struct build *b, struct json_column *c, size_t n) {
  c->children = calloc(n + 1, sizeof *c->children);
  return c->children ? SLUICE_OK : no_memory(b);
}

static int64_t flags_of(const struct place *at) {
  return at->nullable ? ARROW_FLAG_NULLABLE : 0;
}

/* ---- values without columns within ---- */

static int note_json(struct ArrowSchema *field) {
  static const char *const texts[] = {"ARROW:extension:name", "arrow.json", "ARROW:extension:metadata", ""};
  char metadata[128], *to = metadata;
  const int32_t count = 2;
  memcpy(to, &count, sizeof count);
  to += sizeof count;
  for (size_t i = 0; i < 4; i++) {
    int32_t n = (int32_t)strlen(texts[i]);
    memcpy(to, &n, sizeof n);
    memcpy(to + sizeof n, texts[i], (size_t)n);
    to += sizeof n + (size_t)n;
  }
  return sluice_schema_set_metadata(field, metadata);
}

static void set_range(struct json_column *c) {
  static const int64_t least[] = {INT8_MIN, INT16_MIN, INT32_MIN, INT64_MIN, 0, 0, 0};
  static const int64_t most[] = {INT8_MAX, INT16_MAX, INT32_MAX, INT64_MAX, UINT8_MAX, UINT16_MAX, UINT32_MAX};
  if (c->type.id < SLUICE_TYPE_INT8 || c->type.id > SLUICE_TYPE_UINT32)
    return;
  c->least = least[c->type.id - SLUICE_TYPE_INT8];
  c->most = most[c->type.id - SLUICE_TYPE_INT8];
}

static void set_zone(struct json_column *c) {
  static const char *const utc[] = {"UTC", "utc", "Z", "+00:00", "Etc/UTC", "GMT"};
  const char *name = c->type.id == SLUICE_TYPE_TIMESTAMP ? c->type.timezone : NULL;
  c->zoned = c->local = name && name[0];
  for (size_t i = 0; c->local && i < sizeof utc / sizeof *utc; i++)
    c->local = strcmp(name, utc[i]) != 0;
  c->type.timezone = NULL;
}

static bool set_shape(struct json_column *c) {
  c->wide = c->type.id == SLUICE_TYPE_LARGE_UTF8 || c->type.id == SLUICE_TYPE_LARGE_BINARY;
  c->width = (uint32_t)c->type.width;
  c->convert = json_converter_of(&c->type);
  switch (c->type.id) {
  case SLUICE_TYPE_NULL:
    c->shape = JSON_SHAPE_NULL;
    c->nullable = true;
    return true;
  case SLUICE_TYPE_BOOL:
    c->shape = JSON_SHAPE_BITS;
    return true;
  case SLUICE_TYPE_UTF8:
  case SLUICE_TYPE_LARGE_UTF8:
  case SLUICE_TYPE_BINARY:
  case SLUICE_TYPE_LARGE_BINARY:
    c->shape = JSON_SHAPE_BYTES;
    return true;
  default:
    c->shape = JSON_SHAPE_FIXED;
    return c->convert;
  }
}

static void set_cost(struct json_column *c) {
  c->cost = c->shape == JSON_SHAPE_FIXED ? c->width : c->wide ? 8 : 4;
  if (c->shape == JSON_SHAPE_STRUCT || c->shape == JSON_SHAPE_ITEMS)
    c->cost = 4;
  int64_t times = c->shape == JSON_SHAPE_ITEMS ? c->width : c->shape == JSON_SHAPE_STRUCT ? 1 : 0;
  for (uint32_t i = 0; i < c->count; i++)
    if (__builtin_add_overflow(c->cost, times * c->children[i]->cost, &c->cost) || c->cost > (int64_t)1 << 40)
      c->cost = (int64_t)1 << 40;
}

static int refuse(const struct build *b, const struct place *at, const char *format) {
  char type[96];
  sluice_type_name(format, type, sizeof type);
  return sluice_fail(b->err, SLUICE_ERR_UNSUPPORTED, at->name,
                     "column \"%s\" is wanted as %s, which json cannot read; choose another type", at->name, type);
}

static int make_leaf(struct build *b, const struct place *at, const char *format, struct ArrowSchema *out,
                     struct json_column **made) {
  bool json = !format[0], loose = is_open(at->want) && json_guess_is_loose(at->guess);
  int code = add_column(b, at, JSON_SHAPE_BYTES, made);
  if (code)
    return code;
  struct json_column *c = *made;
  code = sluice_type_parse(json ? "u" : format, &c->type, b->err);
  if (code)
    return code;
  set_zone(c);
  if (!set_shape(c))
    return refuse(b, at, format);
  set_range(c);
  c->json = json;
  c->any = c->lenient || loose;
  json_parser_set(c);
  set_cost(c);
  code = sluice_schema_init(out, json ? "u" : format, at->name, at->nullable ? ARROW_FLAG_NULLABLE : 0);
  if (!code && json)
    code = note_json(out);
  return code ? no_memory(b) : code;
}

/* ---- lists and maps ---- */

static int make_item(struct build *b, const struct place *at, struct json_column *c, struct ArrowSchema *out) {
  const struct ArrowSchema *want = is_open(at->want) ? NULL : at->want->children[0];
  const struct place item = {.want = want,
                             .guess = at->guess ? at->guess->item : NULL,
                             .name = want && want->name ? want->name : "item",
                             .parent = c,
                             .depth = at->depth + 1,
                             .nullable = !want || (want->flags & ARROW_FLAG_NULLABLE)};
  int code = make(b, &item, out->children[0], &c->children[0]);
  c->count = c->children[0] != NULL;
  return code;
}

/* Entries of a key, which is a text, and a value. */
static bool is_map(const struct ArrowSchema *want) {
  const struct ArrowSchema *entries = want->children[0];
  if (strcmp(entries->format, "+s") != 0 || entries->n_children != 2)
    return false;
  const char *key = entries->children[0]->format;
  return strcmp(key, "u") == 0 || strcmp(key, "U") == 0;
}

static int make_list(struct build *b, const struct place *at, const char *format, struct ArrowSchema *out,
                     struct json_column **made) {
  if (format[1] == 'm' && !is_map(at->want))
    return refuse(b, at, format);
  int code = add_column(b, at, format[1] == 'w' ? JSON_SHAPE_ITEMS : JSON_SHAPE_LIST, made);
  if (code)
    return code;
  struct json_column *c = *made;
  code = sluice_type_parse(format, &c->type, b->err);
  if (code)
    return code;
  c->wide = format[1] == 'L';
  c->width = (uint32_t)c->type.width;
  c->parse = format[1] == 'm' ? json_parse_map : c->shape == JSON_SHAPE_ITEMS ? json_parse_items : json_parse_list;
  code = add_children(b, c, 1);
  if (!code && sluice_schema_nested(out, format, at->name, flags_of(at), 1) != SLUICE_OK)
    code = no_memory(b);
  if (!code)
    code = make_item(b, at, c, out);
  if (!code)
    set_cost(c);
  return code;
}

/* ---- objects ---- */

static int add_name(struct build *b, struct json_column *c, const char *name, struct json_column *child) {
  uint32_t at;
  if (json_names_find(&c->names, (const uint8_t *)name, strlen(name)) != UINT32_MAX)
    return SLUICE_OK; /* wanted twice: the first has the values */
  int code = json_names_add(&c->names, (const uint8_t *)name, strlen(name), child, &at);
  return code ? no_memory(b) : code;
}

static int add_member(struct build *b, struct json_column *c, struct place *at, struct ArrowSchema *out) {
  struct json_column **child = &c->children[c->count];
  at->parent = c;
  int code = make(b, at, out->children[c->count], child);
  c->count += *child != NULL;
  if (code)
    return code;
  (*child)->name = out->children[c->count - 1]->name;
  return add_name(b, c, at->name, *child);
}

static bool is_named(const struct ArrowSchema *want, const char *name) {
  return want && sluice_schema_find(want, name) >= 0;
}

/* How many of the found members are delivered though they are not wanted by name. */
static int64_t count_extra(const struct build *b, const struct ArrowSchema *want, const struct json_guess *guess) {
  int64_t n = 0;
  for (uint32_t i = 0; takes_extra(b, want) && guess && i < guess->count; i++)
    n += !is_named(want, guess->members[i].name);
  return n;
}

static int fill_struct(struct build *b, const struct place *at, struct json_column *c, struct ArrowSchema *out) {
  const struct ArrowSchema *want = at->want;
  int code = SLUICE_OK;
  for (int64_t i = 0; want && i < want->n_children && !code; i++) {
    const struct ArrowSchema *field = want->children[i];
    const char *name = field->name ? field->name : "";
    struct place inner = {.want = field,
                          .guess = json_guess_member_of(at->guess, name),
                          .name = name,
                          .depth = at->depth + 1,
                          .nullable = field->flags & ARROW_FLAG_NULLABLE};
    code = add_member(b, c, &inner, out);
  }
  for (uint32_t i = 0; takes_extra(b, want) && at->guess && i < at->guess->count && !code; i++) {
    const struct json_guess_member *m = &at->guess->members[i];
    struct place inner = {.guess = m->guess, .name = m->name, .depth = at->depth + 1, .nullable = true};
    if (!is_named(want, m->name))
      code = add_member(b, c, &inner, out);
  }
  return code;
}

static int make_struct(struct build *b, const struct place *at, struct ArrowSchema *out, struct json_column **made) {
  struct place inner = *at;
  if (at->depth && is_open(at->want))
    inner.want = NULL;
  int64_t n = (inner.want ? inner.want->n_children : 0) + count_extra(b, inner.want, at->guess);
  int code = add_column(b, at, JSON_SHAPE_STRUCT, made);
  if (code)
    return code;
  struct json_column *c = *made;
  c->parse = json_parse_struct;
  c->passes_all = !takes_extra(b, inner.want);
  c->type.id = SLUICE_TYPE_STRUCT;
  code = add_children(b, c, (size_t)n);
  if (!code && sluice_schema_nested(out, "+s", at->name, flags_of(at), n) != SLUICE_OK)
    code = no_memory(b);
  if (!code)
    code = fill_struct(b, &inner, c, out);
  if (!code && !c->names.items)
    code = json_names_seal(&c->names) ? no_memory(b) : SLUICE_OK;
  if (!code)
    set_cost(c);
  return code;
}

/* ---- any type ---- */

static int make(struct build *b, const struct place *at, struct ArrowSchema *out, struct json_column **made) {
  char found[32];
  const char *format = found;
  if (is_open(at->want))
    json_guess_format(at->guess, b->config, found);
  else
    format = at->want->format;
  if (!is_open(at->want) && (at->want->dictionary || at->depth > JSON_MAX_NESTED))
    return refuse(b, at, format);
  if (strcmp(format, "+s") == 0)
    return make_struct(b, at, out, made);
  if (strcmp(format, "+l") == 0 || strcmp(format, "+L") == 0 || strcmp(format, "+m") == 0 ||
      strncmp(format, "+w:", 3) == 0)
    return make_list(b, at, format, out, made);
  return format[0] == '+' ? refuse(b, at, format) : make_leaf(b, at, format, out, made);
}

int json_build(const struct json_config *config, const struct json_guess *guess, const struct sluice_scan *scan,
               struct json_column **root, struct ArrowSchema *schema, struct sluice_error *err) {
  struct build b = {.config = config, .scan = scan, .err = err};
  const struct place top = {.want = scan->want, .guess = guess, .name = ""};
  struct ArrowSchema made = {0};
  struct json_column *column = NULL;
  int code = SLUICE_OK;
  if (guess && guess->crowded)
    code = sluice_fail(err, SLUICE_ERR_UNSUPPORTED, scan->part,
                       "its records have over %d columns, nested ones included; choose those that are needed",
                       JSON_MAX_COLUMNS);
  if (!code)
    code = make_struct(&b, &top, &made, &column);
  if (code) {
    json_column_destroy(column);
    sluice_schema_release(&made);
    return code;
  }
  *root = column;
  *schema = made;
  return SLUICE_OK;
}
