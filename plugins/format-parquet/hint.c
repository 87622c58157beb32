/* What the writer's Arrow schema adds to the types. It is an IPC message in base64: a FlatBuffer, read here as far as
 * it is needed, each offset checked. */
#include "hint.h"
#include <stdlib.h>

enum { TYPE_TIMESTAMP = 10, TYPE_DURATION = 18, TYPE_LARGE_BINARY, TYPE_LARGE_TEXT, TYPE_LARGE_LIST };
enum { HEADER_SCHEMA = 1, DEPTH_MAX = 64, ZONE_MAX = 48, SEARCH_MAX = 1000, STEPS_MAX = 10000000 };
enum {
  MESSAGE_HEADER_TYPE = 1,
  MESSAGE_HEADER,
  SCHEMA_FIELDS = 1,
  FIELD_NAME = 0,
  FIELD_TYPE_TYPE = 2,
  FIELD_TYPE,
  FIELD_CHILDREN = 5
};

/* ---- base64 ---- */

static int digit(uint8_t c) {
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Stops at the first byte that is no digit: the padding. */
static size_t undo_base64(struct pq_slice text, uint8_t *out) {
  uint32_t bits = 0, held = 0;
  size_t n = 0;
  for (size_t i = 0; i < text.size; i++) {
    int value = digit(text.data[i]);
    if (value < 0)
      break;
    bits = bits << 6 | (uint32_t)value;
    held += 6;
    if (held < 8)
      continue;
    held -= 8;
    out[n++] = (uint8_t)(bits >> held);
  }
  return n;
}

/* ---- FlatBuffers ---- */

struct buffer {
  const uint8_t *data;
  size_t size;
  int64_t *steps; /* that may still be gone: references can lead to the same place again and again */
};
struct table { /* at: 0 is none, for nothing lies there */
  size_t at, fields, n_fields;
};

static uint32_t word(const struct buffer *b, size_t at) {
  return at <= b->size && b->size - at >= 4 ? pq_load32(b->data + at) : 0;
}

static uint16_t half(const struct buffer *b, size_t at) {
  uint16_t v = 0;
  if (at <= b->size && b->size - at >= 2)
    memcpy(&v, b->data + at, sizeof v);
  return v;
}

static struct table table_at(const struct buffer *b, size_t at) {
  int64_t fields = (int64_t)at - (int32_t)word(b, at);
  if (at == 0 || at > b->size || fields < 0 || (uint64_t)fields + 4 > b->size || half(b, (size_t)fields) < 4)
    return (struct table){0};
  return (struct table){at, (size_t)fields + 4, (half(b, (size_t)fields) - 4u) / 2};
}

/* Where the table's field lies; 0: it is absent. */
static size_t field_at(const struct buffer *b, struct table t, size_t field) {
  size_t offset = t.at && field < t.n_fields ? half(b, t.fields + 2 * field) : 0;
  return offset && t.at + offset < b->size ? t.at + offset : 0;
}

/* What the reference in this field leads to. */
static size_t follow(const struct buffer *b, struct table t, size_t field) {
  size_t at = field_at(b, t, field), to = at ? at + word(b, at) : 0;
  return to > at && to < b->size ? to : 0;
}

static struct pq_slice text_at(const struct buffer *b, size_t at) {
  uint32_t n = at ? word(b, at) : 0;
  if (!at || b->size - at < 4 || n > b->size - at - 4)
    return (struct pq_slice){NULL, 0};
  return (struct pq_slice){b->data + at + 4, n};
}

struct vector {
  size_t at;
  uint32_t n;
};

static struct vector vector_at(const struct buffer *b, struct table t, size_t field) {
  size_t at = follow(b, t, field);
  uint32_t n = at ? word(b, at) : 0;
  if (!at || b->size - at < 4 || n > (b->size - at - 4) / 4)
    return (struct vector){0, 0};
  return (struct vector){at + 4, n};
}

static struct table item(const struct buffer *b, struct vector v, uint32_t i) {
  size_t at = v.at + 4 * (size_t)i;
  return table_at(b, at + word(b, at));
}

/* ---- fields ---- */

/* The field with another format; its children move along. */
static int change(struct ArrowSchema *field, const char *format) {
  struct ArrowSchema other = {0};
  int64_t n = field->n_children;
  int code = n ? sluice_schema_nested(&other, format, field->name, field->flags, n)
               : sluice_schema_init(&other, format, field->name, field->flags);
  if (!code && field->metadata)
    code = sluice_schema_set_metadata(&other, field->metadata);
  if (code) {
    sluice_schema_release(&other);
    return code;
  }
  for (int64_t i = 0; i < n; i++)
    sluice_schema_move(field->children[i], other.children[i]);
  sluice_schema_release(field);
  sluice_schema_move(&other, field);
  return SLUICE_OK;
}

static bool is_zone(struct pq_slice zone) {
  bool plain = zone.size > 0 && zone.size <= ZONE_MAX;
  for (size_t i = 0; i < zone.size && plain; i++)
    plain = zone.data[i] > 0x20 && zone.data[i] < 0x7f;
  return plain;
}

static uint8_t kind_of(const struct buffer *b, struct table t) {
  size_t at = field_at(b, t, FIELD_TYPE_TYPE);
  return at ? b->data[at] : 0;
}

static int hint_type(const struct buffer *b, struct table t, struct ArrowSchema *field) {
  static const char units[] = "smun";
  char format[ZONE_MAX + 16];
  size_t unit_at;
  uint8_t kind = kind_of(b, t);
  struct table type = table_at(b, follow(b, t, FIELD_TYPE));
  struct pq_slice zone = text_at(b, follow(b, type, 1));
  if (kind == TYPE_TIMESTAMP && strncmp(field->format, "ts", 2) == 0 && strcmp(field->format + 3, ":UTC") == 0 &&
      is_zone(zone)) {
    snprintf(format, sizeof format, "ts%c:%.*s", field->format[2], (int)zone.size, (const char *)zone.data);
    return change(field, format);
  }
  if (kind == TYPE_LARGE_TEXT && strcmp(field->format, "u") == 0)
    return change(field, "U");
  if (kind == TYPE_LARGE_BINARY && strcmp(field->format, "z") == 0)
    return change(field, "Z");
  if (kind == TYPE_DURATION && strcmp(field->format, "l") == 0) {
    unit_at = field_at(b, type, 0);
    uint16_t unit = unit_at ? half(b, unit_at) : SLUICE_MILLI;
    snprintf(format, sizeof format, "tD%c", units[unit & 3]);
    return unit <= SLUICE_NANO ? change(field, format) : SLUICE_OK;
  }
  return SLUICE_OK;
}

static bool is_named(struct pq_slice name, const char *text) {
  return name.size == strlen(text) && (name.size == 0 || memcmp(name.data, text, name.size) == 0);
}

static int hint_field(const struct buffer *b, struct table t, struct ArrowSchema *field, int depth);

/* Fields of a struct by name, the only one of a list by its place. */
static int hint_children(const struct buffer *b, struct vector v, struct ArrowSchema *parent, int depth) {
  bool list = parent->n_children == 1 && v.n == 1 && strcmp(parent->format, "+s") != 0;
  int code = SLUICE_OK;
  int64_t near = 0, n = parent->n_children;
  for (uint32_t i = 0; i < v.n && n && !code; i++) {
    struct table t = item(b, v, i);
    struct pq_slice name = text_at(b, follow(b, t, FIELD_NAME));
    for (int64_t k = 0; k < n && k < SEARCH_MAX && !code; k++) {
      int64_t at = (near + k) % n;
      if (--*b->steps < 0)
        return SLUICE_OK;
      if (!list && !is_named(name, parent->children[at]->name))
        continue;
      code = hint_field(b, t, parent->children[at], depth + 1);
      near = at + 1;
      break;
    }
  }
  return code;
}

static int hint_field(const struct buffer *b, struct table t, struct ArrowSchema *field, int depth) {
  if (!t.at || depth > DEPTH_MAX)
    return SLUICE_OK;
  if (field->n_children == 0)
    return hint_type(b, t, field);
  int code = hint_children(b, vector_at(b, t, FIELD_CHILDREN), field, depth);
  bool large = kind_of(b, t) == TYPE_LARGE_LIST && strcmp(field->format, "+l") == 0;
  return !code && large ? change(field, "+L") : code;
}

int pq_hint_apply(const struct pq_footer *f, struct ArrowSchema *schema) {
  uint8_t *bytes = f->arrow_schema.size ? malloc(f->arrow_schema.size) : NULL;
  if (!bytes)
    return f->arrow_schema.size ? SLUICE_ERR_MEMORY : SLUICE_OK;
  int64_t steps = STEPS_MAX;
  struct buffer b = {bytes, undo_base64(f->arrow_schema, bytes), &steps};
  size_t head = word(&b, 0) == UINT32_MAX ? 8 : 4; /* older messages have their size alone before them */
  b.data += b.size > head ? head : b.size;
  b.size -= b.size > head ? head : b.size;
  struct table message = table_at(&b, word(&b, 0));
  size_t kind = field_at(&b, message, MESSAGE_HEADER_TYPE);
  int code = SLUICE_OK;
  if (kind && b.data[kind] == HEADER_SCHEMA)
    code =
        hint_children(&b, vector_at(&b, table_at(&b, follow(&b, message, MESSAGE_HEADER)), SCHEMA_FIELDS), schema, 0);
  free(bytes);
  return code;
}
