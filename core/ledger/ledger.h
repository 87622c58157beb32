/* The ledger: what of a job has been delivered, durably. One SQLite file a job, docs/architecture.md "Ledger".
 *
 * Keys start with the delivery (job, sink, stream). One process owns a job at a time (kernel file lock beside the
 * file). All functions are [any]: they hand an operation to the ledger's thread, which commits what is waiting as one
 * transaction, and return when it is durable. Texts returned live in the struct that carries them (its free function).
 * Errors: RETRY when another process owns the job; CONFIG when the file is of a newer version, is damaged or cannot be
 * written (full disk: the message says so; nothing of the operation happened). */
#ifndef SLUICE_LEDGER_H
#define SLUICE_LEDGER_H
#include "core/ledger/rows.h"
#include <sluice/sdk.h>
#include <stdbool.h>

struct ledger;

/* Opens DIR/JOB.db (made when absent), takes DIR/JOB.lock and cuts DIR/JOB.rejects.ndjson back to the committed length.
 */
int ledger_open(const char *dir, const char *job, struct ledger **out, struct sluice_error *err);
void ledger_close(struct ledger *); /* commits what waits; takes NULL */
const char *ledger_rejects_path(const struct ledger *);

/* ---- deliveries and runs ------------------------------------------------------------------------ */

struct ledger_counters { /* of a run */
  int64_t parts_done, parts_failed, parts_gone, parts_skipped, rows, rejects, bytes;
  int64_t filtered;  /* records that the job's `where` left out; they are neither rows nor rejects */
  int64_t unchanged; /* by row, records that need not be sent: as they were, or a later file or the cursor says so */
};
/* The delivery's number, made on first use. CONFIG: a sink name that is empty, has a / or is longer than 127 bytes. */
int ledger_delivery(struct ledger *, const char *sink, const char *stream, int64_t *delivery, struct sluice_error *err);

/* Whose data a delivery is, as short texts for people such as "s3 s3://bucket/prefix/". Stored at first, and
 * while the sink has no parts of the job; a change is CONFIG under ASK, and the message says what changed from what to
 * what. ADOPT stores the new texts and keeps all that is known. RESET, changed or not, forgets parts, units, rows and
 * schemas (the history of runs stays); what is delivered again then comes under new identities. */
struct ledger_identity {
  const char *source, *format, *destination;
};
enum identity_choice { IDENTITY_ASK, IDENTITY_ADOPT, IDENTITY_RESET };
int ledger_identify(struct ledger *, int64_t delivery, const struct ledger_identity *, enum identity_choice,
                    struct sluice_error *err);

/* A job whose sink has delivered nothing, but another one did, which the configuration lacks now: was it renamed? Where
 * the destination is the same, yes. Else CONFIG under ASK; under ADOPT it counts as renamed, under RESET not. former:
 * the name that was; "" where nothing was renamed. Call before ledger_delivery. */
enum { LEDGER_SINK_SIZE = 128 };
struct ledger_takeover {
  const char *sink, *destination; /* as in struct ledger_identity */
  const char *const *configured;  /* the sinks that the configuration has */
  size_t n_configured;
};
int ledger_take_over(struct ledger *, const struct ledger_takeover *, enum identity_choice,
                     char former[LEDGER_SINK_SIZE], struct sluice_error *err);
/* "job/sink/stream", as keys, marks of sinks and reject lines have it: with the first name of a sink that was renamed.
 */
int ledger_delivery_text(struct ledger *, int64_t delivery, char *out, size_t size, struct sluice_error *err);

/* From when on parts count. DATE: a part first seen with an earlier time is SKIPPED; of unknown time it is not. NOW: so
 * is everything that the delivery's first complete listing finds, however many runs that takes; what comes later is
 * new, also with an old date. A part skipped by its date is taken if it changes to a later date; after NOW, a change is
 * treated by on_change as if the part had been delivered. NOW means nothing to a full refresh. Stored: said again it
 * changes nothing; ALL or an earlier date makes parts pending that are not before it (*released of them); a later one
 * leaves what is known as it is. */
enum ledger_start_kind { START_ALL, START_DATE, START_NOW };
struct ledger_start {
  enum ledger_start_kind kind;
  int64_t date; /* microseconds since 1970 */
};
int ledger_start_from(struct ledger *, int64_t delivery, const struct ledger_start *, int64_t *released,
                      struct sluice_error *err);

/* Units that a dead run left claimed become free, and are no suspects (see ledger_claim): what ended it came from
 * outside, or is not known. Before ledger_run_begin, which makes them suspects. */
int ledger_pardon(struct ledger *, int64_t delivery, struct sluice_error *err);
/* Starts a run, whose counters are its own: what it does. Units that a dead run left claimed become free again under a
 * new epoch, and are suspects. carried: what the runs before it did since the last that ended (they died, and this one
 * goes on with theirs), else zero. */
int ledger_run_begin(struct ledger *, int64_t delivery, int64_t *run, struct ledger_counters *carried,
                     struct sluice_error *err);
/* A run that could not begin, for the history: of the delivery to this sink if there is one, else of any; of none,
 * nothing is noted. Said again at once, it is noted once. */
int ledger_run_refused(struct ledger *, const char *sink, const char *reason, const char *message,
                       struct sluice_error *err);
/* reason: "done", "done with rejects", "failed", "held", "interrupted". Units still claimed become free. counters NULL:
 * those that checkpoint, finish, fail and void have counted stay. CHANGED: it has ended
 * already. */
int ledger_run_end(struct ledger *, int64_t run, const char *reason, const char *message,
                   const struct ledger_counters *, struct sluice_error *err);

/* ---- the job's schema: numbered, changed by compare and swap ------------------------------------ */

/* The newest schema's number and text (malloc'ed); number 0 and NULL if there is none. */
int ledger_schema(struct ledger *, int64_t delivery, int64_t *number, char **text, struct sluice_error *err);
/* The text (malloc'ed) of one number; NULL if there is none. */
int ledger_schema_text(struct ledger *, int64_t delivery, int64_t number, char **text, struct sluice_error *err);
/* The number from which on all texts begin so; one past the newest if that does not. */
int ledger_schema_since(struct ledger *, int64_t delivery, const char *prefix, int64_t *number,
                        struct sluice_error *err);
/* Adds number + 1 if `number` is still the newest; CHANGED otherwise. */
int ledger_schema_swap(struct ledger *, int64_t delivery, int64_t number, const char *text, struct sluice_error *err);

/* ---- parts: the listing, merged in pages -------------------------------------------------------- */

enum part_state { PART_PENDING, PART_ACTIVE, PART_DONE, PART_FAILED, PART_SKIPPED, PART_GONE };
enum on_change { ON_CHANGE_REREAD, ON_CHANGE_IGNORE, ON_CHANGE_FAIL };

struct ledger_listed {
  const char *name, *version;
  int64_t size, modified;
};
struct ledger_merged {
  int64_t added, changed, unchanged, gone;
  int64_t refused; /* of the changed: FAILED by ON_CHANGE_FAIL */
  int64_t skipped; /* of the added and changed: left out for start_from */
  int64_t restart; /* of the changed and gone: they spoiled the full refresh under way (generation.h) */
};
/* Merges one page of a listing: strictly rising names (byte order), all greater than `after`, the last name of the page
 * before ("" for the first). Names of the ledger in (after, last of the page] that are not in the page are gone:
 * pending ones get PART_GONE, done ones stay done and are marked absent; `final` extends the range to the end. New,
 * changed and returned parts become PENDING (a changed part voids its unit, after `policy`; ON_CHANGE_FAIL: FAILED with
 * a message). Failed parts become PENDING again with their unit kept. DATA: names do not rise. Policies speak of what
 * was delivered, whole or in part: a part of which nothing was is simply taken as it is now. IGNORE leaves done parts
 * done and leaves the unit that a worker has now; a part in pieces is read anew, for its old version cannot be read.
 * FAIL keeps the old version written, so that it fails in each run until that version is back (a part that was done is
 * done again then) or the policy changes. */
int ledger_merge(struct ledger *, int64_t delivery, const char *after, const struct ledger_listed *, size_t n,
                 bool final, enum on_change policy, struct ledger_merged *out, struct sluice_error *err);

/* ---- units: claimed, checkpointed, finished ----------------------------------------------------- */

struct ledger_settings { /* all that decides a unit's batches and the bodies made of them */
  int64_t batch_rows, batch_bytes, schema;
  int64_t first_schema;    /* a unit of this one up to `schema` goes on under its own; of any other it starts again.
                              0: only `schema` itself */
  const char *decode_hash; /* format, its options and version, wanted schema: another one restarts the unit */
  const char *output_hash; /* mapping, transforms and sink options: another one goes on under a new identity */
  int64_t bundle_parts, bundle_bytes, small; /* parts of known size <= small are bundled up to these limits */
  int64_t crashes_alone; /* suspects are set aside after so many crashes alone; 0: they run among the others */
};
struct ledger_unit_part {
  char *name, *version;
  int64_t size, modified;
  int64_t era; /* how often it was reset; in the identity */
};
enum { LEDGER_OLD_IDENTITIES = 8 };
struct ledger_unit {
  int64_t id, epoch, attempts;
  int64_t crashes, crashes_alone; /* of processes that held it; of these, while nothing else was under way */
  bool alone;                     /* a suspect: nothing else is claimed until it ends */
  bool set_aside;                 /* it is not claimed, but FAILED: free it and claim the next */
  char identity[65];              /* hex SHA-256 of delivery text, parts, versions, split and settings */
  /* Those before changes of settings, the newest first, "" if there are no more: a sink that keeps positions may have
   * one under any of them, where runs died before they sent anything under a later one. */
  char old_identities[LEDGER_OLD_IDENTITIES][65];
  struct sluice_position begin, end, position; /* position: the last checkpoint; begin if none */
  int64_t batch_rows, batch_bytes, schema;     /* as first claimed: these hold, not today's settings */
  int64_t rows, rejects, filtered, unchanged;  /* up to position */
  bool resumed, restarted;                     /* position is not begin; it starts again, for what changed since */
  bool retyped;                                /* or so that it goes on under another schema */
  bool reconfigured, overtaken; /* its identity is new: settings changed; by row, what is known of other files did */
  int64_t generation;           /* of a full refresh or reset; 0: before any */
  bool nothing_sent;            /* the caller's, before void, drop or break: nothing of this claim went to the sink */
  size_t n_parts;
  struct ledger_unit_part *parts;
};
/* Claims the next unit of the run: first what earlier runs left, oldest first, then a new unit made of the next pending
 * part, or of consecutive small pending parts. Written before it is returned. END: nothing is pending now. Units that
 * this very run gave back or failed are for a later run. CHANGED: the run has ended, or another of the delivery took
 * its place.
 *
 * Suspects are units that were in flight when a process died. With settings.crashes_alone they come first, in order of
 * their numbers, each alone: it is claimed when no other unit of the delivery is, and no other is while it is. RETRY
 * says so: ask again after retry_ms. One that died alone is known: a bundle becomes a unit for each of its parts, each
 * a suspect (what it delivered comes again under new identities; of a full refresh: it must begin anew); a unit that
 * died alone crashes_alone times is set aside: its parts are FAILED in this run and in each later one, without being
 * read, until they change, are reset, or the hashes of the settings do, which should have the versions of plugins in
 * them. */
int ledger_claim(struct ledger *, int64_t run, const struct ledger_settings *, struct ledger_unit *out,
                 struct sluice_error *err);
void ledger_unit_free(struct ledger_unit *); /* takes a zeroed one */

/* A fresh unit of one part, of which nothing was sent, becomes n units (2 or more): *unit is the first from now on, the
 * others are free. The part is done when all of them are. CHANGED: the unit is this claim's no more, or not fresh. */
enum { LEDGER_SPLITS_MAX = 1 << 16 };
int ledger_split(struct ledger *, struct ledger_unit *unit, const struct ledger_settings *, const struct sluice_split *,
                 size_t n, struct sluice_error *err);
bool ledger_is_split(const struct ledger_unit *);

struct ledger_progress { /* since the checkpoint before */
  struct sluice_position position;
  int64_t rows, rejects, filtered, unchanged; /* added */
  const void *reject_lines; /* NDJSON lines, durable in the reject file with this checkpoint; NULL: none */
  size_t reject_size;
  const struct ledger_row *row_changes; /* by row (rows.h): what was accepted, stored with this checkpoint */
  size_t n_row_changes;                 /* at most LEDGER_ROW_CHANGES_MAX */
  const char *cursor;                   /* NULL: stays as it is */
};
/* CHANGED: the unit was voided or claimed anew (another epoch); nothing happened. */
int ledger_checkpoint(struct ledger *, const struct ledger_unit *, const struct ledger_progress *,
                      struct sluice_error *err);
struct ledger_part_result {
  enum part_state state; /* DONE or GONE; after finish ACTIVE: other pieces of the part are left */
  int64_t rows, rejects, filtered, unchanged;
};
/* The last checkpoint and the end of the unit at once: its parts get these results (n_parts of them). */
int ledger_finish(struct ledger *, const struct ledger_unit *, const struct ledger_progress *,
                  struct ledger_part_result *, struct sluice_error *err);
/* Gives the unit back for later (`cancel`, `hold`), at its last checkpoint. */
int ledger_release(struct ledger *, const struct ledger_unit *, struct sluice_error *err);
/* The unit failed: its parts are FAILED with this error until the next run tries again from the last checkpoint. */
int ledger_fail(struct ledger *, const struct ledger_unit *, const struct sluice_error *why, struct sluice_error *err);
/* Forgets the unit: its parts become pending for new units of this run, under today's schema. A piece of a part stays
 * one, to be read from its start. */
int ledger_drop(struct ledger *, const struct ledger_unit *, struct sluice_error *err);
/* A bundle of which some parts cannot be read: the unit is dropped, each part gets its verdict, those to keep become
 * pending. */
enum ledger_verdict_kind { VERDICT_KEEP, VERDICT_FAILED, VERDICT_GONE, VERDICT_CHANGED };
struct ledger_verdict {
  enum ledger_verdict_kind what;
  const struct sluice_error *why; /* FAILED */
  const char *version;            /* CHANGED: what it is now */
};
int ledger_break(struct ledger *, const struct ledger_unit *, const struct ledger_verdict *verdicts,
                 struct sluice_error *err);
/* Part i of the unit is not what was listed: NULL version: gone; else it is this version now. The unit is voided, and
 * all others of this part; its other parts become pending for new units (of the new version neither size nor time is
 * known: it is not bundled). */
int ledger_void(struct ledger *, const struct ledger_unit *, size_t i, const char *version, struct sluice_error *err);

/* ---- reading, also while another process owns the job ------------------------------------------- */

struct ledger_status { /* of one delivery */
  char sink[128], stream[128];
  char reason[32], message[768];                     /* of the last run that ended, or died: "died" */
  int64_t parts[6];                                  /* by enum part_state */
  int64_t rows, rejects, filtered, unchanged, bytes; /* of all done parts and open units */
  int64_t started, ended;                            /* last run, microseconds since 1970; ended 0: it runs, or died */
  bool running;                                      /* the lock is held now */
  struct ledger_counters last;                       /* of that run */
  int64_t generation;                                /* whose parts these are (generation.h) */
  int64_t open, open_parts[6];                       /* the full refresh under way, 0: none; its parts */
};
typedef int ledger_status_fn(void *context, const struct ledger_status *);
/* Calls each once a delivery. NOT_FOUND: this job has no ledger yet. */
int ledger_read_status(const char *dir, const char *job, ledger_status_fn *each, void *context,
                       struct sluice_error *err);
typedef int ledger_failed_fn(void *context, const char *sink, const char *part, int64_t attempts, const char *error);
int ledger_read_failed(const char *dir, const char *job, int64_t limit, ledger_failed_fn *each, void *context,
                       struct sluice_error *err);

#endif
