/* The header of an object container file: magic, metadata, sync marker. */
#ifndef AVRO_HEADER_H
#define AVRO_HEADER_H
#include "input.h"
#include "schema.h"

struct avro_meta {
  uint8_t *key, *value; /* value: within the same memory as key */
  size_t key_size, value_size;
};
struct avro_header {
  struct avro_meta *meta;
  size_t count, capacity;
  uint8_t sync[AVRO_SYNC];
  int64_t size; /* bytes of it: where the blocks begin */
};

/* Reads it from the start of the input. DATA and UNSUPPORTED name what else it looks like. */
int avro_header_read(struct avro_header *h, struct avro_input *w, const char *where, struct sluice_error *err);
void avro_header_finish(struct avro_header *h);
/* The last value under that key; NULL: none. */
const struct avro_meta *avro_header_find(const struct avro_header *h, const char *key);
int avro_header_schema(const struct avro_header *h, const char *where, struct avro_schema **out,
                       struct sluice_error *err);

#endif
