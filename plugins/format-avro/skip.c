/* Over values that nobody wants, by the writer's schema alone; lists by the sizes of their blocks where these are told.
 */
#include "varint.h"

int64_t avro_type_least(const struct avro_type *type) {
  static const int64_t least[] = {
      [AVRO_NULL] = 0,   [AVRO_BOOLEAN] = 1, [AVRO_INT] = 1,    [AVRO_LONG] = 1,   [AVRO_FLOAT] = 4,
      [AVRO_DOUBLE] = 8, [AVRO_BYTES] = 1,   [AVRO_STRING] = 1, [AVRO_RECORD] = 0, [AVRO_ENUM] = 1,
      [AVRO_ARRAY] = 1,  [AVRO_MAP] = 1,     [AVRO_UNION] = 1,  [AVRO_FIXED] = 0};
  struct avro_type *known = (struct avro_type *)type; /* what it was found to be is kept with it */
  if (type->kind == AVRO_FIXED)
    return type->size;
  if (type->kind != AVRO_RECORD || type->measured)
    return type->kind == AVRO_RECORD ? type->least : least[type->kind];
  known->measured = true; /* a record directly within itself counts as nothing */
  int64_t sum = 0;
  for (uint32_t i = 0; i < type->count; i++) {
    sum += avro_type_least(type->fields[i].type);
    sum = sum > INT32_MAX ? INT32_MAX : sum;
  }
  known->least = sum;
  return sum;
}

static const uint8_t *skip_items(struct avro_run *r, const struct avro_type *type, const uint8_t *p, int depth) {
  const struct avro_type *item = type->types[0];
  int64_t least = avro_type_least(item) + (type->kind == AVRO_MAP), count, size;
  for (;;) {
    p = avro_items_begin(r, p, least, &count, &size);
    if (p > r->end || count == 0)
      return p;
    if (size >= 0 || !least) {
      p += size >= 0 ? size : 0;
      continue;
    }
    for (int64_t k = 0; k < count && p <= r->end; k++) {
      int64_t key = 0;
      if (type->kind == AVRO_MAP)
        p = avro_length(r, p, r->end, &key) + key;
      if (p <= r->end)
        p = avro_skip(r, item, p, depth);
    }
    if (p > r->end)
      return p;
  }
}

static const uint8_t *skip_union(struct avro_run *r, const struct avro_type *type, const uint8_t *p, int depth) {
  int64_t branch;
  p = avro_long(r, p, &branch);
  if (p > r->end)
    return p;
  if ((uint64_t)branch >= type->count)
    return avro_run_break(r, SLUICE_ERR_DATA, "a union's number is beyond its types");
  return avro_skip(r, type->types[branch], p, depth);
}

static const uint8_t *skip_nested(struct avro_run *r, const struct avro_type *type, const uint8_t *p, int depth) {
  if (depth >= AVRO_MAX_NESTING)
    return avro_run_break(r, SLUICE_ERR_DATA, "values nested deeper than is taken");
  if (type->kind == AVRO_UNION)
    return skip_union(r, type, p, depth + 1);
  if (type->kind != AVRO_RECORD)
    return skip_items(r, type, p, depth + 1);
  for (uint32_t i = 0; i < type->count && p <= r->end; i++)
    p = avro_skip(r, type->fields[i].type, p, depth + 1);
  return p;
}

const uint8_t *avro_skip(struct avro_run *r, const struct avro_type *type, const uint8_t *p, int depth) {
  int64_t n = 0;
  switch (type->kind) {
  case AVRO_NULL:
    return p;
  case AVRO_BOOLEAN:
    return p + 1;
  case AVRO_INT:
  case AVRO_LONG:
  case AVRO_ENUM:
    return avro_long(r, p, &n);
  case AVRO_FLOAT:
    return p + 4;
  case AVRO_DOUBLE:
    return p + 8;
  case AVRO_BYTES:
  case AVRO_STRING:
    p = avro_length(r, p, r->end, &n);
    return p + n;
  case AVRO_FIXED:
    return type->size > r->end - p ? avro_run_break(r, SLUICE_ERR_DATA, "a fixed value past the end") : p + type->size;
  default:
    return skip_nested(r, type, p, depth);
  }
}
