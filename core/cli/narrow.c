/* Records and columns that a filter needs and the output does not. */
#include "core/cli/narrow.h"
#include "core/run/batch.h"
#include "core/run/conform.h"
#include <stdlib.h>

static int narrow_schema(const struct ArrowSchema *from, int64_t n, struct ArrowSchema *out) {
  struct ArrowSchema schema;
  int code = sluice_schema_nested(&schema, "+s", "", 0, n);
  if (code)
    return code;
  for (int64_t i = 0; i < n && !code; i++)
    code = sluice_schema_copy(from->children[i], schema.children[i]);
  if (code)
    sluice_schema_release(&schema);
  else
    sluice_schema_move(&schema, out);
  return code;
}

int narrow_open(const struct sluice_where *where, const struct ArrowSchema *from, int64_t n, const char *part,
                struct narrow *out, struct sluice_error *err) {
  struct narrow narrow = {.from = from};
  int code = where ? filter_create(where, from, part, &narrow.filter, err) : SLUICE_OK;
  if (!code && n < from->n_children)
    code = narrow_schema(from, n, &narrow.schema);
  if (code) {
    narrow_close(&narrow);
    return sluice_fail(err, code, part, "no memory for the columns");
  }
  *out = narrow;
  return SLUICE_OK;
}

void narrow_close(struct narrow *narrow) {
  filter_destroy(narrow->filter);
  sluice_schema_release(&narrow->schema);
  memset(narrow, 0, sizeof *narrow);
}

static int drop_rows(const struct narrow *narrow, struct sluice_batch *batch, struct sluice_error *err) {
  int64_t n;
  uint8_t *keep = malloc((size_t)batch->array.length + 1);
  int code = keep ? filter_apply(narrow->filter, &batch->array, keep, &n) : SLUICE_ERR_MEMORY;
  if (!code)
    code = conform_drop_rows(narrow->from, batch, keep, err);
  free(keep);
  return code;
}

/* The columns move into another batch; the rest goes with the old one. */
static int drop_columns(const struct narrow *narrow, struct sluice_batch *batch) {
  int64_t n = narrow->schema.n_children, *origin = NULL;
  struct ArrowArray *children = calloc((size_t)n + 1, sizeof *children), out = {0};
  struct sluice_buffer validity = {0};
  int code = children ? batch_copy_origin(batch, &origin) : SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < n && !code; i++) {
    code = sluice_array_share(batch->array.children[i]);
    if (!code)
      code = sluice_array_slice(batch->array.children[i], batch->array.offset, batch->array.length, &children[i]);
  }
  if (!code)
    code = sluice_array_adopt(&out, batch->array.length, 0, &validity, 1, children, n, NULL);
  for (int64_t i = 0; children && i < n; i++)
    sluice_array_release(&children[i]);
  free(children);
  if (!code && origin)
    code = sluice_array_attach(&out, origin);
  if (code) {
    sluice_array_release(&out);
    free(origin);
    return code;
  }
  batch_release(batch);
  batch->array = out;
  batch->origin = origin;
  return SLUICE_OK;
}

int narrow_apply(const struct narrow *narrow, struct sluice_batch *batch, struct sluice_error *err) {
  int code = narrow->filter ? drop_rows(narrow, batch, err) : SLUICE_OK;
  if (!code && narrow->schema.release)
    code = drop_columns(narrow, batch);
  return sluice_fail(err, code, NULL, "no memory for the filter");
}
