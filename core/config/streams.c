/* `stream` and `streams` of a job, as rules for names. */
#include "core/config/streams.h"
#include "core/load/options.h"
#include <stdlib.h>

#define OWN(field, kind, ...) SLUICE_OPTION(struct streams_rule, field, kind, __VA_ARGS__)
static const struct sluice_option items[] = {
    OWN(match, SLUICE_OPTION_TEXT,
        .help = "A regular expression (extended) found in the part's whole name; default: all parts."),
    OWN(name, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED,
        .help = "The stream's name: {name}, {stem}, {folder}, {path} of the part, {1} to {9} for groups of match."),
    OWN(across_folders, SLUICE_OPTION_BOOL, .default_text = "false",
        .help = "Parts of different folders may be of one stream, where the name is made of theirs."),
};
const struct sluice_options streams_table = SLUICE_OPTIONS(struct streams_rule, items);

static int create(const struct naming_rule *rules, size_t n, const struct config_value *group, const char *member,
                  struct naming **out, struct sluice_error *err) {
  struct sluice_error why = {0};
  size_t bad = 0;
  int code = naming_create(rules, n, out, &bad, &why);
  if (!code)
    return SLUICE_OK;
  const struct config_value *at = config_value_find(group, member);
  const struct config_value *rule = at && bad < at->count ? at->items[bad] : NULL;
  const struct config_value *inside = rule ? config_value_find(rule, why.where) : NULL;
  return config_value_fail(inside ? inside : rule ? rule : at ? at : group, err, code, "%s", why.message);
}

int streams_set(const char *stream, const struct sluice_groups *streams, const struct config_value *group,
                struct naming **out, struct sluice_error *err) {
  const struct streams_rule *from = streams->items;
  *out = NULL;
  if (stream && streams->count)
    return config_value_fail(config_value_find(group, "stream"), err, SLUICE_ERR_CONFIG,
                             "a job has `stream` or `streams`, not both");
  if (stream)
    return create(&(struct naming_rule){.name = stream}, 1, group, "stream", out, err);
  if (streams->count == 0)
    return SLUICE_OK;
  if (streams->count > STREAM_RULES_MAX)
    return config_value_fail(config_value_find(group, "streams"), err, SLUICE_ERR_CONFIG,
                             "more than %d rules for streams", STREAM_RULES_MAX);
  struct naming_rule *rules = calloc(streams->count, sizeof *rules);
  if (!rules)
    return config_value_fail(group, err, SLUICE_ERR_MEMORY, "no memory for the job");
  for (size_t i = 0; i < streams->count; i++)
    rules[i] = (struct naming_rule){from[i].match, from[i].name, from[i].across_folders != 0};
  int code = create(rules, streams->count, group, "streams", out, err);
  free(rules);
  return code;
}
