/* What commands share that show what is known of jobs. */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H
#include "core/cli/report.h"

struct view { /* one job, as the command's function gets it */
  const struct cli *cli;
  const struct config *config;
  const struct config_job *job;
  void *context;
};
/* Says itself what it shows; a code and err where it cannot. */
typedef int view_fn(const struct view *, struct sluice_error *err);
/* Loads what the command line says and calls `each` for every job that is wanted, with its secrets known to log_redact.
 */
enum exit_status view_jobs(const struct cli *, view_fn *each, void *context);

/* Makes the secrets of a job's source and sink known to log_redact. */
void view_learn_secrets(struct registry *, const struct config *, const struct config_job *);

/* Secrets masked, control characters shown as such; cut at some hundred bytes. */
void view_print(FILE *, const char *text);
json_t *view_json(const char *text);
/* " to SINK", and which stream where the job has several. */
void view_print_delivery(FILE *, const char *sink, const char *stream);
/* ", N filtered" and ", N unchanged", where there are any */
void view_print_left_out(FILE *, int64_t filtered, int64_t unchanged);
json_t *view_counters(const struct ledger_counters *); /* of a run */
json_t *view_time(int64_t microseconds);               /* null for 0 and INT64_MIN */
/* The name itself, or a glob of * ? [...], in which * also passes "/"; NULL matches all. */
bool view_matches(const char *glob, const char *name);

#endif
