/* Where a rule's value goes: paths such as "meta.tags[]" and "items[].id" in the tree of the outgoing record. */
#include "core/mapping/internal.h"
#include <stdlib.h>

enum { MAX_PLACES = 256 };

void mapping_node_finish(struct node *node) {
  for (size_t i = 0; i < node->n_children; i++)
    mapping_node_finish(&node->children[i]);
  free(node->children);
  free(node->name);
}

struct step {        /* of a path */
  enum node_kind in; /* what it is a step in: a record, "[]" or "[N]" */
  const char *name;
  size_t n, place;
  bool last;
};
struct placing {
  struct mapping *mapping;
  size_t rule;
  const char *at; /* rest of the path */
  const char *where;
  struct sluice_error *err;
};

static int fail(const struct placing *p, const char *what) {
  return sluice_fail(p->err, SLUICE_ERR_CONFIG, p->where, "'%s' %s", p->mapping->rules[p->rule].to, what);
}

static int no_path(const struct placing *p) {
  return fail(p, "is not a path: names with dots between, each with [] or a place such as [0] behind it, 16 at most");
}

static int taken(const struct placing *p) {
  return fail(p, "is already taken by another rule; give each its own place");
}

/* "[]" and "[12]"; false: neither. */
static bool read_brackets(const char **at, struct step *step) {
  const char *text = *at + 1;
  size_t n = strspn(text, "0123456789");
  int64_t place = 0;
  if (text[n] != ']' || (n && (!sluice_parse_int(text, n, &place) || place >= MAX_PLACES)))
    return false;
  step->in = n ? NODE_PLACES : NODE_EACH;
  step->place = (size_t)place;
  *at = text + n + 1;
  return true;
}

static int read_step(struct placing *p, bool first, struct step *out) {
  bool literal = p->mapping->rules[p->rule].literal;
  *out = (struct step){.in = NODE_RECORD};
  if (!first && *p->at == '[' && !literal) {
    if (!read_brackets(&p->at, out))
      return no_path(p);
  } else {
    out->name = p->at += first ? 0 : *p->at == '.';
    out->n = strcspn(p->at, literal ? "." : ".[]");
    p->at += out->n;
    if (out->n == 0)
      return no_path(p);
  }
  out->last = !*p->at;
  return out->last || *p->at == '.' || (*p->at == '[' && !literal) ? SLUICE_OK : no_path(p);
}

static struct node *add(struct node *parent, const char *name, size_t n) {
  struct node *grown = realloc(parent->children, (parent->n_children + 1) * sizeof *grown);
  if (!grown)
    return NULL;
  parent->children = grown;
  struct node *node = &grown[parent->n_children];
  *node = (struct node){.name = strndup(name, n)};
  if (!node->name)
    return NULL;
  parent->n_children++;
  return node;
}

static struct node *add_item(struct node *parent) {
  return add(parent, "item", 4);
}

static struct node *find_or_add(struct node *parent, const struct step *step) {
  for (size_t i = 0; i < parent->n_children; i++)
    if (strlen(parent->children[i].name) == step->n && memcmp(parent->children[i].name, step->name, step->n) == 0)
      return &parent->children[i];
  return add(parent, step->name, step->n);
}

/* Places may come in any order; mapping_check_places finds those that never came. */
static struct node *place_or_add(struct node *parent, size_t place) {
  while (parent->n_children <= place)
    if (!add_item(parent))
      return NULL;
  return &parent->children[place];
}

/* Leaves stand one behind the other; all else is one child, made for each item. */
static struct node *each_or_add(struct node *parent, bool leaf) {
  return leaf || parent->n_children == 0 ? add_item(parent) : &parent->children[0];
}

static int descend(struct placing *p, struct node *parent, const struct step *step, struct node **out) {
  if (parent->kind == NODE_OPEN)
    parent->kind = step->in;
  bool leaves = parent->kind == NODE_EACH && parent->n_children && parent->children[0].kind == NODE_LEAF;
  bool others = parent->kind == NODE_EACH && parent->n_children && !leaves;
  if (parent->kind != step->in || (leaves && !step->last) || (others && step->last))
    return taken(p);
  *out = step->in == NODE_RECORD   ? find_or_add(parent, step)
         : step->in == NODE_PLACES ? place_or_add(parent, step->place)
                                   : each_or_add(parent, step->last);
  return *out ? SLUICE_OK : sluice_fail(p->err, SLUICE_ERR_MEMORY, p->where, "no memory");
}

int mapping_place(struct mapping *mapping, size_t i, const char *where, struct sluice_error *err) {
  struct placing p = {mapping, i, mapping->rules[i].to, where, err};
  struct node *node = &mapping->root;
  struct step step = {0};
  for (int depth = 0; !step.last; depth++) {
    int code = depth == MAPPING_DEPTH ? no_path(&p) : read_step(&p, depth == 0, &step);
    if (!code)
      code = descend(&p, node, &step, &node);
    if (code)
      return code;
  }
  if (node->kind != NODE_OPEN)
    return taken(&p);
  node->kind = NODE_LEAF;
  node->rule = i;
  return SLUICE_OK;
}

static int check_node(const struct node *node, const char *name, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < node->n_children && !code; i++) {
    const struct node *child = &node->children[i];
    if (child->kind == NODE_OPEN)
      return sluice_fail(err, SLUICE_ERR_CONFIG, "mapping",
                         "the list '%s' has no rule for its place [%zu]: places are counted from 0, without gaps", name,
                         i);
    code = check_node(child, node->kind == NODE_RECORD ? child->name : name, err);
  }
  return code;
}

int mapping_check_places(const struct mapping *mapping, struct sluice_error *err) {
  return check_node(&mapping->root, "", err);
}
