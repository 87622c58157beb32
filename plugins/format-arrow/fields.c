/* The Schema table. */
#include "fields.h"
#include "metadata.h"
#include "type.h"
#include <stdlib.h>

enum { SCHEMA_ENDIANNESS, SCHEMA_FIELDS, SCHEMA_METADATA };
enum { FIELD_NAME, FIELD_NULLABLE, FIELD_TAG, FIELD_TYPE, FIELD_DICTIONARY, FIELD_CHILDREN, FIELD_METADATA };
enum { DICTIONARY_ID, DICTIONARY_INDEX, DICTIONARY_ORDERED };

struct reading {
  const struct arrow_source *source;
  int64_t left; /* fields that may still come */
  struct sluice_error *err;
};
struct heading { /* of one field, as its table has it */
  char format[ARROW_FORMAT_SIZE];
  int64_t flags;
  struct fb_vector children;
};

static void finish_field(struct arrow_field *f) {
  for (int64_t i = 0; f->children && i < f->n_children; i++)
    finish_field(&f->children[i]);
  if (f->values)
    finish_field(f->values);
  free(f->children);
  free(f->values);
}

void arrow_fields_finish(struct arrow_fields *fields) {
  sluice_schema_release(&fields->schema);
  finish_field(&fields->root);
  memset(fields, 0, sizeof *fields);
}

static int bad(const struct reading *r, const char *name, const char *what) {
  return sluice_fail(r->err, SLUICE_ERR_DATA, r->source->part, "its schema is damaged: field '%.100s': %s",
                     name ? name : "", what);
}

static int bad_table(const struct reading *r, const struct fb *fb) {
  return sluice_fail(r->err, SLUICE_ERR_DATA, r->source->part, "its schema is damaged: %s",
                     fb->fault ? fb->fault : "something is missing");
}

static int no_memory(const struct reading *r) {
  return sluice_fail(r->err, SLUICE_ERR_MEMORY, r->source->part, "no memory for the schema");
}

static int read_name(const struct reading *r, const struct fb_table *table, char **out) {
  size_t n = 0;
  const char *text = fb_text(table, FIELD_NAME, &n);
  if (n && memchr(text, 0, n))
    return bad(r, text, "its name has a zero byte");
  if (n && sluice_utf8_valid(text, n) != n)
    return bad(r, "", "its name is not UTF-8");
  *out = malloc(n + 1);
  if (!*out)
    return no_memory(r);
  if (n)
    memcpy(*out, text, n);
  (*out)[n] = 0;
  return SLUICE_OK;
}

static int set_metadata(const struct reading *r, const struct fb_table *table, unsigned slot,
                        struct ArrowSchema *schema) {
  struct sluice_buffer metadata = {0};
  int rc = arrow_metadata_read(table, slot, &metadata);
  if (rc == SLUICE_ERR_DATA)
    return bad_table(r, table->fb);
  if (rc == SLUICE_OK && metadata.size)
    rc = sluice_schema_set_metadata(schema, (const char *)metadata.data);
  sluice_buffer_free(&metadata);
  return rc ? no_memory(r) : rc;
}

static void set_type(struct arrow_field *field, const struct ArrowSchema *schema) {
  if (sluice_type_parse(schema->format, &field->type, NULL) != SLUICE_OK)
    return; /* sluice_schema_validate says so in the end */
  field->type.timezone = "";
  field->layout = arrow_type_layout(field->type.id);
  field->width = arrow_type_width(&field->type);
}

static int read_field(struct reading *r, const struct fb_table *table, int depth, struct ArrowSchema *schema,
                      struct arrow_field *field);

static int read_children(struct reading *r, struct fb *fb, const struct fb_vector *list, int depth,
                         struct ArrowSchema *schema, struct arrow_field *field) {
  int rc = SLUICE_OK;
  struct fb_table table;
  field->children = calloc(list->count + 1, sizeof *field->children);
  if (!field->children)
    return no_memory(r);
  field->n_children = (int64_t)list->count;
  for (size_t i = 0; rc == SLUICE_OK && i < list->count; i++) {
    if (!fb_item(fb, list, i, &table))
      return bad_table(r, fb);
    rc = read_field(r, &table, depth + 1, schema->children[i], &field->children[i]);
  }
  return rc;
}

static int read_heading(struct reading *r, const struct fb_table *table, const char *name, struct heading *h) {
  struct fb_table type;
  int64_t tag = (uint8_t)fb_number(table, FIELD_TAG, 1, 0);
  h->flags = fb_number(table, FIELD_NULLABLE, 1, 0) ? ARROW_FLAG_NULLABLE : 0;
  if (!fb_vector(table, FIELD_CHILDREN, 4, &h->children))
    h->children = (struct fb_vector){0, 0};
  if (!fb_sub(table, FIELD_TYPE, &type))
    return table->fb->fault ? bad_table(r, table->fb) : bad(r, name, "it has no type");
  if ((int64_t)h->children.count > r->left)
    return bad(r, name, "there are more fields than can be meant");
  r->left -= (int64_t)h->children.count;
  const char *wrong = arrow_type_format(tag, &type, (int64_t)h->children.count, h->format, &h->flags);
  if (table->fb->fault)
    return bad_table(r, table->fb);
  return wrong ? bad(r, name, wrong) : SLUICE_OK;
}

/* A field of its own type, without what makes it a dictionary. */
static int read_values(struct reading *r, const struct fb_table *table, const char *name, int depth,
                       struct ArrowSchema *schema, struct arrow_field *field) {
  struct heading h = {0};
  int rc = read_heading(r, table, name, &h);
  if (rc)
    return rc;
  rc = sluice_schema_nested(schema, h.format, name, h.flags, (int64_t)h.children.count);
  if (rc)
    return no_memory(r);
  set_type(field, schema);
  return read_children(r, table->fb, &h.children, depth, schema, field);
}

/* The field is one of indexes, and what its table says of types is about the dictionary. */
static int read_encoded(struct reading *r, const struct fb_table *table, const struct fb_table *dictionary,
                        const char *name, int depth, struct ArrowSchema *schema, struct arrow_field *field) {
  struct ArrowSchema values = {0};
  struct fb_table index;
  char format[ARROW_FORMAT_SIZE];
  bool given = fb_sub(dictionary, DICTIONARY_INDEX, &index);
  const char *wrong = table->fb->fault ? table->fb->fault : arrow_type_index(given ? &index : NULL, format);
  int64_t flags = fb_number(table, FIELD_NULLABLE, 1, 0) ? ARROW_FLAG_NULLABLE : 0;
  if (wrong)
    return bad(r, name, wrong);
  if (fb_number(dictionary, DICTIONARY_ORDERED, 1, 0))
    flags |= ARROW_FLAG_DICTIONARY_ORDERED;
  field->dictionary = fb_number(dictionary, DICTIONARY_ID, 8, 0);
  field->values = calloc(1, sizeof *field->values);
  if (!field->values || sluice_schema_init(schema, format, name, flags) != SLUICE_OK)
    return no_memory(r);
  set_type(field, schema);
  int rc = read_values(r, table, "", depth + 1, &values, field->values);
  values.flags |= rc == SLUICE_OK ? ARROW_FLAG_NULLABLE : 0;
  if (rc == SLUICE_OK && sluice_schema_set_dictionary(schema, &values) != SLUICE_OK)
    rc = no_memory(r);
  sluice_schema_release(&values);
  return rc;
}

static int read_field(struct reading *r, const struct fb_table *table, int depth, struct ArrowSchema *schema,
                      struct arrow_field *field) {
  struct fb_table dictionary;
  char *name = NULL;
  int rc = read_name(r, table, &name);
  if (rc == SLUICE_OK && depth > ARROW_MAX_DEPTH)
    rc = bad(r, name, "fields are nested too deep");
  if (rc == SLUICE_OK && fb_sub(table, FIELD_DICTIONARY, &dictionary))
    rc = read_encoded(r, table, &dictionary, name, depth, schema, field);
  else if (rc == SLUICE_OK)
    rc = table->fb->fault ? bad_table(r, table->fb) : read_values(r, table, name, depth, schema, field);
  if (rc == SLUICE_OK)
    rc = set_metadata(r, table, FIELD_METADATA, schema);
  free(name);
  return rc;
}

static int read_all(struct reading *r, const struct fb_table *table, struct arrow_fields *out) {
  struct fb_vector list = {0, 0};
  fb_vector(table, SCHEMA_FIELDS, 4, &list);
  int64_t endianness = fb_number(table, SCHEMA_ENDIANNESS, 2, 0);
  if (table->fb->fault || endianness < 0 || endianness > 1)
    return bad_table(r, table->fb);
  if ((int64_t)list.count > r->left)
    return bad(r, "", "there are more fields than can be meant");
  r->left -= (int64_t)list.count;
  out->big_endian = endianness == 1;
  out->root = (struct arrow_field){.layout = ARROW_LAYOUT_STRUCT};
  if (sluice_schema_nested(&out->schema, "+s", "", 0, (int64_t)list.count) != SLUICE_OK)
    return no_memory(r);
  int rc = read_children(r, table->fb, &list, 0, &out->schema, &out->root);
  if (rc == SLUICE_OK)
    rc = set_metadata(r, table, SCHEMA_METADATA, &out->schema);
  struct sluice_error why = {0};
  if (rc == SLUICE_OK && sluice_schema_validate(&out->schema, &why) != SLUICE_OK)
    rc = bad(r, why.where, why.message);
  return rc;
}

int arrow_fields_read(const struct arrow_source *source, const struct fb_table *table, struct arrow_fields *out,
                      struct sluice_error *err) {
  struct reading r = {source, ARROW_MAX_FIELDS, err};
  struct arrow_fields made = {0};
  int rc = read_all(&r, table, &made);
  if (rc)
    arrow_fields_finish(&made);
  else
    *out = made;
  return rc;
}
