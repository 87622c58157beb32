/* What the threads of one run share. */
#ifndef RUN_STATE_H
#define RUN_STATE_H
#include "core/ledger/ledger.h"
#include "core/run/budget.h"
#include "core/run/by_row.h"
#include "core/run/pipeline.h"
#include "core/run/policy.h"
#include "core/run/stream.h"
#include <pthread.h>

struct run_counters {                    /* for progress and the summary; of this process */
  atomic_llong bytes;                    /* read from the source */
  atomic_llong listed, listing_us;       /* when the listing came to its end, and how long it took */
  atomic_llong found_parts, found_bytes; /* to be read, as listed */
  atomic_llong inserted, updated, unchanged, superseded, passed; /* by row; for the log */
  atomic_llong changed_parts, done_parts, failed_parts, gone_parts, skipped_parts;
  atomic_llong filtered;      /* records that `where` left out, behind checkpoints */
  atomic_llong refused_parts; /* of the failed: they can be of no stream */
};
struct run_state {
  const struct config_job *job;
  struct watch *watch;  /* or NULL */
  struct stages stages; /* time of all threads, also of rounds that a full refresh gave up */
  struct pipeline pipeline;
  struct ledger *ledger;
  int64_t delivery, run; /* of the job as a whole; the same as those of its stream where there is but one */
  struct streams streams;
  const struct config_value *sink; /* as configured */
  enum identity_choice identity;   /* where source, format or sink changed */
  bool blame;                      /* units of a dead run are suspects */
  bool rows_known;                 /* by row, something was delivered by earlier runs */
  bool refused;                    /* the sink would not begin a full refresh of a stream */
  bool alone;           /* some of this run may be: of jobs with streams nothing else shall be under way beside them */
  int64_t first_listed; /* when the job was first listed whole, before this run; 0: never */
  struct sluice_error refusal; /* the first file that can be of no stream */
  int64_t mixed;               /* streams with files of different endings */
  struct stop stop;
  struct policy policy;
  struct budget budget;
  struct run_counters counters;
  pthread_mutex_t lock;   /* guards what follows */
  pthread_cond_t changed; /* more parts are pending, or `listed` */
  bool listed;            /* the listing is merged */
  int code;               /* the first failure that ends the run */
  struct sluice_error error;
};
int state_init(struct run_state *, const struct config_job *);
void state_finish(struct run_state *);   /* closes all; takes one that is half open */
void state_end_pass(struct run_state *); /* closes the ledger and forgets the pass; the pipeline stays open */
/* Ends the run for this reason, if it is the first. Workers drain. */
void state_fail(struct run_state *, int code, const struct sluice_error *why);
void state_count_rows(struct run_state *, struct by_row_counts); /* adds them */
void state_wake(struct run_state *);                             /* parts were added */
void state_listed(struct run_state *);
void state_wait(struct run_state *); /* for more parts, a second at most */
bool state_all_listed(struct run_state *);

#endif
