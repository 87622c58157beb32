/* sluice.inspect/1: how a part is read: its layout, and the columns with the types that its sample shows. */
#include "reader.h"
#include <jansson.h>
#include <sluice/services.h>
#include <stdlib.h>

enum { TYPE = 2000 };

/* The input stays the caller's: the reader gets a copy that it cannot close. */
static void keep(struct sluice_input *in) {
  memset(in, 0, sizeof *in);
}

/* "struct of a int64, b list of text" */
static size_t write_type(const struct ArrowSchema *field, char *out, size_t size) {
  char name[96];
  bool json = field->metadata && strcmp(field->format, "u") == 0;
  sluice_type_name(field->format, name, sizeof name);
  size_t n = (size_t)snprintf(out, size, "%s", json ? "json" : name);
  for (int64_t i = 0; i < field->n_children && n < size; i++) {
    const struct ArrowSchema *child = field->children[i];
    bool item = strcmp(field->format, "+s") != 0;
    n += (size_t)snprintf(out + n, size - n, "%s%s%s", i ? ", " : " of ", item ? "" : child->name, item ? "" : " ");
    if (n < size)
      n += write_type(child, out + n, size - n);
  }
  return n;
}

static json_t *columns_of(const struct ArrowSchema *schema) {
  json_t *list = json_array();
  char type[TYPE];
  for (int64_t i = 0; list && i < schema->n_children; i++) {
    write_type(schema->children[i], type, sizeof type);
    json_t *name = json_string(schema->children[i]->name), *text = json_string_nocheck(type);
    json_t *column = name && text ? json_pack("{s:O, s:O}", "name", name, "type", text) : NULL;
    json_decref(name);
    json_decref(text);
    if (!column || json_array_append_new(list, column) != 0) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

static int tell(const struct json_reader *r, const char *name, struct sluice_text_out *out, struct sluice_error *err) {
  static const char *const layouts[] = {"auto", "lines", "array", "sequence"};
  json_t *columns = columns_of(&r->schema);
  json_t *object = columns ? json_pack("{s:s, s:s, s:I, s:O}", "format", "json", "layout", layouts[r->framer.layout],
                                       "sampled records", (json_int_t)r->sampled, "schema", columns)
                           : NULL;
  char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
  int code = text ? out->put(out, text, strlen(text), err)
                  : sluice_fail(err, SLUICE_ERR_MEMORY, name, "no memory to tell what is in it");
  free(text);
  json_decref(object);
  json_decref(columns);
  return code;
}

static int inspect(void *self, struct sluice_input *in, const char *name, struct sluice_text_out *out,
                   struct sluice_error *err) {
  struct sluice_input lent = *in;
  struct sluice_scan scan = {.struct_size = sizeof scan, .batch_rows = 1, .batch_bytes = 1 << 20, .part = name};
  struct sluice_reader reader;
  lent.release = keep;
  int code = json_decode(self, &lent, &scan, &reader, err);
  if (code)
    return code;
  code = tell(reader.private_data, name, out, err);
  reader.release(&reader);
  return code;
}

const void *json_extension(const char *id) {
  static const struct sluice_inspect power = {.struct_size = sizeof power, .inspect = inspect};
  return strcmp(id, SLUICE_INSPECT) == 0 ? &power : NULL;
}
