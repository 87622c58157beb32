/* JSON lines become a JSON array in place: each line's end turns into a comma, the last into a bracket. */
#include "body.h"

static struct body_row *rows_of(const struct body *body) {
  return (struct body_row *)(void *)body->index.data;
}

static size_t start_of(const struct body *body, int64_t row) {
  return row > 0 ? rows_of(body)[row - 1].end : 1;
}

int body_start(struct body *body) {
  body->rows = body->records = 0;
  body->bytes.size = body->index.size = 0;
  return sluice_buffer_append(&body->bytes, "[", 1);
}

static int reserve(struct body *body, size_t rows, size_t size) {
  int status = sluice_buffer_reserve(&body->index, rows * sizeof(struct body_row));
  return status == SLUICE_OK ? sluice_buffer_reserve(&body->bytes, size) : status;
}

/* There is room for it. */
static void add_row(struct body *body, size_t size, int64_t row) {
  body->bytes.size += size;
  body->records += size > 0;
  rows_of(body)[body->rows++] = (struct body_row){body->bytes.size, row};
  body->index.size += sizeof(struct body_row);
}

int body_append(struct body *body, const struct sluice_encoded *encoded, int64_t first, int64_t from, int64_t to) {
  if (from >= to)
    return SLUICE_OK;
  size_t before = from > 0 ? encoded->ends[from - 1] : 0, size = encoded->ends[to - 1] - before;
  int status = reserve(body, (size_t)(to - from), size);
  if (status != SLUICE_OK)
    return status;
  if (size > 0)
    memcpy(body->bytes.data + body->bytes.size, encoded->data + before, size);
  for (int64_t i = from; i < to; before = encoded->ends[i++])
    add_row(body, encoded->ends[i] - before, first + i);
  return SLUICE_OK;
}

int body_skip(struct body *body, int64_t row) {
  int status = reserve(body, 1, 0);
  if (status == SLUICE_OK)
    add_row(body, 0, row);
  return status;
}

int body_copy(const struct body *src, int64_t from, int64_t to, struct body *dst) {
  int status = body_start(dst);
  if (status != SLUICE_OK || from >= to)
    return status;
  const struct body_row *rows = rows_of(src);
  size_t before = start_of(src, from), size = rows[to - 1].end - before;
  status = reserve(dst, (size_t)(to - from), size);
  if (status != SLUICE_OK)
    return status;
  memcpy(dst->bytes.data + dst->bytes.size, src->bytes.data + before, size);
  for (int64_t i = from; i < to; before = rows[i++].end)
    add_row(dst, rows[i].end - before, rows[i].row);
  return SLUICE_OK;
}

void body_seal(struct body *body, enum http_body kind) {
  if (kind != HTTP_JSON)
    return; /* a copy of a part of an array is only made for another array */
  const struct body_row *rows = rows_of(body);
  size_t before = 1;
  for (int64_t i = 0; i < body->rows; before = rows[i++].end)
    if (rows[i].end > before)
      body->bytes.data[rows[i].end - 1] = ',';
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

int64_t body_first(const struct body *body) {
  return body->rows > 0 ? rows_of(body)[0].row : 0;
}

int64_t body_last(const struct body *body) {
  return body->rows > 0 ? rows_of(body)[body->rows - 1].row : 0;
}

int64_t body_first_record(const struct body *body) {
  int64_t row = 0;
  while (row + 1 < body->rows && rows_of(body)[row].end == start_of(body, row))
    row++;
  return body->rows > 0 ? rows_of(body)[row].row : 0;
}

void body_finish(struct body *body) {
  sluice_buffer_free(&body->bytes);
  sluice_buffer_free(&body->index);
}
