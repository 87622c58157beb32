/* Batches of text and int columns for tests, made from rows, and read back as JSON lines. */
#ifndef TEST_RECORD_BATCH_H
#define TEST_RECORD_BATCH_H
#include "core/run/batch.h"
#include "core/run/record.h"

/* A struct schema of n fields, each "format name". */
static inline int record_schema(const char *const fields[][2], int64_t n, struct ArrowSchema *out) {
  int code = sluice_schema_nested(out, "+s", "", 0, n);
  for (int64_t i = 0; i < n && !code; i++)
    code = sluice_schema_init(out->children[i], fields[i][0], fields[i][1], ARROW_FLAG_NULLABLE);
  return code;
}

/* values[row * n + column]; NULL: null. Formats "u" and "l". */
static inline int record_array(const struct ArrowSchema *schema, const char *const *values, int64_t rows,
                               struct ArrowArray *out) {
  struct sluice_builder *builder;
  struct sluice_error err = {0};
  int code = sluice_builder_create(schema, &builder, &err);
  for (int64_t i = 0; i < rows && !code; i++) {
    for (int64_t k = 0; k < schema->n_children && !code; k++) {
      struct sluice_builder *child = sluice_builder_child(builder, k);
      const char *value = values[i * schema->n_children + k];
      int64_t number = 0;
      if (!value)
        code = sluice_builder_null(child);
      else if (schema->children[k]->format[0] == 'u')
        code = sluice_builder_bytes(child, value, strlen(value));
      else
        code = sluice_parse_int(value, strlen(value), &number) ? sluice_builder_int(child, number) : SLUICE_ERR_BUG;
    }
    if (!code)
      code = sluice_builder_end(builder);
  }
  if (!code)
    code = sluice_builder_finish(builder, out, &err);
  sluice_builder_destroy(builder);
  return code;
}

/* All rows as JSON, each followed by a line end. text_get(out) is the result. */
static inline int record_lines(const struct ArrowSchema *schema, const struct ArrowArray *array, struct text *out) {
  struct sluice_error err = {0};
  int code = SLUICE_OK;
  for (int64_t i = 0; i < array->length && !code; i++) {
    code = record_json(schema, array, i, out, &err);
    if (!code)
      code = text_add(out, "\n");
  }
  return code;
}

#endif
