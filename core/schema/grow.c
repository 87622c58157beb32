/* Fields that one schema has and another lacks, however deep in structs, lists and maps: finding and adding them. */
#include "core/schema/schema.h"
#include "core/schema/tree.h"

enum kin { /* how the children of two fields go together */
           KIN_NONE,
           KIN_BY_NAME,
           KIN_BY_PLACE
};

static bool is_list(const char *format) {
  return strcmp(format, "+l") == 0 || strcmp(format, "+L") == 0 || strcmp(format, "+vl") == 0 ||
         strcmp(format, "+vL") == 0 || strncmp(format, "+w:", 3) == 0;
}

static enum kin kin_of(const struct ArrowSchema *base, const struct ArrowSchema *more) {
  if (base->dictionary || more->dictionary)
    return KIN_NONE;
  if (strcmp(base->format, "+s") == 0 && strcmp(more->format, "+s") == 0)
    return KIN_BY_NAME;
  bool maps = strcmp(base->format, "+m") == 0 && strcmp(more->format, "+m") == 0;
  bool lists = is_list(base->format) && is_list(more->format);
  return (maps || lists) && base->n_children == 1 && more->n_children == 1 ? KIN_BY_PLACE : KIN_NONE;
}

/* Entries of a map: key and value, whose names are free. */
static enum kin kin_below(enum kin kin, const struct ArrowSchema *up, const struct ArrowSchema *base,
                          const struct ArrowSchema *more) {
  bool entries = kin == KIN_BY_PLACE && strcmp(up->format, "+m") == 0;
  if (!entries)
    return kin_of(base, more);
  return base->n_children == more->n_children ? KIN_BY_PLACE : KIN_NONE;
}

static const char *name_of(const struct ArrowSchema *field) {
  return field->name ? field->name : "";
}

/* The child of `base` for child i of `more`, -1: none. The second of a name goes with the second. */
static int64_t partner_of(enum kin kin, const struct ArrowSchema *base, const struct ArrowSchema *more, int64_t i) {
  const char *name = name_of(more->children[i]);
  int64_t earlier = 0;
  if (kin == KIN_BY_PLACE)
    return i;
  for (int64_t k = 0; k < i; k++)
    earlier += strcmp(name_of(more->children[k]), name) == 0;
  for (int64_t k = 0; k < base->n_children; k++) {
    bool same = strcmp(name_of(base->children[k]), name) == 0;
    if (same && earlier == 0)
      return k;
    earlier -= same;
  }
  return -1;
}

/* ---- finding ---- */

struct finding {
  schema_new_fn *found;
  void *context;
  char path[SCHEMA_PATH_SIZE];
  int64_t way[SCHEMA_WAY_MAX];
};
struct spot { /* in the middle of it */
  enum kin kin;
  const struct ArrowSchema *base, *more;
  size_t end; /* of the path */
  int depth;
  bool repeated;
};

static bool has_items(const struct ArrowSchema *field) {
  return is_list(field->format) || strcmp(field->format, "+m") == 0;
}

/* Where the path ends with this child in it; it is cut where it is too long. */
static size_t add_name(struct finding *f, const struct spot *at, const struct ArrowSchema *child) {
  size_t left = sizeof f->path - at->end;
  const char *dot = at->end ? "." : "";
  int n = snprintf(f->path + at->end, left, "%s%s", has_items(at->more) ? "" : dot,
                   has_items(at->more) ? "[]" : name_of(child));
  return n < 0 ? at->end : at->end + ((size_t)n < left ? (size_t)n : left - 1);
}

static int find(struct finding *f, const struct spot *at);

static int look_at_child(struct finding *f, const struct spot *at, int64_t i) {
  const struct ArrowSchema *child = at->more->children[i];
  int64_t partner = partner_of(at->kin, at->base, at->more, i);
  struct spot below = {.more = child, .end = add_name(f, at, child), .depth = at->depth + 1};
  below.repeated = at->repeated || has_items(at->more);
  f->way[at->depth] = i;
  if (partner < 0) {
    const struct schema_new fresh = {f->path, child, f->way, below.depth, below.repeated};
    return f->found(f->context, &fresh);
  }
  below.base = at->base->children[partner];
  below.kin = kin_below(at->kin, at->base, below.base, child);
  return find(f, &below);
}

static int find(struct finding *f, const struct spot *at) {
  int code = SLUICE_OK;
  int64_t n = at->kin == KIN_NONE || at->depth > TREE_DEPTH_MAX ? 0 : at->more->n_children;
  for (int64_t i = 0; i < n && !code; i++) {
    code = look_at_child(f, at, i);
    f->path[at->end] = 0;
  }
  return code;
}

int schema_find_new(const struct ArrowSchema *base, const struct ArrowSchema *more, schema_new_fn *found,
                    void *context) {
  struct finding f = {.found = found, .context = context};
  const struct spot top = {.kin = KIN_BY_NAME, .base = base, .more = more};
  return find(&f, &top);
}

/* ---- adding ---- */

static struct ArrowSchema *grow(struct schema_tree *tree, enum kin kin, const struct ArrowSchema *base,
                                const struct ArrowSchema *more, int depth) {
  struct ArrowSchema *out = schema_tree_node(tree, base);
  if (!out || kin == KIN_NONE || depth > TREE_DEPTH_MAX)
    return out;
  int64_t n = base->n_children;
  if (!schema_tree_children(tree, out, (size_t)n + (size_t)more->n_children))
    return NULL;
  for (int64_t i = 0; i < n; i++)
    out->children[i] = base->children[i];
  for (int64_t i = 0; i < more->n_children; i++) {
    const struct ArrowSchema *child = more->children[i];
    int64_t at = partner_of(kin, base, more, i);
    int64_t to = at < 0 ? n++ : at;
    out->children[to] =
        at < 0 ? schema_tree_node(tree, child)
               : grow(tree, kin_below(kin, base, base->children[at], child), base->children[at], child, depth + 1);
    if (!out->children[to])
      return NULL;
    if (at < 0)
      out->children[to]->flags |= ARROW_FLAG_NULLABLE;
  }
  out->n_children = n;
  return out;
}

int schema_append(const struct ArrowSchema *base, const struct ArrowSchema *more, struct ArrowSchema *out) {
  struct schema_tree tree = {0};
  struct ArrowSchema *grown = grow(&tree, KIN_BY_NAME, base, more, 0);
  int code = grown ? sluice_schema_copy(grown, out) : SLUICE_ERR_MEMORY;
  schema_tree_finish(&tree);
  return code;
}
