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
