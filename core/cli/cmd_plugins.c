/* `plugins`: what was found, from the notes in the files; none of their code runs. */
#include "core/cli/report.h"
#include "core/load/registry.h"
#include "core/log/log.h"

static const char *kind_text(enum sluice_kind kind) {
  static const char *const names[] = {"?", "source", "format", "transform", "sink"};
  return kind <= SLUICE_SINK ? names[kind] : names[0];
}

static void print_entries(const struct registry *registry) {
  if (registry_count(registry) == 0)
    fputs("no plugins were found\n", stdout);
  for (size_t i = 0; i < registry_count(registry); i++) {
    const struct registry_entry *entry = registry_at(registry, i);
    printf("%-9s  %-20s  %-8s  ", kind_text(entry->kind), entry->full_name, entry->version);
    print_safe(stdout, entry->file);
    fputs("\n", stdout);
  }
  for (size_t i = 0; i < registry_refusal_count(registry); i++) {
    print_safe(stdout, registry_refusal(registry, i));
    fputs("\n", stdout);
  }
  fputs("looked in:", stdout);
  for (size_t i = 0; i < registry_dir_count(registry); i++) {
    fputs(i ? ", " : " ", stdout);
    print_safe(stdout, registry_dir(registry, i));
  }
  fputs("\n", stdout);
}

static json_t *entry_json(const struct registry_entry *entry) {
  return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "kind", kind_text(entry->kind), "name", entry->name, "full_name",
                   entry->full_name, "version", entry->version, "contract",
                   json_sprintf("%d.%u", SLUICE_ABI_MAJOR, entry->abi_minor), "file", json_safe(entry->file));
}

static void print_entries_json(const struct registry *registry) {
  json_t *plugins = json_array(), *refused = json_array(), *folders = json_array();
  for (size_t i = 0; i < registry_count(registry); i++)
    json_array_append_new(plugins, entry_json(registry_at(registry, i)));
  for (size_t i = 0; i < registry_refusal_count(registry); i++)
    json_array_append_new(refused, json_safe(registry_refusal(registry, i)));
  for (size_t i = 0; i < registry_dir_count(registry); i++)
    json_array_append_new(folders, json_safe(registry_dir(registry, i)));
  print_json(stdout, json_pack("{s:o, s:o, s:o}", "plugins", plugins, "refused", refused, "folders", folders), true);
}

static enum exit_status run_plugins(const struct cli *cli) {
  struct sluice_error err = {0};
  struct registry *registry;
  if (!args_has(&cli->args, "verbose")) /* refusals are part of what is printed: not on the log too */
    log_setup(cli->json_log ? LOG_JSON : LOG_AUTO, SLUICE_ERROR);
  int code = cli_registry(cli, NULL, &registry, &err);
  if (code != SLUICE_OK)
    return report_error(cli, NULL, code, &err);
  if (args_has(&cli->args, "json"))
    print_entries_json(registry);
  else
    print_entries(registry);
  registry_destroy(registry);
  return STATUS_DONE;
}

static const struct args_option items[] = {{"json", 0, NULL, "Print one JSON document."}};
const struct command plugins_command = {
    .name = "plugins",
    .words = "",
    .summary = "List the plugins that were found, and those that are refused.",
    .details =
        "Plugins are looked for in each --plugin-dir, in the folders of SLUICE_PLUGIN_PATH, and beside the program.\n\n"
        "Example:\n  sluice plugins --plugin-dir ./my-plugins\n",
    .options = ARGS_TABLE(items),
    .run = run_plugins,
};
