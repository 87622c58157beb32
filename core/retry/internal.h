/* What the files of core/retry share. */
#ifndef RETRY_INTERNAL_H
#define RETRY_INTERNAL_H
#include "core/base/hash.h"
#include "core/ledger/rejects.h"
#include "core/retry/retry.h"
#include "core/run/chain.h"
#include "core/run/conform.h"
#include "core/run/reject_log.h"
#include "core/run/state.h"

/* ---- select.c: which records of which parts ---- */

struct retry_line {
  struct retry_part *part;
  int64_t row, at;
  uint32_t size, attempts;
  bool wanted; /* others of a wanted record go with it */
};
struct retry_part {
  char *name, *version;
  int64_t piece;   /* rows are counted from this byte of it; 0: from its start */
  size_t rank;     /* by name, version, piece */
  size_t first, n; /* its lines, by row */
};
struct retry_selection { /* zeroed is empty */
  struct retry_line *lines;
  size_t n, room;
  struct retry_part **parts;
  size_t n_parts, part_room;
  void *tree; /* parts by name and version */
};
/* Rejects of this delivery ("job/sink/stream") with the wanted ones marked. CONFIG: they are too many. */
int retry_select(const char *dir, const char *job, const char *delivery, const struct retry_question *,
                 struct retry_selection *out, struct sluice_error *err);
void retry_selection_finish(struct retry_selection *); /* takes a zeroed one */

/* ---- retry.c: a pass ---- */

struct retrying {
  struct run_state state; /* its pipeline and ledger; no workers */
  const struct stop *stop;
  const struct config *config;
  const char *sink_name;
  char run_name[64];         /* as plugins see it */
  struct stream *stream;     /* in work; NULL: none */
  struct ArrowSchema schema; /* of the stream today */
  struct retry_selection selection;
  struct retry_result *result;
  struct ledger_counters counters;
};

/* ---- part.c: the records of one part, read again ---- */

/* Codes that end the pass; what is wrong with the part alone is logged and counted. */
int retry_one_part(struct retrying *, const struct retry_part *, struct sluice_error *err);

/* ---- send.c: on their way to the destination ---- */

enum retry_state { RETRY_WAITING, RETRY_SENT, RETRY_REFUSED };
struct retry_record {
  int64_t row;
  uint32_t attempts; /* so far */
  enum retry_state state;
};
enum { RETRY_JOIN = 256 /* batches sent as one at most */ };
struct sending {
  struct retrying *r;
  const struct ArrowSchema *schema; /* of the source records */
  struct retry_record *records;     /* by row */
  size_t n_records;
  int64_t piece;           /* as of its retry_part */
  struct ledger_unit unit; /* one part; texts are borrowed */
  struct chain *chain;     /* NULL: nothing was sent yet */
  struct by_row *by_row;
  struct reject_log log;
  int64_t refused;
  struct sluice_batch held[RETRY_JOIN]; /* until they are worth a batch */
  size_t n_held;
  int64_t held_rows, held_bytes;
  int64_t early_unit;         /* where the ledger keeps what the sink refuses before the commit; 0: nowhere */
  struct ledger_early *early; /* what it refused of what it has; `early_at` of them are dealt with */
  size_t n_early, early_at;
  struct sluice_position committed; /* what the sink has of this unit already */
  bool replaying;
  bool failed; /* what went wrong is about the destination, not the part */
};
struct retry_record *sending_find(const struct sending *, int64_t row); /* NULL: not wanted */
int sending_refuse(struct sending *, struct retry_record *, const struct reject_record *, struct sluice_error *err);
/* What the sink has already, from a try that died before the ledger knew. */
int sending_begin(struct sending *, struct sluice_error *err);
/* Takes the batch in any case; all its records are wanted. */
int sending_add(struct sending *, struct sluice_batch *, struct sluice_error *err);
/* Sends what is held; all that was sent is durable. */
int sending_flush(struct sending *, struct sluice_error *err);
void sending_forget(struct sending *); /* the ledger has it: the sink need not keep its position */
void sending_finish(struct sending *);

#endif
