/* The streams of a job in one sink, as its ledger knows them: each is a delivery of its own.
 *
 * A job with streams also has the delivery "*", of the job as a whole: its runs, and when it was first listed. */
#ifndef LEDGER_STREAMS_H
#define LEDGER_STREAMS_H
#include "core/ledger/ledger.h"

#define LEDGER_WHOLE_JOB "*"

struct ledger_stream {
  int64_t delivery;
  char name[128];
  int64_t created, listed; /* microseconds since 1970; listed: when a listing was first merged whole, 0: never */
};
/* Runs `run` in the ledger's thread: what it asks of the ledger is one transaction, which a job of many streams needs
 * to be quick. If it fails, all of it is undone. Without reject lines and checkpoints; others wait meanwhile. */
typedef int ledger_together_fn(void *context, struct sluice_error *err);
int ledger_together(struct ledger *, ledger_together_fn *run, void *context, struct sluice_error *err);

/* By what a job's files are split into streams, a short text for people; "": not at all. Noted at first. CONFIG: by
 * something else than what was delivered, unless RESET says to forget all of this sink. */
int ledger_split_by(struct ledger *, const char *sink, const char *naming, enum identity_choice,
                    struct sluice_error *err);
/* All of this sink, in byte order of their names: malloc'ed, *n of them. CONFIG: more than `most`. */
int ledger_streams(struct ledger *, const char *sink, size_t most, struct ledger_stream **out, size_t *n,
                   struct sluice_error *err);
/* The first part, in byte order, that was there at the last listing: malloc'ed; NULL: none. */
int ledger_stream_part(struct ledger *, int64_t delivery, char **name, struct sluice_error *err);

#endif
