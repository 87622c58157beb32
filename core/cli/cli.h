/* The program's commands: what each is called, and how it is run. */
#ifndef CLI_CLI_H
#define CLI_CLI_H
#include "core/cli/args.h"
#include "core/cli/exit.h"
#include "core/config/config.h"
#include <stdio.h>

struct command;
struct cli { /* one call of the program */
  struct args args;
  const struct command *command; /* NULL: not known yet */
  bool json_log;
};
struct command {
  const char *name, *words, *summary; /* "ls", "PATH|URI", "List ..." */
  const char *details;                /* more lines of help, with an example */
  struct args_table options;
  size_t min_words, max_words;
  enum exit_status (*run)(const struct cli *);
};
extern const struct command run_command, serve_command, pause_command, resume_command, cancel_command, run_now_command,
    delete_command, reload_command, stop_command, plan_command, check_command, discover_command, ls_command,
    get_command, cat_command, inspect_command, policy_command, status_command, history_command, parts_command,
    rejects_command, retry_command, reset_command, plugins_command, help_command, version_command;
size_t command_count(void);
const struct command *command_at(size_t i);
const struct command *command_find(const char *name); /* NULL: none */
extern const struct args_table global_options;

void help_print(FILE *);                                          /* all commands */
void help_print_command(const struct command *, FILE *);          /* one of them */
enum exit_status version_run(const struct cli *);                 /* also --version */
enum exit_status cli_run(size_t count, const char *const *words); /* the whole program; words: without its name */

/* The folders of --plugin-dir and, unless config is NULL, of the configuration's plugin_dirs. */
int cli_registry(const struct cli *, const struct config *config, struct registry **out, struct sluice_error *err);
/* The words and each -c, laid one upon the other. */
int cli_config(const struct cli *, struct config **out, struct sluice_error *err);
/* Is the job one of those that --job names? All are where there is none. */
bool cli_wants_job(const struct cli *, const struct config_job *);
/* CONFIG: --job names one that there is not. */
int cli_check_jobs(const struct cli *, const struct config *, struct sluice_error *err);

#endif
