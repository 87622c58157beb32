/* The file of `serve`. */
#include "core/serve/store.h"
#include "core/ledger/folder.h"
#include "core/serve/lines.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { APPLICATION = 0x534c7376, VERSION = 1, BUSY_MS = 10000 };
static const char base_name[] = "sluice.serve";

static const char tables[] =
    "CREATE TABLE job (name TEXT PRIMARY KEY NOT NULL, state INTEGER NOT NULL, absent INTEGER NOT NULL,"
    " owed INTEGER NOT NULL, failures INTEGER NOT NULL, not_before INTEGER NOT NULL,"     /* milliseconds since 1970 */
    " identity INTEGER NOT NULL, last_due INTEGER NOT NULL, last_start INTEGER NOT NULL," /* of the schedule */
    " last_end INTEGER NOT NULL, queued INTEGER NOT NULL, running INTEGER NOT NULL,"
    " refusal TEXT NOT NULL, refused INTEGER NOT NULL,"
    " last TEXT NOT NULL) STRICT, WITHOUT ROWID;" /* the last result, JSON */
    "PRAGMA application_id = 1397519222; PRAGMA user_version = 1";

static int make_tables(struct ledger_db *db, struct sluice_error *err) {
  int code = ledger_db_exec(db, "BEGIN IMMEDIATE", err);
  if (!code)
    code = ledger_db_exec(db, tables, err);
  return code ? code : ledger_db_exec(db, "COMMIT", err);
}

static int recognise(struct ledger_db *db, bool may_make, struct sluice_error *err) {
  int64_t application = 0, version = 0;
  int code = ledger_db_number(db, "PRAGMA application_id", NULL, 0, &application, err);
  if (!code)
    code = ledger_db_number(db, "PRAGMA user_version", NULL, 0, &version, err);
  if (code)
    return code;
  if (application == 0 && version == 0)
    return may_make ? make_tables(db, err) : SLUICE_ERR_NOT_FOUND;
  if (application != APPLICATION || version < 1)
    return sluice_fail(err, SLUICE_ERR_CONFIG, db->path, "%s is not a file of `sluice serve`; move it away", db->path);
  if (version > VERSION)
    return sluice_fail(err, SLUICE_ERR_CONFIG, db->path,
                       "%s was made by a newer Sluice (version %lld, this one knows %d); run that one", db->path,
                       (long long)version, VERSION);
  return SLUICE_OK;
}

/* SQLite would make it for all to read. */
static int make_private(const char *path, struct sluice_error *err) {
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return ledger_file_fail(path, errno, "open", err);
  close(fd);
  return SLUICE_OK;
}

static int open_db(const char *folder, int flags, bool may_make, struct ledger_db *out, struct sluice_error *err) {
  struct ledger_db db = {.path = NULL};
  int code = ledger_path(folder, base_name, ".db", &db.path, err);
  if (code)
    return code;
  if (!may_make && access(db.path, F_OK) != 0)
    code = sluice_fail(err, SLUICE_ERR_NOT_FOUND, db.path, "nothing was served here yet");
  if (!code && may_make)
    code = make_private(db.path, err);
  int rc = code ? SQLITE_OK
                : sqlite3_open_v2(db.path, &db.handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
  if (rc != SQLITE_OK)
    code = ledger_db_fail(&db, rc, err);
  if (!code) {
    sqlite3_busy_timeout(db.handle, BUSY_MS);
    code = ledger_db_exec(&db, "PRAGMA trusted_schema = OFF; PRAGMA synchronous = FULL", err);
  }
  if (!code && may_make) /* truncating the journal costs less than removing it */
    code = ledger_db_exec(&db, "PRAGMA journal_mode = TRUNCATE", err);
  if (!code)
    code = recognise(&db, may_make, err);
  if (code)
    ledger_db_finish(&db);
  else
    *out = db;
  return code;
}

static int take_lock(const char *folder, int *out, struct sluice_error *err) {
  char *path = NULL;
  struct sluice_error why = {0};
  int code = ledger_path(folder, base_name, ".lock", &path, err);
  if (code)
    return code;
  code = ledger_lock_take(path, base_name, out, &why);
  const char *owner = strstr(why.message, "by process");
  if (code == SLUICE_ERR_RETRY)
    sluice_fail(err, code, path,
                "the ledger folder %s is served already, %s; end that one first, or use another folder", folder,
                owner ? owner : "by another process");
  else if (code)
    *err = why;
  free(path);
  return code;
}

int store_open(const char *folder, struct store *out, struct sluice_error *err) {
  struct store store = {.lock = -1};
  int code = ledger_make_dir(folder, err);
  if (!code)
    code = take_lock(folder, &store.lock, err);
  if (!code)
    code = open_db(folder, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, true, &store.db, err);
  if (code)
    store_close(&store);
  else
    *out = store;
  return code;
}

int store_open_read(const char *folder, struct store *out, struct sluice_error *err) {
  struct store store = {.lock = -1};
  int code = open_db(folder, SQLITE_OPEN_READONLY, false, &store.db, err);
  if (!code)
    *out = store;
  return code;
}

void store_close(struct store *store) {
  ledger_db_finish(&store->db);
  if (store->lock >= 0)
    close(store->lock);
  store->lock = -1;
}

int store_save(struct store *store, const struct store_job *job, struct sluice_error *err) {
  static const char sql[] = "INSERT OR REPLACE INTO job VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  const struct machine *m = &job->machine;
  const struct schedule_state *s = &m->schedule;
  json_t *last = serve_result_json(&job->last);
  char *text = last ? json_dumps(last, JSON_COMPACT) : NULL;
  int code =
      text ? ledger_db_run(&store->db, sql,
                           VALUES(TEXT(job->name), NUMBER(m->job), NUMBER(job->absent), NUMBER(m->owed),
                                  NUMBER(m->failures), NUMBER(m->not_before), NUMBER(s->identity), NUMBER(s->last_due),
                                  NUMBER(s->last_start), NUMBER(s->last_end), NUMBER(s->queued), NUMBER(s->running),
                                  TEXT(job->refusal), NUMBER(job->refused), TEXT(text)),
                           err)
           : sluice_fail(err, SLUICE_ERR_MEMORY, job->name, "no memory for the job's state");
  free(text);
  json_decref(last);
  ledger_db_reset(&store->db);
  return code;
}

int store_forget(struct store *store, const char *name, struct sluice_error *err) {
  return ledger_db_run(&store->db, "DELETE FROM job WHERE name = ?", VALUES(TEXT(name)), err);
}

static void read_row(sqlite3_stmt *row, struct store_job *out) {
  int64_t state = sqlite3_column_int64(row, 1);
  *out = (struct store_job){.absent = sqlite3_column_int(row, 2) != 0, .refused = sqlite3_column_int64(row, 13)};
  snprintf(out->name, sizeof out->name, "%s", ledger_db_text(row, 0));
  snprintf(out->refusal, sizeof out->refusal, "%s", ledger_db_text(row, 12));
  out->machine =
      (struct machine){.job = state < JOB_ACTIVE || state > JOB_DELETED ? JOB_PAUSED : (enum machine_job)state,
                       .owed = sqlite3_column_int64(row, 3) != 0,
                       .failures = sqlite3_column_int64(row, 4),
                       .not_before = sqlite3_column_int64(row, 5),
                       .schedule = {.identity = sqlite3_column_int64(row, 6),
                                    .last_due = sqlite3_column_int64(row, 7),
                                    .last_start = sqlite3_column_int64(row, 8),
                                    .last_end = sqlite3_column_int64(row, 9),
                                    .queued = sqlite3_column_int64(row, 10),
                                    .running = sqlite3_column_int64(row, 11)}};
  json_t *last = lines_parse(ledger_db_text(row, 14));
  if (!last || !serve_result_parse(last, &out->last))
    memset(&out->last, 0, sizeof out->last);
  json_decref(last);
}

int store_each(struct store *store, store_fn *each, void *context, struct sluice_error *err) {
  static const char sql[] = "SELECT name, state, absent, owed, failures, not_before, identity, last_due, last_start,"
                            " last_end, queued, running, refusal, refused, last FROM job ORDER BY name";
  sqlite3_stmt *row = NULL;
  struct store_job *job = malloc(sizeof *job);
  int code = job ? ledger_db_query(&store->db, sql, NULL, 0, &row, err)
                 : sluice_fail(err, SLUICE_ERR_MEMORY, store->db.path, "no memory");
  while (!code) {
    code = ledger_db_step(&store->db, row, err);
    if (code)
      break;
    read_row(row, job);
    code = each(context, job);
  }
  ledger_db_reset(&store->db);
  free(job);
  return code == SLUICE_END ? SLUICE_OK : code;
}
