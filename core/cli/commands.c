/* The commands there are, and the options that all of them have. */
#include "core/cli/cli.h"

static const struct command *const commands[] = {
    &run_command,     &serve_command,  &pause_command,   &resume_command,  &cancel_command, &run_now_command,
    &delete_command,  &reload_command, &stop_command,    &plan_command,    &check_command,  &discover_command,
    &ls_command,      &get_command,    &cat_command,     &inspect_command, &policy_command, &status_command,
    &history_command, &parts_command,  &rejects_command, &retry_command,   &reset_command,  &plugins_command,
    &help_command,    &version_command};

size_t command_count(void) {
  return sizeof commands / sizeof *commands;
}
const struct command *command_at(size_t i) {
  return commands[i];
}

const struct command *command_find(const char *name) {
  for (size_t i = 0; i < command_count(); i++)
    if (strcmp(commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}

static const struct args_option items[] = {
    {"log", 0, "text|json", "How log lines look on standard error."},
    {"log-level", 0, "LEVEL", "debug, info, warn or error; what is below is not logged."},
    {"verbose", 'v', NULL, "The same as --log-level debug."},
    {"quiet", 'q', NULL, "The same as --log-level error, and no totals."},
    {"plugin-dir", 0, "DIR", "Look for plugins here first. May be repeated."},
    {"help", 'h', NULL, "Print the help of the command."},
    {"version", 0, NULL, "Print the version of the program."},
};
const struct args_table global_options = ARGS_TABLE(items);
