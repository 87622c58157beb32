/* Builders: making, finishing and destroying them. */
#include "builder.h"
#include <stdlib.h>

static void free_buffers(struct sluice_builder *b) {
  sluice_buffer_free(&b->validity);
  sluice_buffer_free(&b->first);
  sluice_buffer_free(&b->second);
}

void sluice_builder_destroy(struct sluice_builder *b) {
  if (!b)
    return;
  for (int64_t i = 0; b->children && i < b->n_children; i++)
    sluice_builder_destroy(b->children[i]);
  sluice_builder_destroy(b->dictionary);
  free_buffers(b);
  free(b->children);
  free(b);
}

static void set_codes(struct sluice_builder *b, const char *format) {
  for (int i = 0; i < 128; i++)
    b->by_code[i] = -1;
  if (b->layout != LAYOUT_DENSE_UNION && b->layout != LAYOUT_SPARSE_UNION)
    return;
  union_codes(format, b->n_children, b->codes);
  for (int64_t i = 0; i < b->n_children; i++)
    b->by_code[b->codes[i]] = (int16_t)i;
}

static void set_limits(struct sluice_builder *b) {
  if (b->layout == LAYOUT_BYTES64)
    b->second.limit = SIZE_MAX;
}

static int make(const struct ArrowSchema *schema, struct sluice_builder **out) {
  struct sluice_builder *b = calloc(1, sizeof *b);
  if (!b)
    return SLUICE_ERR_MEMORY;
  int status = sluice_type_parse(schema->format, &b->type, NULL);
  b->type.timezone = ""; /* the format is the caller's and may go */
  b->layout = type_layout(b->type.id);
  set_limits(b);
  if (status == SLUICE_OK && schema->n_children > 0) {
    b->children = calloc((size_t)schema->n_children, sizeof *b->children);
    if (!b->children)
      status = SLUICE_ERR_MEMORY;
  }
  for (; status == SLUICE_OK && b->n_children < schema->n_children; b->n_children++) {
    status = make(schema->children[b->n_children], &b->children[b->n_children]);
    if (status != SLUICE_OK)
      break;
  }
  if (status == SLUICE_OK && schema->dictionary)
    status = make(schema->dictionary, &b->dictionary);
  if (status != SLUICE_OK) {
    sluice_builder_destroy(b);
    return status;
  }
  set_codes(b, schema->format);
  *out = b;
  return SLUICE_OK;
}

int sluice_builder_create(const struct ArrowSchema *schema, struct sluice_builder **out, struct sluice_error *err) {
  int status = sluice_schema_validate(schema, err);
  if (status != SLUICE_OK)
    return status;
  status = make(schema, out);
  if (status != SLUICE_OK)
    return sluice_fail(err, status, schema->name, "no memory for a column builder");
  return SLUICE_OK;
}

struct sluice_builder *sluice_builder_child(struct sluice_builder *b, int64_t i) {
  if (b->dictionary)
    return i == 0 ? b->dictionary : NULL;
  return i >= 0 && i < b->n_children ? b->children[i] : NULL;
}

int64_t sluice_builder_length(const struct sluice_builder *b) {
  return b->length;
}

/* Values that child i must have for the values of b; -1: any number. */
static int64_t wanted_length(const struct sluice_builder *b, int64_t i) {
  switch (b->layout) {
  case LAYOUT_STRUCT:
  case LAYOUT_SPARSE_UNION:
    return b->length;
  case LAYOUT_FIXED_LIST:
    return b->length * b->type.width;
  case LAYOUT_LIST32:
    return b->first.size ? ((const int32_t *)(const void *)b->first.data)[b->length] : 0;
  case LAYOUT_LIST64:
    return b->first.size ? ((const int64_t *)(const void *)b->first.data)[b->length] : 0;
  case LAYOUT_RUN_END:
    return b->children[1 - i]->length;
  default:
    return -1;
  }
}

static int check_children(const struct sluice_builder *b, struct sluice_error *err) {
  for (int64_t i = 0; i < b->n_children; i++) {
    int64_t wanted = wanted_length(b, i), got = b->children[i]->length;
    if (wanted >= 0 && wanted != got)
      return sluice_fail(err, SLUICE_ERR_DATA, NULL, "child %lld has %lld values where %lld were ended", (long long)i,
                         (long long)got, (long long)wanted);
    int status = check_children(b->children[i], err);
    if (status != SLUICE_OK)
      return status;
  }
  return b->dictionary ? check_children(b->dictionary, err) : SLUICE_OK;
}

/* The buffers in the order of C Data; how many. */
static int64_t take_buffers(struct sluice_builder *b, struct sluice_buffer *out) {
  struct sluice_buffer *const all[] = {&b->validity, &b->first, &b->second};
  int64_t n = 0, from = type_has_validity(b->type.id) ? 0 : 1;
  bool view = b->layout == LAYOUT_VIEW && b->second.size > 0;
  for (int64_t want = b->type.n_buffers + view; n < want; n++) {
    out[n] = *all[from + n];
    memset(all[from + n], 0, sizeof *all[0]);
  }
  return n;
}

/* Views end with the sizes of their data buffers. */
static int add_view_sizes(struct sluice_builder *b, struct sluice_buffer *buffers, int64_t *n) {
  if (b->layout != LAYOUT_VIEW)
    return SLUICE_OK;
  int64_t size = *n == 3 ? (int64_t)buffers[2].size : 0;
  struct sluice_buffer *sizes = &buffers[(*n)++];
  memset(sizes, 0, sizeof *sizes);
  return *n == 4 ? sluice_buffer_append(sizes, &size, sizeof size) : SLUICE_OK;
}

static int take(struct sluice_builder *b, struct ArrowArray *out);

static int adopt(struct sluice_builder *b, struct ArrowArray *children, struct ArrowArray *dictionary,
                 struct ArrowArray *out) {
  struct sluice_buffer buffers[4] = {{0}};
  int64_t n = take_buffers(b, buffers);
  int status = add_view_sizes(b, buffers, &n);
  if (status == SLUICE_OK)
    status = sluice_array_adopt(out, b->length, b->nulls, buffers, n, children, b->n_children,
                                b->dictionary ? dictionary : NULL);
  for (int64_t i = 0; status != SLUICE_OK && i < 4; i++)
    sluice_buffer_free(&buffers[i]);
  return status;
}

static void reset(struct sluice_builder *b) {
  free_buffers(b);
  set_limits(b);
  b->length = b->nulls = b->taken = 0;
}

static int take(struct sluice_builder *b, struct ArrowArray *out) {
  struct ArrowArray *children = calloc((size_t)b->n_children + 1, sizeof *children), dictionary = {0};
  if (!children)
    return SLUICE_ERR_MEMORY;
  int status = builder_start_offsets(b);
  for (int64_t i = 0; status == SLUICE_OK && i < b->n_children; i++)
    status = take(b->children[i], &children[i]);
  if (status == SLUICE_OK && b->dictionary)
    status = take(b->dictionary, &dictionary);
  if (status == SLUICE_OK)
    status = adopt(b, children, &dictionary, out);
  for (int64_t i = 0; status != SLUICE_OK && i < b->n_children; i++)
    sluice_array_release(&children[i]);
  if (status != SLUICE_OK)
    sluice_array_release(&dictionary);
  free(children);
  reset(b);
  return status;
}

int sluice_builder_finish(struct sluice_builder *b, struct ArrowArray *out, struct sluice_error *err) {
  int status = check_children(b, err);
  if (status != SLUICE_OK)
    return status;
  status = take(b, out);
  return status == SLUICE_OK ? status : sluice_fail(err, status, NULL, "no memory to finish a column");
}
