/* The ledger's thread: takes all operations that wait and commits them as one transaction, so that many workers share
 * the cost of one sync. */
#include "core/ledger/internal.h"
#include "core/ledger/streams.h"
#include <signal.h>

/* ---- one group ---------------------------------------------------------------------------------- */

/* An operation in its own savepoint. Fails only if the group's transaction is lost. */
static int run_one(struct ledger *l, struct ledger_op *op, struct sluice_error *err) {
  int rc = ledger_db_run(&l->db, "SAVEPOINT one", NULL, 0, err);
  if (rc != SLUICE_OK)
    return rc;
  op->result = op->run(l, op->context, &op->err);
  ledger_db_reset(&l->db);
  if (sqlite3_get_autocommit(l->db.handle)) { /* SQLite undid it all, as on a full disk */
    *err = op->err;
    return op->result < 0 ? op->result : sluice_fail(err, SLUICE_ERR_BUG, l->db.path, "transaction lost");
  }
  if (op->result == SLUICE_OK)
    l->rejects.next += (int64_t)op->lines_size;
  else
    rc = ledger_db_run(&l->db, "ROLLBACK TO one", NULL, 0, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "RELEASE one", NULL, 0, err);
  return rc;
}

static int run_group(struct ledger *l, struct ledger_op *group, int64_t *rejects_end, struct sluice_error *err) {
  int rc = ledger_db_run(&l->db, "BEGIN IMMEDIATE", NULL, 0, err);
  l->rejects.next = l->rejects.committed;
  for (struct ledger_op *op = group; op && rc == SLUICE_OK; op = op->next)
    rc = run_one(l, op, err);
  if (rc == SLUICE_OK)
    rc = ledger_rejects_append(&l->rejects, group, rejects_end, err);
  if (rc == SLUICE_OK && *rejects_end != l->rejects.committed)
    rc = ledger_db_run(&l->db, "UPDATE job SET rejects_size = ?", VALUES(NUMBER(*rejects_end)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "COMMIT", NULL, 0, err);
  return rc;
}

/* After a failed sync it is unknown what the disk holds: the transaction may even come back when the log is read again.
 * So the reject file is left for the next open to cut, and nothing more is written. */
static bool disk_failed(struct ledger *l) {
  int code = sqlite3_extended_errcode(l->db.handle);
  return l->rejects.broken || (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CORRUPT;
}

static void undo_group(struct ledger *l, const struct sluice_error *err) {
  struct sluice_error ignored = {0};
  if (disk_failed(l))
    l->broken = *err;
  else
    ledger_rejects_cut(&l->rejects);
  ledger_db_reset(&l->db);
  if (!sqlite3_get_autocommit(l->db.handle))
    ledger_db_exec(&l->db, "ROLLBACK", &ignored);
}

static void commit_group(struct ledger *l, struct ledger_op *group) {
  struct sluice_error err = l->broken;
  int64_t rejects_end = l->rejects.committed;
  int rc = SLUICE_ERR_CONFIG;
  if (!l->broken.message[0]) {
    rc = run_group(l, group, &rejects_end, &err);
    if (rc == SLUICE_OK)
      l->rejects.committed = rejects_end;
    else
      undo_group(l, &err);
  }
  for (struct ledger_op *op = group; op; op = op->next) {
    if (rc != SLUICE_OK) {
      op->result = rc;
      op->err = err;
    }
    if (op->settled)
      op->settled(l, op->context, op->result == SLUICE_OK);
  }
  l->recent.active.reserved = 0;
}

/* ---- the queue ---------------------------------------------------------------------------------- */

static struct ledger_op *take_waiting(struct ledger *l) {
  struct ledger_op *group = l->first;
  l->first = NULL;
  l->last = &l->first;
  return group;
}

static void mark_done(struct ledger_op *group) {
  while (group) {
    struct ledger_op *next = group->next; /* a done operation belongs to its caller again */
    group->done = true;
    group = next;
  }
}

static void *serve(void *context) {
  struct ledger *l = context;
  pthread_mutex_lock(&l->mutex);
  for (;;) {
    while (!l->first && !l->closing)
      pthread_cond_wait(&l->waiting, &l->mutex);
    struct ledger_op *group = take_waiting(l);
    if (!group)
      break;
    pthread_mutex_unlock(&l->mutex);
    commit_group(l, group);
    pthread_mutex_lock(&l->mutex);
    mark_done(group);
    pthread_cond_broadcast(&l->finished);
  }
  pthread_mutex_unlock(&l->mutex);
  return NULL;
}

/* Within ledger_together: the operation is part of that one, and durable with it. If all is undone, so is this. */
static int run_inside(struct ledger *l, struct ledger_op *op, struct sluice_error *err) {
  struct sluice_error lost = {0};
  int rc = op->lines_size || op->settled
               ? sluice_fail(&lost, SLUICE_ERR_BUG, l->db.path, "this operation cannot be one of several")
               : run_one(l, op, &lost);
  if (rc == SLUICE_OK)
    rc = op->result;
  if (rc < 0 && err && !err->message[0])
    *err = lost.message[0] ? lost : op->err;
  return rc;
}

/* The queue is bounded by its callers: each waits for its one operation. */
int ledger_submit(struct ledger *l, struct ledger_op *op, struct sluice_error *err) {
  if (pthread_equal(pthread_self(), l->thread))
    return run_inside(l, op, err);
  op->next = NULL;
  pthread_mutex_lock(&l->mutex);
  *l->last = op;
  l->last = &op->next;
  pthread_cond_signal(&l->waiting);
  while (!op->done)
    pthread_cond_wait(&l->finished, &l->mutex);
  pthread_mutex_unlock(&l->mutex);
  if (op->result < 0 && err && !err->message[0])
    *err = op->err;
  return op->result;
}

int ledger_do(struct ledger *l, ledger_op_fn *run, void *context, struct sluice_error *err) {
  struct ledger_op op = {.run = run, .context = context};
  return ledger_submit(l, &op, err);
}

struct together {
  ledger_together_fn *run;
  void *context;
};
static int run_together(struct ledger *l, void *context, struct sluice_error *err) {
  const struct together *together = context;
  (void)l;
  return together->run(together->context, err);
}

int ledger_together(struct ledger *l, ledger_together_fn *run, void *context, struct sluice_error *err) {
  struct together together = {run, context};
  return ledger_do(l, run_together, &together, err);
}

int ledger_thread_start(struct ledger *l, struct sluice_error *err) {
  sigset_t all, before;
  sigfillset(&all);
  l->last = &l->first;
  pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the host's, not this thread's */
  int rc = pthread_create(&l->thread, NULL, serve, l);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (rc != 0)
    return sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "no thread for the ledger: %s", strerror(rc));
  l->started = true;
  return SLUICE_OK;
}

void ledger_thread_stop(struct ledger *l) {
  if (!l->started)
    return;
  pthread_mutex_lock(&l->mutex);
  l->closing = true;
  pthread_cond_signal(&l->waiting);
  pthread_mutex_unlock(&l->mutex);
  pthread_join(l->thread, NULL);
}
