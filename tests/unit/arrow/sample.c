/* Sample schemas and values for tests. check_pyarrow.py knows the same rules. */
#include "sample.h"

static int nested(struct ArrowSchema *out, const char *format, const char *name, const char *const *children,
                  const char *const *names, int64_t n, int64_t flags) {
  int status = sluice_schema_nested(out, format, name, ARROW_FLAG_NULLABLE, n);
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++)
    status = sluice_schema_init(out->children[i], children[i], names[i], i == 0 ? flags : ARROW_FLAG_NULLABLE);
  return status;
}

static int map_field(struct ArrowSchema *out, const char *name) {
  static const char *const formats[] = {"u", "i"}, *const names[] = {"key", "value"};
  int status = sluice_schema_nested(out, "+m", name, ARROW_FLAG_NULLABLE, 1);
  if (status == SLUICE_OK)
    status = nested(out->children[0], "+s", "entries", formats, names, 2, 0);
  if (status == SLUICE_OK)
    out->children[0]->flags = 0;
  return status;
}

int sample_field(struct ArrowSchema *out, const char *format, const char *name) {
  static const char *const pair[] = {"i", "u"}, *const names[] = {"a", "b"}, *const item[] = {"item"};
  if (strcmp(format, "+s") == 0 || strncmp(format, "+u", 2) == 0)
    return nested(out, format, name, pair, names, 2, ARROW_FLAG_NULLABLE);
  if (strcmp(format, "+m") == 0)
    return map_field(out, name);
  if (strcmp(format, "+r") == 0) {
    static const char *const runs[] = {"i", "u"}, *const run_names[] = {"run_ends", "values"};
    return nested(out, format, name, runs, run_names, 2, 0);
  }
  if (format[0] == '+')
    return nested(out, format, name, pair, item, 1, ARROW_FLAG_NULLABLE);
  return sluice_schema_init(out, format, name, ARROW_FLAG_NULLABLE);
}

int sample_dictionary(struct ArrowSchema *out, const char *index, const char *values, const char *name) {
  struct ArrowSchema dictionary = {0};
  int status = sample_field(&dictionary, values, "");
  if (status == SLUICE_OK)
    status = sluice_schema_init(out, index, name, ARROW_FLAG_NULLABLE);
  if (status == SLUICE_OK)
    status = sluice_schema_set_dictionary(out, &dictionary);
  if (status != SLUICE_OK)
    sluice_schema_release(&dictionary);
  return status;
}

static const char *const formats[] = {
    "n",   "b",   "c",       "s",       "i",       "l",          "C",         "S",          "I",    "L",   "e",
    "f",   "g",   "u",       "U",       "vu",      "z",          "Z",         "vz",         "w:3",  "w:0", "tdD",
    "tdm", "tts", "ttm",     "ttu",     "ttn",     "tss:",       "tsm:UTC",   "tsu:+02:00", "tsn:", "tDs", "tDm",
    "tDu", "tDn", "tin",     "d:9,2",   "d:38,10", "d:76,3,256", "+l",        "+L",         "+w:2", "+vl", "+vL",
    "+s",  "+m",  "+ud:0,5", "+us:3,1", "+r",      "d:5,1,32",   "d:15,3,64", "tiM",        "tiD"};
enum { N_FORMATS = sizeof formats / sizeof formats[0], N_DICTIONARIES = 3, NOT_IN_PYTHON = 2 };

int sample_schema(struct ArrowSchema *out, bool for_pyarrow) {
  static const char *const indexes[] = {"c", "I", "l"}, *const values[] = {"u", "l", "+l"};
  static const char metadata[] = "\2\0\0\0\3\0\0\0key\5\0\0\0value\24\0\0\0ARROW:extension:name\4\0\0\0test";
  int64_t n = N_FORMATS - (for_pyarrow ? NOT_IN_PYTHON : 0);
  int status = sluice_schema_nested(out, "+s", "", 0, n + N_DICTIONARIES);
  if (status != SLUICE_OK)
    return status;
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++)
    status = sample_field(out->children[i], formats[i], formats[i]);
  for (int64_t i = 0; status == SLUICE_OK && i < N_DICTIONARIES; i++)
    status = sample_dictionary(out->children[n + i], indexes[i], values[i], values[i]);
  if (status == SLUICE_OK)
    status = sluice_schema_set_metadata(out, metadata);
  if (status == SLUICE_OK)
    status = sluice_schema_set_metadata(out->children[4], metadata);
  if (status != SLUICE_OK)
    sluice_schema_release(out);
  return status;
}

/* ---- values ---- */

static int put(struct sluice_builder *b, const struct ArrowSchema *schema, int64_t k);

static int put_text(struct sluice_builder *b, int64_t k) {
  char text[64];
  int n = snprintf(text, sizeof text, k % 3 ? "v%lld" : "a longer text of value %lld \xc3\xa9", (long long)k);
  return sluice_builder_bytes(b, text, (size_t)n);
}

/* Little-endian numbers of a width: of decimals, intervals and fixed binary. */
static int put_wide(struct sluice_builder *b, int64_t k, int32_t width) {
  uint8_t bytes[64];
  memset(bytes, k < 0 ? 0xff : 0, sizeof bytes);
  memcpy(bytes, &k, sizeof k);
  return sluice_builder_bytes(b, bytes, (size_t)width);
}

static int put_day_nano(struct sluice_builder *b, int64_t k) {
  struct {
    int32_t months, days;
    int64_t nanos;
  } value = {(int32_t)k, (int32_t)k + 1, k * 1000};
  return sluice_builder_bytes(b, &value, sizeof value);
}

static int put_children(struct sluice_builder *b, const struct ArrowSchema *schema, int64_t k) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < schema->n_children; i++)
    status = put(sluice_builder_child(b, i), schema->children[i], k + 1 + i);
  return status == SLUICE_OK ? sluice_builder_end(b) : status;
}

static int put_items(struct sluice_builder *b, const struct ArrowSchema *schema, int64_t k, int64_t n) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++)
    status = put(sluice_builder_child(b, 0), schema->children[0], k + i);
  return status == SLUICE_OK ? sluice_builder_end(b) : status;
}

static int put_union(struct sluice_builder *b, const struct ArrowSchema *schema, int64_t k) {
  int64_t child = k % schema->n_children;
  int status = put(sluice_builder_child(b, child), schema->children[child], k);
  return status == SLUICE_OK ? sluice_builder_union(b, child) : status;
}

static int put_run(struct sluice_builder *b, const struct ArrowSchema *schema, int64_t k) {
  int status = put(sluice_builder_child(b, 1), schema->children[1], k);
  return status == SLUICE_OK ? sluice_builder_run(b, 1 + k % 3) : status;
}

static int put_indexed(struct sluice_builder *b, const struct ArrowSchema *schema, int64_t k) {
  struct sluice_builder *values = sluice_builder_child(b, 0);
  int status = SLUICE_OK;
  for (int64_t i = sluice_builder_length(values); status == SLUICE_OK && i < 10; i++)
    status = put(values, schema->dictionary, i);
  return status == SLUICE_OK ? sluice_builder_int(b, k % 10) : status;
}

static int put_number(struct sluice_builder *b, const struct sluice_type *type, int64_t k) {
  if (type->id >= SLUICE_TYPE_HALF && type->id <= SLUICE_TYPE_DOUBLE)
    return sluice_builder_double(b, (double)k * 0.5);
  if (type->id == SLUICE_TYPE_BOOL)
    return sluice_builder_int(b, k % 2);
  if (type->id == SLUICE_TYPE_DATE64)
    return sluice_builder_int(b, k * 86400000);
  return sluice_builder_int(b, k % 100);
}

static int put(struct sluice_builder *b, const struct ArrowSchema *schema, int64_t k) {
  struct sluice_type type;
  int status = sluice_type_parse(schema->format, &type, NULL);
  if (status != SLUICE_OK)
    return status;
  bool is_union = type.id == SLUICE_TYPE_DENSE_UNION || type.id == SLUICE_TYPE_SPARSE_UNION;
  if (type.id == SLUICE_TYPE_RUN_END)
    return put_run(b, schema, k);
  if (type.id == SLUICE_TYPE_NULL)
    return sluice_builder_null(b);
  if (!is_union && (schema->flags & ARROW_FLAG_NULLABLE) && k % 5 == 3)
    return sluice_builder_null(b);
  if (schema->dictionary)
    return put_indexed(b, schema, k);
  if (is_union)
    return put_union(b, schema, k);
  if (type.id == SLUICE_TYPE_STRUCT)
    return put_children(b, schema, k);
  if (type.id == SLUICE_TYPE_FIXED_LIST)
    return put_items(b, schema, k, type.width);
  if (type.id >= SLUICE_TYPE_LIST)
    return put_items(b, schema, k, k % 4);
  if (type.id == SLUICE_TYPE_INTERVAL_MONTH_DAY_NANO)
    return put_day_nano(b, k);
  bool wide = type.id >= SLUICE_TYPE_DECIMAL32 && type.id <= SLUICE_TYPE_DECIMAL256;
  if (wide)
    return put_wide(b, k % 2 ? k * 101 : -k * 101, type.width);
  if (type.id == SLUICE_TYPE_FIXED_BINARY || type.id == SLUICE_TYPE_INTERVAL_DAY_TIME)
    return put_wide(b, k, type.width);
  if (type.id >= SLUICE_TYPE_UTF8 && type.id <= SLUICE_TYPE_BINARY_VIEW)
    return put_text(b, k);
  return put_number(b, &type, k);
}

/* A column of so many rows; a run-end column may get a few more, so it ends with a shorter run. */
static int put_column(struct sluice_builder *b, const struct ArrowSchema *schema, int64_t rows) {
  int status = SLUICE_OK;
  for (int64_t k = 0; status == SLUICE_OK && sluice_builder_length(b) < rows; k++) {
    int64_t left = rows - sluice_builder_length(b);
    if (strcmp(schema->format, "+r") != 0 || left >= 3) {
      status = put(b, schema, k);
      continue;
    }
    status = put(sluice_builder_child(b, 1), schema->children[1], k);
    if (status == SLUICE_OK)
      status = sluice_builder_run(b, left < 1 + k % 3 ? left : 1 + k % 3);
  }
  return status;
}

int sample_array(const struct ArrowSchema *schema, int64_t rows, struct ArrowArray *out, struct sluice_error *err) {
  struct sluice_builder *b = NULL;
  int status = sluice_builder_create(schema, &b, err);
  if (status != SLUICE_OK)
    return status;
  bool record = strcmp(schema->format, "+s") == 0;
  for (int64_t i = 0; record && status == SLUICE_OK && i < schema->n_children; i++)
    status = put_column(sluice_builder_child(b, i), schema->children[i], rows);
  for (int64_t i = 0; record && status == SLUICE_OK && i < rows; i++)
    status = sluice_builder_end(b);
  if (!record)
    status = put_column(b, schema, rows);
  if (status == SLUICE_OK)
    status = sluice_builder_finish(b, out, err);
  sluice_builder_destroy(b);
  return status;
}
