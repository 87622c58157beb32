/* Types in words. */
#include "describe.h"

static int put(struct sluice_buffer *out, const char *text) {
  return sluice_buffer_append(out, text, strlen(text));
}

static int put_children(const struct ArrowSchema *schema, struct sluice_buffer *out) {
  int rc = put(out, "<");
  for (int64_t i = 0; rc == SLUICE_OK && i < schema->n_children; i++) {
    const struct ArrowSchema *child = schema->children[i];
    rc = put(out, i ? ", " : "");
    if (rc == SLUICE_OK)
      rc = put(out, child->name ? child->name : "");
    if (rc == SLUICE_OK)
      rc = put(out, ": ");
    if (rc == SLUICE_OK)
      rc = arrow_describe(child, out);
    if (rc == SLUICE_OK && !(child->flags & ARROW_FLAG_NULLABLE))
      rc = put(out, " not null");
  }
  return rc == SLUICE_OK ? put(out, ">") : rc;
}

static int put_dictionary(const struct ArrowSchema *schema, const char *index, struct sluice_buffer *out) {
  int rc = put(out, "dictionary<");
  if (rc == SLUICE_OK)
    rc = put(out, index);
  if (rc == SLUICE_OK)
    rc = put(out, ", ");
  if (rc == SLUICE_OK)
    rc = arrow_describe(schema->dictionary, out);
  return rc == SLUICE_OK ? put(out, ">") : rc;
}

int arrow_describe(const struct ArrowSchema *schema, struct sluice_buffer *out) {
  char name[256];
  sluice_type_name(schema->format, name, sizeof name);
  if (schema->dictionary)
    return put_dictionary(schema, name, out);
  int rc = put(out, name);
  return rc == SLUICE_OK && schema->n_children ? put_children(schema, out) : rc;
}
