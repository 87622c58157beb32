/* `serve`: the jobs of a configuration by their schedules, until it is told to end. */
#include "core/cli/report.h"
#include "core/serve/serve.h"

static int load(void *context, struct config **out, struct sluice_error *err) {
  return cli_config(context, out, err);
}

static int open_registry(void *context, const struct config *config, struct registry **out, struct sluice_error *err) {
  return cli_registry(context, config, out, err);
}

static enum exit_status run_serve(const struct cli *cli) {
  struct sluice_error err = {0};
  struct serve_world world = {.context = (void *)(uintptr_t)cli,
                              .load = load,
                              .registry = open_registry,
                              .socket = args_value(&cli->args, "socket")};
  int code = serve_run(&world, &err);
  return code == SLUICE_OK ? STATUS_DONE : report_error(cli, NULL, code, &err);
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"socket", 0, "PATH", "Where commands are taken, in place of serve.socket or the ledger folder's serve.sock."},
};
const struct command serve_command = {
    .name = "serve",
    .words = "CONFIG",
    .summary = "Run the jobs by their schedules, each in a process of its own, until SIGTERM or Ctrl-C.",
    .details =
        "A job runs by sync.every or sync.cron, or by `sluice run-now` alone. SIGHUP takes the changed configuration,\n"
        "SIGTERM ends every run at a checkpoint within 5 seconds, a second one sooner. Nothing is lost either way.\n\n"
        "Examples:\n  sluice serve jobs.conf\n  sluice status jobs.conf\n  sluice run-now jobs.conf --job clicks\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_serve,
};
