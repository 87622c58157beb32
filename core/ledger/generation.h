/* Full refreshes: a generation of parts beside the one in force, which stays whole until the new one is committed.
 *
 *   none --begin--> OPEN --committing--> COMMITTING --committed--> COMMITTED
 *                    |                       |
 *                    v                       | abort (the sink says that it cannot be)
 *                 SPOILED --abort--> ABORTED <
 *
 * While a generation is under way, all calls for its delivery (merge, claim, checkpoint and so on) act on its own parts
 * and units; every part that is listed is pending in it, whatever was delivered before. The parts before it can still
 * be read (ledger_read_status, ledger_read_parts) and come back into force if it is aborted. A job that stops
 * refreshing aborts what is under way before it does anything else.
 *
 * The host, at the start of a full refresh (and again after a crash: the same calls):
 *   1. ledger_generation_begin. The id is in the ledger before the sink hears of it.
 *      OPEN: tell the sink to begin it (again), and go on; what its units delivered counts (`resumed`).
 *      COMMITTING: only the sink's commit and ledger_generation_committed are missing: do both now; the sink's is
 *      idempotent. Merging is refused until then, claims END.
 *      SPOILED: abort it in the sink, ledger_generation_abort, and begin anew.
 *   2. Merge the listing to its end, claim and deliver. A part that changed or went after rows of it may have been
 *      delivered spoils the generation: merged.restart says so at once, claims END, ledger_generation_ready says it.
 *   3. ledger_generation_ready; also the host's own rules (rejects).
 *   4. ledger_generation_committing: a durable mark. 5. The sink's commit. 6. ledger_generation_committed.
 *
 * The ledger cannot see what was written after a checkpoint: a worker that voids, drops or breaks a unit of which
 * nothing was handed to the sink says so by unit.nothing_sent, else it counts as touched and the generation is spoiled.
 */
#ifndef LEDGER_GENERATION_H
#define LEDGER_GENERATION_H
#include <sluice/sdk.h>
#include <stdbool.h>

struct ledger;

enum ledger_generation_state {
  GENERATION_OPEN,
  GENERATION_SPOILED,
  GENERATION_COMMITTING,
  GENERATION_COMMITTED,
  GENERATION_ABORTED
};
struct ledger_generation {
  int64_t id; /* rising within a job, never used again */
  enum ledger_generation_state state;
  bool resumed;     /* begun by an earlier run */
  bool first;       /* none was committed before it */
  int64_t begun;    /* microseconds since 1970 */
  char reason[256]; /* SPOILED: by what */
};
/* The one under way (state OPEN, SPOILED or COMMITTING), else a new one. It needs its listing merged to the end in this
 * run, whatever an earlier run had. The run that goes on now is noted as of it. */
int ledger_generation_begin(struct ledger *, int64_t delivery, struct ledger_generation *out, struct sluice_error *err);
/* Those that begin from now on have higher numbers: the destination has this one, of a ledger that is lost. CONFIG:
 * there are none. */
int ledger_generation_above(struct ledger *, int64_t number, struct sluice_error *err);
/* The one under way; END: none. */
int ledger_generation_open(struct ledger *, int64_t delivery, struct ledger_generation *out, struct sluice_error *err);

struct ledger_readiness {
  bool ready;            /* listed whole, at least one part done, none left or failed */
  bool restart;          /* spoiled: abort and begin anew */
  bool empty;            /* all but that one part is there: ready if the host allows it */
  int64_t parts[6];      /* by enum part_state */
  int64_t rows, rejects; /* of parts that are done or under way */
  char why[768];         /* not ready: what is missing */
};
int ledger_generation_ready(struct ledger *, int64_t generation, struct ledger_readiness *out,
                            struct sluice_error *err);
/* Before the sink commits. CHANGED: it is not OPEN, or some part is left or failed. */
int ledger_generation_committing(struct ledger *, int64_t generation, struct sluice_error *err);
/* After the sink has: its parts are in force, the former ones are deleted. CHANGED: it is not COMMITTING. */
int ledger_generation_committed(struct ledger *, int64_t generation, struct sluice_error *err);
/* An OPEN one is SPOILED from now on: whatever becomes of the sink or the process, it will not be committed. */
int ledger_generation_spoil(struct ledger *, int64_t generation, const char *reason, struct sluice_error *err);
/* The former parts are in force again. CHANGED: it is none under way. */
int ledger_generation_abort(struct ledger *, int64_t generation, const char *reason, struct sluice_error *err);
/* The same for what was rejected of it: that can still be read (rejects.h), until another one takes its place. */
int ledger_generation_refuse(struct ledger *, int64_t generation, const char *reason, struct sluice_error *err);

#endif
