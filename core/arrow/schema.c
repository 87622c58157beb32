/* ArrowSchema: making, copying, comparing, finding. */
#include "internal.h"
#include <stdlib.h>

static void schema_release(struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children && schema->children; i++) {
    if (!schema->children[i])
      continue;
    sluice_schema_release(schema->children[i]);
    free(schema->children[i]);
  }
  if (schema->dictionary) {
    sluice_schema_release(schema->dictionary);
    free(schema->dictionary);
  }
  free(schema->children);
  free(schema->private_data);
  memset(schema, 0, sizeof *schema);
}

/* Bytes of an encoded metadata block, checked against its own counts; 0: none, or a malformed one. */
static size_t metadata_size(const char *metadata) {
  int32_t pairs, length;
  if (!metadata)
    return 0;
  memcpy(&pairs, metadata, 4);
  size_t at = 4;
  for (int64_t i = 0; i < (int64_t)pairs * 2; i++) {
    memcpy(&length, metadata + at, 4);
    if (length < 0)
      return 0;
    at += 4 + (size_t)length;
  }
  return pairs < 0 ? 0 : at;
}

/* One block holds format, name and metadata, so that one free releases them. */
static int schema_make(struct ArrowSchema *out, const char *format, const char *name, const char *metadata,
                       int64_t flags) {
  size_t f = strlen(format) + 1, n = name ? strlen(name) + 1 : 1, m = metadata_size(metadata);
  size_t start = (f + n + 7) / 8 * 8;
  char *block = calloc(1, start + m);
  if (!block)
    return SLUICE_ERR_MEMORY;
  memcpy(block, format, f);
  if (name)
    memcpy(block + f, name, n);
  if (m)
    memcpy(block + start, metadata, m);
  *out = (struct ArrowSchema){.format = block,
                              .name = block + f,
                              .metadata = m ? block + start : NULL,
                              .flags = flags,
                              .release = schema_release,
                              .private_data = block};
  return SLUICE_OK;
}

static int schema_add_children(struct ArrowSchema *schema, int64_t n) {
  if (n == 0)
    return SLUICE_OK;
  if (n < 0 || (uint64_t)n > SIZE_MAX / sizeof(struct ArrowSchema))
    return SLUICE_ERR_MEMORY;
  schema->children = calloc((size_t)n, sizeof(struct ArrowSchema *));
  if (!schema->children)
    return SLUICE_ERR_MEMORY;
  schema->n_children = n;
  for (int64_t i = 0; i < n; i++) {
    schema->children[i] = calloc(1, sizeof(struct ArrowSchema));
    if (!schema->children[i])
      return SLUICE_ERR_MEMORY;
  }
  return SLUICE_OK;
}

int sluice_schema_init(struct ArrowSchema *out, const char *format, const char *name, int64_t flags) {
  return schema_make(out, format, name, NULL, flags);
}

int sluice_schema_nested(struct ArrowSchema *out, const char *format, const char *name, int64_t flags, int64_t n) {
  struct ArrowSchema schema;
  int status = schema_make(&schema, format, name, NULL, flags);
  if (status != SLUICE_OK)
    return status;
  status = schema_add_children(&schema, n);
  if (status != SLUICE_OK) {
    schema_release(&schema);
    return status;
  }
  *out = schema;
  return SLUICE_OK;
}

/* A new block for the texts of a schema that keeps all else. */
static int schema_remake(struct ArrowSchema *schema, const char *name, const char *metadata) {
  struct ArrowSchema with;
  int status = schema_make(&with, schema->format, name, metadata, schema->flags);
  if (status != SLUICE_OK)
    return status;
  free(schema->private_data);
  schema->format = with.format;
  schema->name = with.name;
  schema->metadata = with.metadata;
  schema->private_data = with.private_data;
  return SLUICE_OK;
}

int sluice_schema_set_metadata(struct ArrowSchema *schema, const char *metadata) {
  return schema_remake(schema, schema->name, metadata);
}

int sluice_schema_rename(struct ArrowSchema *schema, const char *name) {
  return schema_remake(schema, name, schema->metadata);
}

int schema_add_dictionary(struct ArrowSchema *schema) {
  schema->dictionary = calloc(1, sizeof *schema->dictionary);
  return schema->dictionary ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

int sluice_schema_set_dictionary(struct ArrowSchema *schema, struct ArrowSchema *values) {
  int status = schema->dictionary ? SLUICE_ERR_BUG : schema_add_dictionary(schema);
  if (status == SLUICE_OK)
    sluice_schema_move(values, schema->dictionary);
  return status;
}

static int copy_into(const struct ArrowSchema *schema, struct ArrowSchema *out, int depth) {
  if (depth > DEPTH_MAX || !schema->format)
    return SLUICE_ERR_DATA;
  struct ArrowSchema copy;
  int status = schema_make(&copy, schema->format, schema->name, schema->metadata, schema->flags);
  if (status != SLUICE_OK)
    return status;
  status = schema_add_children(&copy, schema->n_children);
  for (int64_t i = 0; status == SLUICE_OK && i < schema->n_children; i++)
    status = copy_into(schema->children[i], copy.children[i], depth + 1);
  if (status == SLUICE_OK && schema->dictionary) {
    status = schema_add_dictionary(&copy);
    if (status == SLUICE_OK)
      status = copy_into(schema->dictionary, copy.dictionary, depth + 1);
  }
  if (status != SLUICE_OK) {
    schema_release(&copy);
    return status;
  }
  *out = copy;
  return SLUICE_OK;
}

int sluice_schema_copy(const struct ArrowSchema *schema, struct ArrowSchema *out) {
  return copy_into(schema, out, 0);
}

static bool same_text(const char *a, const char *b) {
  return strcmp(a ? a : "", b ? b : "") == 0;
}

bool sluice_schema_equal(const struct ArrowSchema *a, const struct ArrowSchema *b) {
  if (!same_text(a->format, b->format) || !same_text(a->name, b->name))
    return false;
  if (a->flags != b->flags || a->n_children != b->n_children || !a->dictionary != !b->dictionary)
    return false;
  for (int64_t i = 0; i < a->n_children; i++)
    if (!sluice_schema_equal(a->children[i], b->children[i]))
      return false;
  return !a->dictionary || sluice_schema_equal(a->dictionary, b->dictionary);
}

int64_t sluice_schema_find(const struct ArrowSchema *schema, const char *name) {
  for (int64_t i = 0; i < schema->n_children; i++)
    if (same_text(schema->children[i]->name, name))
      return i;
  return -1;
}
