/* JSON lines become a JSON array in place: each line's end turns into a comma, the last into a bracket. */
#include "body.h"

static size_t *ends_of(const struct body *body) {
  return (size_t *)(void *)body->ends.data;
}

static size_t start_of(const struct body *body, int64_t row) {
  return row > 0 ? ends_of(body)[row - 1] : 1;
}

int body_start(struct body *body, int64_t first) {
  body->first = first;
  body->rows = body->records = 0;
  body->bytes.size = body->ends.size = 0;
  return sluice_buffer_append(&body->bytes, "[", 1);
}

/* Appends rows whose bytes follow each other at `data` and end at ends[i] - base from there. */
static int append_run(struct body *body, const uint8_t *data, const size_t *ends, size_t base, int64_t rows) {
  size_t size = ends[rows - 1] - base, count = (size_t)rows;
  int status = sluice_buffer_reserve(&body->ends, count * sizeof *ends);
  if (status == SLUICE_OK)
    status = sluice_buffer_reserve(&body->bytes, size);
  if (status != SLUICE_OK)
    return status;
  size_t shift = body->bytes.size, before = 0;
  if (size > 0)
    memcpy(body->bytes.data + shift, data, size);
  size_t *out = ends_of(body) + body->rows;
  for (size_t i = 0; i < count; i++) {
    size_t end = ends[i] - base;
    body->records += end > before;
    out[i] = shift + end;
    before = end;
  }
  body->rows += rows;
  body->bytes.size += size;
  body->ends.size += count * sizeof *ends;
  return SLUICE_OK;
}

int body_append(struct body *body, const struct sluice_encoded *encoded, int64_t from, int64_t to) {
  if (from >= to)
    return SLUICE_OK;
  size_t base = from > 0 ? encoded->ends[from - 1] : 0;
  return append_run(body, encoded->data + base, encoded->ends + from, base, to - from);
}

int body_copy(const struct body *src, int64_t from, int64_t to, struct body *dst) {
  int status = body_start(dst, src->first + from);
  if (status != SLUICE_OK || from >= to)
    return status;
  size_t base = start_of(src, from);
  return append_run(dst, src->bytes.data + base, ends_of(src) + from, base, to - from);
}

void body_seal(struct body *body, enum http_body kind) {
  if (kind != HTTP_JSON)
    return; /* a copy of a part of an array is only made for another array */
  const size_t *ends = ends_of(body);
  size_t before = 1;
  for (int64_t i = 0; i < body->rows; i++) {
    if (ends[i] > before)
      body->bytes.data[ends[i] - 1] = ',';
    before = ends[i];
  }
  if (body->records > 0)
    body->bytes.data[body->bytes.size - 1] = ']';
}

const uint8_t *body_data(const struct body *body, enum http_body kind, size_t *size) {
  if (kind == HTTP_JSON) {
    *size = body->bytes.size;
    return body->bytes.data;
  }
  *size = body->bytes.size - 1;
  if (kind == HTTP_RECORD && *size > 0)
    *size -= 1; /* one object needs no line end */
  return body->bytes.data + 1;
}

int64_t body_first_record(const struct body *body) {
  int64_t row = 0;
  while (row < body->rows && ends_of(body)[row] == start_of(body, row))
    row++;
  return body->first + row;
}

void body_finish(struct body *body) {
  sluice_buffer_free(&body->bytes);
  sluice_buffer_free(&body->ends);
}
