/* sluice.inspect/1: how a file is read: its dialect, and the columns with the types that its sample shows. */
#include "reader.h"
#include <jansson.h>
#include <sluice/services.h>
#include <stdlib.h>

/* The input stays the caller's: the reader gets a copy that it cannot close. */
static void keep(struct sluice_input *in) {
  memset(in, 0, sizeof *in);
}

static json_t *character(int c) {
  char text[2] = {(char)c, 0};
  return c < 0 ? json_null() : json_string(text);
}

static json_t *columns_of(const struct ArrowSchema *schema) {
  json_t *list = json_array();
  for (int64_t i = 0; list && i < schema->n_children; i++) {
    char type[96];
    sluice_type_name(schema->children[i]->format, type, sizeof type);
    json_t *column =
        json_pack("{s:s%, s:s}", "name", schema->children[i]->name, strlen(schema->children[i]->name), "type", type);
    if (!column || json_array_append_new(list, column) != 0) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

static json_t *describe(const struct csv_reader *r, const struct ArrowSchema *schema) {
  json_t *dialect = json_pack("{s:o, s:o, s:b}", "delimiter", character(r->found.shape.dialect.delimiter), "quote",
                              character(r->found.shape.dialect.quote), "header", r->found.shape.header_rows > 0);
  json_t *columns = columns_of(schema);
  if (dialect && columns)
    return json_pack("{s:o, s:o}", "dialect", dialect, "schema", columns);
  json_decref(dialect);
  json_decref(columns);
  return NULL;
}

static int tell(const struct csv_reader *r, const struct ArrowSchema *schema, const char *name,
                struct sluice_text_out *out, struct sluice_error *err) {
  json_t *object = describe(r, schema);
  char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
  int rc = text ? out->put(out, text, strlen(text), err)
                : sluice_fail(err, SLUICE_ERR_MEMORY, name, "no memory to tell what is in it");
  free(text);
  json_decref(object);
  return rc;
}

static int csv_inspect(void *self, struct sluice_input *in, const char *name, struct sluice_text_out *out,
                       struct sluice_error *err) {
  struct sluice_input lent = *in;
  struct sluice_scan scan = {.struct_size = sizeof scan, .batch_rows = 1, .batch_bytes = 1 << 20, .part = name};
  struct sluice_reader reader;
  struct ArrowSchema schema = {0};
  lent.release = keep;
  int rc = csv_decode(self, &lent, &scan, &reader, err);
  if (rc)
    return rc;
  rc = reader.schema(&reader, &schema, err);
  if (!rc)
    rc = tell(reader.private_data, &schema, name, out, err);
  sluice_schema_release(&schema);
  reader.release(&reader);
  return rc;
}

const void *csv_extension(const char *id) {
  static const struct sluice_inspect power = {.struct_size = sizeof power, .inspect = csv_inspect};
  return strcmp(id, SLUICE_INSPECT) == 0 ? &power : NULL;
}
