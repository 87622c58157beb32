/* Columns that no rule names, and the rest of structs in which rules name fields: they follow under their own names. */
#include "core/mapping/internal.h"
#include <stdlib.h>

/* ---- what rules name ---- */

static bool leads_into(const struct way *way, const struct way *deeper) {
  return way->n <= deeper->n && memcmp(way->steps, deeper->steps, (size_t)way->n * sizeof *way->steps) == 0;
}

/* What is excluded must not go out as a part of something else either. */
static int check_excluded(const struct mapping *mapping, const struct ArrowSchema *in, struct sluice_error *err) {
  for (size_t i = 0; i < mapping->n_rules; i++) {
    const struct rule *rule = &mapping->rules[i];
    struct way way = rule->exclude ? mapping_find(in, rule->from) : (struct way){.n = 0};
    for (size_t k = 0; k < mapping->n_rules && way.n; k++) {
      const struct rule *other = &mapping->rules[k];
      if (!other->from || other->exclude)
        continue;
      struct way brought = mapping_find(in, other->from);
      if (brought.n && (leads_into(&brought, &way) || leads_into(&way, &brought)))
        return sluice_fail(err, SLUICE_ERR_CONFIG, "mapping",
                           "'%s' is excluded, and the rule for '%s' would bring it, or a part of it", rule->from,
                           other->from);
    }
  }
  return SLUICE_OK;
}

static int find_named(struct mapping_bound *bound, const struct ArrowSchema *in) {
  const struct mapping *mapping = bound->mapping;
  bound->named = calloc(mapping->n_rules + 1, sizeof *bound->named);
  if (!bound->named)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < mapping->n_rules; i++) {
    struct way way = mapping->rules[i].from ? mapping_find(in, mapping->rules[i].from) : (struct way){.n = 0};
    if (way.n)
      bound->named[bound->n_named++] = way;
  }
  return SLUICE_OK;
}

enum fate { WHOLE, PRUNED, GONE };

/* Of what `way` leads to. */
static enum fate fate_of(const struct mapping_bound *bound, const struct way *way) {
  enum fate fate = WHOLE;
  for (size_t i = 0; i < bound->n_named; i++) {
    if (leads_into(&bound->named[i], way))
      return GONE;
    if (leads_into(way, &bound->named[i]))
      fate = PRUNED;
  }
  return fate;
}

static struct way step_into(struct way way, int64_t i) {
  if (way.n < MAPPING_DEPTH)
    way.steps[way.n++] = i;
  return way;
}

/* ---- a copy without them ---- */

static int prune_schema(const struct mapping_bound *bound, const struct ArrowSchema *schema, struct way way,
                        struct ArrowSchema *out) {
  int64_t n = 0;
  for (int64_t i = 0; i < schema->n_children; i++) {
    struct way child = step_into(way, i);
    n += fate_of(bound, &child) != GONE;
  }
  int code = sluice_schema_nested(out, "+s", schema->name, schema->flags, n);
  n = 0;
  for (int64_t i = 0; i < schema->n_children && !code; i++) {
    struct way child = step_into(way, i);
    enum fate fate = fate_of(bound, &child);
    if (fate == WHOLE)
      code = sluice_schema_copy(schema->children[i], out->children[n++]);
    else if (fate == PRUNED)
      code = prune_schema(bound, schema->children[i], child, out->children[n++]);
  }
  return code;
}

int mapping_prune_schema(const struct mapping_bound *bound, const struct ArrowSchema *schema, int64_t column,
                         struct ArrowSchema *out) {
  struct ArrowSchema pruned = {0};
  int code = prune_schema(bound, schema, (struct way){{column}, 1}, &pruned);
  if (code)
    sluice_schema_release(&pruned);
  else
    sluice_schema_move(&pruned, out);
  return code;
}

/* The bits of n rows that start at the array's offset. */
static int copy_validity(const struct ArrowArray *array, struct sluice_buffer *out) {
  if (!array->buffers[0])
    return SLUICE_OK;
  size_t size = (size_t)(array->length + 7) / 8;
  int code = sluice_buffer_reserve(out, size + 1);
  if (code)
    return code;
  memset(out->data, 0, size);
  out->size = size;
  for (int64_t i = 0; i < array->length; i++)
    if (!sluice_is_null(array, i))
      out->data[i >> 3] = (uint8_t)(out->data[i >> 3] | 1u << (i & 7));
  return SLUICE_OK;
}

static int prune_array(const struct mapping_bound *bound, struct ArrowArray *array, struct way way,
                       struct ArrowArray *out);

/* Child i, cut to the rows of its parent. */
static int prune_child(const struct mapping_bound *bound, struct ArrowArray *parent, int64_t i, struct way way,
                       enum fate fate, struct ArrowArray *out) {
  struct ArrowArray slice;
  int code = sluice_array_slice(parent->children[i], parent->offset, parent->length, &slice);
  if (code)
    return code;
  if (fate == PRUNED) {
    code = prune_array(bound, &slice, way, out);
    sluice_array_release(&slice);
    return code;
  }
  sluice_array_move(&slice, out);
  return SLUICE_OK;
}

static int prune_array(const struct mapping_bound *bound, struct ArrowArray *array, struct way way,
                       struct ArrowArray *out) {
  struct ArrowArray *children = calloc((size_t)array->n_children + 1, sizeof *children);
  struct sluice_buffer validity = {0};
  int64_t n = 0;
  int code = children ? copy_validity(array, &validity) : SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < array->n_children && !code; i++) {
    struct way child = step_into(way, i);
    enum fate fate = fate_of(bound, &child);
    if (fate == GONE)
      continue;
    code = prune_child(bound, array, i, child, fate, &children[n]);
    n += !code;
  }
  if (!code)
    code = sluice_array_adopt(out, array->length, -1, &validity, 1, children, n, NULL);
  for (int64_t i = 0; children && i < n; i++)
    sluice_array_release(&children[i]);
  sluice_buffer_free(&validity);
  free(children);
  return code;
}

int mapping_prune_array(const struct mapping_bound *bound, struct ArrowArray *shared, int64_t column,
                        struct ArrowArray *out) {
  return prune_array(bound, shared, (struct way){{column}, 1}, out);
}

/* ---- the columns ---- */

static int keep_column(struct mapping_bound *bound, const struct ArrowSchema *in, int64_t i, bool whole,
                       struct sluice_error *err) {
  const struct node *root = &bound->mapping->root;
  const char *name = in->children[i]->name;
  for (size_t k = 0; k < root->n_children; k++)
    if (strcmp(root->children[k].name, name) == 0)
      return sluice_fail(err, SLUICE_ERR_CONFIG, "mapping",
                         "column '%s' is kept, and a rule puts something else there: exclude it, or map it elsewhere",
                         name);
  struct kept *kept = &bound->kept[bound->n_kept];
  kept->column = i;
  kept->whole = whole;
  int code = whole ? sluice_schema_copy(in->children[i], &kept->target)
                   : mapping_prune_schema(bound, in->children[i], i, &kept->target);
  if (code)
    return code;
  bound->uses[i]++;
  bound->n_kept++;
  return SLUICE_OK;
}

int mapping_bind_kept(struct mapping_bound *bound, const struct ArrowSchema *in, struct sluice_error *err) {
  const struct mapping *mapping = bound->mapping;
  int code = check_excluded(mapping, in, err);
  if (!code)
    code = find_named(bound, in);
  bound->kept = calloc((size_t)in->n_children + 1, sizeof *bound->kept);
  if (!code && !bound->kept)
    code = SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < in->n_children && !code; i++) {
    struct way way = {{i}, 1};
    enum fate fate = fate_of(bound, &way);
    bool carried = mapping->carried && strcmp(mapping->carried, in->children[i]->name) == 0;
    if (fate != GONE && (carried || mapping->keep))
      code = keep_column(bound, in, i, fate == WHOLE, err);
  }
  return code;
}
