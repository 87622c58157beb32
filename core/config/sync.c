/* `sync` of a job: its options, and which of them go together. */
#include "core/config/sync.h"
#include "core/base/quantity.h"
#include <string.h>

static const char *const modes[] = {"incremental", "full_refresh", "append", NULL};
static const char *const changes[] = {"reread", "ignore", "fail", NULL};
static const char *const overlaps[] = {"skip", "queue", NULL};
static const char *const catch_ups[] = {"once", "none", "all", NULL};

#define OWN(field, kind, ...) SLUICE_OPTION(struct sync_options, field, kind, __VA_ARGS__)
static const struct sluice_option items[] = {
    OWN(mode, SLUICE_OPTION_CHOICE, .choices = modes, .default_text = "incremental",
        .help = "What a run delivers: incremental, what is new; full_refresh, all, in place of what was there; append, "
                "all again."),
    OWN(on_change, SLUICE_OPTION_CHOICE, .choices = changes, .default_text = "reread",
        .help = "What is done with a part that changed after it was delivered."),
    OWN(start_from, SLUICE_OPTION_TEXT,
        .help = "Parts changed before this time are not read: \"2026-01-31\", \"2026-01-31T12:00:00Z\", or \"now\"."),
    OWN(key, SLUICE_OPTION_LIST,
        .help = "Incremental by row: the columns, as the sink gets them, that name a record; only new and changed ones "
                "go."),
    OWN(cursor, SLUICE_OPTION_TEXT,
        .help = "With key: a column that never falls when a record changes; older records are passed over."),
    OWN(allow_empty, SLUICE_OPTION_BOOL, .default_text = "false",
        .help = "A full refresh may replace what was there by nothing."),
    OWN(every, SLUICE_OPTION_DURATION, .min = 1, .max = INT64_MAX, .help = "How often `sluice serve` runs the job."),
    OWN(cron, SLUICE_OPTION_TEXT, .help = "When it runs, as a cron expression: \"30 6 * * MON-FRI\"."),
    OWN(timezone, SLUICE_OPTION_TEXT, .default_text = "UTC",
        .help = "The time zone of cron, such as \"Europe/Paris\"."),
    OWN(jitter, SLUICE_OPTION_DURATION, .default_text = "0s", .min = 0, .max = 86400000,
        .help = "Starts up to so much later, by a delay that is always the same for a job."),
    OWN(overlap, SLUICE_OPTION_CHOICE, .choices = overlaps, .default_text = "skip",
        .help = "A time that comes while the job still runs: skip it, or queue one run."),
    OWN(catch_up, SLUICE_OPTION_CHOICE, .choices = catch_ups, .default_text = "once",
        .help = "Times that passed while nothing served: make up for them once, not at all, or all."),
};
const struct sluice_options sync_table = SLUICE_OPTIONS(struct sync_options, items);

static int refuse(const struct config_value *group, const char *option, const char *why, struct sluice_error *err) {
  const struct config_value *sync = config_value_find(group, "sync");
  const struct config_value *at = sync ? config_value_find(sync, option) : NULL;
  return config_value_fail(at ? at : group, err, SLUICE_ERR_CONFIG, "%s", why);
}

/* Each names a column, and none twice: a record whose key is named by nothing, or by half of it, is another one. */
static int check_keys(const struct sync_options *o, const struct config_value *group, struct sluice_error *err) {
  const struct config_value *sync = config_value_find(group, "sync");
  if (!o->key.count && sync && config_value_find(sync, "key"))
    return refuse(group, "key", "`key` names no column; leave it out where the job is not by row", err);
  for (size_t i = 0; i < o->key.count; i++) {
    if (!o->key.items[i][0])
      return refuse(group, "key", "`key` has an empty name; write columns, as the sink gets them", err);
    for (size_t j = 0; j < i; j++)
      if (strcmp(o->key.items[i], o->key.items[j]) == 0)
        return refuse(group, "key", "`key` names a column twice; name each once", err);
  }
  return SLUICE_OK;
}

static int check_together(const struct sync_options *o, const struct config_value *group, struct sluice_error *err) {
  if (o->every && o->cron)
    return refuse(group, "cron", "a job has `every` or `cron`, not both", err);
  if (o->key.count && o->mode != CONFIG_INCREMENTAL)
    return refuse(group, "key", "`key` goes with mode = \"incremental\" only: the other modes deliver every record",
                  err);
  if (o->cursor && !o->key.count)
    return refuse(group, "cursor", "`cursor` needs `key`, the columns that name a record", err);
  if (o->start_from && o->mode != CONFIG_INCREMENTAL)
    return refuse(group, "start_from", "`start_from` goes with mode = \"incremental\" only", err);
  return SLUICE_OK;
}

static int set_start(const char *text, const struct config_value *group, struct config_sync *out,
                     struct sluice_error *err) {
  if (!text)
    return SLUICE_OK;
  out->start_from = text;
  out->start = strcmp(text, "now") == 0 ? CONFIG_START_NOW : CONFIG_START_AT;
  if (out->start == CONFIG_START_NOW || quantity_time(text, &out->start_us))
    return SLUICE_OK;
  return refuse(group, "start_from",
                "`start_from` is neither \"now\" nor a time such as \"2026-01-31\" or \"2026-01-31T12:00:00Z\"", err);
}

int sync_set(const struct sync_options *options, const struct config_value *group, struct config_sync *out,
             struct sluice_error *err) {
  static const struct sync_options none = {.timezone = "UTC"};
  const struct sync_options *o = options ? options : &none;
  *out = (struct config_sync){.mode = (enum config_mode)o->mode,
                              .on_change = (enum config_on_change)o->on_change,
                              .overlap = (enum config_overlap)o->overlap,
                              .catch_up = (enum config_catch_up)o->catch_up,
                              .allow_empty = o->allow_empty,
                              .every_ms = o->every,
                              .jitter_ms = o->jitter,
                              .cron = o->cron,
                              .timezone = o->timezone,
                              .cursor = o->cursor,
                              .keys = o->key.items,
                              .n_keys = o->key.count};
  int status = check_together(o, group, err);
  if (status == SLUICE_OK)
    status = check_keys(o, group, err);
  return status == SLUICE_OK ? set_start(o->start_from, group, out, err) : status;
}
