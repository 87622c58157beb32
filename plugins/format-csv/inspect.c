/* sluice.inspect/1: how a file is read: its dialect, and the columns with the types that its sample shows. */
#include "reader.h"
#include <jansson.h>
#include <sluice/services.h>
#include <stdlib.h>

/* The input stays the caller's: the reader gets a copy that it cannot close. */
static void keep(struct sluice_input *in) {
  memset(in, 0, sizeof *in);
}

static json_t *mark(const struct csv_mark *m) {
  return m->size ? json_stringn((const char *)m->text, m->size) : json_null();
}

static json_t *character(int c) {
  const struct csv_mark m = {c >= 0, {(uint8_t)c}};
  return mark(&m);
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

static json_t *describe_dialect(const struct csv_reader *r) {
  static const char *const ends[] = {"any", "lf", "cr", "crlf"};
  const struct csv_shape *shape = &r->found.shape;
  const struct csv_dialect *d = &shape->dialect;
  return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:b, s:i, s:i, s:I}", "encoding", r->text.encoding, "delimiter",
                   mark(&d->separator), "quote", character(d->quote), "escape", character(d->escape), "comment",
                   mark(&d->comment), "line_end", ends[d->ends], "trim", (int)d->trim, "header_rows",
                   (int)shape->header_rows, "skip_rows", (int)shape->skip_rows, "skip_footer",
                   (json_int_t)(r->format->find.footer ? r->found.footer_lines : r->format->config->skip_footer));
}

static json_t *describe(const struct csv_reader *r, const struct ArrowSchema *schema) {
  json_t *dialect = describe_dialect(r), *columns = columns_of(schema);
  json_t *doubt = r->found.doubt[0] ? json_string(r->found.doubt) : json_null();
  if (dialect && columns && doubt)
    return json_pack("{s:o, s:o, s:o}", "dialect", dialect, "doubt", doubt, "schema", columns);
  json_decref(dialect);
  json_decref(columns);
  json_decref(doubt);
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
