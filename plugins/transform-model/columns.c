/* Finding the columns of every role: named ones, lists, prefixes, and the features that are left. */
#include "bound.h"
#include "kinds.h"
#include "rules.h"
#include <stdlib.h>

struct assigning {
  struct bound *bound;
  const struct file_schema *schema;
  struct faults *faults;
  uint8_t *taken; /* of each column of the file: it has a meaning of its own, so no prefix takes it */
};

/* The column that the schema names, or -1 with a fault. It is taken. */
static int64_t named(struct assigning *a, const char *name, const char *key) {
  int64_t column = names_find(&a->bound->names, name);
  const char *nearest = column < 0 ? names_nearest(&a->bound->names, name) : NULL;
  if (column >= 0)
    a->taken[column] = 1;
  else
    faults_add(a->faults, "Missing_Columns: there is no column '%.120s', which the schema names as %s%s%.120s%s", name,
               key, nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
  return column;
}

/* ---- entries ---- */

static int place_entry(struct bound *b, enum entry entry, size_t use) {
  const struct entry_info *info = entry_info(entry);
  struct node *parent = &b->root;
  if (!info->group) /* prediction_id and timestamp are made beforehand, version and batch go to "model" */
    return SLUICE_OK;
  parent = plan_child(parent, info->group, NODE_STRUCT);
  if (parent && info->subgroup)
    parent = plan_child(parent, info->subgroup, NODE_STRUCT);
  return parent ? plan_leaf(parent, info->name, use) : SLUICE_ERR_MEMORY;
}

static int assign_entry(struct assigning *a, enum entry entry) {
  struct bound *b = a->bound;
  const struct entry_info *info = entry_info(entry);
  int64_t column = named(a, a->schema->columns[entry], info->key);
  if (column < 0)
    return SLUICE_OK;
  size_t use;
  struct use role = {.column = column, .role = ROLE_ENTRY, .what = info->what};
  int code = use_add(b, &role, kinds_of_entry(entry, b->model->type), a->faults, &use);
  if (code)
    return code;
  b->of_entry[entry] = (int64_t)use;
  return place_entry(b, entry, use);
}

/* Columns that the schema names but this kind of record does not read are no features either. */
static int assign_entries(struct assigning *a) {
  uint32_t read = rules_read(a->bound->model);
  int code = SLUICE_OK;
  for (int i = 0; i < ENTRY_COUNT && !code; i++) {
    const char *name = a->schema->columns[i];
    int64_t column = name ? names_find(&a->bound->names, name) : -1;
    if (read & ENTRY_BIT(i))
      code = assign_entry(a, (enum entry)i);
    else if (column >= 0)
      a->taken[column] = 1;
  }
  return code;
}

/* ---- embeddings ---- */

static int assign_embedded(struct assigning *a, const char *name, enum role role, const char *key,
                           const char *feature) {
  static const struct {
    const char *what, *name;
    unsigned wants;
  } roles[] = {[ROLE_VECTOR] = {"Embedding vectors", "vector", KIND_FLOAT_LIST},
               [ROLE_RAW_DATA] = {"Raw data of embeddings", "data", KIND_TEXT | KIND_TEXT_LIST},
               [ROLE_LINK] = {"Links of embeddings", "link", KIND_TEXT}};
  int64_t column = name ? named(a, name, key) : -1;
  size_t use;
  if (column < 0)
    return SLUICE_OK;
  struct use in_role = {.column = column, .role = role, .what = roles[role].what};
  int code = use_add(a->bound, &in_role, roles[role].wants, a->faults, &use);
  struct node *all = code ? NULL : plan_child(&a->bound->root, "embeddings", NODE_STRUCT);
  struct node *one = all ? plan_child(all, feature, NODE_STRUCT) : NULL;
  if (code)
    return code;
  return one ? plan_leaf(one, roles[role].name, use) : SLUICE_ERR_MEMORY;
}

static int assign_embeddings(struct assigning *a) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < a->schema->n_embeddings && !a->bound->model->actuals && !code; i++) {
    const struct embedding *e = &a->schema->embeddings[i];
    code = assign_embedded(a, e->vector, ROLE_VECTOR, "vector_col", e->name);
    if (!code)
      code = assign_embedded(a, e->data, ROLE_RAW_DATA, "raw_data_col", e->name);
    if (!code)
      code = assign_embedded(a, e->link, ROLE_LINK, "link_to_data_col", e->name);
  }
  return code;
}

/* ---- features, tags, SHAP values ---- */

struct family {
  const char *group, *what;
  enum role role;
  unsigned wants;
};
static const struct family features = {"features", "Features", ROLE_FEATURE, KIND_SCALAR | KIND_TEXT_LIST};
static const struct family tags = {"tags", "Tags", ROLE_TAG, KIND_SCALAR};
static const struct family shap_values = {"shap_values", "SHAP values", ROLE_SHAP, KIND_WIDE_INT | KIND_FLOAT};

/* The name is the part of the column's name behind the prefix. */
static int assign_member(struct assigning *a, const struct family *family, int64_t column, const char *prefix) {
  const char *name = use_column_name(a->bound, column);
  size_t n = prefix ? strlen(prefix) : 0, use;
  name += prefix && strncmp(name, prefix, n) == 0 ? n : 0;
  if (!name[0]) {
    faults_add(a->faults, "Invalid_Column_Name_Empty_String: column '%.80s' leaves no name for one of %s; rename it",
               use_column_name(a->bound, column), family->group);
    return SLUICE_OK;
  }
  struct use role = {.column = column, .role = family->role, .what = family->what};
  int code = use_add(a->bound, &role, family->wants, a->faults, &use);
  struct node *group = code ? NULL : plan_child(&a->bound->root, family->group, NODE_STRUCT);
  if (code)
    return code;
  return group ? plan_leaf(group, name, use) : SLUICE_ERR_MEMORY;
}

static int assign_list(struct assigning *a, const struct family *family, const struct name_list *list,
                       const char *prefix, const char *key) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < list->count && !code; i++) {
    int64_t column = named(a, list->items[i], key);
    if (column >= 0)
      code = assign_member(a, family, column, prefix);
  }
  return code;
}

static int assign_lists(struct assigning *a) {
  const struct file_schema *s = a->schema;
  int code = assign_list(a, &tags, &s->tags_list, s->tags, "one of tags_list");
  if (code || a->bound->model->actuals)
    return code;
  return assign_list(a, &features, &s->features_list, s->features, "one of features_list");
}

/* The family whose prefix is the longest that the name starts with. */
static const struct family *by_prefix(const struct file_schema *s, const char *name, const char **prefix) {
  const struct family *families[] = {&features, &tags, &shap_values}, *found = NULL;
  const char *prefixes[] = {s->features, s->tags, s->shap_values};
  size_t longest = 0;
  for (size_t i = 0; i < 3; i++) {
    size_t n = prefixes[i] ? strlen(prefixes[i]) : 0;
    if (n <= longest || strncmp(name, prefixes[i], n) != 0)
      continue;
    longest = n;
    found = families[i];
    *prefix = prefixes[i];
  }
  return found;
}

static int assign_rest(struct assigning *a) {
  const struct file_schema *s = a->schema;
  bool discover = !s->features && !s->features_list.items, actuals = a->bound->model->actuals;
  int code = SLUICE_OK;
  for (int64_t i = 0; i < a->bound->in.n_children && !code; i++) {
    const char *prefix = NULL;
    const struct family *family = by_prefix(s, use_column_name(a->bound, i), &prefix);
    if (!family && discover)
      family = &features;
    if (!family || a->taken[i] || (actuals && family != &tags))
      continue;
    code = assign_member(a, family, i, prefix);
  }
  return code;
}

/* A prefix that no column has may be a typing mistake, or a file that has none. */
static void warn_prefixes(const struct assigning *a) {
  const struct file_schema *s = a->schema;
  const struct bound *b = a->bound;
  const char *prefixes[] = {s->features, s->tags, s->shap_values};
  bool used[3] = {false};
  for (size_t i = 0; i < b->n_uses; i++)
    for (size_t k = 0; k < 3; k++)
      used[k] |= prefixes[k] && b->uses[i].role == (enum role)(ROLE_FEATURE + (int)k);
  for (size_t k = b->model->actuals ? 3 : 0; k < 3; k++)
    if (prefixes[k] && !used[k] && !atomic_exchange(&b->model->warned_prefix, true))
      sluice_log(b->model->host, SLUICE_WARN, "no column starts with '%.120s', which the schema has as a prefix",
                 prefixes[k]);
}

/* ---- exclude ---- */

static void warn_exclude(struct assigning *a, const char *name) {
  const char *nearest = names_nearest(&a->bound->names, name);
  if (!atomic_exchange(&a->bound->model->warned_exclude, true))
    sluice_log(a->bound->model->host, SLUICE_WARN, "exclude names a column that is not there: '%.120s'%s%.120s%s", name,
               nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static void exclude(struct assigning *a) {
  for (size_t i = 0; i < a->schema->exclude.count; i++) {
    const char *name = a->schema->exclude.items[i];
    int64_t column = names_find(&a->bound->names, name);
    if (column < 0)
      warn_exclude(a, name);
    else if (a->taken[column])
      faults_add(a->faults, "Invalid_Schema: column '%.120s' is both used and excluded; remove one of the two", name);
    else
      a->taken[column] = 1;
  }
}

/* Two columns that would be one member of the record: of a prefix and of a list. */
static int report_doubles(const struct bound *b, struct faults *faults) {
  for (size_t i = 0; i < b->root.count; i++) {
    const struct node *group = &b->root.children[i];
    struct names names;
    char what[80];
    if (group->kind != NODE_STRUCT || group->count < 2)
      continue;
    int code = names_reserve(&names, group->count);
    if (code)
      return code;
    for (size_t k = 0; k < group->count; k++)
      names.items[k] = (struct name_at){group->children[k].name, (int64_t)k};
    names_sort(&names);
    snprintf(what, sizeof what, "several columns would be the member of %s called", group->name);
    names_report(&names, what, faults);
    names_finish(&names);
  }
  return SLUICE_OK;
}

int columns_assign(struct bound *b, struct faults *faults) {
  struct assigning a = {b, &b->model->schema, faults, calloc((size_t)b->in.n_children + 1, 1)};
  if (!a.taken)
    return SLUICE_ERR_MEMORY;
  names_report(&b->names, "the file has several columns called", faults);
  int code = assign_entries(&a);
  if (!code)
    code = assign_embeddings(&a);
  if (!code)
    code = assign_lists(&a);
  if (!code) {
    exclude(&a);
    code = assign_rest(&a);
  }
  if (!code)
    warn_prefixes(&a);
  free(a.taken);
  return code ? code : report_doubles(b, faults);
}
