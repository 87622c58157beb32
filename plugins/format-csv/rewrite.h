/* Reads records byte by byte in any dialect, and writes them down anew as the converters read them: unquoted, or in
 * quotes that are doubled within. It gives what the fast index gives, wherever that can read the dialect. */
#ifndef CSV_REWRITE_H
#define CSV_REWRITE_H
#include "index.h"

struct csv_span {
  uint32_t start, end;
};
struct csv_rewritten {
  struct sluice_buffer text;
  struct csv_span *spans; /* of each record in the source, by its ordinal in the block */
};

/* As csv_index_block, which calls it; MEMORY is its own. */
enum csv_stop csv_rewrite_block(struct csv_index *ix, const struct csv_dialect *dialect, const uint8_t *data,
                                const struct csv_bounds *bounds);
void csv_rewritten_destroy(struct csv_rewritten *made);

#endif
