/* The reject file, and rejects that are sent again: those accepted leave it, those refused again come back with their
 * new reason. A unit that starts again, is made anew or belongs to a full refresh that was replaced or given up takes
 * its lines out of force. Such lines stay in the file until the ledger is closed, or opened after a crash; who reads
 * them here does not see them. */
#ifndef LEDGER_REJECTS_H
#define LEDGER_REJECTS_H
#include "core/ledger/ledger.h"

struct ledger_line { /* of the reject file, with its end */
  int64_t at, size;
  bool undone; /* of a run that failed: its record comes again with the next one, so it is nothing to send again */
};
/* What it returns other than OK ends the reading and is returned. The text has no line end and no NUL behind it. */
typedef int ledger_reject_fn(void *context, const char *text, size_t n, const struct ledger_line *,
                             struct sluice_error *err);
/* The lines in force, in their order, from one moment; also beside whoever owns the job. NOT_FOUND: it has no ledger
 * yet. A line of more than 4 MiB is passed over: it is not ours. */
int ledger_read_rejects(const char *dir, const char *job, ledger_reject_fn *each, void *context,
                        struct sluice_error *err);
/* Lines of a claimed unit's records that no checkpoint passes, for the run fails for them: undone, until the unit gets
 * on again. CHANGED: the unit is this claim's no more. */
int ledger_show_rejects(struct ledger *, const struct ledger_unit *, const char *lines, size_t size,
                        struct sluice_error *err);
/* These lines are not in force any more. */
int ledger_drop_rejects(struct ledger *, const struct ledger_line *, size_t n, struct sluice_error *err);

/* ---- before their checkpoint --------------------------------------------------------------------- */

/* A line, without its end, that a sink which keeps positions refused: durable when it returns, so before the sink makes
 * a position durable that lies behind it. */
int ledger_early_add(struct ledger *, int64_t unit, int64_t row, const char *line, struct sluice_error *err);
struct ledger_early {
  int64_t row;
  char *line;
};
/* Those of a unit that is claimed again, by row. Of rows from `below` on they are forgotten: these are sent again. */
int ledger_early_take(struct ledger *, int64_t unit, int64_t below, struct ledger_early **lines, size_t *n,
                      struct sluice_error *err);
void ledger_early_free(struct ledger_early *, size_t n); /* takes NULL */

/* What stands for a unit where records with this identity are sent again: less than any unit. */
int64_t ledger_early_again(const char identity[65]);

/* ---- sending again ------------------------------------------------------------------------------ */

/* A run of kind RUN_RETRY; it claims nothing. It ends by ledger_run_end. */
int ledger_retry_begin(struct ledger *, int64_t delivery, int64_t *run, struct sluice_error *err);

struct ledger_retry_part {
  enum part_state state;
  char version[1025];
  int64_t size, modified, era, generation; /* as in struct ledger_unit */
  int64_t unit;                            /* that delivered it; 0: unknown */
};
/* END: the delivery has no such part. */
int ledger_retry_part(struct ledger *, int64_t delivery, const char *name, struct ledger_retry_part *out,
                      struct sluice_error *err);

struct ledger_retried { /* records of one part, all at once */
  int64_t run;
  const struct ledger_unit *unit; /* one part; its id stamps rows by key */
  int64_t early;                  /* its lines from before this; 0: none */
  const struct ledger_line *gone; /* the lines of all these records */
  size_t n_gone;
  int64_t records;                /* that they stand for */
  struct ledger_progress outcome; /* rows accepted; rejects, with their new lines; changes of rows by key */
};
/* One transaction. CHANGED: the run has ended, or the part is not DONE in that version; nothing happened. */
int ledger_retry_commit(struct ledger *, const struct ledger_retried *, struct sluice_error *err);

#endif
