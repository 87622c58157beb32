/* `evolution` of a job: its options, and which of them go together. */
#include "core/config/evolution.h"

static const char *const news[] = {"add", "ignore", "reject", "stop", "rescue", NULL};
static const char *const missings[] = {"ignore", "reject", "stop", NULL};
static const char *const changes[] = {"reject", "stop", "rescue", NULL};

#define OWN(field, kind, ...) SLUICE_OPTION(struct evolution_options, field, kind, __VA_ARGS__)
static const struct sluice_option items[] = {
    {.name = "new",
     .kind = SLUICE_OPTION_CHOICE,
     .choices = news,
     .default_text = "add",
     .offset = offsetof(struct evolution_options, fresh),
     .help = "A column that earlier files had not: it is added, ignored, or rescued as JSON text; or its file is "
             "rejected; or the run stops."},
    OWN(missing, SLUICE_OPTION_CHOICE, .choices = missings, .default_text = "ignore",
        .help = "A column that a file has not: it is null; or the file is rejected; or the run stops."),
    OWN(changed, SLUICE_OPTION_CHOICE, .choices = changes, .default_text = "reject",
        .help = "Values of another type than the column's: records that do not fit are rejected; or the run stops; or "
                "the value is null, and its original is rescued as JSON text."),
    OWN(rescue_column, SLUICE_OPTION_TEXT, .default_text = "_rescued",
        .help = "The column that takes what is rescued: a JSON object by column, null where there is nothing."),
};
const struct sluice_options evolution_table = SLUICE_OPTIONS(struct evolution_options, items);

static int refuse(const struct config_value *group, const char *option, const char *why, struct sluice_error *err) {
  const struct config_value *at = config_value_find(config_value_find(group, "evolution"), option);
  return config_value_fail(at ? at : group, err, SLUICE_ERR_CONFIG, "%s", why);
}

int evolution_set(const struct evolution_options *options, bool keeps, const struct config_value *group,
                  struct config_evolution *out, struct sluice_error *err) {
  static const struct evolution_options none = {0};
  const struct evolution_options *o = options ? options : &none;
  bool rescues = o->fresh == CONFIG_NEW_RESCUE || o->changed == CONFIG_CHANGED_RESCUE;
  *out = (struct config_evolution){.fresh = (enum config_new)o->fresh,
                                   .missing = (enum config_missing)o->missing,
                                   .changed = (enum config_changed)o->changed,
                                   .rescue_column = rescues ? o->rescue_column : NULL};
  if (!keeps && config_value_find(config_value_find(group, "evolution"), "new"))
    return refuse(
        group, "new",
        "the mapping drops all columns that it does not name, so none is ever new; say unmapped = \"keep\", or "
        "leave `new` out",
        err);
  if (!rescues && config_value_find(config_value_find(group, "evolution"), "rescue_column"))
    return refuse(group, "rescue_column",
                  "nothing is rescued into it; say new = \"rescue\", changed = \"rescue\" or both", err);
  if (rescues && !o->rescue_column[0])
    return refuse(group, "rescue_column", "the column that takes what is rescued needs a name", err);
  return SLUICE_OK;
}
