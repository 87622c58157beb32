/* One pass of one job: list, claim, read, map, write, checkpoint. */
#ifndef RUN_RUN_H
#define RUN_RUN_H
#include "core/config/config.h"
#include "core/ledger/ledger.h"
#include "core/load/registry.h"
#include "core/run/stop.h"
#include "core/run/watch.h"
#include <stdbool.h>

enum run_outcome { RUN_DONE, RUN_DONE_WITH_REJECTS, RUN_FAILED, RUN_HELD, RUN_INTERRUPTED, RUN_MISCONFIGURED };
struct run_result {
  enum run_outcome outcome;
  struct ledger_counters counters;
  int64_t milliseconds, stage_us[STAGES];
  int64_t requests, retries;   /* that plugins counted */
  int64_t credential_requests; /* the same; not among the requests */
  struct sluice_error error;   /* why, where it is not done */
  char rejects_path[4096];     /* of the reject file; "" where there are none */
};
struct run_options {             /* zeroed: all as configured */
  const char *sink;              /* as --sink gives it, or NULL */
  enum identity_choice identity; /* what to do where the job's source, format or destination changed */
  struct watch *watch;           /* where it notes what it is at, or NULL; outlives the session */
};
/* Shows progress on a terminal, and logs one summary line. Raise `stop` to end it early, from another thread or a
 * signal handler. */
void run_job(struct registry *, const struct config *, const struct config_job *, const struct run_options *,
             struct stop *stop, struct run_result *out);

/* A job that stays open from pass to pass: credentials and connections of its source stay warm. [instance] */
struct run_session;
/* Opens nothing yet. All is borrowed for the life of the session. MEMORY. */
int run_session_create(struct registry *, const struct config *, const struct config_job *, const struct run_options *,
                       struct run_session **out);
void run_session_destroy(struct run_session *); /* takes NULL */
/* The process of the run before died of what it did: the units that it had in flight are suspects of the next pass
 * (ledger_claim). Without this they are just tried again. */
void run_session_blame(struct run_session *);
bool run_session_blames(const struct run_session *); /* still: no pass has got so far since */
/* The process died while it looked at this version of a part for its columns: see avoid.h. MEMORY. */
int run_session_avoid(struct run_session *, const char *part, const char *version);
void run_session_avoid_nothing(struct run_session *); /* any more */
/* One pass, as run_job. After one that was not done all is opened anew for the next. */
void run_session_pass(struct run_session *, struct stop *stop, struct run_result *out);

/* What a run, or another pass over the job, failed of, with its place; nothing where there is no message. */
void run_log_error(const struct config_job *, const struct sluice_error *);
const char *run_outcome_name(enum run_outcome); /* as the ledger and the summary have it: "done with rejects" */

#endif
