/* `reset`: files to be delivered once more. */
#include "core/cli/view.h"
#include "core/ledger/history.h"
#include "core/retry/reset.h"
#include <inttypes.h>
#include <unistd.h>

struct reset {
  const char *match; /* NULL: all */
  bool yes;
};

struct matched {
  int64_t there, gone;
};

static int count_part(void *context, const struct ledger_part *part) {
  struct matched *matched = context;
  matched->there += !part->absent;
  matched->gone += part->absent;
  return SLUICE_OK;
}

/* What it would do; anything but y or Y is a no. */
static bool confirm(const struct view *view, const char *sink, int64_t count) {
  char answer[16] = "";
  fflush(stdout);
  fprintf(stderr, "%s to %s: deliver %" PRId64 " file%s once more? [y/N] ", view->job->name, sink, count,
          count == 1 ? "" : "s");
  return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int may_reset(const struct view *view, const char *sink, int64_t count, struct sluice_error *err) {
  const struct reset *reset = view->context;
  if (reset->yes)
    return SLUICE_OK;
  if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL,
                       "%" PRId64 " of its files would be delivered once more; say --yes where nobody can be asked",
                       count);
  return confirm(view, sink, count) ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "nothing was reset");
}

static void print_outcome(const char *job, const char *sink, const struct matched *matched,
                          const struct reset_counts *done) {
  printf("%s to %s: %" PRId64 " file%s to be delivered once more%s\n", job, sink, done->parts,
         done->parts == 1 ? " is" : "s are", done->parts ? ", by the next run" : "");
  if (matched->gone)
    printf("  %" PRId64 " that match%s not there any more\n", matched->gone, matched->gone == 1 ? "es is" : " are");
  if (done->rejects)
    printf("  %" PRId64 " rejected record%s forgotten\n", done->rejects, done->rejects == 1 ? " is" : "s are");
}

static int reset_job(const struct view *view, struct sluice_error *err) {
  const struct reset *reset = view->context;
  const char *dir = config_ledger(view->config), *job = view->job->name, *name;
  const struct config_value *sink;
  struct matched matched = {0};
  struct reset_counts done = {0};
  int code = config_job_sink(view->config, view->job, args_value(&view->cli->args, "sink"), &sink, &name, err);
  if (code != SLUICE_OK)
    return code;
  struct ledger_part_filter filter = {.sink = name, .match = reset->match};
  code = ledger_read_parts(dir, job, &filter, INT64_MAX, count_part, &matched, err);
  if (code == SLUICE_ERR_NOT_FOUND) {
    memset(err, 0, sizeof *err);
    return sluice_fail(err, code, NULL, "it has no run yet, so there is nothing to reset");
  }
  bool any = matched.there + matched.gone > 0;
  if (code == SLUICE_OK && any)
    code = may_reset(view, name, matched.there, err);
  if (code == SLUICE_OK && any)
    code = reset_parts(dir, job, name, reset->match, &done, err);
  if (code == SLUICE_OK)
    print_outcome(job, name, &matched, &done);
  if (code == SLUICE_OK && !any && reset->match)
    puts("  no file that it knows matches; `sluice parts` lists them");
  return code;
}

static enum exit_status run_reset(const struct cli *cli) {
  struct reset reset = {args_value(&cli->args, "part"), args_has(&cli->args, "yes")};
  if (!args_has(&cli->args, "job") || args_value_at(&cli->args, "job", 1))
    return report_usage(cli, "name one job by --job");
  if (!reset.match == !args_has(&cli->args, "all"))
    return report_usage(cli, "say which files: --part GLOB, or --all");
  return view_jobs(cli, reset_job, &reset);
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"job", 0, "NAME", "The job."},
    {"sink", 0, "NAME", "What was delivered to this sink, in place of the job's own."},
    {"part", 0, "GLOB", "These files: the whole name, or a pattern of * ? [...], in which * also passes /."},
    {"all", 0, NULL, "All files."},
    {"yes", 0, NULL, "Do not ask."},
};
const struct command reset_command = {
    .name = "reset",
    .words = "CONFIG",
    .summary = "Have files delivered once more, whole, by the next run.",
    .details =
        "What was rejected of them is forgotten, for the next run finds it again. Their requests get new keys, so a\n"
        "destination does not take them for repeats; with sync by row only records that differ are sent. Files that\n"
        "are not there any more stay as they are, but what was rejected of them is forgotten. Refused while a run is "
        "at work.\n\n"
        "Examples:\n  sluice reset job.conf --job clicks --part '*/2024-02-29/*'\n"
        "  sluice reset job.conf --job clicks --all --yes\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_reset,
};
