/* The bytes of an input that are at hand. */
#include "input.h"
#include <stdlib.h>

void json_input_init(struct json_input *w, struct sluice_input *in, const struct sluice_host *host, size_t limit) {
  *w = (struct json_input){.in = in, .host = host, .limit = limit, .bound = INT64_MAX, .ended = in->size == 0};
}

void json_input_finish(struct json_input *w) {
  free(w->data);
  *w = (struct json_input){0};
}

const uint8_t *json_input_bytes(const struct json_input *w) {
  static const uint8_t none[JSON_PADDING];
  return w->data ? w->data + w->start : none;
}

/* Tells the source what comes next, as far ahead as it wants to know. */
static void announce(struct json_input *w, int64_t at) {
  struct sluice_input *in = w->in;
  int64_t last = in->size < w->bound ? in->size : w->bound;
  if (!in->will_need || in->size < 0 || in->window <= 0)
    return;
  if (w->announced < at)
    w->announced = at;
  int64_t ahead = at + in->window - w->announced, left = last - w->announced;
  if (ahead < in->window / 2 || left <= 0)
    return;
  const struct sluice_range range = {w->announced, ahead < left ? ahead : left};
  w->announced += range.size;
  in->will_need(in, &range, 1);
}

/* Moves what is at hand to the front, with room for `size` bytes in all; gives memory back after a long record. */
static int make_room(struct json_input *w, size_t size, struct sluice_error *err) {
  size_t held = json_input_size(w);
  if (held)
    memmove(w->data, w->data + w->start, held);
  w->start = 0;
  w->end = held;
  if (size <= w->capacity && w->capacity / 8 <= size)
    return SLUICE_OK;
  uint8_t *data = realloc(w->data, size + JSON_PADDING);
  if (!data)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a read buffer of %zu bytes", size);
  w->data = data;
  w->capacity = size;
  return SLUICE_OK;
}

/* A chunk, or as much as is held, so that a long record takes few reads. */
static size_t next_read(const struct json_input *w, int64_t at) {
  size_t held = json_input_size(w), want = held > JSON_CHUNK ? held : JSON_CHUNK;
  if (at < w->bound && w->bound - at < (int64_t)want)
    want = (size_t)(w->bound - at);
  if (w->in->size >= 0 && w->in->size - at < (int64_t)want)
    want = w->in->size > at ? (size_t)(w->in->size - at) : 1;
  return want < w->limit - held ? want : w->limit - held;
}

static int read_at(struct json_input *w, int64_t at, size_t want, struct sluice_error *err) {
  size_t got = 0;
  int64_t size = w->in->size;
  int code = w->in->read_at(w->in, at, w->data + w->end, want, &got, err);
  if (code)
    return code;
  if (got > want)
    return sluice_fail(err, SLUICE_ERR_BUG, "", "the input gave more bytes than it was asked for");
  if (got < want && size >= 0 && at + (int64_t)got < size)
    return sluice_fail(err, SLUICE_ERR_DATA, "", "the input ends at byte %lld, and its size is %lld: it is cut short",
                       (long long)(at + (int64_t)got), (long long)size);
  w->end += got;
  w->ended = got < want || (size >= 0 && at + (int64_t)got >= size);
  return SLUICE_OK;
}

int json_input_more(struct json_input *w, struct sluice_error *err) {
  size_t held = json_input_size(w);
  if (w->ended)
    return SLUICE_OK;
  if (w->host && w->host->cancelled && w->host->cancelled(w->host))
    return sluice_fail(err, SLUICE_ERR_CANCELLED, "", "stopped while reading");
  if (held >= w->limit)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "more than %zu bytes would have to be held", w->limit);
  int64_t at = w->offset + (int64_t)held;
  size_t want = next_read(w, at);
  int code = make_room(w, held + want, err);
  if (code)
    return code;
  announce(w, at);
  code = read_at(w, at, want, err);
  memset(w->data + w->end, 0, JSON_PADDING);
  return code;
}

int json_input_need(struct json_input *w, size_t n, struct sluice_error *err) {
  int code = SLUICE_OK;
  while (!code && json_input_size(w) < n && !w->ended)
    code = json_input_more(w, err);
  return code;
}

int json_input_seek(struct json_input *w, int64_t offset, struct sluice_error *err) {
  int code = SLUICE_OK;
  if (w->in->size >= 0 && offset > w->offset + (int64_t)json_input_size(w)) {
    w->start = w->end = 0;
    w->offset = offset;
    w->ended = offset >= w->in->size;
  }
  while (!code && offset > w->offset) {
    int64_t rest = offset - w->offset, held = (int64_t)json_input_size(w);
    json_input_skip(w, (size_t)(rest < held ? rest : held));
    if (rest <= held || w->ended)
      break;
    code = json_input_more(w, err);
  }
  return code;
}
