/* Arrow values and schemas as text, by format string, apart from the reader's own ways. */
#include "kit.h"

static int64_t read_whole(const uint8_t *p, int32_t width, bool is_signed) {
  uint64_t v = 0;
  for (int32_t i = width; i-- > 0;)
    v = v << 8 | p[i];
  int shift = 64 - 8 * width;
  return is_signed ? (int64_t)(v << shift) >> shift : (int64_t)v;
}

static int64_t offset_of(const struct ArrowArray *a, bool wide, int64_t i) {
  return wide ? ((const int64_t *)a->buffers[1])[i] : ((const int32_t *)a->buffers[1])[i];
}

static void print_text(FILE *out, const struct ArrowArray *a, bool wide, int64_t i) {
  const uint8_t *p = a->buffers[2];
  fputc('\'', out);
  for (int64_t k = offset_of(a, wide, i); k < offset_of(a, wide, i + 1); k++)
    if (p[k] < 0x20 || p[k] == 0x7f)
      fprintf(out, "\\%02x", p[k]);
    else
      fputc(p[k], out);
  fputc('\'', out);
}

static void print_items(FILE *out, const struct ArrowSchema *schema, const struct ArrowArray *a, int64_t from,
                        int64_t to) {
  fputc('[', out);
  for (int64_t k = from; k < to; k++) {
    if (k > from)
      fputc(' ', out);
    kit_print(out, schema->children[0], a->children[0], k);
  }
  fputc(']', out);
}

static void print_struct(FILE *out, const struct ArrowSchema *schema, const struct ArrowArray *a, int64_t i) {
  fputc('{', out);
  for (int64_t k = 0; k < schema->n_children; k++) {
    fprintf(out, "%s%s=", k ? " " : "", schema->children[k]->name);
    kit_print(out, schema->children[k], a->children[k], i);
  }
  fputc('}', out);
}

static size_t scalar_text(const struct sluice_type *t, const struct ArrowArray *a, int64_t i, char *text) {
  const uint8_t *p = (const uint8_t *)a->buffers[1] + i * t->width;
  float narrow;
  double real;
  switch (t->id) {
  case SLUICE_TYPE_BOOL:
    return (size_t)snprintf(text, SLUICE_TEXT_MAX, "%s", sluice_bit(a->buffers[1], i) ? "true" : "false");
  case SLUICE_TYPE_FLOAT:
    memcpy(&narrow, p, sizeof narrow);
    return sluice_print_float(text, narrow);
  case SLUICE_TYPE_DOUBLE:
    memcpy(&real, p, sizeof real);
    return (size_t)snprintf(text, SLUICE_TEXT_MAX, "%.17g", real);
  case SLUICE_TYPE_DECIMAL32:
  case SLUICE_TYPE_DECIMAL64:
  case SLUICE_TYPE_DECIMAL128:
  case SLUICE_TYPE_DECIMAL256:
    return sluice_print_decimal(text, p, t->width, t->scale);
  case SLUICE_TYPE_DATE32:
    return sluice_print_date(text, read_whole(p, 4, true));
  case SLUICE_TYPE_TIME32:
  case SLUICE_TYPE_TIME64:
    return sluice_print_time(text, read_whole(p, t->width, true), t->unit);
  case SLUICE_TYPE_TIMESTAMP:
    return sluice_print_timestamp(text, read_whole(p, 8, true), t->unit, t->timezone[0] != 0);
  case SLUICE_TYPE_UINT64:
    return sluice_print_uint(text, (uint64_t)read_whole(p, 8, false));
  default:
    return sluice_print_int(text, read_whole(p, t->width, t->id < SLUICE_TYPE_UINT8));
  }
}

void kit_print(FILE *out, const struct ArrowSchema *schema, const struct ArrowArray *a, int64_t i) {
  const char *f = schema->format;
  struct sluice_type type;
  char text[SLUICE_TEXT_MAX];
  sluice_type_parse(f, &type, NULL);
  bool wide = f[0] == 'U' || f[0] == 'Z' || strcmp(f, "+L") == 0;
  if (f[0] == 'n' || sluice_is_null(a, i))
    fputs("null", out);
  else if (strchr("uUzZ", f[0]))
    print_text(out, a, wide, i);
  else if (strcmp(f, "+s") == 0)
    print_struct(out, schema, a, i);
  else if (strncmp(f, "+w", 2) == 0)
    print_items(out, schema, a, i * type.width, (i + 1) * type.width);
  else if (f[0] == '+')
    print_items(out, schema, a, offset_of(a, wide, i), offset_of(a, wide, i + 1));
  else if (f[0] == 'w')
    fprintf(out, "%.*s", type.width, (const char *)a->buffers[1] + i * type.width);
  else
    fprintf(out, "%.*s", (int)scalar_text(&type, a, i, text), text);
}

static void print_type(FILE *out, const struct ArrowSchema *field) {
  char type[96];
  sluice_type_name(field->format, type, sizeof type);
  fputs(field->metadata ? "json" : type, out);
  for (int64_t i = 0; i < field->n_children; i++) {
    fprintf(out, "%s%s ", i ? ", " : "(", field->children[i]->name);
    print_type(out, field->children[i]);
  }
  fputs(field->n_children ? ")" : "", out);
  fputs(field->flags & ARROW_FLAG_NULLABLE ? "" : "!", out);
}

void kit_print_schema(FILE *out, const struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    fprintf(out, "%s%s ", i ? ", " : "", schema->children[i]->name);
    print_type(out, schema->children[i]);
  }
  fputc('\n', out);
}
