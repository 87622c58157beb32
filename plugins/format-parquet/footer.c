/* The metadata of a file: found from its end, then read field by field. */
#include "footer.h"
#include "schema_element.h"
#include <stdlib.h>

/* FIXED_MAX: a null takes few bits here, and all of its length in memory. GROUPS_MAX: one takes a byte here at least.
 */
enum { TAIL = 64 << 10, TRAILER = 8, DEPTH_MAX = 120, FIXED_MAX = 16 << 20, GROUPS_MAX = 1 << 20 };
static const int64_t footer_max = 256 << 20;

/* ---- bytes ---- */

static int read_exactly(struct sluice_input *in, int64_t at, uint8_t *to, size_t n, const char *part,
                        struct sluice_error *err) {
  size_t got = 0;
  int code = in->read_at(in, at, to, n, &got, err);
  if (code == SLUICE_OK && got != n)
    return sluice_fail(err, SLUICE_ERR_DATA, part, "the file ends at byte %lld, and its size is %lld: it is cut short",
                       (long long)at + (long long)got, (long long)in->size);
  return code;
}

static int check_size(const struct sluice_input *in, const char *part, struct sluice_error *err) {
  if (in->size < 0)
    return sluice_fail(
        err, SLUICE_ERR_UNSUPPORTED, part,
        "a Parquet file is read from its end, and this one comes compressed as a whole; unpack it first");
  if (in->size < 12)
    return sluice_fail(err, SLUICE_ERR_DATA, part, "%lld bytes are too few for a Parquet file", (long long)in->size);
  return SLUICE_OK;
}

/* The length of the footer, from the last eight bytes. */
static int read_trailer(const uint8_t *trailer, int64_t size, const char *part, int64_t *length,
                        struct sluice_error *err) {
  int64_t n = pq_load32(trailer);
  if (memcmp(trailer + 4, "PARE", 4) == 0)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, part,
                       "the file is encrypted, its footer too; decryption is not supported");
  if (memcmp(trailer + 4, "PAR1", 4) != 0)
    return sluice_fail(err, SLUICE_ERR_DATA, part,
                       "it does not end in PAR1: no Parquet file, or one that is cut short");
  if (n > size - TRAILER - 4 || n > footer_max)
    return sluice_fail(err, SLUICE_ERR_DATA, part, "its footer says that it has %lld bytes, and the file has %lld",
                       (long long)n, (long long)size);
  *length = n;
  return SLUICE_OK;
}

static int read_bytes(struct sluice_input *in, const char *part, struct pq_footer *f, struct sluice_error *err) {
  uint8_t tail[TAIL];
  size_t have = in->size < TAIL ? (size_t)in->size : TAIL;
  int64_t length = 0;
  int code = read_exactly(in, in->size - (int64_t)have, tail, have, part, err);
  if (code == SLUICE_OK)
    code = read_trailer(tail + have - TRAILER, in->size, part, &length, err);
  if (code)
    return code;
  f->at = in->size - TRAILER - length;
  f->size = (size_t)length;
  f->bytes = malloc(f->size + PQ_PADDING);
  if (!f->bytes)
    return sluice_fail(err, SLUICE_ERR_MEMORY, part, "no memory for a footer of %lld bytes", (long long)length);
  size_t known = have - TRAILER < f->size ? have - TRAILER : f->size;
  memcpy(f->bytes + f->size - known, tail + have - TRAILER - known, known);
  return known == f->size ? SLUICE_OK : read_exactly(in, f->at, f->bytes, f->size - known, part, err);
}

/* ---- fields ---- */

static pq_fault read_elements(struct pq_thrift *t, uint8_t type, struct pq_footer *f) {
  uint8_t item = 0;
  uint32_t n = pq_thrift_list(t, type, &item);
  if (t->fault || f->elements)
    return t->fault ? t->fault : "the metadata have two schemas";
  if (n == 0 || n > PQ_COLUMNS_MAX)
    return n ? "the schema has more than 100,000 elements" : "the schema has no elements";
  f->elements = calloc(n, sizeof *f->elements);
  if (!f->elements)
    return pq_no_memory;
  for (f->n_elements = 0; (uint32_t)f->n_elements < n; f->n_elements++)
    pq_element_read(t, item, &f->elements[f->n_elements]);
  return t->fault;
}

static void read_group(struct pq_thrift *t, uint8_t type, struct pq_group *out) {
  struct pq_thrift_field f = {0};
  *out = (struct pq_group){.at = t->p};
  if (!pq_thrift_struct(t, type))
    return;
  while (pq_thrift_next(t, &f)) {
    if (f.id == 2)
      out->bytes = pq_thrift_int(t, f.type, 0);
    else if (f.id == 3)
      out->rows = pq_thrift_int(t, f.type, 0);
    else
      pq_thrift_skip(t, f.type);
  }
}

static pq_fault read_groups(struct pq_thrift *t, uint8_t type, struct pq_footer *f) {
  uint8_t item = 0;
  uint32_t n = pq_thrift_list(t, type, &item);
  if (t->fault || f->groups)
    return t->fault ? t->fault : "the metadata have two lists of row groups";
  if (n > GROUPS_MAX)
    return "the file has more than 1,048,576 row groups";
  f->groups = calloc((size_t)n + 1, sizeof *f->groups);
  if (!f->groups)
    return pq_no_memory;
  for (int64_t rows = 0; (uint32_t)f->n_groups < n && !t->fault; f->n_groups++) {
    struct pq_group *group = &f->groups[f->n_groups];
    read_group(t, item, group);
    group->first_row = rows;
    if (group->rows < 0 || __builtin_add_overflow(rows, group->rows, &rows))
      return "a row group has a number of rows out of range";
  }
  return t->fault;
}

void pq_read_pair(struct pq_thrift *t, uint8_t type, struct pq_slice *key, struct pq_slice *value) {
  struct pq_thrift_field f = {0};
  *key = *value = (struct pq_slice){NULL, 0};
  if (!pq_thrift_struct(t, type))
    return;
  while (pq_thrift_next(t, &f)) {
    if (f.id == 1)
      *key = pq_thrift_binary(t, f.type);
    else if (f.id == 2)
      *value = pq_thrift_binary(t, f.type);
    else
      pq_thrift_skip(t, f.type);
  }
}

static void read_pairs(struct pq_thrift *t, uint8_t type, struct pq_footer *f) {
  static const char name[] = "ARROW:schema";
  uint8_t item = 0;
  struct pq_slice key, value;
  uint32_t n = pq_thrift_list(t, type, &item);
  const uint8_t *start = t->p;
  f->n_pairs = n;
  for (; n > 0 && !t->fault; n--) {
    pq_read_pair(t, item, &key, &value);
    if (key.size == sizeof name - 1 && memcmp(key.data, name, key.size) == 0)
      f->arrow_schema = value;
  }
  f->pairs = (struct pq_slice){start, (size_t)(t->p - start)};
}

/* Orders that are not known here are none. */
static pq_fault read_orders(struct pq_thrift *t, uint8_t type, struct pq_footer *f) {
  struct pq_thrift_field field;
  uint8_t item = 0;
  uint32_t n = pq_thrift_list(t, type, &item);
  if (t->fault || f->orders || n > PQ_COLUMNS_MAX)
    return t->fault ? t->fault : "the metadata have two lists of column orders, or one that is too long";
  f->orders = calloc((size_t)n + 1, sizeof *f->orders);
  if (!f->orders)
    return pq_no_memory;
  for (; (uint32_t)f->n_orders < n && !t->fault; f->n_orders++) {
    field = (struct pq_thrift_field){0};
    if (!pq_thrift_struct(t, item))
      continue;
    while (pq_thrift_next(t, &field)) {
      f->orders[f->n_orders] = field.id == 1 ? PQ_ORDER_TYPE : field.id == 2 ? PQ_ORDER_IEEE754 : PQ_ORDER_NONE;
      pq_thrift_skip(t, field.type);
    }
  }
  return t->fault;
}

static pq_fault read_field(struct pq_thrift *t, const struct pq_thrift_field *field, struct pq_footer *f) {
  switch (field->id) {
  case 1:
    f->version = pq_thrift_int(t, field->type, 0);
    return t->fault;
  case 2:
    return read_elements(t, field->type, f);
  case 3:
    f->rows = pq_thrift_int(t, field->type, 0);
    return t->fault;
  case 4:
    return read_groups(t, field->type, f);
  case 5:
    read_pairs(t, field->type, f);
    return t->fault;
  case 6:
    f->created_by = pq_thrift_binary(t, field->type);
    return t->fault;
  case 7:
    return read_orders(t, field->type, f);
  case 8:
    f->encrypted = true;
    pq_thrift_skip(t, field->type);
    return t->fault;
  default:
    pq_thrift_skip(t, field->type);
    return t->fault;
  }
}

/* ---- the tree ---- */

static pq_fault check_leaf(const struct pq_element *e) {
  if (e->type < PQ_BOOLEAN || e->type > PQ_FIXED)
    return "a column has a physical type that Parquet does not have";
  if (e->type == PQ_FIXED && (e->type_length <= 0 || e->type_length > FIXED_MAX))
    return "a column of fixed length has no length, or one out of range";
  return NULL;
}

/* Links the subtree at *at, and moves *at behind it. */
static pq_fault link_tree(struct pq_footer *f, int32_t *at, int depth) {
  struct pq_element *e = &f->elements[*at];
  pq_fault fault = NULL;
  e->leaf = f->n_leaves;
  ++*at;
  if (depth > DEPTH_MAX)
    return "the schema is nested more than 120 levels deep";
  if (e->n_children < 0 || e->n_children > f->n_elements - *at)
    return "an element of the schema has more children than there are elements";
  if (e->repetition < PQ_REQUIRED || e->repetition > PQ_REPEATED)
    return "an element of the schema has a repetition that Parquet does not have";
  if (e->n_children > 0)
    e->type = PQ_GROUP;
  if (e->type != PQ_GROUP) {
    f->n_leaves++;
    fault = check_leaf(e);
  }
  for (int32_t i = 0; i < e->n_children && !fault; i++)
    fault = *at < f->n_elements ? link_tree(f, at, depth + 1)
                                : "an element of the schema has more children than there are elements";
  e->next = *at;
  return fault;
}

static pq_fault link_all(struct pq_footer *f) {
  int32_t at = 0;
  if (!f->elements)
    return "the metadata have no schema";
  f->elements[0].repetition = PQ_REQUIRED; /* often left out, or anything */
  f->elements[0].type = PQ_GROUP;
  pq_fault fault = link_tree(f, &at, 0);
  if (!fault && at != f->n_elements)
    return "the schema has elements that nobody is the parent of";
  return fault;
}

static pq_fault parse(struct pq_footer *f) {
  struct pq_thrift t = {.p = f->bytes, .end = f->bytes + f->size};
  struct pq_thrift_field field = {0};
  pq_fault fault = NULL;
  while (!fault && pq_thrift_next(&t, &field))
    fault = read_field(&t, &field, f);
  if (!fault)
    fault = t.fault;
  return fault ? fault : link_all(f);
}

int pq_footer_read(struct sluice_input *in, const char *part, struct pq_footer *out, struct sluice_error *err) {
  struct pq_footer f = {0};
  int code = check_size(in, part, err);
  if (code == SLUICE_OK)
    code = read_bytes(in, part, &f, err);
  pq_fault fault = code == SLUICE_OK ? parse(&f) : NULL;
  if (fault)
    code = sluice_fail(err, fault == pq_no_memory ? SLUICE_ERR_MEMORY : SLUICE_ERR_DATA, part,
                       "its footer cannot be read: %s", fault);
  if (code)
    pq_footer_finish(&f);
  else
    *out = f;
  return code;
}

void pq_footer_finish(struct pq_footer *f) {
  free(f->bytes);
  free(f->elements);
  free(f->groups);
  free(f->orders);
  *f = (struct pq_footer){0};
}
