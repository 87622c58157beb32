/* The bytes of an input that are at hand: a buffer that moves forward and holds at least one block whole. */
#ifndef AVRO_INPUT_H
#define AVRO_INPUT_H
#include "avro.h"

struct avro_input {
  struct sluice_input *in;
  uint8_t *data; /* with AVRO_SYNC readable bytes behind `end` */
  size_t start, end, capacity, limit;
  int64_t offset;    /* in the input, of data[start] */
  int64_t announced; /* will_need was told up to here */
  bool ended;        /* the input has nothing behind `end` */
};

/* limit: bytes that are held at most. */
void avro_input_init(struct avro_input *w, struct sluice_input *in, size_t limit);
void avro_input_finish(struct avro_input *w);

static inline size_t avro_input_size(const struct avro_input *w) {
  return w->end - w->start;
}
const uint8_t *avro_input_bytes(const struct avro_input *w);
static inline void avro_input_skip(struct avro_input *w, size_t n) {
  w->start += n;
  w->offset += (int64_t)n;
}
/* Reads until n bytes are at hand or the input has ended. MEMORY: over the limit. */
int avro_input_need(struct avro_input *w, size_t n, struct sluice_error *err);
/* Goes forward to this offset: within what is at hand, by a jump, or by reading where the size is not known. */
int avro_input_seek(struct avro_input *w, int64_t offset, struct sluice_error *err);

#endif
