/* Records as an Arrow IPC stream. Private to core/encode. */
#ifndef ENCODE_IPC_H
#define ENCODE_IPC_H
#include <sluice/arrow.h>

/* Replaces *out by a whole stream: schema, one batch of the rows first..last-1, end. DATA: over 1 GiB. */
int encode_ipc(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t first, int64_t last,
               struct sluice_buffer *out, struct sluice_error *err);

#endif
