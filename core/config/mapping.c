/* `mapping` and `unmapped` of a job: their options, and which of them go together. */
#include "core/config/mapping.h"
#include "core/load/options.h"

const char *const mapping_unmapped[] = {"by_rules", "drop", "keep", NULL};

#define OWN(field, kind, ...) SLUICE_OPTION(struct config_mapping, field, kind, __VA_ARGS__)
static const struct sluice_option items[] = {
    OWN(from, SLUICE_OPTION_TEXT, .help = "The column, or a path into one such as meta.user.id."),
    OWN(to, SLUICE_OPTION_TEXT,
        .help = "The name it gets: dots make records in records, \"tags[]\" and \"items[].id\" make lists, "
                "\"items[0].id\" a place in one; default: as it is."),
    OWN(type, SLUICE_OPTION_TEXT, .help = "The type it gets; default: as found."),
    OWN(required, SLUICE_OPTION_BOOL, .help = "A record without it is rejected."),
    OWN(exclude, SLUICE_OPTION_BOOL, .help = "The column is left out."),
    OWN(value, SLUICE_OPTION_TEXT, .flags = OPTIONS_ANY_SCALAR,
        .help = "A constant, instead of a column: a text, a number, or true or false."),
    OWN(null, SLUICE_OPTION_BOOL, .help = "The constant is null."),
    {.name = "default",
     .kind = SLUICE_OPTION_TEXT,
     .flags = OPTIONS_ANY_SCALAR,
     .offset = offsetof(struct config_mapping, default_value),
     .help = "The value where the column has none."},
};
const struct sluice_options mapping_table = SLUICE_OPTIONS(struct config_mapping, items);

/* What is wrong with one rule; NULL: nothing. */
static const char *mistake_of(const struct config_mapping *rule) {
  bool constant = rule->value || rule->null;
  if (rule->exclude && (!rule->from || rule->to || rule->type || rule->default_value || rule->required || constant))
    return "`exclude` stands beside `from` alone: the column is left out";
  if (rule->value && rule->null)
    return "a mapping has either `value` or `null`, not both";
  if (!rule->from == !constant)
    return "a mapping has either `from`, a column, or `value` (or `null`), a constant";
  if (constant && (rule->default_value || (rule->null && rule->required)))
    return "a constant stays as it is: `default` and `required` go with `from`";
  if (constant && !rule->to)
    return "a constant needs `to`, the name it gets";
  return NULL;
}

const char *config_constant_type(const struct config_job *job, size_t i) {
  const struct config_value *value = config_value_find(job->mapping_value->items[i], "value");
  switch (value ? value->kind : CONFIG_TEXT) {
  case CONFIG_INT:
    return "int64";
  case CONFIG_FLOAT:
    return "double";
  case CONFIG_BOOL:
    return "bool";
  default:
    return "string";
  }
}

static bool all_exclude(const struct config_job *job) {
  for (size_t i = 0; i < job->mapping_count; i++)
    if (!job->mapping[i].exclude)
      return false;
  return true;
}

/* Columns that no rule names follow where there is no rule that brings a column, unless it was said. */
static int set_unmapped(enum config_unmapped unmapped, const struct config_value *group, struct config_job *job,
                        struct sluice_error *err) {
  bool none = all_exclude(job);
  job->keep_unmapped = unmapped == CONFIG_UNMAPPED_KEEP || (unmapped == CONFIG_UNMAPPED_OPEN && none);
  if (job->keep_unmapped || !none)
    return SLUICE_OK;
  return config_value_fail(config_value_find(group, "unmapped"), err, SLUICE_ERR_CONFIG,
                           "nothing would be left: no rule of `mapping` brings a column, and the others are dropped");
}

int mapping_set(const struct sluice_groups *rules, enum config_unmapped unmapped, const struct config_value *group,
                struct config_job *out, struct sluice_error *err) {
  out->mapping = rules->items;
  out->mapping_count = rules->count;
  out->mapping_value = config_value_find(group, "mapping");
  for (size_t i = 0; i < rules->count; i++) {
    const char *mistake = mistake_of(&out->mapping[i]);
    if (mistake)
      return config_value_fail(out->mapping_value->items[i], err, SLUICE_ERR_CONFIG, "%s", mistake);
  }
  return set_unmapped(unmapped, group, out, err);
}
