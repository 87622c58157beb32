/* `help` and `version`, and the help of each command. */
#include "core/cli/report.h"
#include "core/load/options.h"
#include "core/load/registry.h"
#include <jansson.h>
#include <libconfig.h>
#include <openssl/opensslv.h>
#include <sqlite3.h>
#include <zlib.h>
#include <zstd.h>

/* ---- of commands ---- */

static void print_options(const struct args_table *table, FILE *out) {
  for (size_t i = 0; i < table->count; i++) {
    const struct args_option *option = &table->items[i];
    char left[64], letter[8] = "";
    if (option->letter)
      snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name, option->value ? " " : "",
             option->value ? option->value : "");
    fprintf(out, "  %-30s %s\n", left, option->help);
  }
}

void help_print_command(const struct command *command, FILE *out) {
  fprintf(out, "%s\n\nUsage: sluice %s%s%s%s\n", command->summary, command->name, *command->words ? " " : "",
          command->words, command->options.count ? " [options]" : "");
  if (command->details)
    fprintf(out, "\n%s", command->details);
  if (command->options.count) {
    fputs("\nOptions:\n", out);
    print_options(&command->options, out);
  }
  fputs("\nOptions of all commands:\n", out);
  print_options(&global_options, out);
}

void help_print(FILE *out) {
  fputs("sluice moves the records of files in object storage to any destination.\n\nUsage: sluice COMMAND ...\n\n",
        out);
  for (size_t i = 0; i < command_count(); i++) {
    const struct command *command = command_at(i);
    char left[64];
    snprintf(left, sizeof left, "%s %s", command->name, command->words);
    fprintf(out, "  %-28s %s\n", left, command->summary);
  }
  fputs("\nOptions of all commands:\n", out);
  print_options(&global_options, out);
  fputs("\nExit status: 0 done, 1 internal error, 2 usage or configuration, 3 done with rejects, 4 failed, 5 held "
        "(refused by\n"
        "source or destination), 130 interrupted.\n",
        out);
}

/* ---- of plugins ---- */

static void print_names(const struct registry_component *component) {
  const char *const *names = component->base.names;
  bool schemes = component->entry.kind == SLUICE_SOURCE;
  if (!names || !names[0])
    return;
  fputs(schemes ? "Reads" : "Files", stdout);
  for (size_t i = 0; names[i]; i++)
    printf("%s %s%s", i ? "," : "", names[i], schemes ? "://" : "");
  fputs("\n", stdout);
}

static void print_plugin(const struct registry_component *component) {
  const struct registry_entry *entry = &component->entry;
  printf("%s %s\n%s\n", entry->full_name, entry->version, component->base.help ? component->base.help : "");
  print_names(component);
  fputs("\nOptions, beside type:\n", stdout);
  options_help(component->base.options, stdout);
}

static int print_plugin_schema(const struct registry_component *component, struct sluice_error *err) {
  json_t *schema;
  int code = options_json_schema(component->base.options, &schema, err);
  if (code == SLUICE_OK)
    print_json(stdout, schema, true);
  return code;
}

static enum exit_status help_plugin(const struct cli *cli, const char *name) {
  struct sluice_error err = {0};
  struct registry *registry = NULL;
  const struct registry_component *component;
  int code = cli_registry(cli, NULL, &registry, &err);
  if (code == SLUICE_OK)
    code = registry_find(registry, 0, name, &component, &err);
  if (code == SLUICE_OK && args_has(&cli->args, "json"))
    code = print_plugin_schema(component, &err);
  else if (code == SLUICE_OK)
    print_plugin(component);
  enum exit_status status = code == SLUICE_OK ? STATUS_DONE : report_error(cli, NULL, code, &err);
  registry_destroy(registry);
  return status;
}

static enum exit_status run_help(const struct cli *cli) {
  if (cli->args.word_count == 0) {
    help_print(stdout);
    return STATUS_DONE;
  }
  const struct command *command = command_find(cli->args.words[0]);
  if (!command)
    return help_plugin(cli, cli->args.words[0]);
  help_print_command(command, stdout);
  return STATUS_DONE;
}

static const struct args_option help_items[] = {{"json", 0, NULL, "A plugin's options as JSON Schema."}};
const struct command help_command = {
    .name = "help",
    .words = "[COMMAND|PLUGIN]",
    .summary = "Explain a command, or the options of a plugin.",
    .details = "Plugins are called as `sluice plugins` shows them; the short name serves where it is unique.\n\n"
               "Example:\n  sluice help run\n",
    .options = ARGS_TABLE(help_items),
    .max_words = 1,
    .run = run_help,
};

/* ---- version ---- */

enum exit_status version_run(const struct cli *cli) {
  (void)cli;
  printf("sluice %s\nplugin contract %d.%d\n", SLUICE_VERSION, SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR);
  printf("built with libconfig %d.%d.%d, jansson %s, SQLite %s, zlib %s, zstd %s, OpenSSL %s\n", LIBCONFIG_VER_MAJOR,
         LIBCONFIG_VER_MINOR, LIBCONFIG_VER_REVISION, JANSSON_VERSION, SQLITE_VERSION, ZLIB_VERSION,
         ZSTD_VERSION_STRING, OPENSSL_VERSION_STR);
  return STATUS_DONE;
}

const struct command version_command = {
    .name = "version",
    .words = "",
    .summary = "Print the versions of the program, its plugin contract and its libraries.",
    .details = "Example:\n  sluice version\n",
    .run = version_run,
};
