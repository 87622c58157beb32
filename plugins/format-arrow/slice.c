/* Record batches cut to batches of the size that is asked for, without a copy. */
#include "reader.h"
#include <stdlib.h>

/* Up to the next multiple of batch_rows from the unit's start, and what fits batch_bytes. */
static int64_t choose_rows(const struct arrow_reader *r) {
  int64_t left = r->rows - r->at, most = r->batch_rows - (r->row - r->unit_row) % r->batch_rows;
  int64_t n = left < most ? left : most;
  struct ArrowSchema schema = {.format = "+s", .name = "", .n_children = r->n_wanted};
  const void *validity[1] = {NULL};
  struct ArrowArray root = {
      .length = r->rows, .n_buffers = 1, .n_children = r->n_wanted, .buffers = validity, .children = r->arrays};
  memcpy(&schema.children, &r->schemas, sizeof schema.children); /* C Data has no const children */
  return sluice_array_rows_within(&schema, &root, r->at, n, r->batch_bytes);
}

static int slice_columns(struct arrow_reader *r, int64_t n, struct ArrowArray *out) {
  const struct arrow_project *p = &r->project;
  int64_t done = 0;
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK && done < p->count) {
    int64_t source = p->sources[done];
    if (source < 0)
      rc = sluice_array_nulls(p->schema.children[done], n, &out[done]);
    else
      rc = sluice_array_slice(&r->columns[source], r->at, n, &out[done]);
    done += rc == SLUICE_OK;
  }
  for (int64_t i = 0; rc && i < done; i++)
    sluice_array_release(&out[i]);
  return rc;
}

static int slice(struct arrow_reader *r, int64_t n, struct ArrowArray *out) {
  int64_t count = r->project.count;
  struct sluice_buffer validity = {0};
  struct ArrowArray *children = calloc((size_t)count + 1, sizeof *children);
  if (!children)
    return SLUICE_ERR_MEMORY;
  int rc = slice_columns(r, n, children);
  if (rc == SLUICE_OK) {
    rc = sluice_array_adopt(out, n, 0, &validity, 1, children, count, NULL);
    for (int64_t i = 0; rc && i < count; i++)
      sluice_array_release(&children[i]);
  }
  free(children);
  return rc;
}

/* Where reading goes on: within this record batch, or at the message behind it. */
static struct sluice_position position(const struct arrow_reader *r) {
  bool within = r->at < r->rows;
  const struct arrow_place *place = within ? &r->current : &r->next;
  return (struct sluice_position){r->row, place->offset, {within ? r->at : 0, r->file.indexed ? place->index + 1 : 0}};
}

int arrow_reader_slice(struct arrow_reader *r, struct sluice_batch *out, struct sluice_error *err) {
  struct ArrowArray array;
  int64_t n = choose_rows(r);
  if (slice(r, n, &array) != SLUICE_OK)
    return sluice_fail(err, SLUICE_ERR_MEMORY, r->part, "no memory for a batch from record %lld on", (long long)r->row);
  out->first_row = r->row;
  out->origin = NULL;
  out->ops = NULL;
  out->array = array;
  r->at += n;
  r->row += n;
  out->end = position(r);
  return SLUICE_OK;
}
