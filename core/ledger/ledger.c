/* Opening and closing a job's ledger. */
#include "core/ledger/internal.h"
#include <stdlib.h>
#include <unistd.h>

static int take_lock(struct ledger *l, const char *dir, struct sluice_error *err) {
  char *path = NULL;
  int rc = ledger_path(dir, l->job, ".lock", &path, err);
  if (rc == SLUICE_OK)
    rc = ledger_lock_take(path, l->job, &l->lock, err);
  free(path);
  return rc;
}

static int open_database(struct ledger *l, const char *dir, struct sluice_error *err) {
  char *path = NULL;
  int rc = ledger_path(dir, l->job, ".db", &path, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_open(path, &l->db, err);
  free(path);
  return rc;
}

static int open_all(struct ledger *l, const char *dir, const char *job, struct sluice_error *err) {
  l->job = strdup(job);
  l->dir = strdup(dir);
  if (!l->job || !l->dir)
    return sluice_fail(err, SLUICE_ERR_MEMORY, dir, "no memory");
  int rc = ledger_make_dir(dir, err);
  if (rc == SLUICE_OK)
    rc = take_lock(l, dir, err);
  if (rc == SLUICE_OK)
    rc = open_database(l, dir, err);
  if (rc == SLUICE_OK)
    rc = ledger_rejects_open(l, dir, err);
  if (rc == SLUICE_OK)
    rc = ledger_sync_dir(dir, err);
  if (rc == SLUICE_OK)
    rc = ledger_thread_start(l, err);
  return rc;
}

int ledger_open(const char *dir, const char *job, struct ledger **out, struct sluice_error *err) {
  int rc = ledger_check_job(job, err);
  if (rc != SLUICE_OK)
    return rc;
  struct ledger *l = calloc(1, sizeof *l);
  if (!l)
    return sluice_fail(err, SLUICE_ERR_MEMORY, dir, "no memory");
  l->lock = l->rejects.fd = -1;
  pthread_mutex_init(&l->mutex, NULL);
  pthread_cond_init(&l->waiting, NULL);
  pthread_cond_init(&l->finished, NULL);
  ledger_recent_init(&l->recent);
  rc = open_all(l, dir, job, err);
  if (rc == SLUICE_OK)
    *out = l;
  else
    ledger_close(l);
  return rc;
}

/* What is not done here the next open does. */
static void leave_out_gone(struct ledger *l) {
  struct sluice_error ignored = {0};
  ledger_rejects_compact(l, l->dir, &ignored);
}

void ledger_close(struct ledger *l) {
  if (!l)
    return;
  ledger_thread_stop(l);
  if (l->started && !l->broken.message[0])
    leave_out_gone(l);
  ledger_rejects_finish(&l->rejects);
  ledger_db_finish(&l->db);
  if (l->lock >= 0)
    close(l->lock); /* last: the next owner finds all at rest */
  pthread_cond_destroy(&l->finished);
  pthread_cond_destroy(&l->waiting);
  pthread_mutex_destroy(&l->mutex);
  ledger_recent_finish(&l->recent);
  free(l->job);
  free(l->dir);
  free(l);
}

const char *ledger_rejects_path(const struct ledger *l) {
  return l->rejects.path;
}
