/* Stretches of the input: what the source has in memory where it can, else read once into aligned memory. */
#ifndef ARROW_BYTES_H
#define ARROW_BYTES_H
#include "format.h"

struct arrow_source { /* the input, and what messages call it */
  struct sluice_input *input;
  const char *part;
};
/* Exactly n bytes; DATA where the input ends before. Of an input of unknown size no more memory is taken than it has
 * bytes. */
int arrow_bytes_read(const struct arrow_source *source, int64_t offset, int64_t n, struct sluice_bytes *out,
                     struct sluice_error *err);
/* Up to n bytes into `buffer`; *got is less only at the end. */
int arrow_bytes_peek(const struct arrow_source *source, int64_t offset, void *buffer, size_t n, size_t *got,
                     struct sluice_error *err);
void arrow_bytes_release(struct sluice_bytes *bytes);
/* Aligned memory of n bytes as bytes that own it. */
int arrow_bytes_create(size_t n, struct sluice_bytes *out, uint8_t **data);

#endif
