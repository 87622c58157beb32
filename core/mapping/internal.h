/* What the mapping's files share: the compiled tree of the outgoing record, and the same bound to a schema. */
#ifndef SLUICE_MAPPING_INTERNAL_H
#define SLUICE_MAPPING_INTERNAL_H
#include "core/mapping/mapping.h"

enum { MAPPING_DEPTH = 16 };

/* ---- compiled ---- */

struct rule {
  char *from, *to, *value, *default_value;
  char format[64];                 /* C Data format; "" as found */
  bool required, exclude, literal; /* literal: `to` is `from`, whose brackets are part of the name */
};
enum node_kind {
  NODE_OPEN,   /* made by a path that goes on */
  NODE_LEAF,   /* a rule */
  NODE_RECORD, /* children by name */
  NODE_EACH,   /* "[]": leaves one behind the other, or one child that is made for each item */
  NODE_PLACES  /* "[0]", "[1]": a child each */
};
struct node { /* of the outgoing record */
  enum node_kind kind;
  char *name;  /* of a child of a record; else "item" */
  size_t rule; /* of a leaf */
  struct node *children;
  size_t n_children;
};
struct mapping {
  struct rule *rules;
  size_t n_rules;
  struct node root;
  bool keep;
  char *carried;
};

/* Puts rule i at its path in the tree. */
int mapping_place(struct mapping *, size_t i, const char *where, struct sluice_error *err);
int mapping_check_places(const struct mapping *, struct sluice_error *err); /* no place of a list is left out */
void mapping_node_finish(struct node *);

/* ---- where a column is ---- */

struct way { /* child by child, from the record down */
  int64_t steps[MAPPING_DEPTH];
  int n; /* 0: there is no such column */
};
struct way mapping_find(const struct ArrowSchema *in, const char *path);

/* ---- bound ---- */

struct leaf {                /* of rule i */
  struct way way;            /* n 0: constant */
  struct ArrowSchema found;  /* of that column; in lists and structs without dictionaries and the like */
  struct ArrowSchema target; /* what goes out; in lists, of an item */
  struct ArrowSchema column; /* in lists: `lists` times a list of the target */
  int lists;                 /* levels of lists that are taken off the column */
  bool plain;                /* `found` is not just as it came */
  struct ArrowArray value;   /* one row: the constant or default, shared; released when there is none */
};
struct kept { /* a column that follows */
  int64_t column;
  struct ArrowSchema target;
  bool whole;
};
struct build {             /* a node in a list */
  const struct node *node; /* NULL: null in each row */
  struct build *children;  /* of a record: one for each field of the item; else as the node's */
  size_t n_children;
  size_t *rules; /* all below it */
  size_t n_rules;
};
struct list { /* a node where lists begin */
  const struct node *node;
  struct build build;
  const struct ArrowSchema *schema; /* in the outgoing one */
};
struct mapping_bound {
  const struct mapping *mapping;
  struct ArrowSchema in; /* a copy of what it is bound to */
  struct ArrowSchema schema;
  struct leaf *leaves; /* of each rule */
  struct kept *kept;
  size_t n_kept;
  struct list *lists;
  size_t n_lists;
  int64_t *uses;     /* of each incoming column */
  struct way *named; /* what rules name of columns that are kept */
  size_t n_named;
};

/* One value of a field, parsed from text; NULL: null. */
int mapping_constant(const struct ArrowSchema *field, const char *text, struct ArrowArray *out,
                     struct sluice_error *err);
/* The rule's constant, or its default, as a value of that field; CONFIG where it does not fit. */
int mapping_text(const struct rule *, const struct ArrowSchema *field, const char *where, struct ArrowArray *out,
                 struct sluice_error *err);
/* The type that holds both as they are; CONFIG where there is none. The name is a's. `to`: for the message. */
int mapping_unify(const struct ArrowSchema *a, const struct ArrowSchema *b, const char *to, struct ArrowSchema *out,
                  struct sluice_error *err);
/* The schema of a list node whose leaves are bound. */
int mapping_list_schema(struct mapping_bound *, const struct node *, struct ArrowSchema *out, struct sluice_error *err);
/* Says how the node's items are made; schema: of one item (or of the leaf, or of the list). */
int mapping_plan_build(const struct node *, const struct ArrowSchema *schema, struct build *out);
void mapping_build_finish(struct build *);
/* The columns that follow, and their place in the outgoing schema. */
int mapping_bind_kept(struct mapping_bound *, const struct ArrowSchema *in, struct sluice_error *err);
/* A copy without the fields that rules name. */
int mapping_prune_schema(const struct mapping_bound *, const struct ArrowSchema *schema, int64_t column,
                         struct ArrowSchema *out);
int mapping_prune_array(const struct mapping_bound *, struct ArrowArray *shared, int64_t column,
                        struct ArrowArray *out);

/* ---- one call of mapping_apply ---- */

struct job {
  const struct mapping_bound *bound;
  struct ArrowArray *in;
  int64_t seq;
  struct sluice_rejects *rejects;
  uint8_t *keep;
  const char *column; /* source column, for messages */
  struct sluice_error *err;
};
int mapping_reject(struct job *, int64_t row, const char *reason);
int mapping_on_misfit(void *job, int64_t row, const char *column, const char *reason);
/* Column i as an own array: a slice where the struct has an offset, or others need the column too, else moved out. */
int mapping_take(struct job *, int64_t i, struct ArrowArray *out);
/* What the leaf's way leads to, null where a struct on the way is. */
int mapping_take_leaf(struct job *, const struct leaf *, struct ArrowArray *out);
/* Rows with replace[i] become the one value. Replaces *array on OK. */
int mapping_replace(const struct ArrowSchema *, struct ArrowArray *array, const uint8_t *replace,
                    const struct ArrowArray *value, struct sluice_error *err);
int mapping_apply_list(struct job *, const struct list *, struct ArrowArray *out);

#endif
