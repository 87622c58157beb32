/* What the mapping's files share: the compiled tree of the outgoing record. */
#ifndef SLUICE_MAPPING_INTERNAL_H
#define SLUICE_MAPPING_INTERNAL_H
#include "core/mapping/mapping.h"

struct rule {
  char *from, *to, *value, *default_value;
  char format[64]; /* C Data format; "" as found */
  bool required;
};
struct node { /* of the outgoing record: a leaf has a rule, a struct has children */
  char *name;
  long rule; /* -1: a struct */
  struct node *children;
  size_t n_children;
};
struct mapping {
  struct rule *rules;
  size_t n_rules;
  struct node root;
};

struct leaf {                /* of rule i, bound */
  int64_t column;            /* index in the incoming schema; -1: constant */
  struct ArrowSchema found;  /* of that column */
  struct ArrowSchema target; /* what goes out */
  struct ArrowArray value;   /* one row: the constant or default, shared; released when there is none */
};
struct mapping_bound {
  const struct mapping *mapping;
  struct ArrowSchema schema;
  struct leaf *leaves;
  int64_t *uses; /* of each incoming column */
};

/* One value of a field, parsed from text. */
int mapping_constant(const struct ArrowSchema *field, const char *text, struct ArrowArray *out,
                     struct sluice_error *err);

#endif
