/* The bytes of an input that are at hand. */
#include "input.h"
#include <stdlib.h>

void avro_input_init(struct avro_input *w, struct sluice_input *in, size_t limit) {
  *w = (struct avro_input){.in = in, .limit = limit, .ended = in->size == 0};
}

void avro_input_finish(struct avro_input *w) {
  free(w->data);
  *w = (struct avro_input){0};
}

const uint8_t *avro_input_bytes(const struct avro_input *w) {
  static const uint8_t none[AVRO_SYNC];
  return w->data ? w->data + w->start : none;
}

/* Tells the source what comes next, as far ahead as it wants to know. */
static void announce(struct avro_input *w, int64_t at) {
  struct sluice_input *in = w->in;
  if (!in->will_need || in->size < 0 || in->window <= 0)
    return;
  if (w->announced < at)
    w->announced = at;
  int64_t ahead = at + in->window - w->announced, left = in->size - w->announced;
  if (ahead < in->window / 2 || left <= 0)
    return;
  const struct sluice_range range = {w->announced, ahead < left ? ahead : left};
  w->announced += range.size;
  in->will_need(in, &range, 1);
}

/* Moves what is at hand to the front, with room for `size` bytes in all. */
static int make_room(struct avro_input *w, size_t size, struct sluice_error *err) {
  size_t held = avro_input_size(w);
  uint8_t *data = w->data;
  if (size > w->capacity || w->capacity / 8 > size) {
    data = malloc(size + AVRO_SYNC);
    if (!data)
      return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a read buffer of %zu bytes", size);
    w->capacity = size;
  }
  if (held)
    memmove(data, w->data + w->start, held);
  if (data != w->data)
    free(w->data);
  w->data = data;
  w->start = 0;
  w->end = held;
  return SLUICE_OK;
}

static int read_more(struct avro_input *w, size_t size, struct sluice_error *err) {
  struct sluice_input *in = w->in;
  int64_t at = w->offset + (int64_t)avro_input_size(w);
  int code = make_room(w, size, err);
  if (code)
    return code;
  size_t want = size - w->end, got = 0;
  if (in->size >= 0 && (int64_t)want > in->size - at)
    want = in->size > at ? (size_t)(in->size - at) : 0;
  announce(w, at);
  if (want)
    code = in->read_at(in, at, w->data + w->end, want, &got, err);
  if (code)
    return code;
  if (got > want)
    return sluice_fail(err, SLUICE_ERR_BUG, "", "the input gave more bytes than it was asked for");
  w->end += got;
  memset(w->data + w->end, 0, AVRO_SYNC);
  w->ended = got < want || (in->size >= 0 && at + (int64_t)got >= in->size);
  return SLUICE_OK;
}

int avro_input_need(struct avro_input *w, size_t n, struct sluice_error *err) {
  if (avro_input_size(w) >= n || w->ended)
    return SLUICE_OK;
  if (n > w->limit)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "more than %zu bytes would have to be held", w->limit);
  int code = SLUICE_OK;
  size_t size = n > AVRO_CHUNK ? n + AVRO_CHUNK / 4 : AVRO_CHUNK;
  while (!code && avro_input_size(w) < n && !w->ended)
    code = read_more(w, size, err);
  return code;
}

int avro_input_seek(struct avro_input *w, int64_t offset, struct sluice_error *err) {
  int code = SLUICE_OK;
  if (offset >= w->offset && w->in->size >= 0 && offset - w->offset > (int64_t)avro_input_size(w)) {
    w->start = w->end = 0;
    w->offset = offset;
    w->ended = offset >= w->in->size;
  }
  while (!code && offset > w->offset) {
    int64_t rest = offset - w->offset, held = (int64_t)avro_input_size(w);
    avro_input_skip(w, (size_t)(rest < held ? rest : held));
    if (rest <= held || w->ended)
      break;
    code = avro_input_need(w, 1, err);
  }
  return code;
}
