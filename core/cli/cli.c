/* From the command line to one command, and what commands have in common. */
#include "core/cli/cli.h"
#include "core/base/nearest.h"
#include "core/cli/report.h"
#include "core/load/registry.h"
#include "core/log/log.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

enum { MAX_FOLDERS = 256, MAX_CONFIGS = 256 };

/* ---- starting ---- */

static int setup_log(struct cli *cli, struct sluice_error *err) {
  static const char *const formats[] = {"auto", "text", "json", NULL};
  static const char *const levels[] = {"debug", "info", "warn", "error", NULL};
  int format = 0, level = SLUICE_INFO;
  int code = args_choice(&cli->args, "log", formats, &format, err);
  if (code == SLUICE_OK && args_has(&cli->args, "log-level"))
    code = args_choice(&cli->args, "log-level", levels, &level, err);
  if (code != SLUICE_OK)
    return code;
  if (args_has(&cli->args, "verbose"))
    level = SLUICE_DEBUG;
  if (args_has(&cli->args, "quiet"))
    level = SLUICE_ERROR;
  cli->json_log = format == LOG_JSON;
  log_setup((enum log_format)format, level);
  return SLUICE_OK;
}

static enum exit_status unknown_command(const struct cli *cli, const char *name) {
  const char *names[64];
  size_t n = 0;
  for (; n < command_count() && n < 64; n++)
    names[n] = command_at(n)->name;
  const char *nearest = nearest_name(name, names, n);
  return report_usage(cli, "there is no command '%.100s'%s%s%s", name, nearest ? "; did you mean '" : "",
                      nearest ? nearest : "", nearest ? "'?" : "");
}

static enum exit_status check_words(const struct cli *cli) {
  const struct command *command = cli->command;
  size_t n = cli->args.word_count;
  if (n < command->min_words)
    return report_usage(cli, "%s needs %s", command->name, command->words);
  if (n > command->max_words)
    return report_usage(cli, "%s: '%.200s' is one word too many", command->name, cli->args.words[command->max_words]);
  return STATUS_DONE;
}

static enum exit_status run_command_words(struct cli *cli, size_t count, const char *const *words) {
  struct args_table tables[] = {cli->command->options, global_options};
  struct sluice_error err = {0};
  int code = args_read(&cli->args, tables, 2, words, count, &err);
  if (code == SLUICE_OK)
    code = setup_log(cli, &err);
  if (code != SLUICE_OK)
    return report_usage(cli, "%s", err.message);
  if (args_has(&cli->args, "help")) {
    help_print_command(cli->command, stdout);
    return STATUS_DONE;
  }
  enum exit_status status = check_words(cli);
  return status == STATUS_DONE ? cli->command->run(cli) : status;
}

static enum exit_status without_command(const struct cli *cli) {
  if (args_has(&cli->args, "version"))
    return version_run(cli);
  bool asked = args_has(&cli->args, "help");
  help_print(asked ? stdout : stderr);
  return asked ? STATUS_DONE : STATUS_USAGE;
}

static enum exit_status run_words(struct cli *cli, size_t count, const char *const *words) {
  struct sluice_error err = {0};
  size_t used;
  int code = args_read_leading(&cli->args, &global_options, 1, words, count, &used, &err);
  if (code != SLUICE_OK)
    return report_usage(cli, "%s", err.message);
  if (used == count || args_has(&cli->args, "version"))
    return without_command(cli);
  cli->command = command_find(words[used]);
  return cli->command ? run_command_words(cli, count - used - 1, words + used + 1) : unknown_command(cli, words[used]);
}

/* A reader that went away, as `head` does, is no error; a full disk is. */
static enum exit_status finish_output(const struct cli *cli, enum exit_status status) {
  errno = 0;
  if ((fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE || errno == 0)
    return status;
  struct sluice_error err = {0};
  sluice_fail(&err, SLUICE_ERR_DATA, NULL, "standard output cannot be written: %s", strerror(errno));
  return exit_worst(status, report_error(cli, NULL, SLUICE_ERR_DATA, &err));
}

enum exit_status cli_run(size_t count, const char *const *words) {
  struct cli cli = {0};
  signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error code where it is written to */
  signal(SIGXFSZ, SIG_IGN); /* and so is a file at its limit of size */
  enum exit_status status = finish_output(&cli, run_words(&cli, count, words));
  args_finish(&cli.args);
  return status;
}

/* ---- what commands have in common ---- */

int cli_registry(const struct cli *cli, const struct config *config, struct registry **out, struct sluice_error *err) {
  const char *folders[MAX_FOLDERS];
  struct sluice_list more = {NULL, 0};
  size_t n = 0;
  if (config)
    more = config_plugin_dirs(config);
  for (const char *at = args_value_at(&cli->args, "plugin-dir", 0); at && n < MAX_FOLDERS;
       at = args_value_at(&cli->args, "plugin-dir", n))
    folders[n++] = at;
  for (size_t i = 0; i < more.count && n < MAX_FOLDERS; i++)
    folders[n++] = more.items[i];
  if (n == MAX_FOLDERS)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "there are too many plugin folders; at most %d are searched",
                       MAX_FOLDERS - 1);
  return registry_create(folders, n, out, err);
}

int cli_config(const struct cli *cli, struct config **out, struct sluice_error *err) {
  const char *paths[MAX_CONFIGS];
  size_t n = 0;
  for (; n < cli->args.word_count && n < MAX_CONFIGS; n++)
    paths[n] = cli->args.words[n];
  for (size_t i = 0; n < MAX_CONFIGS && args_value_at(&cli->args, "config", i); i++)
    paths[n++] = args_value_at(&cli->args, "config", i);
  if (n == MAX_CONFIGS)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL,
                       "there are too many configuration files; at most %d can be laid together", MAX_CONFIGS - 1);
  if (n == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "name a configuration file: sluice %s job.conf",
                       cli->command->name);
  return config_load(paths, n, out, err);
}

bool cli_wants_job(const struct cli *cli, const struct config_job *job) {
  for (size_t i = 0; args_value_at(&cli->args, "job", i); i++)
    if (strcmp(args_value_at(&cli->args, "job", i), job->name) == 0)
      return true;
  return !args_has(&cli->args, "job");
}

int cli_check_jobs(const struct cli *cli, const struct config *config, struct sluice_error *err) {
  const struct config_job *found;
  int code = SLUICE_OK;
  for (size_t i = 0; args_value_at(&cli->args, "job", i) && code == SLUICE_OK; i++)
    code = config_find_job(config, args_value_at(&cli->args, "job", i), &found, err);
  return code;
}
