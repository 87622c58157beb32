/* One encoder of CSV for each column, over the column alone. */
#include "columns.h"
#include "keyset.h"
#include "url_template.h"
#include <stdlib.h>

void columns_init(struct columns *columns, const struct sluice_encode *encode) {
  *columns = (struct columns){.encode = encode};
}

void columns_finish(struct columns *columns) {
  for (size_t i = 0; i < columns->count; i++)
    columns->encode->close(columns->items[i].encoder);
  free(columns->items);
  *columns = (struct columns){.encode = NULL};
}

static int find(const struct ArrowSchema *schema, const char *name, const char *option, int64_t *child,
                struct sluice_error *err) {
  int64_t i = sluice_schema_find(schema, name);
  if (i < 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, option, "there is no column \"%s\"", name);
  if (schema->children[i]->format[0] == '+')
    return sluice_fail(err, SLUICE_ERR_CONFIG, option, "column \"%s\" holds lists or structs; name one of plain values",
                       name);
  *child = i;
  return SLUICE_OK;
}

static int open_encoder(const struct columns *columns, const struct ArrowSchema *schema, struct column_text *item,
                        struct sluice_error *err) {
  struct ArrowSchema alone = {.format = "+s", .name = "", .n_children = 1, .children = schema->children + item->child};
  return columns->encode->open("csv", NULL, &alone, &item->encoder, err);
}

int columns_add(struct columns *columns, const struct ArrowSchema *schema, const char *name, const char *option,
                size_t *out, struct sluice_error *err) {
  struct column_text item = {.name = name};
  int status = find(schema, name, option, &item.child, err);
  if (status != SLUICE_OK)
    return status;
  for (size_t i = 0; i < columns->count; i++)
    if (columns->items[i].child == item.child) {
      *out = i;
      return SLUICE_OK;
    }
  struct column_text *items = reallocarray(columns->items, columns->count + 1, sizeof *items);
  if (!items)
    return sluice_fail(err, SLUICE_ERR_MEMORY, option, "no memory");
  columns->items = items;
  status = open_encoder(columns, schema, &item, err);
  if (status != SLUICE_OK)
    return status;
  columns->items[columns->count] = item;
  *out = columns->count++;
  return SLUICE_OK;
}

/* What has no text here has none in the record either, which is rejected there. */
static int let_go(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  (void)rejects, (void)reject, (void)err;
  return SLUICE_OK;
}

int columns_encode(struct columns *columns, const struct sluice_batch *batch, int64_t first, int64_t last,
                   struct sluice_error *err) {
  struct sluice_rejects silent = {.add = let_go};
  int status = SLUICE_OK;
  for (size_t i = 0; i < columns->count && status == SLUICE_OK; i++) {
    struct column_text *item = &columns->items[i];
    struct sluice_batch alone = *batch;
    alone.array.n_children = 1;
    alone.array.children += item->child;
    status = columns->encode->encode(item->encoder, &alone, first, last, &silent, &item->encoded, err);
  }
  return status;
}

/* The cell's bytes as CSV has them, without the line's end. */
static const char *cell(const struct columns *columns, size_t column, int64_t row, size_t *size) {
  const struct sluice_encoded *encoded = &columns->items[column].encoded;
  size_t start = row > 0 ? encoded->ends[row - 1] : 0, end = encoded->ends[row];
  const char *text = (const char *)encoded->data + start;
  while (end > start && (encoded->data[end - 1] == '\n' || encoded->data[end - 1] == '\r'))
    end--; /* a text that itself ends so stands in quotes */
  *size = end - start;
  return text;
}

uint64_t columns_hash(const struct columns *columns, size_t column, int64_t row, uint64_t hash) {
  size_t size = 0;
  const char *text = cell(columns, column, row, &size);
  return keyset_hash(keyset_hash(hash, text, size), "\n", 1); /* of two columns, "a" and "b" is not "ab" and "" */
}

static bool is_folder(const char *text, size_t size) {
  return (size == 1 && text[0] == '.') || (size == 2 && text[0] == '.' && text[1] == '.');
}

/* The bytes between the quotes of a CSV cell, each doubled quote once. */
static int put_quoted(const char *text, size_t size, struct sluice_buffer *url) {
  int status = SLUICE_OK;
  for (size_t i = 1; i + 1 < size && status == SLUICE_OK; i++) {
    i += text[i] == '"';
    status = url_put_encoded(url, text + i, 1);
    if (url->size > URL_MAX)
      return SLUICE_ERR_DATA;
  }
  return status;
}

int columns_put(const struct columns *columns, size_t column, int64_t row, struct sluice_buffer *url) {
  size_t size = 0;
  const char *text = cell(columns, column, row, &size);
  bool quoted = size >= 2 && text[0] == '"';
  if (size == 0 || (quoted && size == 2) || is_folder(text, size))
    return SLUICE_ERR_NOT_FOUND;
  if (quoted)
    return put_quoted(text, size, url);
  return url_put_encoded(url, text, size);
}
