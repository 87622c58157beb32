/* How values without types within are held in Arrow, and what is noted with them. */
#include "layout.h"
#include <stdlib.h>

struct plain {
  enum avro_shape shape;
  uint32_t width;
  const char *format;
};

static const struct plain kinds[] = {
    [AVRO_NULL] = {AVRO_SHAPE_NULL, 0, "n"},   [AVRO_BOOLEAN] = {AVRO_SHAPE_BITS, 0, "b"},
    [AVRO_INT] = {AVRO_SHAPE_FIXED, 4, "i"},   [AVRO_LONG] = {AVRO_SHAPE_FIXED, 8, "l"},
    [AVRO_FLOAT] = {AVRO_SHAPE_FIXED, 4, "f"}, [AVRO_DOUBLE] = {AVRO_SHAPE_FIXED, 8, "g"},
    [AVRO_BYTES] = {AVRO_SHAPE_BYTES, 0, "z"}, [AVRO_STRING] = {AVRO_SHAPE_BYTES, 0, "u"},
    [AVRO_RECORD] = {AVRO_SHAPE_NULL, 0, "n"}, [AVRO_ENUM] = {AVRO_SHAPE_FIXED, 4, "i"},
    [AVRO_ARRAY] = {AVRO_SHAPE_NULL, 0, "n"},  [AVRO_MAP] = {AVRO_SHAPE_NULL, 0, "n"},
    [AVRO_UNION] = {AVRO_SHAPE_NULL, 0, "n"},  [AVRO_FIXED] = {AVRO_SHAPE_BYTES, 0, "z"}};

static const struct plain logicals[] = {
    [AVRO_BIG_DECIMAL] = {AVRO_SHAPE_BYTES, 0, "u"},
    [AVRO_UUID] = {AVRO_SHAPE_BYTES, 0, "u"},
    [AVRO_DATE] = {AVRO_SHAPE_FIXED, 4, "tdD"},
    [AVRO_TIME_MILLIS] = {AVRO_SHAPE_FIXED, 4, "ttm"},
    [AVRO_TIME_MICROS] = {AVRO_SHAPE_FIXED, 8, "ttu"},
    [AVRO_TIMESTAMP_MILLIS] = {AVRO_SHAPE_FIXED, 8, "tsm:UTC"},
    [AVRO_TIMESTAMP_MICROS] = {AVRO_SHAPE_FIXED, 8, "tsu:UTC"},
    [AVRO_TIMESTAMP_NANOS] = {AVRO_SHAPE_FIXED, 8, "tsn:UTC"},
    [AVRO_LOCAL_MILLIS] = {AVRO_SHAPE_FIXED, 8, "tsm:"},
    [AVRO_LOCAL_MICROS] = {AVRO_SHAPE_FIXED, 8, "tsu:"},
    [AVRO_LOCAL_NANOS] = {AVRO_SHAPE_FIXED, 8, "tsn:"},
    [AVRO_DURATION] = {AVRO_SHAPE_FIXED, 16, "tin"},
};

void avro_leaf_of(const struct avro_type *type, struct avro_leaf *out) {
  const struct plain *p = type->logical > AVRO_DECIMAL ? &logicals[type->logical] : &kinds[type->kind];
  *out = (struct avro_leaf){.shape = p->shape, .width = p->width, .text = p->format[0] == 'u'};
  if (type->logical == AVRO_DECIMAL) {
    out->shape = AVRO_SHAPE_FIXED;
    out->width = type->precision > 38 ? 32 : 16;
    snprintf(out->format, sizeof out->format, "d:%d,%d%s", type->precision, type->scale,
             type->precision > 38 ? ",256" : "");
  } else if (type->kind == AVRO_FIXED && type->logical == AVRO_PLAIN && type->size > 0 &&
             type->size <= AVRO_MAX_FIXED) {
    out->shape = AVRO_SHAPE_FIXED;
    out->width = (uint32_t)type->size;
    snprintf(out->format, sizeof out->format, "w:%u", out->width);
  } else
    snprintf(out->format, sizeof out->format, "%s", p->format);
}

static int no_memory(const struct avro_layout *l) {
  return sluice_fail(l->err, SLUICE_ERR_MEMORY, l->where, "no memory for the columns");
}

static char *put_text(char *at, const char *text) {
  int32_t n = (int32_t)strlen(text);
  memcpy(at, &n, sizeof n);
  memcpy(at + sizeof n, text, (size_t)n);
  return at + sizeof n + n;
}

int avro_notes_add(struct avro_layout *l, const struct avro_note *notes, size_t n, struct ArrowSchema *field) {
  size_t size = sizeof(int32_t);
  int32_t count = (int32_t)n;
  for (size_t i = 0; i < n; i++)
    size += 2 * sizeof(int32_t) + strlen(notes[i].name) + strlen(notes[i].value);
  char *metadata = malloc(size), *at = metadata;
  if (!metadata)
    return no_memory(l);
  memcpy(at, &count, sizeof count);
  at += sizeof count;
  for (size_t i = 0; i < n; i++)
    at = put_text(put_text(at, notes[i].name), notes[i].value);
  int code = sluice_schema_set_metadata(field, metadata);
  free(metadata);
  return code ? no_memory(l) : code;
}

int avro_leaf_annotate(struct avro_layout *l, const struct avro_type *type, struct ArrowSchema *field) {
  if (type->logical != AVRO_UUID && type->logical != AVRO_BIG_DECIMAL)
    return SLUICE_OK;
  const struct avro_note note = {"avro.logicalType", avro_logical_name(type->logical)};
  return avro_notes_add(l, &note, 1, field);
}

static int list_symbols(const struct avro_type *type, struct ArrowArray *out) {
  struct sluice_buffer buffers[3] = {{0}};
  int32_t end = 0;
  int code = sluice_buffer_append(&buffers[1], &end, sizeof end);
  for (uint32_t i = 0; i < type->count && !code; i++) {
    code = sluice_buffer_append(&buffers[2], type->symbols[i], strlen(type->symbols[i]));
    end = (int32_t)buffers[2].size;
    if (!code)
      code = sluice_buffer_append(&buffers[1], &end, sizeof end);
  }
  if (!code)
    code = sluice_array_adopt(out, type->count, 0, buffers, 3, NULL, 0, NULL);
  for (int i = 0; i < 3; i++)
    sluice_buffer_free(&buffers[i]);
  return code;
}

int avro_dictionary_make(struct avro_layout *l, struct avro_column *column, struct ArrowSchema *field) {
  struct ArrowSchema values = {0};
  int code = sluice_schema_init(&values, "u", "", 0);
  if (!code)
    code = sluice_schema_set_dictionary(field, &values);
  sluice_schema_release(&values);
  if (!code)
    code = list_symbols(column->type, &column->dictionary);
  if (!code)
    code = sluice_array_share(&column->dictionary);
  return code ? no_memory(l) : code;
}

int64_t avro_field_find(const struct avro_type *record, const char *name, uint32_t near) {
  for (uint32_t i = 0; i < record->count; i++) {
    uint32_t at = (uint32_t)(((uint64_t)near + i) % record->count);
    if (strcmp(record->fields[at].name, name ? name : "") == 0)
      return at;
  }
  return -1;
}

const struct avro_type *avro_union_only(const struct avro_type *type, bool *nullable) {
  const struct avro_type *only = NULL;
  if (type->kind != AVRO_UNION || type->count > 2)
    return NULL;
  for (uint32_t i = 0; i < type->count; i++) {
    if (type->types[i]->kind != AVRO_NULL && only)
      return NULL;
    if (type->types[i]->kind != AVRO_NULL)
      only = type->types[i];
  }
  if (only && type->count == 2)
    *nullable = true;
  return only ? only : type->count ? type->types[0] : NULL;
}
