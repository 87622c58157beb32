/* Messages made by hand, to be as wrong as they like. */
#ifndef ARROW_TEST_CRAFT_H
#define ARROW_TEST_CRAFT_H
#include "core/arrow/flat.h"
#include <sluice/ipc_types.h>

struct craft {
  struct flat flat;
  struct sluice_buffer out;
  int version, endianness; /* of the metadata: 4 is V5; 1: big-endian */
  int64_t views;           /* data buffers of the one view column; 0: there is none */
  size_t children;         /* the column's fields, if it has any: craft_field */
};
void craft_init(struct craft *c);
void craft_finish(struct craft *c);
/* Ends a message around the table that was closed last. */
void craft_message(struct craft *c, int kind, size_t header, const void *body, size_t size);
/* A Field table; what `type` and `children` refer to was closed before (type 0: an empty table; children 0: none). */
size_t craft_field(struct craft *c, const char *name, int tag, size_t type, size_t children);
size_t craft_int(struct craft *c, int bits); /* an Int table, of signed numbers */
/* A schema of one column: type `tag` with its table, which was closed before (0: an empty one). */
void craft_schema(struct craft *c, int tag, size_t type);
/* A RecordBatch of one column: nodes and buffers as numbers, two each. */
size_t craft_batch(struct craft *c, int64_t length, const int64_t *nodes, size_t n_nodes, const int64_t *buffers,
                   size_t n_buffers, size_t compression);
size_t craft_compression(struct craft *c, int codec);
/* Reads what was made; the text or the error, the caller's to free. */
char *craft_read(const struct craft *c);

#endif
