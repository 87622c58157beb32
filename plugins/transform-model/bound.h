/* A model's rules bound to the columns of one schema: what is read, what is checked, what goes out. */
#ifndef MODEL_BOUND_H
#define MODEL_BOUND_H
#include "constant.h"
#include "names.h"
#include "options.h"

enum role { ROLE_ENTRY, ROLE_FEATURE, ROLE_TAG, ROLE_SHAP, ROLE_VECTOR, ROLE_RAW_DATA, ROLE_LINK };
struct use { /* a column that is read, in one of its roles */
  int64_t column;
  enum role role;
  const char *name, *what;  /* of the column; of the role, for messages */
  struct ArrowSchema plain; /* as it is checked and goes out, but for timestamps */
  struct sluice_type type;  /* of that */
  bool cast;                /* it comes in as another type */
};

enum node_kind { NODE_STRUCT, NODE_COLUMN, NODE_TIME, NODE_NOW, NODE_CONSTANT, NODE_FILLED };
struct node { /* of the record that goes out */
  const char *name;
  enum node_kind kind;
  size_t use;                /* COLUMN, TIME, FILLED */
  struct constant *constant; /* CONSTANT; FILLED: what stands for nulls */
  struct node *children;
  size_t count, room;
};

struct checking;
struct check { /* of a batch; the first fault of a row rejects it */
  int (*run)(const struct check *, struct checking *);
  size_t use, other; /* uses; what the check says of them */
  int64_t limit;
  const char *code; /* where one check serves several rules */
  char *text;       /* owned */
  size_t *set;      /* uses, owned */
  size_t n_set;
};

enum { NO_USE = -1 };
enum {
  CONSTANT_SPACE,
  CONSTANT_NAME,
  CONSTANT_TYPE,
  CONSTANT_VERSION,
  CONSTANT_ENVIRONMENT,
  CONSTANT_BATCH,
  CONSTANTS
};
struct bound {
  struct model *model;
  struct ArrowSchema in, out; /* out: for the rows that stay */
  struct names names;
  struct use *uses;
  size_t n_uses, uses_room;
  int64_t of_entry[ENTRY_COUNT];        /* its use, or NO_USE */
  int64_t time;                         /* use of the timestamp, or NO_USE */
  enum sluice_time_unit time_unit;      /* of the timestamps that go out */
  struct constant constants[CONSTANTS]; /* those with a text are in use */
  struct node root;
  struct check *checks;
  size_t n_checks, checks_room;
};

/* columns.c: finds the columns of every role. Mistakes go to faults; MEMORY else. */
int columns_assign(struct bound *, struct faults *);
/* use.c: adds a use, given its column, role and what. A type that is not among the kinds it wants is a fault. */
int use_add(struct bound *, const struct use *role, unsigned wants, struct faults *faults, size_t *index);
const char *use_column_name(const struct bound *, int64_t column);
/* plan.c: room for one more item in an array that grows; NULL: no memory. */
void *plan_grow(void *items, size_t count, size_t *room, size_t size);
/* A child of a struct node, made where there is none; NULL: no memory. Valid until the next call. */
struct node *plan_child(struct node *parent, const char *name, enum node_kind kind);
int plan_start(struct bound *); /* the members that every record has, and the order of all */
int plan_rest(struct bound *);  /* what the columns decide of them */
int plan_leaf(struct node *parent, const char *name, size_t use);
void plan_prune(struct node *); /* drops structs without members */
int plan_schema(const struct bound *, struct ArrowSchema *out);
void plan_finish(struct node *);
/* compile.c: the checks. */
int compile_checks(struct bound *);
/* time.c: the unit of the timestamps that go out. */
enum sluice_time_unit time_unit(const struct sluice_type *from);

#endif
