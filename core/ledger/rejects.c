/* The reject file beside the ledger: appended and synced before the transaction that counts it, cut back otherwise. */
#include "core/ledger/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is shorter than committed was shortened by someone else, such as a user who read and emptied it. */
static int settle(struct ledger *l, struct sluice_error *err) {
  struct ledger_rejects *r = &l->rejects;
  struct stat info;
  if (fstat(r->fd, &info) < 0)
    return ledger_file_fail(r->path, errno, "read", err);
  if (info.st_size < r->committed) {
    r->committed = info.st_size;
    int rc = ledger_db_run(&l->db, "DELETE FROM reject_gone WHERE at + size > ?", VALUES(NUMBER(r->committed)), err);
    if (rc == SLUICE_OK)
      rc = ledger_db_run(&l->db, "DELETE FROM reject_range WHERE at + size > ?", VALUES(NUMBER(r->committed)), err);
    if (rc != SLUICE_OK)
      return rc;
    return ledger_db_run(&l->db, "UPDATE job SET rejects_size = ?", VALUES(NUMBER(r->committed)), err);
  }
  if (info.st_size > r->committed && (ftruncate(r->fd, r->committed) < 0 || fdatasync(r->fd) < 0))
    return ledger_file_fail(r->path, errno, "cut back", err);
  return SLUICE_OK;
}

int ledger_rejects_open(struct ledger *l, const char *dir, struct sluice_error *err) {
  struct ledger_rejects *r = &l->rejects;
  int rc = ledger_path(dir, l->job, ".rejects.ndjson", &r->path, err);
  if (rc == SLUICE_OK)
    rc = ledger_rejects_resume(l, dir, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_number(&l->db, "SELECT rejects_size FROM job", NULL, 0, &r->committed, err);
  if (rc == SLUICE_END || (rc == SLUICE_OK && r->committed < 0))
    rc = sluice_fail(err, SLUICE_ERR_CONFIG, l->db.path, "the ledger %s is damaged (no job)", l->db.path);
  if (rc != SLUICE_OK)
    return rc;
  r->fd = open(r->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (r->fd < 0)
    return ledger_file_fail(r->path, errno, "open", err);
  rc = settle(l, err);
  return rc == SLUICE_OK ? ledger_rejects_compact(l, dir, err) : rc;
}

void ledger_rejects_finish(struct ledger_rejects *r) {
  if (r->fd >= 0)
    close(r->fd);
  free(r->path);
}

int ledger_file_write(int fd, const char *path, const void *from, size_t n, int64_t at, struct sluice_error *err) {
  const char *bytes = from;
  while (n > 0) {
    ssize_t done = pwrite(fd, bytes, n, at);
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return ledger_file_fail(path, done < 0 ? errno : EIO, "write", err);
    bytes += done;
    at += done;
    n -= (size_t)done;
  }
  return SLUICE_OK;
}

int ledger_rejects_append(struct ledger_rejects *r, const struct ledger_op *group, int64_t *end,
                          struct sluice_error *err) {
  int64_t at = r->committed;
  int rc = SLUICE_OK;
  for (const struct ledger_op *op = group; op && rc == SLUICE_OK; op = op->next) {
    if (op->result != SLUICE_OK || op->lines_size == 0)
      continue;
    if (op->lines_size > (size_t)(INT64_MAX - at))
      return sluice_fail(err, SLUICE_ERR_BUG, r->path, "too many rejects");
    rc = ledger_file_write(r->fd, r->path, op->lines, op->lines_size, at, err);
    at += (int64_t)op->lines_size;
  }
  if (rc == SLUICE_OK && at > r->committed && fdatasync(r->fd) < 0) {
    rc = ledger_file_fail(r->path, errno, "sync", err);
    r->broken = true;
  }
  if (rc == SLUICE_OK)
    *end = at;
  return rc;
}

void ledger_rejects_cut(struct ledger_rejects *r) {
  /* If even this fails, the next open does it. */
  (void)!ftruncate(r->fd, r->committed);
}

/* ---- whose lines they are ----------------------------------------------------------------------- */

int ledger_rejects_note(struct ledger *l, int64_t parts, int64_t unit, size_t size, struct sluice_error *err) {
  if (size == 0)
    return SLUICE_OK;
  return ledger_db_run(&l->db, "INSERT INTO reject_range (at, size, delivery, unit) VALUES (?, ?, ?, ?)",
                       VALUES(NUMBER(l->rejects.next), NUMBER((int64_t)size), NUMBER(parts), NUMBER(unit)), err);
}

/* Single lines of a range may be out of force already: the range takes them in, so that none stands in another. */
int ledger_rejects_drop_unit(struct ledger *l, int64_t unit, struct sluice_error *err) {
  int rc = ledger_db_run(&l->db,
                         "DELETE FROM reject_gone WHERE at IN (SELECT g.at FROM reject_range r CROSS JOIN reject_gone g"
                         " WHERE r.unit = ? AND g.at >= r.at AND g.at < r.at + r.size)",
                         VALUES(NUMBER(unit)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "INSERT INTO reject_gone SELECT at, size FROM reject_range WHERE unit = ?",
                       VALUES(NUMBER(unit)), err);
  if (rc != SLUICE_OK)
    return rc;
  rc = ledger_early_passed(l, unit, INT64_MAX, err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "DELETE FROM reject_range WHERE unit = ?", VALUES(NUMBER(unit)), err);
}

int ledger_rejects_drop_parts(struct ledger *l, int64_t parts, struct sluice_error *err) {
  int rc = ledger_db_run(&l->db,
                         "DELETE FROM reject_gone WHERE at IN (SELECT g.at FROM reject_range r CROSS JOIN reject_gone g"
                         " WHERE r.delivery = ? AND g.at >= r.at AND g.at < r.at + r.size)",
                         VALUES(NUMBER(parts)), err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(&l->db, "INSERT INTO reject_gone SELECT at, size FROM reject_range WHERE delivery = ?",
                       VALUES(NUMBER(parts)), err);
  if (rc != SLUICE_OK)
    return rc;
  return ledger_db_run(&l->db, "DELETE FROM reject_range WHERE delivery = ?", VALUES(NUMBER(parts)), err);
}
