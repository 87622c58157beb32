/* Opening a ledger file: made whole or not at all, recognised before it is touched, never repaired or overwritten. */
#include "core/ledger/database.h"
#include "core/ledger/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MS = 10000 };

static int open_handle(const char *path, const char *name, int flags, struct ledger_db *out, struct sluice_error *err) {
  struct ledger_db db = {.path = strdup(path)};
  if (!db.path)
    return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory");
  int rc = sqlite3_open_v2(name, &db.handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
  int code = rc == SQLITE_OK ? SLUICE_OK : ledger_db_fail(&db, rc, err);
  if (code == SLUICE_OK) {
    sqlite3_busy_timeout(db.handle, BUSY_MS);
    sqlite3_db_config(db.handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    code = ledger_db_exec(&db, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON", err);
  }
  if (code == SLUICE_OK)
    *out = db;
  else
    ledger_db_finish(&db);
  return code;
}

static int pragma(struct ledger_db *db, const char *sql, int64_t *out, struct sluice_error *err) {
  return ledger_db_number(db, sql, NULL, 0, out, err);
}

/* Is this a ledger, and of a version that we know? Reads only. */
static int recognise(struct ledger_db *db, struct sluice_error *err) {
  int64_t application = 0, version = 0;
  int rc = pragma(db, "PRAGMA application_id", &application, err);
  if (rc == SLUICE_OK)
    rc = pragma(db, "PRAGMA user_version", &version, err);
  if (rc != SLUICE_OK)
    return rc;
  if (application != LEDGER_APPLICATION)
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, db->path,
        "%s is not a Sluice ledger, or an emptied one; it was left as it is: move it away, put back a good "
        "copy, or set another ledger folder",
        db->path);
  if (version > LEDGER_FILE_VERSION)
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, db->path,
        "the ledger %s was made by a newer Sluice (file version %lld, this one knows %d); run that one, or "
        "set another ledger folder",
        db->path, (long long)version, LEDGER_FILE_VERSION);
  if (version < 1)
    return sluice_fail(err, SLUICE_ERR_CONFIG, db->path,
                       "the ledger %s is damaged (file version %lld); put back a good copy, or move it away", db->path,
                       (long long)version);
  return SLUICE_OK;
}

/* ---- making ------------------------------------------------------------------------------------- */

static void remove_with_journals(const char *path) {
  static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
  for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
    char *file = NULL;
    if (asprintf(&file, "%s%s", path, suffixes[i]) < 0)
      return;
    unlink(file);
    free(file);
  }
}

static int fill(struct ledger_db *db, struct sluice_error *err) {
  char application[64];
  snprintf(application, sizeof application, "PRAGMA application_id = %d", LEDGER_APPLICATION);
  int rc = ledger_db_exec(db, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE", err);
  if (rc == SLUICE_OK)
    rc = ledger_db_migrate_from(db, 0, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_run(db, "INSERT INTO job (id, created, rejects_size) VALUES (1, ?, 0)", VALUES(NUMBER(ledger_now())),
                       err);
  if (rc == SLUICE_OK)
    rc = ledger_db_exec(db, application, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_exec(db, "COMMIT", err);
  if (rc == SLUICE_OK)
    rc = ledger_db_exec(db, "PRAGMA journal_mode = WAL", err);
  return rc;
}

static int create_as(const char *draft, const char *path, struct sluice_error *err) {
  remove_with_journals(draft);
  int fd = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0)
    return ledger_file_fail(path, errno, "create", err);
  close(fd);
  struct ledger_db db = {0};
  int rc = open_handle(path, draft, SQLITE_OPEN_READWRITE, &db, err);
  if (rc == SLUICE_OK)
    rc = fill(&db, err);
  ledger_db_finish(&db);
  if (rc == SLUICE_OK && rename(draft, path) < 0)
    rc = ledger_file_fail(path, errno, "create", err);
  if (rc != SLUICE_OK)
    remove_with_journals(draft);
  return rc;
}

/* A log without its database would be played into the new one. */
static int refuse_orphan_log(const char *path, struct sluice_error *err) {
  char *log = NULL;
  struct stat info;
  if (asprintf(&log, "%s-wal", path) < 0)
    return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory");
  bool orphan = stat(log, &info) == 0 && info.st_size > 0;
  if (orphan)
    sluice_fail(err, SLUICE_ERR_CONFIG, path,
                "%s is missing, but its log %s is there; put it back, or move the log away", path, log);
  free(log);
  return orphan ? SLUICE_ERR_CONFIG : SLUICE_OK;
}

static int create(const char *path, struct sluice_error *err) {
  char *draft = NULL;
  int rc = refuse_orphan_log(path, err);
  if (rc != SLUICE_OK)
    return rc;
  if (asprintf(&draft, "%s.new", path) < 0)
    return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory");
  rc = create_as(draft, path, err);
  free(draft);
  return rc;
}

/* ---- opening ------------------------------------------------------------------------------------ */

/* For a folder that cannot be written: SQLite then cannot make the shared memory file that a log needs. Without a log
 * nobody writes and the file can be read as it lies there. */
static int open_handle_immutable(const char *path, struct ledger_db *out, struct sluice_error *err) {
  static const char hex[] = "0123456789ABCDEF";
  size_t n = strlen(path), used = 5;
  char *uri = malloc(3 * n + 32);
  if (!uri)
    return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory");
  memcpy(uri, "file:", 5);
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)path[i];
    if (c > ' ' && c < 127 && !strchr("?#%", c)) {
      uri[used++] = (char)c;
      continue;
    }
    uri[used++] = '%';
    uri[used++] = hex[c >> 4];
    uri[used++] = hex[c & 15];
  }
  snprintf(uri + used, 32, "?immutable=1");
  int rc = open_handle(path, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, out, err);
  free(uri);
  return rc;
}

bool ledger_has_log(const char *path) {
  char *log = NULL;
  struct stat info;
  if (asprintf(&log, "%s-wal", path) < 0)
    return true;
  bool found = stat(log, &info) == 0 && info.st_size > 0;
  free(log);
  return found;
}

/* Moves *db to out if it was opened and is a ledger that we know. */
static int keep_recognised(int rc, struct ledger_db *db, struct ledger_db *out, struct sluice_error *err) {
  if (rc == SLUICE_OK)
    rc = recognise(db, err);
  if (rc == SLUICE_OK)
    *out = *db;
  else
    ledger_db_finish(db);
  return rc;
}

static int open_recognised(const char *path, int flags, struct ledger_db *out, struct sluice_error *err) {
  struct ledger_db db = {0};
  return keep_recognised(open_handle(path, path, flags, &db, err), &db, out, err);
}

int ledger_db_open_still(const char *path, struct ledger_db *out, struct sluice_error *err) {
  struct ledger_db db = {0};
  return keep_recognised(open_handle_immutable(path, &db, err), &db, out, err);
}

static int open_as_it_is(const char *path, struct ledger_db *out, struct sluice_error *err) {
  struct sluice_error first = {0};
  if (access(path, F_OK) < 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      return sluice_fail(err, SLUICE_ERR_NOT_FOUND, path, "there is no ledger %s", path);
    return ledger_file_fail(path, errno, "open", err);
  }
  int rc = open_recognised(path, SQLITE_OPEN_READONLY, out, &first);
  if (rc == SLUICE_OK)
    return rc;
  if (access(path, R_OK) == 0 && !ledger_can_write_beside(path) && !ledger_has_log(path))
    return ledger_db_open_still(path, out, err);
  return sluice_fail(err, rc, first.where, "%s", first.message);
}

static int copy(struct ledger_db *from, struct ledger_db *to, struct sluice_error *err) {
  sqlite3_backup *backup = sqlite3_backup_init(to->handle, "main", from->handle, "main");
  if (!backup)
    return ledger_db_fail(to, sqlite3_extended_errcode(to->handle), err);
  int rc = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  return rc == SQLITE_DONE ? SLUICE_OK : ledger_db_fail(to, rc, err);
}

/* In a temporary file of SQLite's own: a reader may not change the ledger. */
static int read_migrated(struct ledger_db *db, struct sluice_error *err) {
  struct ledger_db today = {0};
  int rc = open_handle(db->path, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &today, err);
  if (rc == SLUICE_OK)
    rc = copy(db, &today, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_migrate(&today, err);
  ledger_db_finish(db);
  if (rc == SLUICE_OK)
    *db = today;
  else
    ledger_db_finish(&today);
  return rc;
}

int ledger_db_open_read(const char *path, struct ledger_db *out, struct sluice_error *err) {
  struct ledger_db db = {0};
  int64_t version = 0;
  int rc = open_as_it_is(path, &db, err);
  if (rc == SLUICE_OK)
    rc = pragma(&db, "PRAGMA user_version", &version, err);
  if (rc == SLUICE_OK && version < LEDGER_FILE_VERSION)
    rc = read_migrated(&db, err);
  if (rc == SLUICE_OK)
    *out = db;
  else
    ledger_db_finish(&db);
  return rc;
}

int ledger_db_open(const char *path, struct ledger_db *out, struct sluice_error *err) {
  struct ledger_db look = {0}, db = {0};
  struct stat info;
  int rc = SLUICE_OK;
  if (stat(path, &info) < 0 && errno == ENOENT)
    rc = create(path, err);
  if (rc == SLUICE_OK)
    rc = open_recognised(path, SQLITE_OPEN_READONLY, &look, err); /* so that nothing foreign is changed */
  ledger_db_finish(&look);
  if (rc == SLUICE_OK)
    rc = open_recognised(path, SQLITE_OPEN_READWRITE, &db, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_exec(
        &db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864", err);
  if (rc == SLUICE_OK)
    rc = ledger_db_migrate(&db, err);
  if (rc == SLUICE_OK)
    *out = db;
  else
    ledger_db_finish(&db);
  return rc;
}
