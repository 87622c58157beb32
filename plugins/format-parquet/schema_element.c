/* One element of the schema from the footer: its type, in the older and the newer words. */
#include "schema_element.h"

static void read_decimal(struct pq_thrift *t, struct pq_element *e) {
  struct pq_thrift_field f = {0};
  while (pq_thrift_next(t, &f)) {
    int32_t value = (int32_t)pq_thrift_int(t, f.type, 0);
    if (f.id == 1)
      e->scale = value;
    if (f.id == 2)
      e->precision = value;
  }
}

static void read_unit(struct pq_thrift *t, uint8_t type, struct pq_element *e) {
  struct pq_thrift_field f = {0};
  if (!pq_thrift_struct(t, type))
    return;
  while (pq_thrift_next(t, &f)) {
    e->unit = f.id == 1 ? SLUICE_MILLI : f.id == 2 ? SLUICE_MICRO : SLUICE_NANO;
    pq_thrift_skip(t, f.type);
  }
}

static void read_time(struct pq_thrift *t, struct pq_element *e) {
  struct pq_thrift_field f = {0};
  while (pq_thrift_next(t, &f)) {
    if (f.id == 1)
      e->utc = pq_thrift_bool(t, f.type);
    else if (f.id == 2)
      read_unit(t, f.type, e);
    else
      pq_thrift_skip(t, f.type);
  }
}

static void read_integer(struct pq_thrift *t, struct pq_element *e) {
  struct pq_thrift_field f = {0};
  while (pq_thrift_next(t, &f)) {
    if (f.id == 1)
      e->bits = (int32_t)pq_thrift_int(t, f.type, 0);
    else if (f.id == 2)
      e->is_signed = pq_thrift_bool(t, f.type);
    else
      pq_thrift_skip(t, f.type);
  }
}

static void read_geography(struct pq_thrift *t, struct pq_element *e) {
  struct pq_thrift_field f = {0};
  while (pq_thrift_next(t, &f)) {
    if (f.id == 1)
      e->crs = pq_thrift_binary(t, f.type);
    else if (f.id == 2)
      e->algorithm = (int32_t)pq_thrift_int(t, f.type, -1);
    else
      pq_thrift_skip(t, f.type);
  }
}

static void read_empty(struct pq_thrift *t) {
  struct pq_thrift_field f = {0};
  while (pq_thrift_next(t, &f))
    pq_thrift_skip(t, f.type);
}

static void read_logical_body(struct pq_thrift *t, struct pq_element *e) {
  switch (e->logical) {
  case PQ_DECIMAL:
    read_decimal(t, e);
    return;
  case PQ_TIME:
  case PQ_TIMESTAMP:
    read_time(t, e);
    return;
  case PQ_INTEGER:
    read_integer(t, e);
    return;
  case PQ_GEOMETRY:
  case PQ_GEOGRAPHY:
    read_geography(t, e);
    return;
  default:
    read_empty(t);
  }
}

/* An id that is not known here leaves the physical type. */
static void read_logical(struct pq_thrift *t, uint8_t type, struct pq_element *e) {
  struct pq_thrift_field f = {0};
  if (!pq_thrift_struct(t, type))
    return;
  while (pq_thrift_next(t, &f)) {
    e->logical = f.id >= PQ_STRING && f.id <= PQ_FILE && f.id != PQ_INTERVAL ? (enum pq_logical)f.id : PQ_NONE;
    if (pq_thrift_struct(t, f.type))
      read_logical_body(t, e);
  }
}

static void set_integer(struct pq_element *e, int32_t bits, bool is_signed) {
  e->logical = PQ_INTEGER;
  e->bits = bits;
  e->is_signed = is_signed;
}

static void set_time(struct pq_element *e, enum pq_logical logical, enum sluice_time_unit unit) {
  e->logical = logical;
  e->unit = (int32_t)unit;
  e->utc = true;
}

/* ConvertedType, for elements without a logical type. */
static void convert(struct pq_element *e, int64_t converted) {
  static const enum pq_logical plain[] = {PQ_STRING, PQ_MAP, PQ_MAP_KEY_VALUE, PQ_LIST, PQ_ENUM, PQ_DECIMAL, PQ_DATE};
  if (converted >= 0 && converted <= 6)
    e->logical = plain[converted];
  else if (converted == 7 || converted == 8)
    set_time(e, PQ_TIME, converted == 7 ? SLUICE_MILLI : SLUICE_MICRO);
  else if (converted == 9 || converted == 10)
    set_time(e, PQ_TIMESTAMP, converted == 9 ? SLUICE_MILLI : SLUICE_MICRO);
  else if (converted >= 11 && converted <= 18)
    set_integer(e, 8 << ((converted - 11) & 3), converted >= 15);
  else if (converted == 19)
    e->logical = PQ_JSON;
  else if (converted == 20)
    e->logical = PQ_BSON;
  else if (converted == 21)
    e->logical = PQ_INTERVAL;
}

static void read_field(struct pq_thrift *t, const struct pq_thrift_field *f, struct pq_element *e, int64_t *converted) {
  switch (f->id) {
  case 1:
    e->type = (int32_t)pq_thrift_int(t, f->type, PQ_GROUP);
    return;
  case 2:
    e->type_length = (int32_t)pq_thrift_int(t, f->type, 0);
    return;
  case 3:
    e->repetition = (int32_t)pq_thrift_int(t, f->type, PQ_REQUIRED);
    return;
  case 4:
    e->name = pq_thrift_binary(t, f->type);
    return;
  case 5:
    e->n_children = (int32_t)pq_thrift_int(t, f->type, 0);
    return;
  case 6:
    *converted = pq_thrift_int(t, f->type, -1);
    e->annotated = true;
    return;
  case 7:
    e->scale = (int32_t)pq_thrift_int(t, f->type, 0);
    return;
  case 8:
    e->precision = (int32_t)pq_thrift_int(t, f->type, 0);
    return;
  case 9:
    e->field_id = (int32_t)pq_thrift_int(t, f->type, 0);
    e->has_field_id = true;
    return;
  case 10:
    read_logical(t, f->type, e);
    e->annotated = true;
    return;
  default:
    pq_thrift_skip(t, f->type);
  }
}

void pq_element_read(struct pq_thrift *t, uint8_t type, struct pq_element *out) {
  struct pq_thrift_field f = {0};
  struct pq_element e = {.type = PQ_GROUP, .algorithm = -1};
  int64_t converted = -1;
  if (pq_thrift_struct(t, type))
    while (pq_thrift_next(t, &f))
      read_field(t, &f, &e, &converted);
  if (e.logical == PQ_NONE)
    convert(&e, converted);
  *out = e;
}
