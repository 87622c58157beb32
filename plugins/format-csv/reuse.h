/* The memory of a column's batches, used again: what a batch took comes back when its array is released. Without this
 * the allocator gives it back to the kernel with each batch, and the page faults cost a third of the whole reading. */
#ifndef CSV_REUSE_H
#define CSV_REUSE_H
#include <sluice/arrow.h>

enum { CSV_BUFFERS = 3 }; /* validity, values, bytes */

struct csv_reuse;
int csv_reuse_create(struct csv_reuse **out);
/* The column ends; arrays may live on, and the last of them frees the rest. Takes NULL. */
void csv_reuse_leave(struct csv_reuse *);
/* Makes an array of the first n buffers, which are taken on OK; empty ones with the memory of a batch that is gone, if
 * there is one, take their place. A validity without bytes becomes NULL. The array's release is [any]. */
int csv_reuse_array(struct csv_reuse *, int64_t length, int64_t null_count, struct sluice_buffer buffers[CSV_BUFFERS],
                    int64_t n, struct ArrowArray *out);

#endif
