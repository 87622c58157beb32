/* The nearest schema that a sink accepts: dictionaries, views, run-ends, unions and large types made plain. */
#include "internal.h"

static int plain(const struct ArrowSchema *schema, uint64_t accepts, struct ArrowSchema *out);

/* The plain format of a type without children of its own; large is whether 64-bit offsets are accepted. */
static const char *plain_format(const struct sluice_type *type, const char *format, uint64_t accepts, char *room) {
  bool large = accepts & SLUICE_ACCEPT_LARGE, view = accepts & SLUICE_ACCEPT_VIEW;
  bool list_view = accepts & SLUICE_ACCEPT_LIST_VIEW;
  switch (type->id) {
  case SLUICE_TYPE_UTF8_VIEW:
    return view ? format : "u";
  case SLUICE_TYPE_BINARY_VIEW:
    return view ? format : "z";
  case SLUICE_TYPE_LARGE_UTF8:
    return large ? format : "u";
  case SLUICE_TYPE_LARGE_BINARY:
    return large ? format : "z";
  case SLUICE_TYPE_LARGE_LIST:
    return large ? format : "+l";
  case SLUICE_TYPE_LIST_VIEW:
    return list_view ? format : "+l";
  case SLUICE_TYPE_LARGE_LIST_VIEW:
    if (list_view)
      return large ? format : "+vl";
    return large ? "+L" : "+l";
  case SLUICE_TYPE_DENSE_UNION:
  case SLUICE_TYPE_SPARSE_UNION:
    return accepts & SLUICE_ACCEPT_UNION ? format : "+s";
  case SLUICE_TYPE_DECIMAL32:
  case SLUICE_TYPE_DECIMAL64:
    if (accepts & SLUICE_ACCEPT_SMALL_DECIMAL)
      return format;
    snprintf(room, FORMAT_MAX, "d:%d,%d", type->precision, type->scale);
    return room;
  default:
    return format;
  }
}

/* The field's own name, nullability and metadata with another field's type. */
static int plain_values(const struct ArrowSchema *field, const struct ArrowSchema *values, uint64_t accepts,
                        struct ArrowSchema *out) {
  struct ArrowSchema renamed = *values;
  renamed.name = field->name;
  renamed.metadata = field->metadata;
  renamed.flags =
      (values->flags & ~(int64_t)ARROW_FLAG_NULLABLE) | ((field->flags | values->flags) & (int64_t)ARROW_FLAG_NULLABLE);
  return plain(&renamed, accepts, out);
}

static int plain_field(const struct ArrowSchema *schema, const struct sluice_type *type, uint64_t accepts,
                       struct ArrowSchema *out) {
  char room[FORMAT_MAX];
  const char *format = plain_format(type, schema->format, accepts, room);
  bool was_union = format[0] == '+' && format[1] == 's' && type->id != SLUICE_TYPE_STRUCT;
  int status = sluice_schema_nested(out, format, schema->name, schema->flags, schema->n_children);
  if (status != SLUICE_OK)
    return status;
  for (int64_t i = 0; status == SLUICE_OK && i < schema->n_children; i++) {
    status = plain(schema->children[i], accepts, out->children[i]);
    if (status == SLUICE_OK && was_union)
      out->children[i]->flags |= ARROW_FLAG_NULLABLE;
  }
  if (status == SLUICE_OK && schema->metadata)
    status = sluice_schema_set_metadata(out, schema->metadata);
  return status;
}

static int plain(const struct ArrowSchema *schema, uint64_t accepts, struct ArrowSchema *out) {
  struct sluice_type type;
  int status = sluice_type_parse(schema->format, &type, NULL);
  if (status != SLUICE_OK)
    return status;
  if (schema->dictionary && !(accepts & SLUICE_ACCEPT_DICTIONARY))
    return plain_values(schema, schema->dictionary, accepts, out);
  if (type.id == SLUICE_TYPE_RUN_END && !(accepts & SLUICE_ACCEPT_RUN_END))
    return plain_values(schema, schema->children[1], accepts, out);
  status = plain_field(schema, &type, accepts, out);
  if (status != SLUICE_OK || !schema->dictionary)
    return status;
  status = schema_add_dictionary(out);
  return status == SLUICE_OK ? plain(schema->dictionary, accepts, out->dictionary) : status;
}

int sluice_schema_plain(const struct ArrowSchema *schema, uint64_t accepts, struct ArrowSchema *out) {
  struct ArrowSchema made = {0};
  int status = sluice_schema_validate(schema, NULL);
  if (status == SLUICE_OK)
    status = plain(schema, accepts, &made);
  if (status != SLUICE_OK) {
    sluice_schema_release(&made);
    return status;
  }
  sluice_schema_move(&made, out);
  return SLUICE_OK;
}
