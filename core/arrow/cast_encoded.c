/* Casts from and to dictionaries and run-end encoding. */
#include "cast.h"
#include <stdlib.h>

int cast_decode(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows) {
  struct cast *values = c->children[0];
  int status = SLUICE_OK;
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++) {
    struct rows row = {rows.first + i * rows.step, 0};
    if (sluice_is_null(array, first + i))
      status = sluice_builder_null(c->out);
    else
      status = values->step(values, array->dictionary, array_index(&c->from, array, first + i), 1, row);
  }
  return status;
}

int cast_runs(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows) {
  struct cast *values = c->children[0];
  const struct ArrowArray *ends = array->children[0];
  struct sluice_type type;
  int status = sluice_type_parse(c->from_schema->children[0]->format, &type, NULL);
  int64_t at = array->offset + first, run = n > 0 ? run_find(&type, ends, at) : 0;
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++) {
    if (run_end_at(&type, ends, run) <= at + i)
      run++;
    if (run >= ends->length)
      return SLUICE_ERR_DATA; /* ends that do not rise */
    status = values->step(values, array->children[1], run, 1, (struct rows){rows.first + i * rows.step, 0});
  }
  return status;
}

/* Casts the values into an array of their own, from which they are then encoded. */
static int cast_values(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows,
                       struct ArrowArray *out) {
  struct cast *values = c->children[0];
  int status = values->step(values, array, first, n, rows);
  return status == SLUICE_OK ? sluice_builder_finish(c->scratch, out, NULL) : status;
}

/* ---- dictionaries: an open hash table of indexes into the dictionary that is being built ---- */

struct index_table {
  size_t slots, used; /* slots: a power of two */
  struct slot {
    uint64_t hash;
    int64_t index; /* -1: free */
  } * slot;
};

void index_table_destroy(struct index_table *table) {
  if (table)
    free(table->slot);
  free(table);
}

static struct index_table *table_create(size_t slots) {
  struct index_table *table = calloc(1, sizeof *table);
  if (!table)
    return NULL;
  table->slots = slots;
  table->slot = malloc(slots * sizeof *table->slot);
  if (!table->slot) {
    free(table);
    return NULL;
  }
  for (size_t i = 0; i < slots; i++)
    table->slot[i].index = -1;
  return table;
}

static uint64_t hash_span(struct span span) {
  uint64_t hash = 0x9e3779b97f4a7c15u ^ span.size;
  for (size_t i = 0; i < span.size; i++)
    hash = (hash ^ span.data[i]) * 0x100000001b3u;
  hash ^= hash >> 32;
  return hash * 0xd6e8feb86659fd93u;
}

/* Value i of what the builder holds so far. */
static struct span builder_span(const struct sluice_builder *b, int64_t i) {
  const void *buffers[] = {b->validity.data, b->first.data, b->second.data};
  struct ArrowArray array = {.length = b->length, .n_buffers = 3, .buffers = buffers};
  return array_span(&b->type, &array, i);
}

static bool same_span(struct span a, struct span b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static int table_grow(struct index_table *table) {
  struct index_table *larger = table_create(table->slots * 2);
  if (!larger)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < table->slots; i++) {
    if (table->slot[i].index < 0)
      continue;
    size_t at = table->slot[i].hash & (larger->slots - 1);
    while (larger->slot[at].index >= 0)
      at = (at + 1) & (larger->slots - 1);
    larger->slot[at] = table->slot[i];
  }
  free(table->slot);
  table->slot = larger->slot;
  table->slots = larger->slots;
  free(larger);
  return SLUICE_OK;
}

/* The slot of the value, or the free one where it belongs. */
static struct slot *table_find(const struct index_table *table, const struct sluice_builder *dictionary,
                               struct span span, uint64_t hash) {
  size_t at = hash & (table->slots - 1);
  for (;; at = (at + 1) & (table->slots - 1)) {
    struct slot *slot = &table->slot[at];
    if (slot->index < 0)
      return slot;
    if (slot->hash == hash && same_span(builder_span(dictionary, slot->index), span))
      return slot;
  }
}

static int encode_row(struct cast *c, const struct ArrowArray *values, int64_t i, int64_t row) {
  struct sluice_builder *dictionary = c->out->dictionary;
  if (sluice_is_null(values, i))
    return sluice_builder_null(c->out);
  int status = c->index->used * 2 >= c->index->slots ? table_grow(c->index) : SLUICE_OK;
  if (status != SLUICE_OK)
    return status;
  struct span span = array_span(&dictionary->type, values, i);
  uint64_t hash = hash_span(span);
  struct slot *slot = table_find(c->index, dictionary, span, hash);
  int64_t index = slot->index < 0 ? dictionary->length : slot->index;
  status = sluice_builder_int(c->out, index);
  if (status == SLUICE_ERR_DATA)
    return cast_misfit(c, row, (const char *)span.data, span.size, "more different values than indexes");
  if (status != SLUICE_OK || slot->index >= 0)
    return status;
  *slot = (struct slot){hash, index};
  c->index->used++;
  return sluice_builder_append(dictionary, values, i, 1);
}

int cast_encode(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows) {
  struct ArrowArray values = {0};
  if (!c->index)
    c->index = table_create(1024);
  if (!c->index)
    return SLUICE_ERR_MEMORY;
  int status = cast_values(c, array, first, n, rows, &values);
  for (int64_t i = 0; status == SLUICE_OK && i < n; i++)
    status = encode_row(c, &values, i, rows.first + i * rows.step);
  sluice_array_release(&values);
  return status;
}

/* ---- run-ends ---- */

static bool same_value(const struct sluice_type *type, const struct ArrowArray *array, int64_t i, int64_t j) {
  if (sluice_is_null(array, i) || sluice_is_null(array, j))
    return sluice_is_null(array, i) && sluice_is_null(array, j);
  if (type->id == SLUICE_TYPE_BOOL)
    return sluice_bit(array->buffers[1], array->offset + i) == sluice_bit(array->buffers[1], array->offset + j);
  return same_span(array_span(type, array, i), array_span(type, array, j));
}

int cast_to_runs(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows) {
  struct sluice_builder *values = c->out->children[1];
  struct ArrowArray plain = {0};
  int status = cast_values(c, array, first, n, rows, &plain);
  for (int64_t i = 0, end; status == SLUICE_OK && i < n; i = end) {
    for (end = i + 1; end < n && same_value(&values->type, &plain, i, end);)
      end++;
    status = sluice_builder_append(values, &plain, i, 1);
    if (status == SLUICE_OK)
      status = sluice_builder_run(c->out, end - i);
  }
  sluice_array_release(&plain);
  return status;
}
