/* The page index. What does not fit the chunk exactly is not used at all. */
#include "page_index.h"
#include <stdlib.h>

static const char misfit[] = "its page index does not fit it";

/* ---- where pages are ---- */

static void read_place(struct pq_thrift *t, uint8_t type, struct pq_page_place *out) {
  struct pq_thrift_field f = {0};
  *out = (struct pq_page_place){-1, -1, -1, 0};
  if (!pq_thrift_struct(t, type))
    return;
  while (pq_thrift_next(t, &f)) {
    if (f.id == 1)
      out->at = pq_thrift_int(t, f.type, -1);
    else if (f.id == 2)
      out->size = pq_thrift_int(t, f.type, -1);
    else if (f.id == 3)
      out->first = pq_thrift_int(t, f.type, -1);
    else
      pq_thrift_skip(t, f.type);
  }
}

static pq_fault read_places(struct pq_thrift *t, uint8_t type, struct pq_page_place **out, int32_t *n) {
  uint8_t item = 0;
  uint32_t count = pq_thrift_list(t, type, &item);
  if (t->fault || *out || count == 0 || count > INT32_MAX / 2)
    return misfit;
  *out = calloc(count, sizeof **out);
  if (!*out)
    return pq_no_memory;
  for (*n = 0; (uint32_t)*n < count; ++*n)
    read_place(t, item, &(*out)[*n]);
  return t->fault;
}

/* Each behind the one before, all in the chunk, and with a row at least. */
static bool places_fit(struct pq_page_place *places, int32_t n, const struct pq_chunk *chunk, int64_t rows) {
  int64_t at = chunk->data_at, end = chunk->data_at + chunk->compressed;
  if (places[0].first != 0)
    return false;
  for (int32_t i = 0; i < n; i++) {
    struct pq_page_place *p = &places[i];
    int64_t next = i + 1 < n ? places[i + 1].first : rows;
    if (p->at < at || p->size <= 0 || p->size > end - p->at || next <= p->first || next > rows)
      return false;
    p->rows = next - p->first;
    at = p->at + p->size;
  }
  return true;
}

pq_fault pq_offset_index_read(struct pq_slice bytes, const struct pq_chunk *chunk, int64_t rows,
                              struct pq_page_place **out, int32_t *n) {
  struct pq_thrift t = {.p = bytes.data, .end = bytes.data + bytes.size};
  struct pq_thrift_field f = {0};
  struct pq_page_place *places = NULL;
  int32_t count = 0;
  pq_fault fault = NULL;
  t.depth = 1;
  while (!fault && pq_thrift_next(&t, &f)) {
    if (f.id == 1)
      fault = read_places(&t, f.type, &places, &count);
    else
      pq_thrift_skip(&t, f.type);
  }
  fault = fault ? fault : t.fault;
  if (!fault && (!places || !places_fit(places, count, chunk, rows)))
    fault = misfit;
  if (fault) {
    free(places);
    return fault;
  }
  *out = places;
  *n = count;
  return NULL;
}

/* ---- what is in them ---- */

/* Truth values in lists are a byte each: 1 is true; some writers had 0 for false. */
static void read_null_pages(struct pq_thrift *t, uint32_t n, struct pq_page_bounds *out) {
  for (uint32_t i = 0; i < n && t->p < t->end; i++)
    out[i].all_null = *t->p++ == 1;
}

static pq_fault read_list(struct pq_thrift *t, const struct pq_thrift_field *f, int32_t n, struct pq_page_bounds *out,
                          uint32_t *seen) {
  enum { TRUE = 1, FALSE = 2 };
  uint8_t item = 0;
  uint32_t count = pq_thrift_list(t, f->type, &item);
  if (t->fault || count != (uint32_t)n)
    return misfit;
  *seen |= 1u << f->id;
  if (f->id == 1 && item != TRUE && item != FALSE)
    return misfit;
  if (f->id == 1)
    read_null_pages(t, count, out);
  for (uint32_t i = 0; i < count && f->id > 1 && !t->fault; i++) {
    if (f->id == 2)
      out[i].min = pq_thrift_binary(t, item);
    else if (f->id == 3)
      out[i].max = pq_thrift_binary(t, item);
    else
      out[i].nulls = pq_thrift_int(t, item, -1);
  }
  return t->fault;
}

pq_fault pq_column_index_read(struct pq_slice bytes, int32_t n, struct pq_page_bounds **out) {
  enum { NEEDED = 1 << 1 | 1 << 2 | 1 << 3 };
  struct pq_thrift t = {.p = bytes.data, .end = bytes.data + bytes.size};
  struct pq_thrift_field f = {0};
  struct pq_page_bounds *bounds = calloc((size_t)n + 1, sizeof *bounds);
  uint32_t seen = 0;
  pq_fault fault = bounds ? NULL : pq_no_memory;
  for (int32_t i = 0; bounds && i < n; i++)
    bounds[i].nulls = -1;
  t.depth = 1;
  while (!fault && pq_thrift_next(&t, &f)) {
    if ((f.id >= 1 && f.id <= 3) || f.id == 5)
      fault = read_list(&t, &f, n, bounds, &seen);
    else
      pq_thrift_skip(&t, f.type);
  }
  fault = fault ? fault : t.fault;
  if (!fault && (seen & NEEDED) != NEEDED)
    fault = misfit;
  if (fault)
    free(bounds);
  else
    *out = bounds;
  return fault;
}
