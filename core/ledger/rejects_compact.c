/* Leaving out of the reject file what is not in force any more: a new file is made beside it, the ledger turns to that
 * one in a transaction, then it gets the name. Whatever is interrupted, the next open ends it or drops it. */
#include "core/ledger/internal.h"
#include "core/ledger/rejects.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 16 };

/* ---- a new file --------------------------------------------------------------------------------- */

struct draft {
  int from, to;
  const char *path;
  int64_t size;
  uint8_t buffer[COPY_BYTES];
};

static int copy(struct draft *d, int64_t at, int64_t end, struct sluice_error *err) {
  while (at < end) {
    size_t want = end - at < COPY_BYTES ? (size_t)(end - at) : COPY_BYTES;
    ssize_t n = pread(d->from, d->buffer, want, at);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return ledger_file_fail(d->path, n < 0 ? errno : EIO, "read", err);
    int rc = ledger_file_write(d->to, d->path, d->buffer, (size_t)n, d->size, err);
    if (rc != SLUICE_OK)
      return rc;
    at += n;
    d->size += n;
  }
  return SLUICE_OK;
}

static int copy_in_force(struct ledger *l, struct draft *d, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int64_t at = 0, end = l->rejects.committed;
  int rc = ledger_db_query(&l->db, "SELECT at, size FROM reject_gone ORDER BY at", NULL, 0, &row, err);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(&l->db, row, err);
    int64_t gone = rc == SLUICE_OK ? sqlite3_column_int64(row, 0) : end;
    if (rc >= SLUICE_OK && gone > at && gone <= end) {
      int copied = copy(d, at, gone, err);
      rc = copied == SLUICE_OK ? rc : copied;
    }
    int64_t behind = rc == SLUICE_OK ? gone + sqlite3_column_int64(row, 1) : at;
    at = behind > at ? behind : at;
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

static int write_draft(struct ledger *l, const char *path, int64_t *size, struct sluice_error *err) {
  struct draft *d = malloc(sizeof *d);
  if (!d)
    return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory");
  d->from = l->rejects.fd;
  d->path = path;
  d->size = 0;
  d->to = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  int rc = d->to < 0 ? ledger_file_fail(path, errno, "create", err) : copy_in_force(l, d, err);
  if (rc == SLUICE_OK && fsync(d->to) < 0)
    rc = ledger_file_fail(path, errno, "sync", err);
  if (d->to >= 0)
    close(d->to);
  if (rc == SLUICE_OK)
    *size = d->size;
  free(d);
  return rc;
}

/* ---- ranges move with their lines --------------------------------------------------------------- */

struct walk { /* along what is out of force */
  sqlite3_stmt *gone;
  struct ledger_line next;
  int64_t passed; /* bytes of it so far */
};

static int next_gone(struct ledger *l, struct walk *w, struct sluice_error *err) {
  int rc = ledger_db_step(&l->db, w->gone, err);
  w->next = (struct ledger_line){.at = INT64_MAX};
  if (rc == SLUICE_OK)
    w->next = (struct ledger_line){.at = sqlite3_column_int64(w->gone, 0), .size = sqlite3_column_int64(w->gone, 1)};
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

/* How many bytes in front of this one go. */
static int pass(struct ledger *l, struct walk *w, int64_t end, int64_t *passed, struct sluice_error *err) {
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK && w->next.at < end) {
    w->passed += w->next.size;
    rc = next_gone(l, w, err);
  }
  *passed = w->passed;
  return rc;
}

static int move_range(struct ledger *l, struct walk *w, sqlite3_stmt *range, struct sluice_error *err) {
  int64_t id = sqlite3_column_int64(range, 0), at = sqlite3_column_int64(range, 1);
  int64_t size = sqlite3_column_int64(range, 2), before = 0, within = 0;
  int rc = pass(l, w, at, &before, err);
  if (rc == SLUICE_OK)
    rc = pass(l, w, at + size, &within, err);
  if (rc != SLUICE_OK || within == 0 /* nothing goes up to its end */)
    return rc;
  return ledger_db_run(&l->db, "UPDATE reject_range SET at = ?, size = ? WHERE id = ?",
                       VALUES(NUMBER(at - before), NUMBER(size - (within - before)), NUMBER(id)), err);
}

/* Their numbers rise as their places do. */
static int move_ranges(struct ledger *l, struct sluice_error *err) {
  struct walk w = {0};
  sqlite3_stmt *range = NULL;
  int rc = ledger_db_query(&l->db, "SELECT at, size FROM reject_gone ORDER BY at", NULL, 0, &w.gone, err);
  if (rc == SLUICE_OK)
    rc = next_gone(l, &w, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_query(&l->db, "SELECT id, at, size FROM reject_range ORDER BY id", NULL, 0, &range, err);
  while (rc == SLUICE_OK) {
    rc = ledger_db_step(&l->db, range, err);
    if (rc == SLUICE_OK)
      rc = move_range(l, &w, range, err);
  }
  ledger_db_reset(&l->db);
  return rc == SLUICE_END ? ledger_db_run(&l->db, "DELETE FROM reject_range WHERE size = 0", NULL, 0, err) : rc;
}

/* ---- turning to it ------------------------------------------------------------------------------ */

static int turn(struct ledger *l, int64_t size, struct sluice_error *err) {
  int rc = ledger_db_run(&l->db, "BEGIN IMMEDIATE", NULL, 0, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "UPDATE job SET rejects_size = ?, rejects_swap = 1", VALUES(NUMBER(size)), err);
  if (rc == SLUICE_OK)
    rc = move_ranges(l, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "DELETE FROM reject_gone", NULL, 0, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "COMMIT", NULL, 0, err);
  return rc;
}

/* Where the new file is not there it has its name already. */
static int give_name(struct ledger *l, const char *dir, const char *draft, struct sluice_error *err) {
  if (rename(draft, l->rejects.path) < 0 && errno != ENOENT)
    return ledger_file_fail(l->rejects.path, errno, "replace", err);
  int rc = ledger_sync_dir(dir, err);
  return rc == SLUICE_OK ? ledger_db_run(&l->db, "UPDATE job SET rejects_swap = 0", NULL, 0, err) : rc;
}

int ledger_rejects_resume(struct ledger *l, const char *dir, struct sluice_error *err) {
  char *draft = NULL;
  int64_t swap = 0;
  int rc = ledger_path(dir, l->job, LEDGER_REJECTS_DRAFT, &draft, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_number(&l->db, "SELECT rejects_swap FROM job", NULL, 0, &swap, err);
  if (rc == SLUICE_OK && swap)
    rc = give_name(l, dir, draft, err);
  else if (rc >= SLUICE_OK)
    unlink(draft); /* of one that died at work */
  free(draft);
  return rc == SLUICE_END ? SLUICE_OK : rc; /* a ledger without its job is found to be damaged elsewhere */
}

static int replace(struct ledger *l, const char *dir, const char *draft, int64_t size, struct sluice_error *err) {
  struct ledger_rejects *r = &l->rejects;
  int rc = turn(l, size, err);
  if (rc == SLUICE_OK)
    rc = give_name(l, dir, draft, err);
  if (rc != SLUICE_OK)
    return rc;
  close(r->fd);
  r->committed = size;
  r->fd = open(r->path, O_RDWR | O_CLOEXEC);
  return r->fd < 0 ? ledger_file_fail(r->path, errno, "open", err) : SLUICE_OK;
}

int ledger_rejects_compact(struct ledger *l, const char *dir, struct sluice_error *err) {
  struct sluice_error why = {0};
  char *draft = NULL;
  int64_t gone = 0, size = 0;
  int rc = ledger_db_number(&l->db, "SELECT at FROM reject_gone LIMIT 1", NULL, 0, &gone, err);
  if (rc != SLUICE_OK)
    return rc == SLUICE_END ? SLUICE_OK : rc;
  rc = ledger_path(dir, l->job, LEDGER_REJECTS_DRAFT, &draft, err);
  if (rc != SLUICE_OK)
    return rc;
  bool made = write_draft(l, draft, &size, &why) == SLUICE_OK && ledger_sync_dir(dir, &why) == SLUICE_OK;
  ledger_db_reset(&l->db);
  if (made)
    rc = replace(l, dir, draft, size, err);
  else
    unlink(draft); /* no room: they are out of force as it is, and the next open tries again */
  free(draft);
  return rc;
}
