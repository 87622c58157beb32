/* Custom metadata: lists of KeyValue tables as C Data encodes them. */
#ifndef ARROW_METADATA_H
#define ARROW_METADATA_H
#include "fields.h"

/* An empty buffer: there is none. DATA: a fault, which is in the FlatBuffer; MEMORY. */
int arrow_metadata_read(const struct fb_table *table, unsigned slot, struct sluice_buffer *out);
/* The value of a key in a KeyValue list; NULL: it is not there. */
const char *arrow_metadata_find(const struct fb_table *table, unsigned slot, const char *key, size_t *size);
/* Pair i of encoded metadata, and where the next one is. */
struct arrow_pair {
  const char *key, *value;
  int32_t key_size, value_size;
};
struct arrow_pair arrow_metadata_next(const char **at);

#endif
