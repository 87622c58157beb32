/* A worker: claims units and drives each from its bytes to the destination, on one thread. */
#ifndef RUN_WORKER_H
#define RUN_WORKER_H
#include "core/ledger/rejects.h"
#include "core/run/chain.h"
#include "core/run/reject_log.h"
#include "core/run/state.h"

struct mark { /* a batch that was sent: once it is durable, a checkpoint may stand behind it */
  int64_t seq, rows, filtered, unchanged;
  struct sluice_position end;
};
struct worker {
  struct run_state *state;
  size_t slot;         /* of the run's watch */
  size_t at;           /* of the streams, which one it works at */
  struct chain *chain; /* kept from unit to unit, for one stream and schema */
  const struct stream *chain_stream;
  int64_t chain_schema;
  struct by_row *by_row; /* with the chain; NULL: the job is not by row */
  int64_t seq;           /* of the last batch in the chain */

  /* of the unit in work */
  struct ledger_unit unit;
  struct stream *stream;
  const struct job_schema *schema;
  struct ledger_part_result *results; /* of each part, so far */
  int64_t *starts;                    /* first ordinal of each part of a bundle; its last is the end of what was read */
  size_t reading;                     /* the part in work */
  struct mark *marks;
  size_t n_marks, mark_room;
  int64_t lost_rows;                /* of the batch in work, rejected on its way */
  int64_t filtered;                 /* records that `where` left out since the last mark */
  struct sluice_position committed; /* what the sink already has, where it is ahead of the ledger */
  bool replaying;
  struct ledger_early *early; /* what the sink refused of what it has, by row; `early_at` of them are dealt with */
  size_t n_early, early_at;
  bool handed_over; /* something of this claim went to the sink */
  bool voided;      /* the ledger says that this claim is over */
  bool sending;     /* the call in progress is about the destination or the ledger, not the source */
  struct reject_log rejects;
  struct sluice_rejects decode_rejects;
  int64_t bytes, last_checkpoint;  /* since when */
  struct sluice_position position; /* of the last batch sent */
};

void *worker_main(void *worker); /* a thread; worker->state is set, the rest zero */

/* ---- between the worker's files ---- */

struct ledger_settings worker_settings(const struct worker *); /* of today; for the worker's stream and schema */

void worker_close_chain(struct worker *); /* abandons what is not flushed */
/* Sends one batch of source records (taken in any case) that ends at batch->end. */
int worker_send(struct worker *, struct sluice_batch *, struct sluice_error *err);
/* A checkpoint, if enough was sent or waited for it. */
int worker_checkpoint_due(struct worker *, struct sluice_error *err);
/* Flushes and takes a checkpoint behind all that was sent. */
int worker_checkpoint(struct worker *, struct sluice_error *err);
void worker_forget(struct worker *); /* the sink need not keep the unit's position any more */
/* Flushes and ends the unit. */
int worker_finish(struct worker *, struct sluice_error *err);
int worker_reject(struct worker *, int64_t mark, size_t part, const struct reject_record *, struct sluice_error *err);

/* Opens the decoder of part i at a position, checks its schema against the job's, and says what the part's batches
 * must go through. UNSUPPORTED with *evolved: the job's schema grew; the unit is to be claimed anew. */
struct unit_reader {
  struct sluice_reader reader;
  struct ArrowSchema schema;
  struct selection *selection; /* NULL: all records */
  struct conform *conform;
  const char *part;
};
int unit_reader_open(struct worker *, size_t part, struct pipeline_part *opened, const struct sluice_position *from,
                     struct unit_reader *out, bool *evolved, struct sluice_error *err);
void unit_reader_close(struct unit_reader *); /* takes a zeroed one */
/* The next batch, in the job's schema; waits and tries again while the source asks for it. */
int unit_reader_next(struct worker *, struct unit_reader *, struct sluice_batch *out, struct sluice_error *err);
int unit_open_part(struct worker *, size_t part, struct pipeline_part *out, struct sluice_error *err);

int unit_single(struct worker *, bool *evolved, struct sluice_error *err);
/* Parts that cannot be read are noted in failures (as many as the unit has parts), and then nothing is sent. */
struct part_failure {
  int code;   /* 0: none */
  bool alone; /* nothing is wrong, but it is too large for a bundle */
  struct sluice_error why;
};
int unit_bundle(struct worker *, struct part_failure *failures, bool *evolved, struct sluice_error *err);
bool unit_is_of_part(int code); /* an error of one part, not of the run */

#endif
