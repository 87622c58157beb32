/* The bytes of an input that are at hand: a buffer that moves forward, reads ahead and grows only for long records. */
#ifndef JSON_INPUT_H
#define JSON_INPUT_H
#include "json.h"

struct json_input {
  struct sluice_input *in;
  const struct sluice_host *host; /* asked before each read whether to go on; may be NULL */
  uint8_t *data;                  /* with JSON_PADDING zero bytes behind `end` */
  size_t start, end;              /* of the unread bytes in data */
  size_t capacity, limit;         /* limit: of the unread bytes */
  int64_t offset;                 /* in the input, of data[start] */
  int64_t bound;                  /* from here on only the rest of a record is wanted; INT64_MAX: none */
  int64_t announced;              /* will_need was told up to here */
  bool ended;                     /* the input has nothing behind `end` */
};

/* At the start of the input; never more than `limit` unread bytes are held. */
void json_input_init(struct json_input *w, struct sluice_input *in, const struct sluice_host *host, size_t limit);
void json_input_finish(struct json_input *w);

static inline size_t json_input_size(const struct json_input *w) {
  return w->end - w->start;
}
const uint8_t *json_input_bytes(const struct json_input *w);
static inline void json_input_skip(struct json_input *w, size_t n) {
  w->start += n;
  w->offset += (int64_t)n;
}

/* Reads on, so that at least one more byte is at hand, or `ended` is true. MEMORY: over the limit. */
int json_input_more(struct json_input *w, struct sluice_error *err);
/* Reads until n bytes are at hand or the input has ended. */
int json_input_need(struct json_input *w, size_t n, struct sluice_error *err);
/* Goes forward to this offset. */
int json_input_seek(struct json_input *w, int64_t offset, struct sluice_error *err);

#endif
