/* What `serve` keeps of each job over restarts: its state, its schedule's, and its last result. One small SQLite file
 * in the ledger folder; names of jobs have no dot, so it is no job's. One process writes it, any may read it. */
#ifndef SERVE_STORE_H
#define SERVE_STORE_H
#include "core/ledger/database.h"
#include "core/serve/machine.h"
#include "core/serve/result.h"

enum { STORE_REFUSAL = 256 };
struct store {
  struct ledger_db db;
  int lock; /* -1: none, opened to read */
};
struct store_job {
  char name[72];
  struct machine machine; /* what of it is stored */
  bool absent;            /* a deleted job that the configuration no longer has */
  struct serve_result last;
  char refusal[STORE_REFUSAL]; /* why something did not happen, "" if nothing was refused yet */
  int64_t refused;             /* when, milliseconds since 1970 */
};

/* Makes folder and file where they are absent. RETRY: another process serves this folder; CONFIG as of a ledger. */
int store_open(const char *folder, struct store *out, struct sluice_error *err);
/* NOT_FOUND: nothing was ever served here. */
int store_open_read(const char *folder, struct store *out, struct sluice_error *err);
void store_close(struct store *); /* takes one that was not opened, if zeroed with lock -1 */
/* Durable when it returns. */
int store_save(struct store *, const struct store_job *, struct sluice_error *err);
int store_forget(struct store *, const char *name, struct sluice_error *err);
typedef int store_fn(void *context, const struct store_job *);
/* Each job, by name. What `each` returns other than OK ends it and is returned. */
int store_each(struct store *, store_fn *each, void *context, struct sluice_error *err);

#endif
