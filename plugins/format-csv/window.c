/* The bytes of an input that are at hand. */
#include "window.h"
#include <stdlib.h>

const uint8_t csv_window_none[CSV_PADDING];

void csv_window_init(struct csv_window *w, struct sluice_input *input, size_t limit) {
  *w = (struct csv_window){.input = input, .limit = limit, .bound = INT64_MAX, .ended = input->size == 0};
}

void csv_window_finish(struct csv_window *w) {
  free(w->data);
  w->data = NULL;
  w->start = w->end = w->capacity = 0;
}

static int set_capacity(struct csv_window *w, size_t capacity, struct sluice_error *err) {
  uint8_t *data = realloc(w->data, capacity + CSV_PADDING);
  if (!data)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a read buffer of %zu bytes", capacity);
  w->data = data;
  w->capacity = capacity;
  return SLUICE_OK;
}

/* Moves the unread bytes to the front and makes room for `more` behind them; gives memory back after a long record. */
static int make_room(struct csv_window *w, size_t more, struct sluice_error *err) {
  size_t held = csv_window_size(w), need = held + more;
  if (held && w->start)
    memmove(w->data, w->data + w->start, held);
  w->start = 0;
  w->end = held;
  if (need > w->capacity || w->capacity / 4 > need)
    return set_capacity(w, need, err);
  return SLUICE_OK;
}

/* Keeps the announced ranges up to `window` bytes ahead of what was read. */
static void announce(struct csv_window *w, int64_t at) {
  struct sluice_input *in = w->input;
  int64_t last = in->size < w->bound ? in->size : w->bound;
  if (!in->will_need || in->size < 0 || in->window <= 0)
    return;
  if (w->announced < at)
    w->announced = at;
  if (w->announced - at > in->window / 2 || w->announced >= last)
    return;
  int64_t size = at + in->window - w->announced;
  if (size > last - w->announced)
    size = last - w->announced;
  const struct sluice_range range = {w->announced, size};
  w->announced += size;
  in->will_need(in, &range, 1);
}

/* How much to read at this offset: a chunk or as much as is held, so that a long record is looked at few times. */
static size_t next_read(const struct csv_window *w, int64_t at) {
  size_t held = csv_window_size(w), want = held > CSV_CHUNK ? held : CSV_CHUNK;
  int64_t size = w->input->size;
  if (size >= 0 && size - at < (int64_t)want)
    want = size > at ? (size_t)(size - at) : 1;
  if (at < w->bound && w->bound - at < (int64_t)want)
    want = (size_t)(w->bound - at);
  return want > w->limit - held ? w->limit - held : want;
}

int csv_window_more(struct csv_window *w, struct sluice_error *err) {
  if (w->ended)
    return SLUICE_OK;
  if (csv_window_size(w) >= w->limit)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "more than %zu bytes would have to be held", w->limit);
  int64_t at = w->offset + (int64_t)csv_window_size(w);
  size_t want = next_read(w, at), got = 0;
  int rc = make_room(w, want, err);
  if (rc)
    return rc;
  announce(w, at);
  rc = w->input->read_at(w->input, at, w->data + w->end, want, &got, err);
  if (rc)
    return rc;
  if (got > want)
    return sluice_fail(err, SLUICE_ERR_BUG, "", "the input gave more bytes than it was asked for");
  w->end += got;
  memset(w->data + w->end, 0, CSV_PADDING);
  if (w->input->size >= 0 && got < want && at + (int64_t)got < w->input->size) {
    sluice_fail(err, SLUICE_ERR_DATA, "", "the input ends at byte %lld, and its size is %lld: it is cut short",
                (long long)(at + (int64_t)got), (long long)w->input->size);
    return SLUICE_ERR_DATA;
  }
  w->ended = got < want || (w->input->size >= 0 && at + (int64_t)got >= w->input->size);
  return SLUICE_OK;
}

int csv_window_need(struct csv_window *w, size_t n, struct sluice_error *err) {
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK && csv_window_size(w) < n && !w->ended)
    rc = csv_window_more(w, err);
  return rc;
}

void csv_window_cut(struct csv_window *w, int64_t offset) {
  w->end = w->start + (size_t)(offset - w->offset);
  w->ended = true;
  memset(w->data + w->end, 0, CSV_PADDING);
}

int csv_window_seek(struct csv_window *w, int64_t offset, struct sluice_error *err) {
  int rc = SLUICE_OK;
  if (w->input->size >= 0 && offset > w->offset + (int64_t)csv_window_size(w)) {
    w->start = w->end = 0;
    w->offset = offset;
    w->ended = w->ended || offset >= w->input->size;
  }
  while (rc == SLUICE_OK && offset > w->offset) {
    int64_t rest = offset - w->offset, held = (int64_t)csv_window_size(w);
    csv_window_skip(w, (size_t)(rest < held ? rest : held));
    if (rest <= held || w->ended)
      break;
    rc = csv_window_more(w, err);
  }
  return rc;
}
