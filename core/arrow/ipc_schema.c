/* Schema messages of the IPC stream: Arrow's Schema.fbs by its slot numbers. */
#include "ipc.h"
#include <sluice/ipc_types.h>
#include <stdlib.h>

static const uint8_t tags[] = {
    [SLUICE_TYPE_NULL] = SLUICE_IPC_NULL,
    [SLUICE_TYPE_BOOL] = SLUICE_IPC_BOOL,
    [SLUICE_TYPE_INT8] = SLUICE_IPC_INT,
    [SLUICE_TYPE_INT16] = SLUICE_IPC_INT,
    [SLUICE_TYPE_INT32] = SLUICE_IPC_INT,
    [SLUICE_TYPE_INT64] = SLUICE_IPC_INT,
    [SLUICE_TYPE_UINT8] = SLUICE_IPC_INT,
    [SLUICE_TYPE_UINT16] = SLUICE_IPC_INT,
    [SLUICE_TYPE_UINT32] = SLUICE_IPC_INT,
    [SLUICE_TYPE_UINT64] = SLUICE_IPC_INT,
    [SLUICE_TYPE_HALF] = SLUICE_IPC_FLOAT,
    [SLUICE_TYPE_FLOAT] = SLUICE_IPC_FLOAT,
    [SLUICE_TYPE_DOUBLE] = SLUICE_IPC_FLOAT,
    [SLUICE_TYPE_DECIMAL32] = SLUICE_IPC_DECIMAL,
    [SLUICE_TYPE_DECIMAL64] = SLUICE_IPC_DECIMAL,
    [SLUICE_TYPE_DECIMAL128] = SLUICE_IPC_DECIMAL,
    [SLUICE_TYPE_DECIMAL256] = SLUICE_IPC_DECIMAL,
    [SLUICE_TYPE_UTF8] = SLUICE_IPC_UTF8,
    [SLUICE_TYPE_LARGE_UTF8] = SLUICE_IPC_LARGE_UTF8,
    [SLUICE_TYPE_UTF8_VIEW] = SLUICE_IPC_UTF8_VIEW,
    [SLUICE_TYPE_BINARY] = SLUICE_IPC_BINARY,
    [SLUICE_TYPE_LARGE_BINARY] = SLUICE_IPC_LARGE_BINARY,
    [SLUICE_TYPE_BINARY_VIEW] = SLUICE_IPC_BINARY_VIEW,
    [SLUICE_TYPE_FIXED_BINARY] = SLUICE_IPC_FIXED_BINARY,
    [SLUICE_TYPE_DATE32] = SLUICE_IPC_DATE,
    [SLUICE_TYPE_DATE64] = SLUICE_IPC_DATE,
    [SLUICE_TYPE_TIME32] = SLUICE_IPC_TIME,
    [SLUICE_TYPE_TIME64] = SLUICE_IPC_TIME,
    [SLUICE_TYPE_TIMESTAMP] = SLUICE_IPC_TIMESTAMP,
    [SLUICE_TYPE_DURATION] = SLUICE_IPC_DURATION,
    [SLUICE_TYPE_INTERVAL_MONTHS] = SLUICE_IPC_INTERVAL,
    [SLUICE_TYPE_INTERVAL_DAY_TIME] = SLUICE_IPC_INTERVAL,
    [SLUICE_TYPE_INTERVAL_MONTH_DAY_NANO] = SLUICE_IPC_INTERVAL,
    [SLUICE_TYPE_LIST] = SLUICE_IPC_LIST,
    [SLUICE_TYPE_LARGE_LIST] = SLUICE_IPC_LARGE_LIST,
    [SLUICE_TYPE_LIST_VIEW] = SLUICE_IPC_LIST_VIEW,
    [SLUICE_TYPE_LARGE_LIST_VIEW] = SLUICE_IPC_LARGE_LIST_VIEW,
    [SLUICE_TYPE_FIXED_LIST] = SLUICE_IPC_FIXED_LIST,
    [SLUICE_TYPE_STRUCT] = SLUICE_IPC_STRUCT,
    [SLUICE_TYPE_MAP] = SLUICE_IPC_MAP,
    [SLUICE_TYPE_DENSE_UNION] = SLUICE_IPC_UNION,
    [SLUICE_TYPE_SPARSE_UNION] = SLUICE_IPC_UNION,
    [SLUICE_TYPE_RUN_END] = SLUICE_IPC_RUN_END,
};

static bool is_signed(enum sluice_type_id id) {
  return id <= SLUICE_TYPE_INT64;
}

static size_t int_table(struct flat *f, const struct sluice_type *type) {
  flat_open(f);
  flat_number(f, 0, (int64_t)type->width * 8, 4);
  flat_number(f, 1, is_signed(type->id), 1);
  return flat_close(f, 2);
}

static size_t decimal_table(struct flat *f, const struct sluice_type *type) {
  flat_open(f);
  flat_number(f, 0, type->precision, 4);
  flat_number(f, 1, type->scale, 4);
  flat_number(f, 2, (int64_t)type->width * 8, 4);
  return flat_close(f, 3);
}

/* A table of one number. */
static size_t number_table(struct flat *f, int64_t value, size_t size) {
  flat_open(f);
  flat_number(f, 0, value, size);
  return flat_close(f, 1);
}

static size_t time_table(struct flat *f, const struct sluice_type *type) {
  flat_open(f);
  flat_number(f, 1, (int64_t)type->width * 8, 4);
  flat_number(f, 0, type->unit, 2);
  return flat_close(f, 2);
}

static size_t timestamp_table(struct flat *f, const struct sluice_type *type) {
  size_t zone = type->timezone[0] ? flat_text(f, type->timezone, strlen(type->timezone)) : 0;
  flat_open(f);
  flat_reference(f, 1, zone);
  flat_number(f, 0, type->unit, 2);
  return flat_close(f, 2);
}

static size_t union_table(struct flat *f, const struct ArrowSchema *schema, bool dense) {
  int8_t codes[128];
  int32_t ids[128];
  union_codes(schema->format, schema->n_children, codes);
  for (int64_t i = 0; i < schema->n_children; i++)
    ids[i] = codes[i];
  size_t list = flat_vector(f, ids, (size_t)schema->n_children, 4, 4);
  flat_open(f);
  flat_reference(f, 1, list);
  flat_number(f, 0, dense, 2);
  return flat_close(f, 2);
}

static size_t type_table(struct flat *f, const struct ArrowSchema *schema, const struct sluice_type *type) {
  switch (tags[type->id]) {
  case SLUICE_IPC_INT:
    return int_table(f, type);
  case SLUICE_IPC_FLOAT:
    return number_table(f, type->id - SLUICE_TYPE_HALF, 2);
  case SLUICE_IPC_DECIMAL:
    return decimal_table(f, type);
  case SLUICE_IPC_DATE:
    return number_table(f, type->id == SLUICE_TYPE_DATE64, 2);
  case SLUICE_IPC_TIME:
    return time_table(f, type);
  case SLUICE_IPC_TIMESTAMP:
    return timestamp_table(f, type);
  case SLUICE_IPC_INTERVAL:
    return number_table(f, type->id - SLUICE_TYPE_INTERVAL_MONTHS, 2);
  case SLUICE_IPC_DURATION:
    return number_table(f, type->unit, 2);
  case SLUICE_IPC_FIXED_BINARY:
  case SLUICE_IPC_FIXED_LIST:
    return number_table(f, type->width, 4);
  case SLUICE_IPC_MAP:
    return number_table(f, (schema->flags & ARROW_FLAG_MAP_KEYS_SORTED) != 0, 1);
  case SLUICE_IPC_UNION:
    return union_table(f, schema, type->id == SLUICE_TYPE_DENSE_UNION);
  default:
    flat_open(f);
    return flat_close(f, 0);
  }
}

static int32_t read_int(const char **at) {
  int32_t value;
  memcpy(&value, *at, sizeof value);
  *at += sizeof value;
  return value;
}

static size_t metadata_text(struct flat *f, const char **at) {
  int32_t n = read_int(at);
  size_t text = n < 0 ? 0 : flat_text(f, *at, (size_t)n);
  if (n < 0)
    f->failed = true;
  else
    *at += n;
  return text;
}

/* Key and value pairs as C Data encodes them; 0: none. */
static size_t metadata_table(struct flat *f, const char *metadata) {
  if (!metadata)
    return 0;
  const char *at = metadata;
  int32_t n = read_int(&at);
  if (n <= 0)
    return 0;
  size_t *pairs = calloc((size_t)n, sizeof *pairs), table = 0;
  if (!pairs)
    f->failed = true;
  for (int32_t i = 0; !f->failed && i < n; i++) {
    size_t key = metadata_text(f, &at), value = f->failed ? 0 : metadata_text(f, &at);
    flat_open(f);
    flat_reference(f, 0, key);
    flat_reference(f, 1, value);
    pairs[i] = flat_close(f, 2);
  }
  if (!f->failed)
    table = flat_references(f, pairs, (size_t)n);
  free(pairs);
  return table;
}

static size_t field_table(struct flat *f, const struct ArrowSchema *schema, int64_t *next_id);

static size_t fields(struct flat *f, const struct ArrowSchema *schema, int64_t *next_id) {
  size_t n = (size_t)schema->n_children, vector = 0;
  size_t *list = calloc(n + 1, sizeof *list);
  if (!list)
    f->failed = true;
  for (size_t i = 0; !f->failed && i < n; i++)
    list[i] = field_table(f, schema->children[i], next_id);
  if (!f->failed)
    vector = flat_references(f, list, n);
  free(list);
  return vector;
}

static size_t dictionary_table(struct flat *f, const struct ArrowSchema *schema, const struct sluice_type *index,
                               int64_t id) {
  size_t type = int_table(f, index);
  flat_open(f);
  flat_number(f, 0, id, 8);
  flat_reference(f, 1, type);
  flat_number(f, 2, (schema->flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0, 1);
  return flat_close(f, 3);
}

/* A dictionary field has the type and children of its values, and says that indexes are sent. */
static size_t field_table(struct flat *f, const struct ArrowSchema *schema, int64_t *next_id) {
  const struct ArrowSchema *values = schema->dictionary ? schema->dictionary : schema;
  const char *text = schema->name ? schema->name : "";
  struct sluice_type type, index;
  if (sluice_type_parse(values->format, &type, NULL) != SLUICE_OK ||
      sluice_type_parse(schema->format, &index, NULL) != SLUICE_OK || values->dictionary) {
    f->failed = true;
    return 0;
  }
  size_t dictionary = schema->dictionary ? dictionary_table(f, schema, &index, (*next_id)++) : 0;
  size_t children = fields(f, values, next_id);
  size_t metadata = metadata_table(f, schema->metadata), table = type_table(f, values, &type);
  size_t name = flat_text(f, text, strlen(text));
  flat_open(f);
  flat_reference(f, 0, name);
  flat_reference(f, 3, table);
  flat_reference(f, 4, dictionary);
  flat_reference(f, 5, children);
  flat_reference(f, 6, metadata);
  flat_number(f, 1, (schema->flags & ARROW_FLAG_NULLABLE) != 0, 1);
  flat_number(f, 2, tags[type.id], 1);
  return flat_close(f, 7);
}

size_t ipc_schema(struct flat *f, const struct ArrowSchema *schema) {
  int64_t next_id = 0;
  size_t list = fields(f, schema, &next_id), metadata = metadata_table(f, schema->metadata);
  flat_open(f);
  flat_reference(f, 1, list);
  flat_reference(f, 2, metadata);
  flat_number(f, 0, 0, 2); /* little-endian */
  return flat_close(f, 3);
}
