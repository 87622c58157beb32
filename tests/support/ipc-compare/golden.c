/* Values of integration JSON. */
#include "golden.h"
#include "golden_schema.h"
#include <stdlib.h>

struct place { /* a field's data, and its field: the type, and children of which dictionaries are known */
  const struct golden *golden;
  const json_t *field, *data;
};

static void put_at(const struct place *place, const struct ArrowSchema *schema, int64_t i, struct sluice_buffer *out);

static const json_t *item(const json_t *data, const char *buffer, int64_t i) {
  return json_array_get(json_object_get(data, buffer), (size_t)i);
}

/* Numbers of 64 bits stand as texts. */
static long long as_int(const json_t *value) {
  if (json_is_true(value))
    return 1;
  return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10) : (long long)json_integer_value(value);
}

static unsigned long long as_unsigned(const json_t *value) {
  return json_is_string(value) ? strtoull(json_string_value(value), NULL, 10)
                               : (unsigned long long)json_integer_value(value);
}

static struct place child(const struct place *p, int64_t i) {
  return (struct place){p->golden, json_array_get(json_object_get(p->field, "children"), (size_t)i),
                        json_array_get(json_object_get(p->data, "children"), (size_t)i)};
}

static void put_items(const struct place *p, const struct ArrowSchema *schema, long long start, long long end,
                      struct sluice_buffer *out) {
  struct place items = child(p, 0);
  put_text(out, "[");
  for (long long i = start; i < end; i++) {
    put_text(out, i > start ? ", " : "");
    put_at(&items, schema->children[0], i, out);
  }
  put_text(out, "]");
}

static void put_list(const struct place *p, const struct ArrowSchema *schema, const struct sluice_type *type, int64_t i,
                     struct sluice_buffer *out) {
  long long start = as_int(item(p->data, "OFFSET", i)), end;
  if (type->id == SLUICE_TYPE_FIXED_LIST) {
    start = i * type->width;
    end = start + type->width;
  } else if (type->id == SLUICE_TYPE_LIST_VIEW || type->id == SLUICE_TYPE_LARGE_LIST_VIEW) {
    end = start + as_int(item(p->data, "SIZE", i));
  } else {
    end = as_int(item(p->data, "OFFSET", i + 1));
  }
  put_items(p, schema, start, end, out);
}

static void put_struct(const struct place *p, const struct ArrowSchema *schema, int64_t i, struct sluice_buffer *out) {
  put_text(out, "{");
  for (int64_t k = 0; k < schema->n_children; k++) {
    struct place field = child(p, k);
    put_text(out, k ? ", " : "");
    put_at(&field, schema->children[k], i, out);
  }
  put_text(out, "}");
}

static void put_union(const struct place *p, const struct ArrowSchema *schema, int64_t i, struct sluice_buffer *out) {
  long long code = as_int(item(p->data, "TYPE_ID", i));
  const json_t *codes = json_object_get(json_object_get(p->field, "type"), "typeIds");
  int64_t k = 0;
  while (k + 1 < schema->n_children && as_int(json_array_get(codes, (size_t)k)) != code)
    k++;
  struct place field = child(p, k);
  put_format(out, "%lld:", code);
  put_at(&field, schema->children[k], schema->format[2] == 'd' ? as_int(item(p->data, "OFFSET", i)) : i, out);
}

static void put_run(const struct place *p, const struct ArrowSchema *schema, int64_t i, struct sluice_buffer *out) {
  struct place ends = child(p, 0), values = child(p, 1);
  int64_t run = 0, n = (int64_t)json_array_size(json_object_get(ends.data, "DATA"));
  while (run + 1 < n && as_int(item(ends.data, "DATA", run)) <= i)
    run++;
  put_at(&values, schema->children[1], run, out);
}

static void put_hex_text(const char *hex, size_t n, struct sluice_buffer *out, bool text) {
  put_text(out, text ? "'" : "x'");
  for (size_t i = 0; i + 1 < 2 * n + 1 && hex[i] && hex[i + 1]; i += 2) {
    char digits[3] = {hex[i], hex[i + 1], 0};
    uint8_t byte = (uint8_t)strtoul(digits, NULL, 16);
    if (!text)
      put_format(out, "%02X", byte);
    else if (sluice_buffer_append(out, &byte, 1) != SLUICE_OK)
      abort();
  }
  put_text(out, "'");
}

static void put_view(const struct place *p, bool text, int64_t i, struct sluice_buffer *out) {
  const json_t *view = item(p->data, "VIEWS", i), *inlined = json_object_get(view, "INLINED");
  long long size = as_int(json_object_get(view, "SIZE"));
  if (inlined && text) {
    put_format(out, "'%s'", json_string_value(inlined));
  } else if (inlined) {
    put_hex_text(json_string_value(inlined), (size_t)size, out, false);
  } else {
    const char *data =
        json_string_value(item(p->data, "VARIADIC_DATA_BUFFERS", as_int(json_object_get(view, "BUFFER_INDEX"))));
    put_hex_text(data + 2 * as_int(json_object_get(view, "OFFSET")), (size_t)size, out, text);
  }
}

static void put_interval(const json_t *value, enum sluice_type_id id, struct sluice_buffer *out) {
  long long days = as_int(json_object_get(value, "days"));
  if (id == SLUICE_TYPE_INTERVAL_DAY_TIME)
    put_format(out, "%lldd %lldms", days, as_int(json_object_get(value, "milliseconds")));
  else
    put_format(out, "%lldm %lldd %lldns", as_int(json_object_get(value, "months")), days,
               as_int(json_object_get(value, "nanoseconds")));
}

static void put_scalar(const json_t *value, const struct sluice_type *type, struct sluice_buffer *out) {
  switch (type->id) {
  case SLUICE_TYPE_BOOL:
    put_text(out, as_int(value) ? "true" : "false");
    break;
  case SLUICE_TYPE_UINT8:
  case SLUICE_TYPE_UINT16:
  case SLUICE_TYPE_UINT32:
  case SLUICE_TYPE_UINT64:
    put_format(out, "%llu", as_unsigned(value));
    break;
  case SLUICE_TYPE_HALF:
  case SLUICE_TYPE_FLOAT:
    put_float(out, (double)(float)json_number_value(value), 4);
    break;
  case SLUICE_TYPE_DOUBLE:
    put_float(out, json_number_value(value), 8);
    break;
  case SLUICE_TYPE_DECIMAL32:
  case SLUICE_TYPE_DECIMAL64:
  case SLUICE_TYPE_DECIMAL128:
  case SLUICE_TYPE_DECIMAL256:
    put_text(out, json_string_value(value));
    break;
  case SLUICE_TYPE_UTF8:
  case SLUICE_TYPE_LARGE_UTF8:
    put_text(out, "'");
    put_text(out, json_string_value(value));
    put_text(out, "'");
    break;
  case SLUICE_TYPE_BINARY:
  case SLUICE_TYPE_LARGE_BINARY:
  case SLUICE_TYPE_FIXED_BINARY:
    put_hex_text(json_string_value(value), SIZE_MAX / 4, out, false);
    break;
  case SLUICE_TYPE_INTERVAL_DAY_TIME:
  case SLUICE_TYPE_INTERVAL_MONTH_DAY_NANO:
    put_interval(value, type->id, out);
    break;
  default:
    put_format(out, "%lld", as_int(value));
  }
}

/* The values of a dictionary, as another field without its own. */
static void put_indexed(const struct place *p, const struct ArrowSchema *schema, int64_t i, struct sluice_buffer *out) {
  long long id = as_int(json_object_get(json_object_get(p->field, "dictionary"), "id"));
  const json_t *list = json_object_get(p->golden->root, "dictionaries");
  for (size_t k = 0; k < json_array_size(list); k++) {
    const json_t *dictionary = json_array_get(list, k);
    if (as_int(json_object_get(dictionary, "id")) != id)
      continue;
    const json_t *columns = json_object_get(json_object_get(dictionary, "data"), "columns");
    struct place values = {p->golden, p->field, json_array_get(columns, 0)};
    put_at(&values, schema->dictionary, as_int(item(p->data, "DATA", i)), out);
    return;
  }
  put_text(out, "(no dictionary)");
}

static void put_at(const struct place *p, const struct ArrowSchema *schema, int64_t i, struct sluice_buffer *out) {
  struct sluice_type type;
  const json_t *validity = json_object_get(p->data, "VALIDITY");
  if (sluice_type_parse(schema->format, &type, NULL) != SLUICE_OK || type.id == SLUICE_TYPE_NULL ||
      (validity && as_int(json_array_get(validity, (size_t)i)) == 0)) {
    put_text(out, "null");
    return;
  }
  if (schema->dictionary)
    put_indexed(p, schema, i, out);
  else if (type.id == SLUICE_TYPE_STRUCT)
    put_struct(p, schema, i, out);
  else if (type.id == SLUICE_TYPE_DENSE_UNION || type.id == SLUICE_TYPE_SPARSE_UNION)
    put_union(p, schema, i, out);
  else if (type.id == SLUICE_TYPE_RUN_END)
    put_run(p, schema, i, out);
  else if (type.id == SLUICE_TYPE_UTF8_VIEW || type.id == SLUICE_TYPE_BINARY_VIEW)
    put_view(p, type.id == SLUICE_TYPE_UTF8_VIEW, i, out);
  else if (type.id >= SLUICE_TYPE_LIST)
    put_list(p, schema, &type, i, out);
  else
    put_scalar(item(p->data, "DATA", i), &type, out);
}

int golden_open(const char *text, size_t size, struct golden *out, struct sluice_error *err) {
  json_error_t why;
  struct golden made = {.root = json_loadb(text, size, 0, &why)};
  if (!made.root)
    return sluice_fail(err, SLUICE_ERR_DATA, "", "not JSON: line %d: %s", why.line, why.text);
  int rc = golden_schema(json_object_get(made.root, "schema"), &made.schema);
  if (rc == SLUICE_OK)
    rc = sluice_schema_validate(&made.schema, err);
  if (rc)
    golden_close(&made);
  else
    *out = made;
  return rc;
}

void golden_close(struct golden *golden) {
  json_decref(golden->root);
  sluice_schema_release(&golden->schema);
}

size_t golden_batches(const struct golden *g) {
  return json_array_size(json_object_get(g->root, "batches"));
}

static const json_t *batch_of(const struct golden *g, size_t i) {
  return json_array_get(json_object_get(g->root, "batches"), i);
}

int64_t golden_rows(const struct golden *g, size_t batch) {
  return as_int(json_object_get(batch_of(g, batch), "count"));
}

void golden_value(const struct golden *g, size_t batch, int64_t column, int64_t row, struct sluice_buffer *out) {
  const json_t *fields = json_object_get(json_object_get(g->root, "schema"), "fields");
  struct place place = {g, json_array_get(fields, (size_t)column),
                        json_array_get(json_object_get(batch_of(g, batch), "columns"), (size_t)column)};
  put_at(&place, g->schema.children[column], row, out);
}
