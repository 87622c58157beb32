/* How values of the writer's schema become values of the reader's ("Schema Resolution"): a graph of pairs of types. */
#ifndef AVRO_RESOLVE_H
#define AVRO_RESOLVE_H
#include "schema.h"

enum avro_how {
  AVRO_NODE_VALUE, /* both are the same kind, or the writer's is promoted */
  AVRO_NODE_UNION, /* the writer's union: the child of the branch that was written */
  AVRO_NODE_PUT,   /* the reader's union: the child is put into `branch` */
  AVRO_NODE_NONE   /* no such value can be read */
};
struct avro_fallback { /* a field that the writer lacks: its default value, in Avro's binary encoding */
  uint32_t field;
  const struct avro_node *node; /* of the reader's type read as itself */
  uint8_t *data;                /* with AVRO_SYNC readable bytes behind it */
  size_t size;
};
struct avro_node {
  enum avro_how how;
  const struct avro_type *writer, *reader;
  uint32_t branch, count, missing;
  const struct avro_node **children; /* of records: by the writer's fields */
  int32_t *targets; /* of records: the reader's field for each of the writer's; of enums: symbols; -1: none */
  struct avro_fallback *fallbacks; /* of records, for `missing` fields */
  char *reason;                    /* of NONE */
};
struct avro_resolution {
  struct avro_node **nodes; /* all of them, for their release */
  size_t count, capacity;
  const struct avro_node *root;
};

/* reader NULL: each type is read as itself. The result borrows from both. */
int avro_resolve(const struct avro_schema *writer, const struct avro_schema *reader, const char *where,
                 struct avro_resolution *out, struct sluice_error *err);
void avro_resolution_finish(struct avro_resolution *resolution);

/* For resolve.c and its parts. */
struct avro_resolving {
  struct avro_resolution *out;
  const char *where;
  int depth, optional; /* optional: branches of the writer's unions that are being looked at */
  struct sluice_error *err;
};
int avro_resolve_same(struct avro_resolving *r, const struct avro_type *type, const struct avro_node **out);
/* Encodes a default value; DATA: the value is not of the type. */
int avro_default_encode(const json_t *value, const struct avro_type *type, struct sluice_buffer *out,
                        struct avro_resolving *r, const char *name);

#endif
