/* The way of a batch from the decoder to the destination: mapping, transforms, plain types, writer. One a worker and
 * schema; [instance]. */
#ifndef RUN_CHAIN_H
#define RUN_CHAIN_H
#include "core/run/by_row.h"
#include "core/run/pipeline.h"

struct chain;
struct chain_reject {                        /* a record that the mapping, a transform or the sink refused */
  int64_t seq, ordinal;                      /* of its batch, and in the unit */
  const char *stage, *column, *reason, *raw; /* raw: JSON of the source record, "" if it has none */
  size_t raw_size;
  uint32_t attempts;
};
/* The policy's answer: OK to go on without the record. */
typedef int chain_reject_fn(void *context, const struct chain_reject *, struct sluice_error *err);

struct chain_target { /* of the sink: texts are borrowed for the life of the chain */
  const char *stream, *delivery;
  int64_t generation; /* of a full refresh; 0: none */
};
/* schema: of the source records; borrowed for the life of the chain. Batches are numbered from seq + 1. */
int chain_create(struct pipeline *, const struct chain_target *, const struct ArrowSchema *schema, int64_t seq,
                 chain_reject_fn *on_reject, void *context, struct chain **out, struct sluice_error *err);
/* The same without a writer: for chain_preview alone, nothing can be sent. */
int chain_create_dry(struct pipeline *, const struct ArrowSchema *schema, int64_t seq, chain_reject_fn *on_reject,
                     void *context, struct chain **out, struct sluice_error *err);
/* Puts sync by row into the way, in front of the sink; borrowed. Before the first batch. */
void chain_by_row(struct chain *, struct by_row *);
void chain_destroy(struct chain *); /* abandons what is not flushed; takes NULL */
/* Sends a batch of source records; takes it in any case. *seq is its number in the chain. Waits while the destination
 * asks to try again later, up to a limit. After an error the chain is only good for chain_destroy. */
int chain_write(struct chain *, struct sluice_batch *batch, const char *unit, int64_t *seq, struct sluice_error *err);
/* The same without sending: what the destination has already, gone through again for its rejects. */
int chain_replay(struct chain *, struct sluice_batch *batch, const char *unit, int64_t *seq, struct sluice_error *err);
/* What the sink would get of a batch (taken in any case): *out belongs to the caller. Its source records are kept, so
 * that chain_refuse can show them, until chain_forget. */
int chain_preview(struct chain *, struct sluice_batch *batch, const char *unit, struct sluice_batch *out,
                  struct sluice_error *err);
int chain_refuse(struct chain *, const struct sluice_reject *, struct sluice_error *err); /* as the sink would */
void chain_forget(struct chain *);                         /* all batches previewed so far */
int chain_flush(struct chain *, struct sluice_error *err); /* OK: all that was written is durable there */
int64_t chain_acked(struct chain *);                       /* seq up to which all is durable; -1: only a flush tells */
const struct ArrowSchema *chain_schema(const struct chain *); /* of the records as the sink gets them */

#endif
