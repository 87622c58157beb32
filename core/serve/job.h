/* A served job: its configuration, its state, its process and how its runs go. */
#ifndef SERVE_JOB_H
#define SERVE_JOB_H
#include "core/base/hash.h"
#include "core/run/avoid.h"
#include "core/serve/counted.h"
#include "core/serve/process.h"
#include "core/serve/store.h"

enum { JOB_OUTCOMES = 10 };
struct job_totals { /* since the program started */
  int64_t runs[JOB_OUTCOMES];
  int64_t rows, rejects, filtered, unchanged, bytes, milliseconds, retries;
  int64_t stage_us[STAGES];
  struct counted counted; /* by processes that are gone */
};
struct served {
  struct store_job kept;
  const struct config_job *config; /* NULL: no more in the configuration */
  char identity[HASH_SIZE];        /* of all that its process was made of */
  struct schedule *schedule;
  struct process process;
  int64_t started_us;                                          /* of the active run */
  int64_t requests_before, retries_before, credentials_before; /* counted when it began */
  int64_t stop_since;                       /* monotonic ms: when the active run was told to end; 0: it was not */
  bool hurried, hung;                       /* it was told to end at once; it was killed for not getting on */
  bool blaming;                             /* the active run was told that what the one before was at is suspect */
  struct process_look avoided[AVOIDED_MAX]; /* at which its process died, the oldest first; part "": none */
  int64_t wake;                             /* when it is to be looked at again, wall ms */
  struct job_totals totals;
};

/* Of the configuration's job; the state is `kept`, or new where that is NULL. CONFIG: the schedule is wrong. */
int served_create(const struct config *, const struct config_job *, const struct store_job *kept, struct served **out,
                  struct sluice_error *err);
/* One that the configuration does not have: to be listed only. */
int served_create_absent(const struct store_job *kept, struct served **out);
void served_destroy(struct served *); /* takes NULL; its process is gone */
/* What its process is made of changed: the next run gets a new one, and what an older one died of may be mended. */
void served_renew(struct served *);
/* Takes another configuration; a process that was made of an older one serves its run to the end. */
int served_configure(struct served *, const struct config *, const struct config_job *, struct sluice_error *err);

/* Why something did not happen, for status and log. */
__attribute__((format(printf, 2, 3))) void served_refuse(struct served *, const char *format, ...);
void served_note_passed(struct served *, const struct schedule_decision *); /* due times that get no run */

/* Files and bytes that are listed and not delivered, as far as is known now. */
void served_lag(const struct served *, int64_t *files, int64_t *bytes);
/* What its plugins counted, up to now. */
void served_counted(const struct served *, struct counted *out);
/* Time of a stage, with that of the active run. */
int64_t served_stage_us(const struct served *, enum stage);
const char *served_outcome_name(size_t i); /* NULL at JOB_OUTCOMES */

#endif
