/* The bytes of an input that are at hand: a buffer that moves forward, reads ahead and grows only for long records. */
#ifndef CSV_WINDOW_H
#define CSV_WINDOW_H
#include "csv.h"

struct csv_window {
  struct sluice_input *input;
  uint8_t *data;          /* with CSV_PADDING readable bytes behind `end` */
  size_t start, end;      /* of the unread bytes in data */
  size_t capacity, limit; /* limit: of the unread bytes */
  int64_t offset;         /* in the input, of data[start] */
  int64_t bound;          /* nothing is wanted from here on but the rest of one record; INT64_MAX: none */
  int64_t announced;      /* will_need was told up to here */
  bool ended;             /* the input has nothing behind `end` */
};

extern const uint8_t csv_window_none[CSV_PADDING]; /* what there is before the first read */

/* A window at the start of the input that holds at most `limit` unread bytes. */
void csv_window_init(struct csv_window *w, struct sluice_input *input, size_t limit);
void csv_window_finish(struct csv_window *w);

static inline size_t csv_window_size(const struct csv_window *w) {
  return w->end - w->start;
}
static inline const uint8_t *csv_window_bytes(const struct csv_window *w) {
  return w->data ? w->data + w->start : csv_window_none;
}
static inline void csv_window_skip(struct csv_window *w, size_t n) {
  w->start += n;
  w->offset += (int64_t)n;
}

/* Reads on, so that at least one more byte is at hand, or `ended` is true. MEMORY: over the limit. */
int csv_window_more(struct csv_window *w, struct sluice_error *err);
/* Reads until n bytes are at hand or the input has ended. */
int csv_window_need(struct csv_window *w, size_t n, struct sluice_error *err);
/* The text ends at this offset, which is at hand: what is behind it is dropped, and nothing more is read. */
void csv_window_cut(struct csv_window *w, int64_t offset);
/* Goes forward to this offset: within what is at hand, by a jump, or by reading where the size is not known. */
int csv_window_seek(struct csv_window *w, int64_t offset, struct sluice_error *err);

#endif
