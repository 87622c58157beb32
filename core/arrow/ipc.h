/* The parts of the IPC stream writer: schema messages, and the nodes and buffers of a batch. */
#ifndef SLUICE_ARROW_IPC_H
#define SLUICE_ARROW_IPC_H
#include "flat.h"
#include "path.h"

enum { IPC_SCHEMA = 1, IPC_DICTIONARY = 2, IPC_RECORDS = 3, IPC_ALIGN = 64 };

/* The Schema table of a struct schema; dictionaries are numbered from 0. */
size_t ipc_schema(struct flat *f, const struct ArrowSchema *schema);

struct piece { /* one buffer of a body */
  const void *data;
  int64_t size;
};
struct ipc_body { /* what a batch consists of; pieces point into the arrays, or into what `made` holds */
  struct sluice_buffer nodes, pieces, counts;
  struct sluice_buffer *made;
  size_t n_made, room_made;
};
/* Adds a column's rows first..first+n-1, the array's offset not yet added. MEMORY or OK. */
int ipc_body_add(struct ipc_body *body, const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t first,
                 int64_t n);
/* Columns whose rows point into what they share: only what these rows point to goes out. The rows as above; of the
 * dense union with the array's offset added. */
int ipc_views_add(struct ipc_body *body, const struct ArrowArray *array, int64_t first, int64_t n);
int ipc_list_views_add(struct ipc_body *body, const struct ArrowSchema *schema, const struct ArrowArray *array,
                       int64_t width, int64_t first, int64_t n);
int ipc_dense_union_add(struct ipc_body *body, const struct ArrowSchema *schema, const struct ArrowArray *array,
                        int64_t at, int64_t n);
/* The next buffer: as it lies in an array, or a new one of n zeroed bytes (NULL: no memory). */
int ipc_piece_add(struct ipc_body *body, const void *data, int64_t size);
void *ipc_piece_make(struct ipc_body *body, int64_t n);
void ipc_body_reset(struct ipc_body *body);
void ipc_body_free(struct ipc_body *body);
/* Bytes of all pieces, each padded. */
int64_t ipc_body_size(const struct ipc_body *body);
/* The RecordBatch table. */
size_t ipc_batch(struct flat *f, const struct ipc_body *body, int64_t length);

static inline const struct piece *ipc_pieces(const struct ipc_body *body, size_t *n) {
  *n = body->pieces.size / sizeof(struct piece);
  return (const struct piece *)(const void *)body->pieces.data;
}
static inline size_t ipc_padding(int64_t size) {
  return (size_t)(-size & (IPC_ALIGN - 1));
}

#endif
