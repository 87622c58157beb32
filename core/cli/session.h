/* What commands share that work on the jobs of a configuration until a signal ends them. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H
#include "core/cli/report.h"
#include "core/run/stop.h"

struct session {
  const struct cli *cli;
  struct config *config;
  struct registry *registry;
  struct stop *stop;
};
/* Says itself how it went. */
typedef enum exit_status session_fn(const struct session *);
/* Loads what the command line says, with --job checked, and calls `work`; the first signal raises `stop` to `first`. */
enum exit_status session_run(const struct cli *, enum stop_level first, session_fn *work);
/* The same for each job that is wanted, until it is to stop; gives the worst. */
typedef enum exit_status session_job_fn(const struct session *, const struct config_job *);
enum exit_status session_each_job(const struct session *, session_job_fn *work);

#endif
