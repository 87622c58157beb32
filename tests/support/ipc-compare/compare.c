/* Row by row, column by column, by the texts of the values. */
#include "compare.h"

static bool is_golden(const char *name) {
  const char *json = strstr(name, ".json");
  return json && (!json[5] || strcmp(json + 5, ".gz") == 0);
}

int side_open(struct side *s, const char *name, const uint8_t *data, size_t size, const struct sluice_scan *scan,
              struct sluice_error *err) {
  static const struct sluice_scan all = {.struct_size = sizeof all, .part = "the file"};
  *s = (struct side){.name = name, .is_golden = is_golden(name)};
  if (s->is_golden) {
    int rc = golden_open((const char *)data, size, &s->golden, err);
    return rc ? rc : sluice_schema_copy(&s->golden.schema, &s->schema);
  }
  s->input = (struct test_input){.data = data, .size = size, .views = true};
  s->arrow.config = arrow_side_config();
  int rc = arrow_side_open(&s->arrow, &s->input, scan ? scan : &all, err);
  return rc ? rc : s->arrow.reader.schema(&s->arrow.reader, &s->schema, err);
}

void side_close(struct side *s) {
  sluice_array_release(&s->at_hand.array);
  s->at_hand.array.release = NULL;
  sluice_schema_release(&s->schema);
  if (s->is_golden && s->golden.root)
    golden_close(&s->golden);
  if (!s->is_golden)
    arrow_side_close(&s->arrow);
}

static int next_batch(struct side *s, struct sluice_error *err) {
  s->at = s->rows = 0;
  if (s->is_golden) {
    if (s->batch >= golden_batches(&s->golden))
      return SLUICE_END;
    s->rows = golden_rows(&s->golden, s->batch++);
    return SLUICE_OK;
  }
  sluice_array_release(&s->at_hand.array);
  s->at_hand = (struct sluice_batch){.struct_size = sizeof s->at_hand};
  int rc = s->arrow.reader.next(&s->arrow.reader, &s->at_hand, err);
  if (rc)
    return rc;
  s->rows = s->at_hand.array.length;
  s->batches++;
  return sluice_array_validate(&s->schema, &s->at_hand.array, SLUICE_CHECK_FULL, err);
}

int side_next(struct side *s, struct sluice_error *err) {
  int rc = SLUICE_OK;
  if (s->rows) {
    s->at++;
    s->row++;
  }
  while (rc == SLUICE_OK && s->at >= s->rows)
    rc = next_batch(s, err);
  return rc;
}

static void put_side(const struct side *s, int64_t column, struct sluice_buffer *out) {
  out->size = 0;
  if (s->is_golden)
    golden_value(&s->golden, s->batch - 1, column, s->at, out);
  else
    put_value(out, s->schema.children[column], s->at_hand.array.children[column], s->at_hand.array.offset + s->at);
}

static bool same(const struct sluice_buffer *a, const struct sluice_buffer *b) {
  return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

static int shown(const struct sluice_buffer *text) {
  return text->size > 300 ? 300 : (int)text->size;
}

/* The first line of two texts that differs. */
static void tell_schemas(const struct sluice_buffer *a, const struct sluice_buffer *b, char *out, size_t size) {
  size_t start = 0, i = 0;
  for (; i < a->size && i < b->size && a->data[i] == b->data[i]; i++)
    if (a->data[i] == '\n')
      start = i + 1;
  const char *x = (const char *)a->data + start, *y = (const char *)b->data + start;
  size_t n = a->size - start, m = b->size - start;
  const char *ends[2] = {n ? memchr(x, '\n', n) : NULL, m ? memchr(y, '\n', m) : NULL};
  snprintf(out, size, "schemas differ: \"%.*s\" and \"%.*s\"", ends[0] ? (int)(ends[0] - x) : 0, x,
           ends[1] ? (int)(ends[1] - y) : 0, y);
}

static int compare_row(struct side *a, struct side *b, struct sluice_buffer *x, struct sluice_buffer *y,
                       char *difference, size_t size) {
  for (int64_t i = 0; i < a->schema.n_children; i++) {
    put_side(a, i, x);
    put_side(b, i, y);
    if (same(x, y))
      continue;
    snprintf(difference, size, "row %lld, column '%s': %.*s and %.*s", (long long)a->row, a->schema.children[i]->name,
             shown(x), (const char *)x->data, shown(y), (const char *)y->data);
    return SLUICE_END;
  }
  return SLUICE_OK;
}

static int compare_rows(struct side *a, struct side *b, struct sluice_buffer *x, struct sluice_buffer *y,
                        char *difference, size_t size, struct sluice_error *err) {
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK) {
    int left = side_next(a, err), right = left < 0 ? left : side_next(b, err);
    if (left < 0 || right < 0)
      return left < 0 ? left : right;
    if (left != right) {
      snprintf(difference, size, "'%s' ends after %lld rows, and '%s' has more", left ? a->name : b->name,
               (long long)(left ? a->row : b->row), left ? b->name : a->name);
      return SLUICE_END;
    }
    if (left == SLUICE_END)
      return SLUICE_OK;
    rc = compare_row(a, b, x, y, difference, size);
  }
  return rc;
}

int compare_sides(struct side *a, struct side *b, int flags, char *difference, size_t size, int64_t *rows,
                  struct sluice_error *err) {
  struct sluice_buffer x = {0}, y = {0};
  int rc = SLUICE_OK;
  put_schema(&x, &a->schema, flags);
  put_schema(&y, &b->schema, flags);
  if (!same(&x, &y)) {
    tell_schemas(&x, &y, difference, size);
    rc = SLUICE_END;
  }
  if (rc == SLUICE_OK)
    rc = compare_rows(a, b, &x, &y, difference, size, err);
  sluice_buffer_free(&x);
  sluice_buffer_free(&y);
  *rows = a->row;
  return rc;
}
