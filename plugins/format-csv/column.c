/* One column of the output: its life, its nulls, and its way into an Arrow array. */
#include "column.h"
#include "csv.h"
#include <stdlib.h>

int csv_parse_init(struct csv_parse *p, struct csv_index *ix, const struct csv_field_rules *rules,
                   struct sluice_error *err) {
  *p = (struct csv_parse){.index = ix, .rules = *rules, .kernels = csv_kernels_best()};
  p->nulls = malloc(ix->max_rows * sizeof *p->nulls);
  p->flags = malloc(ix->max_rows);
  if (p->nulls && p->flags)
    return SLUICE_OK;
  csv_parse_finish(p);
  return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory to read a block of records");
}

void csv_parse_finish(struct csv_parse *p) {
  free(p->nulls);
  free(p->flags);
  sluice_buffer_free(&p->scratch);
  *p = (struct csv_parse){0};
}

static void set_range(struct csv_column *c) {
  static const int64_t least[] = {INT8_MIN, INT16_MIN, INT32_MIN, INT64_MIN, 0, 0, 0};
  static const int64_t most[] = {INT8_MAX, INT16_MAX, INT32_MAX, INT64_MAX, UINT8_MAX, UINT16_MAX, UINT32_MAX};
  if (c->type.id == SLUICE_TYPE_DURATION) {
    c->min = INT64_MIN;
    c->max = INT64_MAX;
  }
  if (c->type.id < SLUICE_TYPE_INT8 || c->type.id > SLUICE_TYPE_UINT32)
    return;
  c->min = least[c->type.id - SLUICE_TYPE_INT8];
  c->max = most[c->type.id - SLUICE_TYPE_INT8];
}

static enum csv_zone zone_of(const char *name) {
  static const char *const utc[] = {"UTC", "utc", "Z", "+00:00", "Etc/UTC", "GMT"};
  if (!name || !name[0])
    return CSV_ZONE_NONE;
  for (size_t i = 0; i < sizeof utc / sizeof *utc; i++)
    if (strcmp(name, utc[i]) == 0)
      return CSV_ZONE_UTC;
  return CSV_ZONE_OTHER;
}

static bool times_are_plain(const struct csv_column *c) {
  const struct csv_values *v = c->written;
  if (c->type.id == SLUICE_TYPE_TIME32 || c->type.id == SLUICE_TYPE_TIME64)
    return v->times.count == 0;
  const struct csv_patterns *declared = c->type.id == SLUICE_TYPE_TIMESTAMP ? &v->stamps : &v->dates;
  return declared->count == 0 && c->order == CSV_ORDER_NONE;
}

static csv_parse_fn *parser_of(const struct csv_column *c) {
  csv_parse_fn *parse = csv_number_parser(&c->type, c->written->plain);
  if (!parse)
    parse = csv_time_parser(&c->type, times_are_plain(c));
  if (parse)
    return parse;
  switch (c->type.id) {
  case SLUICE_TYPE_BOOL:
    return csv_parse_bool;
  case SLUICE_TYPE_UTF8:
  case SLUICE_TYPE_BINARY:
    return csv_parse_text;
  case SLUICE_TYPE_LARGE_UTF8:
  case SLUICE_TYPE_LARGE_BINARY:
    return csv_parse_large_text;
  default:
    return NULL;
  }
}

int csv_column_init(struct csv_column *c, const struct ArrowSchema *field, int32_t position, int64_t source,
                    const struct csv_values *values, int order, struct sluice_error *err) {
  *c = (struct csv_column){.written = values,
                           .order = order,
                           .nullable = field->flags & ARROW_FLAG_NULLABLE,
                           .missing = source < 0,
                           .source = source < 0 ? 0 : (uint32_t)source,
                           .position = position};
  char type[96];
  int rc = sluice_type_parse(field->format, &c->type, err);
  if (rc)
    return rc;
  c->zone = c->type.id == SLUICE_TYPE_TIMESTAMP ? zone_of(c->type.timezone) : CSV_ZONE_NONE;
  c->type.timezone = NULL;
  c->parse = field->dictionary || field->n_children ? NULL : parser_of(c);
  set_range(c);
  if (c->parse)
    return SLUICE_OK;
  sluice_type_name(field->format, type, sizeof type);
  return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, field->name,
                     "column \"%s\" is wanted as %s, which csv cannot read; choose a number, text, date or time type",
                     field->name, type);
}

void csv_column_finish(struct csv_column *c) {
  sluice_buffer_free(&c->validity);
  sluice_buffer_free(&c->values);
  sluice_buffer_free(&c->bytes);
}

int csv_column_reserve(struct sluice_buffer *buffer, size_t more, size_t usual) {
  if (!buffer->data && usual > more)
    more = usual + usual / 16;
  return sluice_buffer_reserve(buffer, more);
}

void csv_column_mark(struct csv_column *c) {
  c->mark.values = c->values.size;
  c->mark.bytes = c->bytes.size;
  c->mark.length = c->length;
  c->mark.null_count = c->null_count;
}

void csv_column_rollback(struct csv_column *c) {
  c->values.size = c->mark.values;
  c->bytes.size = c->mark.bytes;
  c->length = c->mark.length;
  c->null_count = c->mark.null_count;
}

void csv_column_null(struct csv_column *c, struct csv_parse *p, uint32_t row, uint32_t start, uint32_t end) {
  if (c->nullable)
    p->nulls[p->n_nulls++] = row;
  else
    csv_index_fault(p->index, row, CSV_FAULT_NO_VALUE, c->position, start, end > start ? end : start);
}

int csv_column_odd(struct csv_column *c, struct csv_parse *p, uint32_t row, uint32_t start, int32_t size,
                   struct csv_text *text) {
  int kind = csv_field_read(&p->rules, p->index->data + start, size, &p->scratch, text);
  if (kind == CSV_EMPTY || kind == CSV_NULL || kind == CSV_MISSING)
    csv_column_null(c, p, row, start, start + (uint32_t)(size > 0 ? size : 0));
  return kind;
}

static void set_bits(uint8_t *bits, int64_t i, int64_t end) {
  for (; i < end && (i & 7); i++)
    bits[i >> 3] = (uint8_t)(bits[i >> 3] | 1u << (i & 7));
  if (i < end)
    memset(bits + (i >> 3), 0xff, (size_t)((end - i + 7) >> 3));
}

/* The bitmap exists from the first null on. */
int csv_column_end_block(struct csv_column *c, const struct csv_parse *p) {
  int64_t length = c->length + p->index->rows;
  if (p->n_nulls || c->validity.size) {
    size_t size = (size_t)((length + 7) >> 3);
    if (size > c->validity.size && sluice_buffer_reserve(&c->validity, size - c->validity.size) != SLUICE_OK)
      return SLUICE_ERR_MEMORY;
    set_bits(c->validity.data, c->validity.size ? c->length : 0, length);
    for (uint32_t i = 0; i < p->n_nulls; i++) {
      int64_t bit = c->length + p->nulls[i];
      c->validity.data[bit >> 3] = (uint8_t)(c->validity.data[bit >> 3] & ~(1u << (bit & 7)));
    }
    c->validity.size = size;
  }
  c->null_count += p->n_nulls;
  c->length = length;
  return SLUICE_OK;
}

static bool is_text(const struct csv_column *c) {
  return c->parse == csv_parse_text || c->parse == csv_parse_large_text;
}

int csv_column_take(struct csv_column *c, const struct ArrowSchema *field, int64_t rows, struct ArrowArray *out) {
  if (c->missing)
    return sluice_array_nulls(field, rows, out);
  if (c->null_count == 0)
    sluice_buffer_free(&c->validity);
  if (is_text(c) && c->values.size == 0) { /* no rows: one offset all the same */
    int rc = sluice_buffer_append(&c->values, "\0\0\0\0\0\0\0", c->parse == csv_parse_text ? 4 : 8);
    if (rc)
      return rc;
  }
  size_t values = c->values.size, bytes = c->bytes.size;
  struct sluice_buffer buffers[] = {c->validity, c->values, c->bytes};
  int rc = sluice_array_adopt(out, c->length, c->null_count, buffers, is_text(c) ? 3 : 2, NULL, 0, NULL);
  if (rc)
    return rc;
  c->validity = c->values = c->bytes = (struct sluice_buffer){0};
  c->usual_values = values;
  c->usual_bytes = bytes;
  c->length = c->null_count = 0;
  return SLUICE_OK;
}
