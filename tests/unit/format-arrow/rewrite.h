/* Arrow files through the reader and the writer. */
#ifndef ARROW_TEST_REWRITE_H
#define ARROW_TEST_REWRITE_H
#include "arrow_side.h"

/* Reads all of an Arrow stream or file and writes it as a stream, in batches of so many rows; 0: as they come. */
int rewrite(const uint8_t *data, size_t size, int64_t batch_rows, struct sluice_buffer *out, struct sluice_error *err);
/* Writes batches of one schema as a stream. */
int write_stream(const struct ArrowSchema *schema, const struct ArrowArray *const *batches, size_t n,
                 struct sluice_buffer *out, struct sluice_error *err);

#endif
