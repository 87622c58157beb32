/* Lists of what rules bring, made row by row. */
#include "core/mapping/internal.h"
#include <stdlib.h>

/* ---- how: once for a schema ---- */

static int plan_children(const struct node *node, const struct ArrowSchema *schema, struct build *out);

/* The fields of an item are those of all places: some have a node here, others are null. */
static int plan_record(const struct node *node, const struct ArrowSchema *schema, struct build *out) {
  out->children = calloc((size_t)schema->n_children + 1, sizeof *out->children);
  if (!out->children)
    return SLUICE_ERR_MEMORY;
  out->n_children = (size_t)schema->n_children;
  int code = SLUICE_OK;
  for (size_t i = 0; i < node->n_children && !code; i++) {
    int64_t field = sluice_schema_find(schema, node->children[i].name);
    code = mapping_plan_build(&node->children[i], schema->children[field], &out->children[field]);
  }
  return code;
}

static int plan_children(const struct node *node, const struct ArrowSchema *schema, struct build *out) {
  if (node->kind == NODE_RECORD)
    return plan_record(node, schema, out);
  out->children = calloc(node->n_children + 1, sizeof *out->children);
  if (!out->children)
    return SLUICE_ERR_MEMORY;
  out->n_children = node->n_children;
  int code = SLUICE_OK;
  for (size_t i = 0; i < node->n_children && !code; i++)
    code = mapping_plan_build(&node->children[i], schema->children[0], &out->children[i]);
  return code;
}

static int collect_rules(struct build *build) {
  size_t n = build->node->kind == NODE_LEAF;
  for (size_t i = 0; i < build->n_children; i++)
    n += build->children[i].n_rules;
  build->rules = calloc(n + 1, sizeof *build->rules);
  if (!build->rules)
    return SLUICE_ERR_MEMORY;
  if (build->node->kind == NODE_LEAF)
    build->rules[build->n_rules++] = build->node->rule;
  for (size_t i = 0; i < build->n_children; i++)
    for (size_t k = 0; k < build->children[i].n_rules; k++)
      build->rules[build->n_rules++] = build->children[i].rules[k];
  return SLUICE_OK;
}

int mapping_plan_build(const struct node *node, const struct ArrowSchema *schema, struct build *out) {
  out->node = node;
  int code = node->kind == NODE_LEAF ? SLUICE_OK : plan_children(node, schema, out);
  return code ? code : collect_rules(out);
}

void mapping_build_finish(struct build *build) {
  for (size_t i = 0; i < build->n_children; i++)
    mapping_build_finish(&build->children[i]);
  free(build->children);
  free(build->rules);
}

/* ---- the rows ---- */

struct cursor {                   /* the value of a rule, for the item in work */
  const struct ArrowArray *array; /* NULL: null */
  int64_t index;
  int lists; /* levels still to be taken off */
};
struct lister {
  struct job *job;
  struct ArrowArray *columns; /* of each rule of the list */
  struct cursor *cursors;     /* of each rule of the mapping */
  int64_t row;
};
struct span { /* the items of a list */
  const struct ArrowArray *items;
  int64_t first, count;
  bool null;
};

static bool is_null(const struct cursor *at) {
  return !at->array || sluice_is_null(at->array, at->index);
}

static struct span items_of(const struct cursor *at) {
  if (is_null(at))
    return (struct span){.null = true};
  const int32_t *ends = at->array->buffers[1];
  int64_t i = at->array->offset + at->index;
  return (struct span){at->array->children[0], ends[i], ends[i + 1] - ends[i], false};
}

static int refuse(struct lister *l, size_t rule, const char *why) {
  l->job->column = l->job->bound->mapping->rules[rule].from;
  return mapping_reject(l->job, l->row, why);
}

static int put_leaf(struct lister *l, size_t rule, struct sluice_builder *out) {
  const struct leaf *leaf = &l->job->bound->leaves[rule];
  const struct cursor *at = &l->cursors[rule];
  bool typed = strcmp(leaf->target.format, "n") != 0; /* else its column may have got another rule's type */
  if (typed && !is_null(at))
    return sluice_builder_append(out, at->array, at->index, 1);
  if (typed && leaf->way.n && leaf->value.release)
    return sluice_builder_append(out, &leaf->value, 0, 1);
  int code = SLUICE_OK;
  if (l->job->bound->mapping->rules[rule].required)
    code = refuse(l, rule, "the field is required, but it is null");
  return code ? code : sluice_builder_null(out);
}

static int put(struct lister *l, const struct build *build, struct sluice_builder *out);

static int put_record(struct lister *l, const struct build *build, struct sluice_builder *out) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < build->n_children && !code; i++) {
    struct sluice_builder *field = sluice_builder_child(out, (int64_t)i);
    code = build->children[i].node ? put(l, &build->children[i], field) : sluice_builder_null(field);
  }
  return code ? code : sluice_builder_end(out);
}

static int put_places(struct lister *l, const struct build *build, struct sluice_builder *out) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < build->n_children && !code; i++)
    code = put(l, &build->children[i], sluice_builder_child(out, 0));
  return code ? code : sluice_builder_end(out);
}

/* ---- "[]" ---- */

/* How many items there are: as many as the lists have, 1 without lists, -1 where all lists are null. */
static int count_items(struct lister *l, const struct build *build, const struct span *spans, int64_t *out) {
  int64_t count = -1;
  bool lists = false;
  size_t first = 0;
  char why[200];
  for (size_t i = 0; i < build->n_rules; i++) {
    if (l->cursors[build->rules[i]].lists == 0)
      continue;
    lists = true;
    if (spans[i].null || spans[i].count == count)
      continue;
    if (count >= 0) {
      snprintf(why, sizeof why,
               "the list has %lld items, but that of '%.80s' has %lld: they go into one list of records",
               (long long)spans[i].count, l->job->bound->mapping->rules[first].from, (long long)count);
      int code = refuse(l, build->rules[i], why);
      if (code)
        return code;
      continue;
    }
    count = spans[i].count;
    first = build->rules[i];
  }
  *out = lists ? count : 1;
  return SLUICE_OK;
}

/* Points the rules that are in lists at item i. */
static void point_at(struct lister *l, const struct build *build, const struct span *spans, const struct cursor *before,
                     int64_t i) {
  for (size_t k = 0; k < build->n_rules; k++) {
    struct cursor *at = &l->cursors[build->rules[k]];
    if (before[k].lists > 0)
      *at = (struct cursor){i < spans[k].count ? spans[k].items : NULL, spans[k].first + i, before[k].lists - 1};
  }
}

/* A list that is not there has nothing that a rule requires. */
static int put_no_list(struct lister *l, const struct build *build, struct sluice_builder *out) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < build->n_rules && !code; i++)
    if (l->job->bound->mapping->rules[build->rules[i]].required)
      code = refuse(l, build->rules[i], "the field is required, but its list is null");
  return code ? code : sluice_builder_null(out);
}

static int put_zipped(struct lister *l, const struct build *build, const struct span *spans,
                      const struct cursor *before, struct sluice_builder *out) {
  int64_t count = 0;
  int code = count_items(l, build, spans, &count);
  if (code || count < 0)
    return code ? code : put_no_list(l, build, out);
  for (int64_t i = 0; i < count && !code; i++) {
    point_at(l, build, spans, before, i);
    code = put(l, &build->children[0], sluice_builder_child(out, 0));
  }
  return code ? code : sluice_builder_end(out);
}

/* The rules' values one behind the other; those that are lists bring their items. */
static int put_joined(struct lister *l, const struct build *build, const struct span *spans,
                      const struct cursor *before, struct sluice_builder *out) {
  bool any = false;
  int code = SLUICE_OK;
  for (size_t k = 0; k < build->n_rules && !code; k++) {
    bool list = before[k].lists > 0;
    any |= !list || !spans[k].null;
    for (int64_t i = 0; i < (list ? spans[k].count : 1) && !code; i++) {
      point_at(l, build, spans, before, i);
      code = put_leaf(l, build->rules[k], sluice_builder_child(out, 0));
    }
  }
  if (code)
    return code;
  return any ? sluice_builder_end(out) : put_no_list(l, build, out);
}

static int put_each(struct lister *l, const struct build *build, struct sluice_builder *out) {
  struct span *spans = calloc(build->n_rules + 1, sizeof *spans);
  struct cursor *before = calloc(build->n_rules + 1, sizeof *before);
  int code = spans && before ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < build->n_rules && !code; i++) {
    before[i] = l->cursors[build->rules[i]];
    if (before[i].lists > 0)
      spans[i] = items_of(&before[i]);
  }
  bool joined = build->children[0].node->kind == NODE_LEAF;
  if (!code)
    code = joined ? put_joined(l, build, spans, before, out) : put_zipped(l, build, spans, before, out);
  for (size_t i = 0; i < build->n_rules && spans && before; i++)
    l->cursors[build->rules[i]] = before[i];
  free(spans);
  free(before);
  return code;
}

static int put(struct lister *l, const struct build *build, struct sluice_builder *out) {
  switch (build->node->kind) {
  case NODE_LEAF:
    return put_leaf(l, build->node->rule, out);
  case NODE_RECORD:
    return put_record(l, build, out);
  case NODE_PLACES:
    return put_places(l, build, out);
  default:
    return put_each(l, build, out);
  }
}

/* ---- a batch ---- */

static int take_column(struct lister *l, size_t rule, struct ArrowArray *out) {
  const struct leaf *leaf = &l->job->bound->leaves[rule];
  struct ArrowArray column = {0};
  if (leaf->way.n == 0)
    return SLUICE_OK;
  l->job->column = l->job->bound->mapping->rules[rule].from;
  int code = mapping_take_leaf(l->job, leaf, &column);
  if (!code)
    code = sluice_cast(&leaf->found, &column, &leaf->column, mapping_on_misfit, l->job, out, l->job->err);
  sluice_array_release(&column);
  return code;
}

static int put_row(struct lister *l, const struct list *list, struct sluice_builder *out) {
  const struct build *build = &list->build;
  for (size_t i = 0; i < build->n_rules; i++) {
    const struct leaf *leaf = &l->job->bound->leaves[build->rules[i]];
    bool constant = leaf->way.n == 0;
    l->cursors[build->rules[i]] =
        (struct cursor){constant ? &leaf->value : &l->columns[i], constant ? 0 : l->row, leaf->lists};
  }
  return put(l, build, out);
}

int mapping_apply_list(struct job *job, const struct list *list, struct ArrowArray *out) {
  size_t n = list->build.n_rules;
  struct lister l = {job, calloc(n + 1, sizeof *l.columns), calloc(job->bound->mapping->n_rules + 1, sizeof *l.cursors),
                     0};
  struct sluice_builder *builder = NULL;
  int code = l.columns && l.cursors ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < n && !code; i++)
    code = take_column(&l, list->build.rules[i], &l.columns[i]);
  if (!code)
    code = sluice_builder_create(list->schema, &builder, job->err);
  for (; l.row < job->in->length && !code; l.row++)
    code = put_row(&l, list, builder);
  if (!code)
    code = sluice_builder_finish(builder, out, job->err);
  sluice_builder_destroy(builder);
  for (size_t i = 0; l.columns && i < n; i++)
    sluice_array_release(&l.columns[i]);
  free(l.columns);
  free(l.cursors);
  return code;
}
