/* `on_run_end` of a job. */
#include "core/config/run_end.h"

static const struct sluice_option items[] = {
    SLUICE_OPTION(struct config_run_end, command, SLUICE_OPTION_LIST,
                  .help = "A program by its full path, and its arguments; it gets the run's summary as JSON on stdin."),
    SLUICE_OPTION(struct config_run_end, url, SLUICE_OPTION_TEXT, .help = "The summary is POSTed here, as JSON."),
    SLUICE_OPTION(struct config_run_end, on, SLUICE_OPTION_LIST,
                  .help = "Only when a run ended so: \"done\", \"done with rejects\", \"failed\", \"held\", "
                          "\"interrupted\", \"misconfigured\", \"cancelled\", \"paused\", \"crashed\", \"hung\"."),
    SLUICE_OPTION(struct config_run_end, timeout, SLUICE_OPTION_DURATION, .default_text = "30s", .min = 100,
                  .max = 3600000, .help = "The program, or the request, is ended after so long."),
};
const struct sluice_options run_end_table = SLUICE_OPTIONS(struct config_run_end, items);

static int refuse(const struct config_value *group, const char *member, const char *why, const char *what,
                  struct sluice_error *err) {
  const struct config_value *own = config_value_find(group, "on_run_end");
  const struct config_value *at = config_value_find(own, member);
  return config_value_fail(at ? at : own, err, SLUICE_ERR_CONFIG, "%s%.100s", why, what);
}

static bool is_outcome(const char *text) {
  static const char *const names[] = {"done",          "done with rejects", "failed", "held",    "interrupted",
                                      "misconfigured", "cancelled",         "paused", "crashed", "hung"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i], text) == 0)
      return true;
  return false;
}

int run_end_check(const struct config_run_end *o, const struct config_value *group, struct sluice_error *err) {
  if (!o->command.count && !o->url)
    return refuse(group, "", "on_run_end needs a `command`, a `url` or both", "", err);
  if (o->command.count && o->command.items[0][0] != '/')
    return refuse(group, "command", "the program must be a full path, not ", o->command.items[0], err);
  if (o->url && strncmp(o->url, "http://", 7) != 0 && strncmp(o->url, "https://", 8) != 0)
    return refuse(group, "url", "it must begin with http:// or https://, not ", o->url, err);
  for (size_t i = 0; i < o->on.count; i++)
    if (!is_outcome(o->on.items[i]))
      return refuse(group, "on",
                    "no run ends so (`sluice serve --help` and docs/serve.md have the list): ", o->on.items[i], err);
  return SLUICE_OK;
}
