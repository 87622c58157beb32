/* What a mapping asks of the data: its columns, where they are, and which of them are not there. */
#include "core/mapping/internal.h"
#include <stdlib.h>

/* ---- where ---- */

static int64_t find_child(const struct ArrowSchema *in, const char *name, size_t n) {
  for (int64_t i = 0; i < in->n_children; i++) {
    const char *other = in->children[i]->name ? in->children[i]->name : "";
    if (strlen(other) == n && memcmp(other, name, n) == 0)
      return i;
  }
  return -1;
}

/* Longer names come first: a dot may be part of one. */
static bool find_in(const struct ArrowSchema *in, const char *path, struct way *way) {
  size_t n = strlen(path);
  if (way->n == MAPPING_DEPTH)
    return false;
  for (size_t length = n; length > 0; length--) {
    if (length < n && path[length] != '.')
      continue;
    int64_t i = find_child(in, path, length);
    if (i < 0)
      continue;
    way->steps[way->n++] = i;
    if (length == n)
      return true;
    if (strcmp(in->children[i]->format, "+s") == 0 && find_in(in->children[i], path + length + 1, way))
      return true;
    way->n--;
  }
  return false;
}

struct way mapping_find(const struct ArrowSchema *in, const char *path) {
  struct way way = {.n = 0};
  if (!find_in(in, path, &way))
    way.n = 0;
  return way;
}

const struct ArrowSchema *mapping_field(const struct ArrowSchema *in, const char *from) {
  struct way way = mapping_find(in, from);
  for (int i = 0; i < way.n; i++)
    in = in->children[way.steps[i]];
  return way.n ? in : NULL;
}

int mapping_missing(const struct mapping *mapping, const struct ArrowSchema *seen, mapping_missing_fn *tell,
                    void *context) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < mapping->n_rules && !code; i++)
    if (mapping->rules[i].from && mapping_find(seen, mapping->rules[i].from).n == 0)
      code = tell(context, mapping->rules[i].from, mapping->rules[i].exclude);
  return code;
}

void mapping_without(const struct mapping *mapping, const char *from, char *out, size_t size) {
  const struct rule *rule = NULL;
  for (size_t i = 0; i < mapping->n_rules && !rule; i++)
    if (mapping->rules[i].from && strcmp(mapping->rules[i].from, from) == 0)
      rule = &mapping->rules[i];
  if (rule && rule->exclude)
    snprintf(out, size, "nothing is excluded");
  else if (rule && rule->default_value)
    snprintf(out, size, "it is its default, %.60s", rule->default_value);
  else if (rule && rule->required)
    snprintf(out, size, "every record is rejected, for the mapping requires it");
  else
    snprintf(out, size, "it is null");
}

static bool is_place_in_list(const struct ArrowSchema *seen, const char *from) {
  char column[256];
  const char *bracket = strchr(from, '[');
  size_t n = bracket ? (size_t)(bracket - from) : 0;
  if (n == 0 || n >= sizeof column || mapping_find(seen, from).n)
    return false;
  memcpy(column, from, n);
  column[n] = 0;
  const struct ArrowSchema *field = mapping_field(seen, column);
  return field && (strncmp(field->format, "+l", 2) == 0 || strncmp(field->format, "+L", 2) == 0 ||
                   strncmp(field->format, "+w:", 3) == 0 || strncmp(field->format, "+v", 2) == 0);
}

int mapping_check_from(const struct mapping *mapping, const struct ArrowSchema *seen, struct sluice_error *err) {
  for (size_t i = 0; i < mapping->n_rules; i++) {
    const char *from = mapping->rules[i].from;
    char where[40];
    if (!from || !is_place_in_list(seen, from))
      continue;
    snprintf(where, sizeof where, "mapping[%zu]", i);
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, where,
        "mapping[%zu]: from = \"%.100s\": no column has this name, and an item of a list cannot be taken "
        "by its place; `from` names a column, or a field of a record as in \"a.b\", and brings a list whole",
        i, from);
  }
  return SLUICE_OK;
}

bool mapping_keeps(const struct mapping *mapping, const char *column) {
  for (size_t i = 0; i < mapping->n_rules; i++)
    if (mapping->rules[i].exclude && strcmp(mapping->rules[i].from, column) == 0)
      return false;
  return mapping->keep;
}

/* ---- wanted ---- */

struct wanted {
  const char *name, *format;
};
struct wanting {
  const struct mapping *mapping;
  const struct ArrowSchema *seen;
  struct wanted *columns;
  size_t n;
};

static struct wanted *find_wanted(const struct wanting *w, const char *name) {
  for (size_t i = 0; i < w->n; i++)
    if (strcmp(w->columns[i].name, name) == 0)
      return &w->columns[i];
  return NULL;
}

/* The type that the decoder shall give is the rules' own where they agree, else as found, and cast afterwards. */
static void want_column(struct wanting *w, const char *name, const char *format) {
  struct wanted *known = find_wanted(w, name);
  if (!known)
    w->columns[w->n++] = (struct wanted){name, format};
  else if (strcmp(known->format, format) != 0)
    known->format = "";
}

/* How many lists an item of this path is in: then the column is no value of the rule's type. */
static bool in_list(const struct rule *rule) {
  return !rule->literal && strstr(rule->to, "[]");
}

static void want_rule(struct wanting *w, const struct rule *rule) {
  struct way way = w->seen ? mapping_find(w->seen, rule->from) : (struct way){.n = 0};
  const struct ArrowSchema *top = way.n ? w->seen->children[way.steps[0]] : NULL;
  bool nested = way.n > 1 || (top && strncmp(top->format, "+", 1) == 0 && in_list(rule));
  want_column(w, top ? top->name : rule->from, nested ? "" : rule->format);
}

static void want_kept(struct wanting *w) {
  for (int64_t i = 0; w->seen && i < w->seen->n_children; i++) {
    const char *name = w->seen->children[i]->name;
    if (mapping_keeps(w->mapping, name) && !find_wanted(w, name))
      want_column(w, name, "");
  }
}

static int make_schema(const struct wanting *w, struct ArrowSchema *out) {
  struct ArrowSchema want;
  int code = sluice_schema_nested(&want, "+s", "", 0, (int64_t)w->n);
  if (code)
    return code;
  for (size_t i = 0; i < w->n && !code; i++)
    code = sluice_schema_init(want.children[i], w->columns[i].format, w->columns[i].name, ARROW_FLAG_NULLABLE);
  if (code)
    sluice_schema_release(&want);
  else
    sluice_schema_move(&want, out);
  return code;
}

int mapping_want(const struct mapping *mapping, const struct ArrowSchema *seen, struct ArrowSchema *out) {
  size_t most = mapping->n_rules + (seen ? (size_t)seen->n_children : 0) + 1;
  struct wanting w = {mapping, seen, calloc(most, sizeof *w.columns), 0};
  if (!w.columns)
    return SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < mapping->n_rules; i++)
    if (mapping->rules[i].from && !mapping->rules[i].exclude)
      want_rule(&w, &mapping->rules[i]);
  want_kept(&w);
  int code = make_schema(&w, out);
  free(w.columns);
  return code;
}
