/* The streams over which a listing spreads: as a run would find them, with what the ledger knows of each. */
#ifndef PLAN_SPREAD_H
#define PLAN_SPREAD_H
#include "core/ledger/known.h"
#include "core/plan/plan.h"
#include "core/run/stream.h"

enum { SPREAD_FIRST = 4 /* files that decide a stream's columns */ };

struct spread_stream {
  char name[128];
  struct known_stream known;              /* delivery 0: the ledger has none */
  char *folder;                           /* of its files; NULL: not known yet */
  struct sluice_part first[SPREAD_FIRST]; /* that have bytes; texts are its own */
  size_t n_first;
  int64_t names, files, bytes; /* listed; to be read */
  struct stream_ending ending;
  char *note; /* worth a look; NULL: nothing */
};
struct spread {
  struct spread_stream **items; /* in byte order of their names */
  size_t n, room;
  int64_t met; /* names of the listing that the ledger has as there */
};
/* The stream of a part; known NULL: whatever a ledger has. END: it is of none; *why then says so where that is a
 * mistake. Other errors as any. */
int spread_find(struct spread *, const struct naming *, struct known *, const char *part, struct spread_stream **out,
                struct sluice_error *why, struct sluice_error *err);
struct spread_stream *spread_get(const struct spread *, const char *name); /* NULL: none */
/* Keeps it if it is one of the stream's first. MEMORY. */
int spread_keep(struct spread_stream *, const struct sluice_part *);
/* Whether start_from = "now" leaves out what is found of this stream. */
bool spread_before_now(const struct spread_stream *, const struct known *);
int spread_report(const struct spread *, struct plan_files *); /* MEMORY */
void spread_finish(struct spread *);                           /* takes a zeroed one */

#endif
