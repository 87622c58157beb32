/* What the files of core/ledger share beyond the database: the open ledger, its thread's operations, small helpers. */
#ifndef LEDGER_INTERNAL_H
#define LEDGER_INTERNAL_H
#include "core/ledger/database.h"
#include "core/ledger/folder.h"
#include "core/ledger/generation.h"
#include "core/ledger/ledger.h"
#include "core/ledger/recent.h"
#include <pthread.h>

/* Left out for start_from: before a date; there when the delivery began under "now". */
enum part_skip { SKIP_NO, SKIP_BEFORE, SKIP_SEEN };
enum ledger_unit_state { UNIT_FREE, UNIT_CLAIMED, UNIT_FAILED };

/* The reject file: what is beyond `committed` is not there. */
struct ledger_rejects {
  char *path;
  int fd;
  int64_t committed;
  int64_t next; /* where the lines of the operation that runs will stand */
  bool broken;  /* a sync failed */
};

struct ledger;
/* Runs on the ledger's thread in a savepoint of the group's transaction: OK keeps what it did, any other code undoes
 * it. */
typedef int ledger_op_fn(struct ledger *, void *context, struct sluice_error *err);
struct ledger_op {
  ledger_op_fn *run;
  void *context;
  const void *lines; /* reject lines, appended if the operation is OK */
  size_t lines_size;
  /* In the ledger's thread, for each operation of a group, in order, once it is known what became of it. May be NULL.
   */
  void (*settled)(struct ledger *, void *context, bool committed);
  int result;
  bool done;
  struct sluice_error err;
  struct ledger_op *next;
};

struct ledger {
  struct ledger_db db; /* the thread's alone while it runs */
  struct ledger_rejects rejects;
  struct ledger_recent recent;
  char *job, *dir;
  int lock;
  pthread_t thread;
  bool started;
  pthread_mutex_t mutex; /* of the rest */
  pthread_cond_t waiting, finished;
  struct ledger_op *first, **last;
  bool closing;
  struct sluice_error broken; /* after an error of the disk nothing more is trusted; message "": not broken */
};

/* thread.c */
int ledger_thread_start(struct ledger *, struct sluice_error *err);
void ledger_thread_stop(struct ledger *); /* after what waits */
/* Hands an operation to the thread and waits until it is durable or failed. */
int ledger_submit(struct ledger *, struct ledger_op *, struct sluice_error *err);
/* The same for one without reject lines. */
int ledger_do(struct ledger *, ledger_op_fn *, void *context, struct sluice_error *err);

/* rejects.c */
int ledger_rejects_open(struct ledger *, const char *dir,
                        struct sluice_error *err); /* cut back to the committed length */
void ledger_rejects_finish(struct ledger_rejects *);
/* Appends the lines of the group's operations that are OK and makes them durable; *end: the length to commit. */
int ledger_rejects_append(struct ledger_rejects *, const struct ledger_op *group, int64_t *end,
                          struct sluice_error *err);
void ledger_rejects_cut(struct ledger_rejects *); /* back to the committed length */
/* rejects_whose.c. In an operation with these lines: whose they are. */
struct ledger_rejected {
  int64_t parts, unit;          /* unit 0: they belong to none any more */
  const struct ledger_unit *of; /* has the names of the parts */
};
/* Were any of this unit's parts rejected by another? Submits. */
int ledger_rejects_former(struct ledger *, int64_t unit, bool *any, struct sluice_error *err);
int ledger_rejects_note(struct ledger *, const struct ledger_rejected *, const struct ledger_progress *,
                        struct sluice_error *err);
/* The part was read whole, by this unit or with this piece: what was rejected of it in earlier readings. */
int ledger_rejects_drop_former(struct ledger *, int64_t parts, const char *name, int64_t unit, bool piece,
                               struct sluice_error *err);
/* The unit becomes pieces: what stands there of its part is of earlier readings. */
int ledger_rejects_split(struct ledger *, int64_t parts, const struct ledger_unit *, struct sluice_error *err);
/* Undone are lines of records that no checkpoint passed, or of a full refresh that was given up: shown until whoever
 * reads these records again got on. The unit did: */
int ledger_rejects_redone(struct ledger *, int64_t unit, struct sluice_error *err);
int ledger_rejects_keep(struct ledger *, int64_t parts, struct sluice_error *err); /* makes them undone */
/* Those of full refreshes of the delivery that were given up, but of these parts. */
int ledger_rejects_drop_given_up(struct ledger *, int64_t delivery, int64_t parts, struct sluice_error *err);
/* Lines of a unit, or of all that stands under these parts, are not in force any more. */
int ledger_rejects_drop_unit(struct ledger *, int64_t unit, struct sluice_error *err);
/* rejects_early.c: a checkpoint stands at this row; INT64_MAX: the unit ends, or starts again. */
int ledger_early_passed(struct ledger *, int64_t unit, int64_t row, struct sluice_error *err);
/* Those of tries to send rejects of this delivery again. */
int ledger_early_forget(struct ledger *, int64_t delivery, struct sluice_error *err);
int ledger_rejects_drop_parts(struct ledger *, int64_t parts, struct sluice_error *err);
/* rejects_compact.c, while the ledger is opened or closed: ends what was under way, and leaves lines out that are not
 * in force. */
int ledger_rejects_resume(struct ledger *, const char *dir, struct sluice_error *err);
int ledger_rejects_compact(struct ledger *, const char *dir, struct sluice_error *err);
#define LEDGER_REJECTS_DRAFT ".rejects.ndjson.new"
int ledger_file_write(int fd, const char *path, const void *bytes, size_t n, int64_t at, struct sluice_error *err);
/* runs.c: those that did not end. They died, for only one process at a time owns the job. */
int ledger_bury_runs(struct ledger *, int64_t delivery, struct sluice_error *err);
/* Units that are claimed become free; crashes: 1 if the process that had them died of them, perhaps. */
int ledger_free_claimed(struct ledger *, int64_t parts, int64_t crashes, struct sluice_error *err);

/* place.c: the parts that operations of a delivery act on. */
struct ledger_place {
  int64_t parts;   /* what stands for them in the tables: the delivery's number, or -generation */
  int64_t settled; /* the same of those in force: others while a full refresh is open */
  int64_t generation;
  bool open; /* it is a full refresh under way, in this state */
  enum ledger_generation_state state;
  int64_t listed; /* when a listing first came to its end; 0: none did */
  struct ledger_start start;
};
int ledger_place_of(struct ledger *, int64_t delivery, struct ledger_place *out, struct sluice_error *err);
/* These parts are nobody's any more. */
int ledger_abandon(struct ledger *, int64_t parts, struct sluice_error *err);
/* The same, but what was rejected of them is still shown. */
int ledger_abandon_undone(struct ledger *, int64_t parts, struct sluice_error *err);
/* All parts, units, rows and schemas of a delivery. */
int ledger_forget(struct ledger *, int64_t delivery, struct sluice_error *err);
/* Of delivery o: has its job parts in its sink? In whichever stream and generation. */
#define LEDGER_HAS_PARTS_SQL                                                                                           \
  "EXISTS (SELECT 1 FROM delivery d JOIN part p ON p.delivery IN (d.id, -d.generation, -d.open) WHERE d.job = o.job"   \
  " AND d.sink = o.sink)"
/* As ledger_compare_identity takes it, of a delivery by id: where nothing is known of any part, nothing is asked. */
#define LEDGER_IDENTITY_SQL                                                                                            \
  "SELECT iif(" LEDGER_HAS_PARTS_SQL ", o.source, NULL), o.format, o.destination FROM delivery o WHERE o.id = ?"
#define LEDGER_DELIVERY_TEXT_SQL                                                                                       \
  "SELECT job || '/' || coalesce(keyed_as, sink) || '/' || stream FROM delivery WHERE id = ?"
/* sinks.c: a sink that has parts, and that the configuration lacks; same: with the same destination. CONFIG as
 * ledger_take_over says. */
struct ledger_former {
  char name[LEDGER_SINK_SIZE], destination[256];
  bool found, same;
};
int ledger_find_former(struct ledger_db *, const char *job, const struct ledger_takeover *, enum identity_choice,
                       struct ledger_former *out, struct sluice_error *err);
/* naming.c: CONFIG as ledger_split_by says under ASK. */
int ledger_compare_split(struct ledger_db *, const char *job, const char *sink, const char *naming,
                         struct sluice_error *err);
/* row: source, format and destination as stored. CONFIG: they are others now, and --adopt or --reset must say. */
int ledger_compare_identity(const char *job, sqlite3_stmt *row, const struct ledger_identity *now,
                            struct sluice_error *err);
/* Deletes what was abandoned; in the caller's thread, in operations of its own. */
int ledger_sweep(struct ledger *, struct sluice_error *err);
/* generation.c */
int ledger_generation_end(struct ledger *, int64_t id, enum ledger_generation_state, const char *reason,
                          struct sluice_error *err);
/* If these are parts of a full refresh under way: it must begin anew, for this part `what`. */
int ledger_spoil(struct ledger *, int64_t parts, const char *part, const char *what, struct sluice_error *err);

/* rows.c: the changes that come with a checkpoint. */
struct ledger_rows_written {
  int64_t parts;
  uint32_t *numbers; /* of the unit's parts, zeroed; the caller's */
  bool reserved;
};
int ledger_rows_load(struct ledger *, struct sluice_error *err); /* once; in the caller's thread */
/* Rows for row_log and, once that is committed, for recent_put into `active`: there is room then. In an operation. */
struct rows_packed {
  uint8_t *bytes;
  size_t size;
};
int ledger_rows_pack_begin(struct ledger *, int64_t parts, size_t n, struct rows_packed *out, struct sluice_error *err);
void ledger_rows_pack(struct rows_packed *, const struct recent_row *); /* up to n times */
int ledger_rows_pack_end(struct ledger *, struct rows_packed *, struct sluice_error *err);
/* rows_sent.c: keys whose records are on their way. In the caller's thread. */
struct rows_sending {
  int64_t parts, unit, end_row;
  const uint8_t (*keys)[LEDGER_KEY_SIZE];
  size_t n;
};
int ledger_sent_add(struct ledger *, const struct rows_sending *, struct sluice_error *err);
int ledger_sent_doubt(struct ledger *, int64_t parts, int64_t unit, struct sluice_error *err);
/* In an operation: a checkpoint stands at this row; INT64_MAX: the unit ended. */
int ledger_sent_passed(struct ledger *, int64_t unit, int64_t row, struct sluice_error *err);
/* turn.c, in operations: a part changed, went or came back; nothing happens where none is delivered by row. */
int ledger_turn_next(struct ledger *, int64_t parts, struct sluice_error *err);
/* By row this unit sends records from now on; one that is not there: those of rejects. */
int ledger_turn_begin(struct ledger *, int64_t parts, int64_t unit, struct sluice_error *err);
/* By row rejects of this part, which is done, are about to be sent again: *era is what tells their keys from others'.
 * They stay the same as long as nobody else sent anything since. */
int ledger_turn_retry(struct ledger *, int64_t parts, const char *name, int64_t *era, struct sluice_error *err);
/* Sets the unit's `overtaken` and `restarted`. */
int ledger_turn_look(struct ledger *, int64_t parts, struct ledger_unit *, struct sluice_error *err);
/* Where anything is delivered by row: another number for a unit that is read from its start, of which nothing else is
 * left under the old one. */
int ledger_turn_renumber(struct ledger *, int64_t parts, struct ledger_unit *, struct sluice_error *err);
/* Where anything is delivered by row: new eras for the unit and its parts. */
int ledger_turn_renew(struct ledger *, int64_t parts, struct ledger_unit *, struct sluice_error *err);
/* The unit goes on under another identity. */
int ledger_sent_orphan(struct ledger *, int64_t unit, struct sluice_error *err);
/* rows_move.c: moves rows on while too many are in memory; in the caller's thread, before a checkpoint. */
int ledger_rows_make_room(struct ledger *, struct sluice_error *err);
/* In the checkpoint's operation. */
int ledger_rows_write(struct ledger *, int64_t parts, const struct ledger_unit *, const struct ledger_progress *,
                      struct ledger_rows_written *, struct sluice_error *err);
/* Once it is settled. */
void ledger_rows_settle(struct ledger *, const struct ledger_progress *, const struct ledger_rows_written *,
                        bool committed);
void ledger_recent_init(struct ledger_recent *);
void ledger_recent_finish(struct ledger_recent *);
void ledger_recent_clear(struct ledger_recent *); /* its rows */

/* read.c: a connection that sees one moment. */
int ledger_read_begin(const char *dir, const char *job, struct ledger_db *out, struct sluice_error *err);

int64_t ledger_now(void); /* microseconds since 1970 */
/* The run's delivery; CHANGED: the run has ended, or another one took its place. */
int ledger_live_run(struct ledger *, int64_t run, int64_t *delivery, struct sluice_error *err);
/* Those of LEDGER_COUNTERS, from this column on. */
#define LEDGER_COUNTERS "parts_done, parts_failed, parts_gone, parts_skipped, rows, rejects, bytes, filtered, unchanged"
#define LEDGER_COUNTERS_NONE "0, 0, 0, 0, 0, 0, 0, 0, 0"
/* total() is a double, which no sum takes over the edge. */
#define LEDGER_COUNTER_SUMS                                                                                            \
  "CAST(total(parts_done) AS INTEGER), CAST(total(parts_failed) AS INTEGER), CAST(total(parts_gone) AS INTEGER),"      \
  " CAST(total(parts_skipped) AS INTEGER), CAST(total(rows) AS INTEGER), CAST(total(rejects) AS INTEGER),"             \
  " CAST(total(bytes) AS INTEGER), CAST(total(filtered) AS INTEGER), CAST(total(unchanged) AS INTEGER)"
/* What parts, units and runs know of their records: for UPDATE, and the values of a struct that has them. */
#define LEDGER_COUNTS_NONE "rows = 0, rejects = 0, filtered = 0, unchanged = 0"
#define LEDGER_COUNTS_ADD "rows = rows + ?, rejects = rejects + ?, filtered = filtered + ?, unchanged = unchanged + ?"
#define LEDGER_COUNTS_OF(p) NUMBER((p)->rows), NUMBER((p)->rejects), NUMBER((p)->filtered), NUMBER((p)->unchanged)
void ledger_read_counters(sqlite3_stmt *row, int column, struct ledger_counters *out);
/* For UPDATE part: by row another version is sent under new keys, also where it is one that was there before: a
 * receiver that still knows the keys of that time would take its records for repeats. Which rows it has is not known
 * before it is read. */
#define LEDGER_NEW_ERA_BY_ROW                                                                                          \
  " era = era + EXISTS (SELECT 1 FROM row_turn t WHERE t.delivery = part.delivery), unit = -EXISTS (SELECT 1 FROM"     \
  " row_part r WHERE r.delivery = part.delivery AND r.name = part.name)"
/* splits.c: a piece that is to be read anew under the delivery's newest schema. */
int ledger_renew_piece(struct ledger *, int64_t delivery, const struct ledger_unit *, struct sluice_error *err);
/* Deletes a unit; its parts become pending for new ones. */
int ledger_unit_drop(struct ledger *, int64_t unit, struct sluice_error *err);
/* Its identity under these settings. */
int ledger_identity(struct ledger *, int64_t delivery, const struct ledger_unit *, const char *decode_hash,
                    const char *output_hash, char out[65], struct sluice_error *err);

#endif
