/* Random rules over random batches, against a model that takes a record at a time and works on JSON. */
#include "kit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { RULES = 10, ROWS = 6, HISTORIES = 3000 };
#define SCHEMA "{a:l,b:u,c:u,m:{x:l,y:u,n:{z:u}},p:[l],q:[u],s:[{v:l}],e:l}"

static uint64_t seed;
static unsigned roll(unsigned n) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (unsigned)((seed >> 11) % n);
}

/* ---- random rules: each has a place of its own, or a list with others of one type ---- */

struct history {
  struct mapping_rule rules[RULES];
  char names[RULES][40];
  size_t n;
  bool keep;
};

static const char *const columns[] = {"a", "b", "m.x", "m.y", "m.n.z", "m.n", "p", "q", "s", "e"};
static const bool is_list[] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 0};

static struct mapping_rule *add(struct history *h, const char *format, size_t i) {
  struct mapping_rule *rule = &h->rules[h->n];
  snprintf(h->names[h->n], sizeof h->names[0], format, i);
  *rule = (struct mapping_rule){.to = h->names[h->n]};
  h->n++;
  return rule;
}

static void add_source(struct mapping_rule *rule, bool texts) {
  size_t column = roll(sizeof columns / sizeof *columns);
  if (roll(8) == 0) {
    rule->value = "O'k";
    rule->type = "string";
    return;
  }
  if (roll(12) == 0 && texts) {
    rule->null = true;
    rule->type = "string";
    return;
  }
  while (texts && (column == 5 || column == 8)) /* structs have no text */
    column = roll(sizeof columns / sizeof *columns);
  rule->from = columns[column];
  rule->type = texts ? "string" : NULL;
  rule->default_value = roll(4) == 0 && (texts || !is_list[column]) && column != 5 ? "7" : NULL;
  rule->required = roll(4) == 0;
}

static void make_rules(struct history *h) {
  static const char *const lists[] = {"l%zu[]", "g.l%zu[]"}, *const zips[] = {"z%zu[].x", "z%zu[].y.t", "z%zu[].w[]"};
  memset(h, 0, sizeof *h);
  h->keep = roll(2);
  for (size_t i = 0; h->n + 4 <= RULES && roll(12); i++) {
    unsigned kind = roll(4), more = roll(3);
    if (kind == 0)
      add_source(add(h, roll(2) ? "r%zu" : "g.r%zu", i), false);
    for (unsigned k = 0; kind == 1 && k <= more; k++)
      add_source(add(h, lists[i % 2], i), true);
    for (unsigned k = 0; kind == 2 && k < 3; k++)
      add_source(add(h, zips[k], i), true);
    if (kind == 3) {
      add_source(add(h, "f%zu[1]", i), true);
      add_source(add(h, "f%zu[0]", i), true);
    }
  }
  if (roll(3) == 0 || h->n == 0)
    h->rules[h->n++] = (struct mapping_rule){.from = "c", .exclude = true};
}

/* ---- random records ---- */

static json_t *random_value(const struct ArrowSchema *field) {
  static const char *const texts[] = {"O'Brien", "", "x", "1e400", "\"", "7"};
  if (roll(4) == 0)
    return json_null();
  if (field->format[0] == 'l')
    return json_integer(roll(3) ? (json_int_t)roll(10) : INT64_MIN + (json_int_t)roll(2));
  if (field->format[0] == 'u')
    return json_string(texts[roll(6)]);
  json_t *out = field->format[1] == 'l' ? json_array() : json_object();
  for (unsigned i = 0, n = roll(3); field->format[1] == 'l' && i < n; i++)
    json_array_append_new(out, random_value(field->children[0]));
  for (int64_t i = 0; field->format[1] == 's' && i < field->n_children; i++)
    json_object_set_new(out, field->children[i]->name, random_value(field->children[i]));
  return out;
}

static json_t *random_rows(const struct ArrowSchema *schema) {
  json_t *rows = json_array();
  for (int i = 0; i < ROWS; i++) {
    json_t *row = random_value(schema);
    while (!json_is_object(row)) {
      json_decref(row);
      row = random_value(schema);
    }
    json_array_append_new(rows, row);
  }
  return rows;
}

/* ---- the model: one record ---- */

struct model {
  const struct history *h;
  json_t *in;            /* the record */
  json_t *values[RULES]; /* what each rule brings; of lists, in the item in work */
  int lists[RULES];      /* levels that the rule's value still has to give */
  bool rejected;
};

static json_t *get(json_t *in, const char *path) {
  char name[40];
  for (size_t n; *path && json_is_object(in); path += n + (path[n] == '.')) {
    n = strcspn(path, ".");
    snprintf(name, sizeof name, "%.*s", (int)n, path);
    in = json_object_get(in, name);
  }
  return *path || !in ? json_null() : in;
}

/* New; a null becomes the default, or rejects the record. */
static json_t *leaf(struct model *m, size_t i) {
  const struct mapping_rule *rule = &m->h->rules[i];
  json_t *value = m->values[i];
  char text[40];
  if (rule->null)
    return json_null();
  if (rule->value)
    return json_string(rule->value);
  if (json_is_null(value) && rule->default_value) /* of the type that the column has */
    return rule->type || strchr("byq", rule->from[strlen(rule->from) - 1]) || strcmp(rule->from, "m.n.z") == 0
               ? json_string(rule->default_value)
               : json_integer(atoll(rule->default_value));
  if (json_is_null(value) && rule->required)
    m->rejected = true;
  if (!json_is_integer(value) || !rule->type)
    return json_incref(value);
  snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
  return json_string(text);
}

static json_t *make(struct model *m, const char *prefix);

struct each { /* the rules of one "[]", and what they bring */
  const size_t *rules;
  size_t n;
  json_t *before[RULES];
  bool is_list[RULES];
};

/* Each rule's value, or its items, one behind the other. */
static json_t *join(struct model *m, const struct each *e) {
  json_t *out = json_array();
  for (size_t k = 0; k < e->n; k++) {
    for (size_t i = 0; i < (e->is_list[k] ? json_array_size(e->before[k]) : 1); i++) {
      m->values[e->rules[k]] = e->is_list[k] ? json_array_get(e->before[k], i) : e->before[k];
      json_array_append_new(out, leaf(m, e->rules[k]));
    }
  }
  return out;
}

static json_t *zip(struct model *m, const struct each *e, const char *prefix, size_t count) {
  json_t *out = json_array();
  char below[100];
  snprintf(below, sizeof below, "%s.", prefix);
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < e->n; k++) {
      json_t *item = json_array_get(e->before[k], i);
      m->values[e->rules[k]] = !e->is_list[k] ? e->before[k] : item ? item : json_null();
    }
    json_array_append_new(out, make(m, below));
  }
  return out;
}

/* How many items a zip has; -1: all its lists are null. Lists of two lengths reject the record. */
static int64_t count_of(struct model *m, const struct each *e) {
  int64_t count = -1;
  bool lists = false;
  for (size_t k = 0; k < e->n; k++) {
    lists |= e->is_list[k];
    if (!e->is_list[k] || json_is_null(e->before[k]))
      continue;
    m->rejected |= count >= 0 && count != (int64_t)json_array_size(e->before[k]);
    count = count < 0 ? (int64_t)json_array_size(e->before[k]) : count;
  }
  return lists ? count : 1;
}

static bool all_null_lists(const struct each *e) {
  for (size_t k = 0; k < e->n; k++)
    if (!e->is_list[k] || !json_is_null(e->before[k]))
      return false;
  return true;
}

/* The list whose rules begin with this prefix, "z1[]". */
static json_t *make_each(struct model *m, const char *prefix, const size_t *rules, size_t n) {
  struct each e = {.rules = rules, .n = n};
  bool ends = m->h->rules[rules[0]].to[strlen(prefix)] == 0;
  for (size_t k = 0; k < n; k++) {
    e.before[k] = m->values[rules[k]];
    e.is_list[k] = m->lists[rules[k]] > 0;
    m->lists[rules[k]] -= e.is_list[k];
  }
  int64_t count = ends ? 0 : count_of(m, &e);
  bool none = ends ? all_null_lists(&e) : count < 0;
  for (size_t k = 0; k < n && none; k++)
    m->rejected |= m->h->rules[rules[k]].required;
  json_t *out = none ? json_null() : ends ? join(m, &e) : zip(m, &e, prefix, (size_t)count);
  for (size_t k = 0; k < n; k++) {
    m->lists[rules[k]] += e.is_list[k];
    m->values[rules[k]] = e.before[k];
  }
  return out;
}

/* Places: the rule of [1] comes first. */
static json_t *make_places(struct model *m, const size_t *rules) {
  json_t *out = json_array();
  json_array_append_new(out, leaf(m, rules[1]));
  json_array_append_new(out, leaf(m, rules[0]));
  return out;
}

/* What stands at prefix and name, by what follows the name in the path of rule i. */
static json_t *make_field(struct model *m, const char *prefix, const char *name, const char *rest, size_t i) {
  char path[80];
  size_t rules[RULES], n = 0;
  const char *step = *rest == '.' ? "." : *rest == 0 ? "" : rest[1] == ']' ? "[]" : "[";
  snprintf(path, sizeof path, "%s%s%s", prefix, name, step);
  for (size_t k = 0; k < m->h->n; k++)
    if (m->h->rules[k].to && strncmp(m->h->rules[k].to, path, strlen(path)) == 0)
      rules[n++] = k;
  switch (*step ? step[1] : 1) {
  case 1:
    return leaf(m, i);
  case ']':
    return make_each(m, path, rules, n);
  default:
    return *step == '.' ? make(m, path) : make_places(m, rules);
  }
}

/* The record of all rules whose path begins with the prefix. */
static json_t *make(struct model *m, const char *prefix) {
  json_t *out = json_object();
  size_t length = strlen(prefix);
  for (size_t i = 0; i < m->h->n; i++) {
    char name[40];
    const char *to = m->h->rules[i].to ? m->h->rules[i].to : "";
    if (m->h->rules[i].exclude || strncmp(to, prefix, length) != 0)
      continue;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(to + length, ".["), to + length);
    if (!json_object_get(out, name))
      json_object_set_new(out, name, make_field(m, prefix, name, to + length + strlen(name), i));
  }
  return out;
}

static bool is_named(const struct history *h, const char *path) {
  for (size_t i = 0; i < h->n; i++)
    if (h->rules[i].from && strcmp(h->rules[i].from, path) == 0)
      return true;
  return false;
}

/* The columns that no rule names, and of structs the fields. */
static json_t *rest_of(const struct history *h, json_t *in, const struct ArrowSchema *schema, const char *prefix) {
  if (!json_is_object(in))
    return json_null();
  json_t *out = json_object();
  for (int64_t i = 0; i < schema->n_children; i++) {
    const struct ArrowSchema *field = schema->children[i];
    json_t *value = json_object_get(in, field->name);
    char path[60], below[61];
    snprintf(path, sizeof path, "%s%s", prefix, field->name);
    snprintf(below, sizeof below, "%s.", path);
    if (is_named(h, path))
      continue;
    json_object_set_new(out, field->name,
                        strcmp(field->format, "+s") == 0 ? rest_of(h, value, field, below)
                        : value                          ? json_incref(value)
                                                         : json_null());
  }
  return out;
}

/* NULL: the record is rejected. */
static json_t *map_one(const struct history *h, json_t *in, const struct ArrowSchema *schema) {
  struct model m = {.h = h, .in = in};
  for (size_t i = 0; i < h->n; i++) {
    const char *from = h->rules[i].from;
    bool list = from && strchr("pqs", from[0]) && !from[1];
    int levels = 0;
    for (const char *at = h->rules[i].to; at && (at = strstr(at, "[]")) != NULL; at += 2)
      levels++;
    m.values[i] = from ? get(in, from) : json_null();
    m.lists[i] = list && levels ? 1 : 0;
  }
  json_t *out = make(&m, "");
  if (h->keep) {
    json_t *rest = rest_of(h, in, schema, "");
    json_object_update(out, rest);
    json_decref(rest);
  }
  if (!m.rejected)
    return out;
  json_decref(out);
  return NULL;
}

/* ---- both ---- */

/* A text of a list cannot be made: such rules are refused when bound. */
static bool can_be(const struct history *h) {
  for (size_t i = 0; i < h->n; i++) {
    const struct mapping_rule *r = &h->rules[i];
    bool list = r->from && strchr("pqs", r->from[0]) && !r->from[1];
    if (list && r->type && !strstr(r->to, "[]"))
      return false;
  }
  return true;
}

static void compare(const struct kit *kit, const struct history *h, json_t *rows) {
  const char *line = kit->lines;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    size_t n = strcspn(line, "\n");
    json_t *wanted = map_one(h, json_array_get(rows, i), &kit->schema), *got = json_loadb(line, n, 0, NULL);
    char *text = wanted ? json_dumps(wanted, JSON_COMPACT) : NULL;
    if (!wanted != !kit->keep[i] || (wanted && !json_equal(wanted, got)))
      fail_msg("row %zu: got %s%.*s, not %s", i, kit->keep[i] ? "" : "(rejected) ", (int)n, line,
               text ? text : "a reject");
    free(text);
    json_decref(wanted);
    json_decref(got);
    line += n + 1;
  }
}

static void maps_as_the_model(void **state) {
  int rejected = 0, mapped = 0;
  (void)state;
  for (int i = 1; i <= HISTORIES; i++) {
    struct history h;
    struct kit kit;
    seed = (uint64_t)i * 0x9e3779b97f4a7c15u;
    make_rules(&h);
    if (!can_be(&h))
      continue;
    struct mapping_spec spec = {h.rules, h.n, h.keep, NULL};
    kit_init(&kit, &spec, SCHEMA);
    json_t *rows = random_rows(&kit.schema);
    kit_map_json(&kit, rows, 0);
    compare(&kit, &h, rows);
    rejected += kit.n_rejects;
    mapped += ROWS - kit.n_rejects;
    json_decref(rows);
    kit_finish(&kit);
  }
  printf("%d records mapped, %d rejected\n", mapped, rejected);
  assert_true(mapped > 1000 && rejected > 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(maps_as_the_model)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
