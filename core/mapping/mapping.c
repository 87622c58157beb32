/* Compiling mapping rules: a tree of the outgoing record, with conflicts found before any run. */
#include "core/mapping/internal.h"
#include <stdlib.h>

void mapping_destroy(struct mapping *mapping) {
  if (!mapping)
    return;
  for (size_t i = 0; i < mapping->n_rules; i++) {
    free(mapping->rules[i].from);
    free(mapping->rules[i].to);
    free(mapping->rules[i].value);
    free(mapping->rules[i].default_value);
  }
  free(mapping->rules);
  free(mapping->carried);
  mapping_node_finish(&mapping->root);
  free(mapping);
}

/* Copies a text that may be NULL; false: no memory. */
static bool copy(const char *text, char **out) {
  *out = text ? strdup(text) : NULL;
  return !text || *out;
}

/* What is wrong with one rule; NULL: nothing. */
static const char *mistake_of(const struct mapping_rule *from) {
  if ((from->from != NULL) + (from->value != NULL) + from->null != 1)
    return "a rule needs `from` (a column), or `value` or `null` (a constant), not both";
  if (!from->from && !from->to)
    return "a constant needs `to`";
  if (from->exclude && !from->from)
    return "`exclude` needs `from`, the column to leave out";
  return NULL;
}

static int set_type(struct rule *rule, const struct mapping_rule *from, const char *where, struct sluice_error *err) {
  struct sluice_error why = {0};
  int code = from->type ? sluice_type_from_name(from->type, rule->format, &why) : SLUICE_OK;
  if (code)
    return sluice_fail(err, code, where, "%s", why.message);
  if (!from->type && !from->from)
    rule->format[0] = from->null ? 'n' : 'u';
  return SLUICE_OK;
}

/* A constant or default is tried against the rule's own type; what gets the column's is tried when that is known. */
static int check_text(const struct rule *rule, const char *where, struct sluice_error *err) {
  struct ArrowSchema field;
  struct ArrowArray value = {0};
  bool typed = rule->format[0] && (rule->from ? rule->default_value : rule->value);
  int code = typed ? sluice_schema_init(&field, rule->format, "", ARROW_FLAG_NULLABLE) : SLUICE_OK;
  if (!typed || code)
    return code;
  code = mapping_text(rule, &field, where, &value, err);
  sluice_array_release(&value);
  sluice_schema_release(&field);
  return code;
}

/* One column cannot go out and be left out. */
static int check_excluded(const struct mapping *mapping, size_t i, const char *where, struct sluice_error *err) {
  const struct rule *rule = &mapping->rules[i];
  for (size_t k = 0; k < i && rule->from; k++) {
    const struct rule *other = &mapping->rules[k];
    if (other->from && other->exclude != rule->exclude && strcmp(other->from, rule->from) == 0)
      return sluice_fail(err, SLUICE_ERR_CONFIG, where, "'%s' is excluded, and another rule brings it", rule->from);
  }
  return SLUICE_OK;
}

static int compile(struct mapping *mapping, const struct mapping_rule *from, size_t i, struct sluice_error *err) {
  struct rule *rule = &mapping->rules[i];
  const char *mistake = mistake_of(from);
  char where[32];
  snprintf(where, sizeof where, "mapping[%zu]", i);
  if (mistake)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s", mistake);
  if (!copy(from->from, &rule->from) || !copy(from->to ? from->to : from->from, &rule->to) ||
      !copy(from->value, &rule->value) || !copy(from->default_value, &rule->default_value))
    return sluice_fail(err, SLUICE_ERR_MEMORY, where, "no memory");
  rule->required = from->required;
  rule->exclude = from->exclude;
  rule->literal = !from->to;
  int code = set_type(rule, from, where, err);
  if (!code)
    code = check_text(rule, where, err);
  if (!code)
    code = check_excluded(mapping, i, where, err);
  return code || rule->exclude ? code : mapping_place(mapping, i, where, err);
}

int mapping_create(const struct mapping_spec *spec, struct mapping **out, struct sluice_error *err) {
  struct mapping *mapping = calloc(1, sizeof *mapping);
  if (!mapping)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "mapping", "no memory");
  mapping->root.kind = NODE_RECORD;
  mapping->keep = spec->keep;
  mapping->rules = calloc(spec->n + 1, sizeof *mapping->rules);
  mapping->n_rules = mapping->rules ? spec->n : 0;
  int code = mapping->rules && copy(spec->carried, &mapping->carried)
                 ? SLUICE_OK
                 : sluice_fail(err, SLUICE_ERR_MEMORY, "mapping", "no memory");
  for (size_t i = 0; i < spec->n && !code; i++)
    code = compile(mapping, &spec->rules[i], i, err);
  if (!code)
    code = mapping_check_places(mapping, err);
  if (code)
    mapping_destroy(mapping);
  else
    *out = mapping;
  return code;
}
