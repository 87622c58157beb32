/* The rows of an array that a filter leaves: copied in runs where these are long, else one by one. */
#include "select.h"
#include <stdlib.h>

enum { RUN_LONG = 16 }; /* rows on average, from which on a run is worth a call */

struct marks { /* what the filter says */
  const uint8_t *keep;
  int64_t n, kept, runs;
};

/* 1 in each byte of eight marks that is not 0. */
static uint64_t set_bytes(uint64_t marks) {
  const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f), one = UINT64_C(0x0101010101010101);
  return (((marks & low) + low) | marks) >> 7 & one;
}

static int64_t sum_bytes(uint64_t ones) {
  return (int64_t)(ones * UINT64_C(0x0101010101010101) >> 56);
}

/* Eight at a time. A run begins where a mark is set and the one before it is not. */
static struct marks count_marks(const uint8_t *keep, int64_t n) {
  struct marks m = {.keep = keep, .n = n};
  uint64_t before = 0; /* of the last mark */
  for (int64_t i = 0; i < n; i += 8) {
    uint64_t marks = 0;
    memcpy(&marks, keep + i, n - i < 8 ? (size_t)(n - i) : 8);
    uint64_t set = set_bytes(marks);
    m.kept += sum_bytes(set);
    m.runs += sum_bytes(set & ~(set << 8 | before));
    before = set >> 56;
  }
  return m;
}

static int append_runs(struct sluice_builder *b, const struct ArrowArray *array, const struct marks *m) {
  int status = SLUICE_OK;
  for (int64_t i = 0, end; status == SLUICE_OK && i < m->n; i = end) {
    if (!m->keep[i]) {
      end = i + 1;
      continue;
    }
    for (end = i + 1; end < m->n && m->keep[end];)
      end++;
    status = sluice_builder_append(b, array, i, end - i);
  }
  return status;
}

/* A struct without a bitmap and offset, such as a batch: each column by itself, so that it stays in the cache. */
static int append_columns(struct sluice_builder *b, const struct ArrowArray *array, const struct marks *m) {
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < b->n_children; i++)
    status = append_runs(b->children[i], array->children[i], m);
  b->length += m->kept;
  return status;
}

static int append_rows(struct sluice_builder *b, const struct ArrowArray *array, const struct marks *m) {
  int64_t n = 0, *rows = calloc((size_t)m->kept + 1, sizeof *rows);
  if (!rows)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < m->n; i++) { /* one place more than is needed, so that it may be written always */
    rows[n] = i;
    n += m->keep[i] != 0;
  }
  int status = builder_fill(b, array, &(struct picks){rows, n, 0});
  free(rows);
  return status;
}

static int append_kept(struct sluice_builder *b, const struct ArrowArray *array, const struct marks *m) {
  bool columns = b->layout == LAYOUT_STRUCT && array->offset == 0 && !array->buffers[0];
  if (m->kept == m->n)
    return sluice_builder_append(b, array, 0, m->n);
  if (m->kept / RUN_LONG < m->runs)
    return append_rows(b, array, m);
  return (columns ? append_columns : append_runs)(b, array, m);
}

int sluice_array_filter(const struct ArrowSchema *schema, const struct ArrowArray *array, const uint8_t *keep,
                        struct ArrowArray *out, struct sluice_error *err) {
  struct marks marks = count_marks(keep, array->length);
  struct sluice_builder *b = NULL;
  int status = sluice_builder_create(schema, &b, err);
  if (status != SLUICE_OK)
    return status;
  status = builder_take_dictionaries(b, array);
  if (status == SLUICE_OK)
    status = append_kept(b, array, &marks);
  if (status == SLUICE_OK)
    status = sluice_builder_finish(b, out, err);
  sluice_builder_destroy(b);
  return status == SLUICE_OK ? status
                             : sluice_fail(err, status, schema->name, "cannot filter: no memory, or a bad array");
}
