/* Arrow values as text, for the tests of the Avro reader: by format string, apart from the reader's own ways. */
#include "kit.h"
#include <ctype.h>

static void print_bytes(FILE *out, const uint8_t *p, int64_t n, bool text) {
  fputc('"', out);
  for (int64_t i = 0; i < n; i++)
    if (text && isprint(p[i]))
      fputc(p[i], out);
    else
      fprintf(out, "\\%02x", p[i]);
  fputc('"', out);
}

static void print_list(FILE *out, const struct ArrowSchema *schema, const struct ArrowArray *a, int64_t i) {
  const int32_t *offsets = a->buffers[1];
  fputc('[', out);
  for (int32_t k = offsets[i]; k < offsets[i + 1]; k++) {
    if (k > offsets[i])
      fputc(',', out);
    kit_print_value(out, schema->children[0], a->children[0], k);
  }
  fputc(']', out);
}

static void print_struct(FILE *out, const struct ArrowSchema *schema, const struct ArrowArray *a, int64_t i) {
  fputc('{', out);
  for (int64_t k = 0; k < schema->n_children; k++) {
    fprintf(out, "%s%s=", k ? "," : "", schema->children[k]->name);
    kit_print_value(out, schema->children[k], a->children[k], i);
  }
  fputc('}', out);
}

static void print_union(FILE *out, const struct ArrowSchema *schema, const struct ArrowArray *a, int64_t i) {
  int8_t type = ((const int8_t *)a->buffers[0])[i];
  fprintf(out, "%s:", schema->children[type]->name);
  kit_print_value(out, schema->children[type], a->children[type], ((const int32_t *)a->buffers[1])[i]);
}

static void print_number(FILE *out, const char *format, const void *values, int64_t i) {
  const uint8_t *p = values;
  int32_t narrow;
  int64_t wide;
  if (format[0] == 'f' || format[0] == 'g') {
    fprintf(out, "%.9g", format[0] == 'f' ? (double)((const float *)values)[i] : ((const double *)values)[i]);
  } else if (strncmp(format, "tin", 3) == 0) {
    memcpy(&narrow, p + i * 16, 4);
    memcpy(&wide, p + i * 16 + 8, 8);
    int32_t days;
    memcpy(&days, p + i * 16 + 4, 4);
    fprintf(out, "%dM%dD%lldns", narrow, days, (long long)wide);
  } else if (format[0] == 'i' || strcmp(format, "tdD") == 0 || strcmp(format, "ttm") == 0) {
    memcpy(&narrow, p + i * 4, 4);
    fprintf(out, "%d", narrow);
  } else {
    memcpy(&wide, p + i * 8, 8);
    fprintf(out, "%lld", (long long)wide);
  }
}

static void print_decimal(FILE *out, const char *format, const uint8_t *values, int64_t i) {
  struct sluice_type type;
  char text[SLUICE_TEXT_MAX];
  sluice_type_parse(format, &type, NULL);
  fprintf(out, "%.*s", (int)sluice_print_decimal(text, values + i * type.width, type.width, type.scale), text);
}

static void print_fixed(FILE *out, const char *format, const uint8_t *values, int64_t i) {
  struct sluice_type type;
  sluice_type_parse(format, &type, NULL);
  print_bytes(out, values + i * type.width, type.width, false);
}

void kit_print_value(FILE *out, const struct ArrowSchema *schema, const struct ArrowArray *a, int64_t i) {
  const char *f = schema->format;
  const int32_t *offsets = a->n_buffers > 1 ? a->buffers[1] : NULL;
  if (f[0] == 'n' || (strncmp(f, "+u", 2) != 0 && sluice_is_null(a, i)))
    fputs("null", out);
  else if (schema->dictionary)
    kit_print_value(out, schema->dictionary, a->dictionary, ((const int32_t *)a->buffers[1])[i]);
  else if (f[0] == 'b')
    fputs(sluice_bit(a->buffers[1], i) ? "true" : "false", out);
  else if (f[0] == 'u' || f[0] == 'z')
    print_bytes(out, (const uint8_t *)a->buffers[2] + offsets[i], offsets[i + 1] - offsets[i], f[0] == 'u');
  else if (f[0] == 'w')
    print_fixed(out, f, a->buffers[1], i);
  else if (f[0] == 'd')
    print_decimal(out, f, a->buffers[1], i);
  else if (strcmp(f, "+s") == 0)
    print_struct(out, schema, a, i);
  else if (strcmp(f, "+l") == 0 || strcmp(f, "+m") == 0)
    print_list(out, schema, a, i);
  else if (strncmp(f, "+u", 2) == 0)
    print_union(out, schema, a, i);
  else
    print_number(out, f, a->buffers[1], i);
}
