/* The header of a page. */
#include "page_header.h"

/* Fields 1.. of the headers of a data page, a dictionary page and a data page of version 2. */
static void read_body(struct pq_thrift *t, int64_t *const *numbers, size_t n, struct pq_page_header *h) {
  struct pq_thrift_field f = {0};
  h->has_body = true;
  while (pq_thrift_next(t, &f)) {
    size_t id = (size_t)f.id;
    if (id < n && numbers[id])
      *numbers[id] = pq_thrift_int(t, f.type, -1);
    else if (id == 7 && n > 7)
      h->is_compressed = pq_thrift_bool(t, f.type);
    else
      pq_thrift_skip(t, f.type);
  }
}

static void read_body_of(struct pq_thrift *t, const struct pq_thrift_field *field, struct pq_page_header *h) {
  int64_t encoding = -1, def = PQ_RLE, rep = PQ_RLE;
  int64_t *const data[] = {NULL, &h->values, &encoding, &def, &rep};
  int64_t *const dictionary[] = {NULL, &h->values, &encoding};
  int64_t *const second[] = {NULL, &h->values, &h->nulls, &h->rows, &encoding, &h->def_bytes, &h->rep_bytes, NULL};
  if (!pq_thrift_struct(t, field->type))
    return;
  if (field->id == 5)
    read_body(t, data, 5, h);
  else if (field->id == 7)
    read_body(t, dictionary, 3, h);
  else
    read_body(t, second, 8, h);
  h->encoding = (int32_t)encoding;
  h->def_encoding = (int32_t)def;
  h->rep_encoding = (int32_t)rep;
}

static void read_field(struct pq_thrift *t, const struct pq_thrift_field *f, struct pq_page_header *h) {
  switch (f->id) {
  case 1:
    h->type = (int32_t)pq_thrift_int(t, f->type, -1);
    return;
  case 2:
    h->uncompressed = pq_thrift_int(t, f->type, -1);
    return;
  case 3:
    h->compressed = pq_thrift_int(t, f->type, -1);
    return;
  case 4:
    h->crc = (uint32_t)pq_thrift_int(t, f->type, 0);
    h->has_crc = true;
    return;
  case 5:
  case 7:
  case 8:
    read_body_of(t, f, h);
    return;
  default:
    pq_thrift_skip(t, f->type);
  }
}

static pq_fault check(const struct pq_page_header *h) {
  bool known = h->type == PQ_DATA_PAGE || h->type == PQ_DICTIONARY_PAGE || h->type == PQ_DATA_PAGE_V2;
  if (h->uncompressed < 0 || h->compressed < 0 || h->uncompressed > INT32_MAX || h->compressed > INT32_MAX)
    return "a page header has a size out of range";
  if (!known)
    return NULL;
  if (!h->has_body)
    return "a page header lacks the part for its type of page";
  if (h->values < 0 || h->values > INT32_MAX)
    return "a page header has a number of values out of range";
  if (h->type == PQ_DATA_PAGE_V2 && (h->def_bytes < 0 || h->rep_bytes < 0 || h->def_bytes > h->compressed ||
                                     h->rep_bytes > h->compressed - h->def_bytes))
    return "the levels of a page are longer than the page";
  return NULL;
}

pq_fault pq_page_header_read(const uint8_t *bytes, size_t n, struct pq_page_header *out) {
  struct pq_thrift t = {.p = bytes, .end = bytes + n};
  struct pq_thrift_field f = {0};
  *out = (struct pq_page_header){
      .type = -1, .uncompressed = -1, .compressed = -1, .values = -1, .nulls = -1, .rows = -1, .is_compressed = true};
  while (pq_thrift_next(&t, &f))
    read_field(&t, &f, out);
  out->size = (size_t)(t.p - bytes);
  return t.fault ? t.fault : check(out);
}
