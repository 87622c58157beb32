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

/* How many children have the same names, in the same order, before any that differ: the most, in most files. */
static int64_t count_alike(const struct ArrowSchema *base, const struct ArrowSchema *more) {
  int64_t n = 0, most = base->n_children < more->n_children ? base->n_children : more->n_children;
  while (n < most && strcmp(name_of(base->children[n]), name_of(more->children[n])) == 0)
    n++;
  return n;
}

struct pair {
  enum kin kin;
  const struct ArrowSchema *base, *more;
  int64_t alike;
};

static struct pair pair_of(enum kin kin, const struct ArrowSchema *base, const struct ArrowSchema *more) {
  return (struct pair){kin, base, more, kin == KIN_BY_NAME ? count_alike(base, more) : 0};
}

/* The child of `base` for child i of `more`, -1: none. The second of a name goes with the second. */
static int64_t partner_of(const struct pair *p, int64_t i) {
  const char *name = name_of(p->more->children[i]);
  int64_t earlier = 0;
  if (p->kin == KIN_BY_PLACE || i < p->alike)
    return i;
  for (int64_t k = 0; k < i; k++)
    earlier += strcmp(name_of(p->more->children[k]), name) == 0;
  for (int64_t k = 0; k < p->base->n_children; k++) {
    bool same = strcmp(name_of(p->base->children[k]), name) == 0;
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
  struct pair pair;
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
  int n = snprintf(f->path + at->end, left, "%s%s", has_items(at->pair.more) ? "" : dot,
                   has_items(at->pair.more) ? "[]" : name_of(child));
  return n < 0 ? at->end : at->end + ((size_t)n < left ? (size_t)n : left - 1);
}

static int find(struct finding *f, const struct spot *at);

static int look_at_child(struct finding *f, const struct spot *at, int64_t i) {
  const struct ArrowSchema *child = at->pair.more->children[i];
  int64_t partner = partner_of(&at->pair, i);
  struct spot below = {.end = add_name(f, at, child), .depth = at->depth + 1};
  below.repeated = at->repeated || has_items(at->pair.more);
  f->way[at->depth] = i;
  if (partner < 0) {
    const struct schema_new fresh = {f->path, child, f->way, below.depth, below.repeated};
    return f->found(f->context, &fresh);
  }
  const struct ArrowSchema *base = at->pair.base->children[partner];
  below.pair = pair_of(kin_below(at->pair.kin, at->pair.base, base, child), base, child);
  return find(f, &below);
}

static int find(struct finding *f, const struct spot *at) {
  int code = SLUICE_OK;
  int64_t n = at->pair.kin == KIN_NONE || at->depth > TREE_DEPTH_MAX ? 0 : at->pair.more->n_children;
  for (int64_t i = 0; i < n && !code; i++) {
    code = look_at_child(f, at, i);
    f->path[at->end] = 0;
  }
  return code;
}

int schema_find_new(const struct ArrowSchema *base, const struct ArrowSchema *more, schema_new_fn *found,
                    void *context) {
  struct finding f = {.found = found, .context = context};
  const struct spot top = {.pair = pair_of(KIN_BY_NAME, base, more)};
  return find(&f, &top);
}

/* ---- adding ---- */

static struct ArrowSchema *grow(struct schema_tree *tree, const struct pair *p, int depth);

/* Child i of `more`: what the child of `base` at that place becomes, or (at < 0) a new one. */
static struct ArrowSchema *grow_child(struct schema_tree *tree, const struct pair *p, int64_t i, int64_t at,
                                      int depth) {
  const struct ArrowSchema *child = p->more->children[i];
  if (at >= 0) {
    const struct ArrowSchema *base = p->base->children[at];
    const struct pair below = pair_of(kin_below(p->kin, p->base, base, child), base, child);
    return grow(tree, &below, depth + 1);
  }
  struct ArrowSchema *out = schema_tree_node(tree, child);
  if (out)
    out->flags |= ARROW_FLAG_NULLABLE;
  return out;
}

static struct ArrowSchema *grow(struct schema_tree *tree, const struct pair *p, int depth) {
  struct ArrowSchema *out = schema_tree_node(tree, p->base);
  if (!out || p->kin == KIN_NONE || depth > TREE_DEPTH_MAX)
    return out;
  int64_t n = p->base->n_children;
  if (!schema_tree_children(tree, out, (size_t)n + (size_t)p->more->n_children))
    return NULL;
  for (int64_t i = 0; i < n; i++)
    out->children[i] = p->base->children[i];
  for (int64_t i = 0; i < p->more->n_children; i++) {
    int64_t at = partner_of(p, i), to = at < 0 ? n++ : at;
    out->children[to] = grow_child(tree, p, i, at, depth);
    if (!out->children[to])
      return NULL;
  }
  out->n_children = n;
  return out;
}

int schema_append(const struct ArrowSchema *base, const struct ArrowSchema *more, struct ArrowSchema *out) {
  struct schema_tree tree = {0};
  const struct pair top = pair_of(KIN_BY_NAME, base, more);
  struct ArrowSchema *grown = grow(&tree, &top, 0);
  int code = grown ? sluice_schema_copy(grown, out) : SLUICE_ERR_MEMORY;
  schema_tree_finish(&tree);
  return code;
}
