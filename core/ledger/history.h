/* What happened: runs and parts as the ledger remembers them, and parts to be delivered once more. Reading works beside
 * whoever owns the job, from one moment. */
#ifndef LEDGER_HISTORY_H
#define LEDGER_HISTORY_H
#include "core/ledger/ledger.h"

enum ledger_run_kind { RUN_INCREMENTAL, RUN_FULL_REFRESH, RUN_RETRY };
/* What the host knows of a run beside the counters; all 0: not said. */
struct ledger_run_facts {
  enum ledger_run_kind kind;
  int64_t listed;                 /* when the listing came to its end, microseconds since 1970 */
  int64_t listing_ms, reading_ms; /* spent in the two; reading is the sum over workers */
  int64_t fetched, requests;      /* bytes and requests of the source */
  int64_t credential_requests;    /* of the source, beside these: what it asked to be let in */
};
/* May be said again and again while the run goes on: the last one counts. CHANGED: it has ended. */
int ledger_run_note(struct ledger *, int64_t run, const struct ledger_run_facts *, struct sluice_error *err);

struct ledger_run {
  int64_t id, started, ended;                   /* ended 0: it runs, or died */
  const char *sink, *stream, *reason, *message; /* reason "died": found dead by a later run; "": not ended */
  bool running;                                 /* not ended, and the job has an owner now */
  int64_t generation;                           /* of the full refresh it worked for; 0: none */
  struct ledger_run_facts facts;
  struct ledger_counters counters;
};
/* What `each` returns other than OK ends the reading and is returned. Texts are borrowed for the call. */
typedef int ledger_run_fn(void *context, const struct ledger_run *);
/* Newest first, of all deliveries of the job; of each the last 1,000 are kept. NOT_FOUND: it has no ledger yet. */
int ledger_read_runs(const char *dir, const char *job, int64_t limit, ledger_run_fn *each, void *context,
                     struct sluice_error *err);

/* What runs begun since then, of all deliveries of the job, did behind checkpoints and did not live to tell: of a
 * process that died. NOT_FOUND: it has no ledger yet. */
int ledger_read_untold(const char *dir, const char *job, int64_t since, struct ledger_counters *out,
                       struct sluice_error *err);

struct ledger_part {
  int64_t delivery;
  const char *sink, *stream, *name, *version;
  int64_t size, modified; /* -1 and INT64_MIN: unknown */
  enum part_state state;
  bool absent;                                /* not in the last listing */
  int64_t rows, rejects, filtered, unchanged; /* of a done part */
  int64_t attempts;
  int64_t run, finished;           /* the run that finished it, and when; 0: none */
  const char *error, *error_where; /* "": none; where: as the error said it, such as a column */
  int64_t error_row, error_offset; /* -1: unknown */
  int64_t generation;
};
struct ledger_part_filter { /* zeroed: all */
  const char *sink, *stream;
  unsigned states;        /* 1u << enum part_state, or'ed */
  const char *prefix;     /* of the name */
  const char *match;      /* the name itself, or a glob of * ? [...], in which * also passes / */
  bool settled;           /* while a full refresh is under way: the parts in force, not its own */
  int64_t after_delivery; /* only what follows this part of this delivery */
  const char *after_name;
};
typedef int ledger_part_fn(void *context, const struct ledger_part *);
/* By delivery, then by name in byte order. */
int ledger_read_parts(const char *dir, const char *job, const struct ledger_part_filter *, int64_t limit,
                      ledger_part_fn *each, void *context, struct sluice_error *err);

/* Parts that match (as above; NULL: all) and were there at the last listing become pending, whole, whatever they were
 * (counted); those that were not are GONE if records of them were rejected, and are read whole should they come back;
 * their units are forgotten, and they are delivered under new identities. Fingerprints of rows stay: by row only what
 * differs is delivered. That another process owns the job was found by ledger_open. Of a full refresh under way: it
 * must begin anew; CONFIG while it is being committed. */
int ledger_reset_parts(struct ledger *, int64_t delivery, const char *match, int64_t *count, struct sluice_error *err);

#endif
