/* Reading the reject file, beside whoever owns the job. */
#include "core/ledger/internal.h"
#include "core/ledger/rejects.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_TRIES = 20, FIRST_BYTES = 1 << 16, LINE_MAX_BYTES = 4 << 20 };

struct reading {
  struct ledger_db db;
  char *path, *draft;
  int fd;
  int64_t size;  /* what is in force lies below */
  struct along { /* what the ledger says of lines, in their order */
    sqlite3_stmt *rows;
    struct ledger_line next;
  } gone, undone;
  char *buffer;
  size_t room, used;
  int64_t at; /* of the buffer's first byte */
};

/* ---- one moment: the file and what the ledger says of it ---------------------------------------- */

static int open_file(struct reading *r, const char *path, struct sluice_error *err) {
  if (r->fd >= 0)
    close(r->fd);
  r->fd = open(path, O_RDONLY | O_CLOEXEC);
  return r->fd < 0 && errno != ENOENT ? ledger_file_fail(path, errno, "open", err) : SLUICE_OK;
}

static bool has_its_name(const struct reading *r) {
  struct stat named, opened;
  if (r->fd < 0 || stat(r->path, &named) < 0)
    return r->fd < 0 && access(r->path, F_OK) != 0;
  return fstat(r->fd, &opened) == 0 && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

static int read_job(struct reading *r, int64_t *swap, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&r->db, "SELECT rejects_size, rejects_swap FROM job", NULL, 0, &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&r->db, row, err);
  if (rc == SLUICE_END)
    return sluice_fail(err, SLUICE_ERR_CONFIG, r->db.path, "the ledger %s is damaged (no job)", r->db.path);
  if (rc != SLUICE_OK)
    return rc;
  r->size = sqlite3_column_int64(row, 0);
  *swap = sqlite3_column_int64(row, 1);
  return SLUICE_OK;
}

/* A file that gets its name meanwhile must not be taken for the one before it. *matched: it was not. */
static int try_moment(struct reading *r, const char *dir, const char *job, bool *matched, struct sluice_error *err) {
  int64_t swap = 0;
  ledger_db_finish(&r->db);
  memset(&r->db, 0, sizeof r->db);
  int rc = open_file(r, r->path, err);
  if (rc == SLUICE_OK)
    rc = ledger_read_begin(dir, job, &r->db, err);
  if (rc == SLUICE_OK)
    rc = read_job(r, &swap, err);
  if (rc != SLUICE_OK)
    return rc;
  if (!swap) {
    *matched = has_its_name(r);
    return SLUICE_OK;
  }
  *matched = true;
  rc = open_file(r, r->draft, err);
  return rc == SLUICE_OK && r->fd < 0 ? open_file(r, r->path, err) : rc;
}

static int find_moment(struct reading *r, const char *dir, const char *job, struct sluice_error *err) {
  struct stat info;
  bool matched = false;
  int rc = ledger_path(dir, job, ".rejects.ndjson", &r->path, err);
  if (rc == SLUICE_OK)
    rc = ledger_path(dir, job, LEDGER_REJECTS_DRAFT, &r->draft, err);
  for (int i = 0; i < MAX_TRIES && rc == SLUICE_OK && !matched; i++)
    rc = try_moment(r, dir, job, &matched, err);
  if (rc == SLUICE_OK && !matched)
    return sluice_fail(err, SLUICE_ERR_RETRY, r->path, "%s is being replaced again and again", r->path);
  if (rc == SLUICE_OK && r->fd >= 0 && fstat(r->fd, &info) == 0 && info.st_size < r->size)
    r->size = info.st_size; /* someone shortened it */
  return rc;
}

/* ---- lines -------------------------------------------------------------------------------------- */

static int next(struct reading *r, struct along *along, struct sluice_error *err) {
  int rc = ledger_db_step(&r->db, along->rows, err);
  along->next = (struct ledger_line){.at = INT64_MAX};
  if (rc == SLUICE_OK)
    along->next =
        (struct ledger_line){.at = sqlite3_column_int64(along->rows, 0), .size = sqlite3_column_int64(along->rows, 1)};
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

static int begin(struct reading *r, struct along *along, const char *sql, struct sluice_error *err) {
  int rc = ledger_db_query(&r->db, sql, NULL, 0, &along->rows, err);
  return rc == SLUICE_OK ? next(r, along, err) : rc;
}

static int has(struct reading *r, struct along *along, int64_t at, bool *out, struct sluice_error *err) {
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK && along->next.at <= at - along->next.size)
    rc = next(r, along, err);
  *out = along->next.at <= at;
  return rc;
}

/* More bytes behind those in the buffer; END: there are none. */
static int fill(struct reading *r, struct sluice_error *err) {
  int64_t from = r->at + (int64_t)r->used, left = r->size - from;
  if (left <= 0)
    return SLUICE_END;
  if (r->used == r->room) {
    size_t room = r->room ? r->room * 2 : FIRST_BYTES;
    char *grown = realloc(r->buffer, room);
    if (!grown)
      return sluice_fail(err, SLUICE_ERR_MEMORY, r->path, "no memory");
    r->buffer = grown;
    r->room = room;
  }
  size_t want = r->room - r->used;
  ssize_t n = pread(r->fd, r->buffer + r->used, (int64_t)want < left ? want : (size_t)left, from);
  if (n < 0 && errno != EINTR)
    return ledger_file_fail(r->path, errno, "read", err);
  if (n == 0)
    return SLUICE_END;
  r->used += n > 0 ? (size_t)n : 0;
  return SLUICE_OK;
}

static void drop(struct reading *r, size_t n) {
  memmove(r->buffer, r->buffer + n, r->used - n);
  r->used -= n;
  r->at += (int64_t)n;
}

/* All whole lines of the buffer, or END of what `each` wants. */
static int give_lines(struct reading *r, bool *foreign, ledger_reject_fn *each, void *context,
                      struct sluice_error *err) {
  size_t from = 0;
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK) {
    const char *line = r->buffer + from, *end = memchr(line, '\n', r->used - from);
    if (!end)
      break;
    struct ledger_line place = {.at = r->at + (int64_t)from, .size = end - line + 1};
    bool gone = true;
    rc = *foreign ? SLUICE_OK : has(r, &r->gone, place.at, &gone, err);
    if (rc == SLUICE_OK && !gone)
      rc = has(r, &r->undone, place.at, &place.undone, err);
    if (rc == SLUICE_OK && !gone)
      rc = each(context, line, (size_t)(end - line), &place, err);
    *foreign = false;
    from += (size_t)place.size;
  }
  drop(r, from);
  return rc;
}

static int read_lines(struct reading *r, ledger_reject_fn *each, void *context, struct sluice_error *err) {
  bool foreign = false; /* what stands in the buffer is the rest of a line that is too long */
  int rc = r->fd < 0 ? SLUICE_END : SLUICE_OK;
  while (rc == SLUICE_OK) {
    rc = fill(r, err);
    int given = r->used ? give_lines(r, &foreign, each, context, err) : SLUICE_OK;
    if (given != SLUICE_OK)
      return given;
    if (r->used > LINE_MAX_BYTES) {
      foreign = true;
      drop(r, r->used);
    }
  }
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

int ledger_read_rejects(const char *dir, const char *job, ledger_reject_fn *each, void *context,
                        struct sluice_error *err) {
  struct reading r = {.fd = -1};
  int rc = find_moment(&r, dir, job, err);
  if (rc == SLUICE_OK)
    rc = begin(&r, &r.gone, "SELECT at, size FROM reject_gone ORDER BY at", err);
  if (rc == SLUICE_OK)
    rc = begin(&r, &r.undone, "SELECT at, size FROM reject_range WHERE unit < 0 ORDER BY at", err);
  if (rc == SLUICE_OK)
    rc = read_lines(&r, each, context, err);
  ledger_db_finish(&r.db);
  if (r.fd >= 0)
    close(r.fd);
  free(r.buffer);
  free(r.path);
  free(r.draft);
  return rc;
}
