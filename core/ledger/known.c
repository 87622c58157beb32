/* Reading a ledger for a dry run. A plain read-only connection to a file with a log makes two files beside it and
 * leaves them there, so where no log holds anything the file is opened as one that nobody changes, and afterwards it is
 * checked that nobody did. Beside a log, of a run at work or one that died, SQLite may write to the log's index, which
 * holds nothing of its own. */
#include "core/ledger/known.h"
#include "core/ledger/internal.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PAGE = 128, NAME_SIZE = 4097, VERSION_SIZE = 1025 };

struct row {
  char name[NAME_SIZE], version[VERSION_SIZE];
  enum part_state state;
  bool delivered, absent;
};
struct known {
  struct ledger_db db;
  char *path;
  bool open, alone; /* alone: opened as a file that nobody changes */
  struct stat before;
  char *job, *sink;
  int64_t version;              /* of the file */
  struct known_stream delivery; /* delivery 0: none */
  struct row *page;
  size_t used, next;
  bool all; /* the page is the last */
};

static int no_memory(const char *path, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, path, "no memory for the ledger");
}

/* ---- opening ---- */

/* Version 1 of the file knew no generations. */
#define STREAM_SQL(columns) "SELECT " columns " FROM delivery WHERE job = ? AND sink = ? AND stream = ?"

int known_stream(struct known *k, const char *stream, struct known_stream *out, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  if (!k->open)
    return SLUICE_END;
  int code = ledger_db_query(&k->db,
                             k->version > 1 ? STREAM_SQL("id, iif(generation, -generation, id), created, listed")
                                            : STREAM_SQL("id, id, created, created"),
                             VALUES(TEXT(k->job), TEXT(k->sink), TEXT(stream)), &row, err);
  if (!code)
    code = ledger_db_step(&k->db, row, err);
  if (!code)
    *out = (struct known_stream){sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1),
                                 sqlite3_column_int64(row, 2), sqlite3_column_int64(row, 3)};
  ledger_db_reset(&k->db);
  return code;
}

static int find_delivery(struct known *k, const char *stream, struct sluice_error *err) {
  int code = ledger_db_number(&k->db, "PRAGMA user_version", NULL, 0, &k->version, err);
  ledger_db_reset(&k->db);
  if (!code)
    code = known_stream(k, stream, &k->delivery, err);
  return code == SLUICE_END ? SLUICE_OK : code;
}

static int open_file(struct known *k, const char *stream, struct sluice_error *err) {
  if (stat(k->path, &k->before) != 0)
    return errno == ENOENT || errno == ENOTDIR ? SLUICE_OK : ledger_file_fail(k->path, errno, "open", err);
  int code;
  if (ledger_has_log(k->path)) {
    code = ledger_db_open_read(k->path, &k->db, err);
    k->open = code == SLUICE_OK;
  } else {
    code = ledger_db_open_still(k->path, &k->db, err);
    k->open = k->alone = code == SLUICE_OK;
  }
  return code ? code : find_delivery(k, stream, err);
}

int known_open(const char *dir, const char *job, const char *sink, const char *stream, struct known **out,
               struct sluice_error *err) {
  struct known *k = calloc(1, sizeof *k);
  if (!k)
    return no_memory(dir, err);
  int code = ledger_check_job(job, err);
  if (!code)
    code = ledger_path(dir, job, ".db", &k->path, err);
  if (!code)
    k->page = malloc(PAGE * sizeof *k->page);
  if (!code)
    k->job = strdup(job);
  if (!code)
    k->sink = strdup(sink);
  if (!code && (!k->page || !k->job || !k->sink))
    code = no_memory(dir, err);
  if (!code)
    code = open_file(k, stream, err);
  if (code)
    known_close(k);
  else
    *out = k;
  return code;
}

void known_close(struct known *k) {
  if (!k)
    return;
  if (k->open)
    ledger_db_finish(&k->db);
  free(k->page);
  free(k->path);
  free(k->job);
  free(k->sink);
  free(k);
}

bool known_has_run(const struct known *k) {
  return k->delivery.delivery != 0;
}

static int rename_sink(struct known *k, const char *name, const char *stream, struct sluice_error *err) {
  char *sink = strdup(name);
  if (!sink)
    return no_memory(k->path, err);
  free(k->sink);
  k->sink = sink;
  return find_delivery(k, stream, err);
}

/* Version 1 of the file knew no generations, those up to 8 not by what files are split. */
int known_take_over(struct known *k, const struct ledger_takeover *question, const char *naming,
                    struct sluice_error *err) {
  struct ledger_former former = {.found = false};
  if (!k->open || k->version < 2)
    return SLUICE_OK;
  int code = ledger_find_former(&k->db, k->job, question, IDENTITY_ASK, &former, err);
  ledger_db_reset(&k->db);
  if (!code && former.found)
    code = rename_sink(k, former.name, naming[0] ? "*" : "main", err);
  if (!code && k->version > 8)
    code = ledger_compare_split(&k->db, k->job, k->sink, naming, err);
  ledger_db_reset(&k->db);
  return code;
}

/* Version 1 of the file did not say. */
int known_compare(struct known *k, const struct ledger_identity *now, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  if (!k->delivery.delivery || k->version < 2)
    return SLUICE_OK;
  int code = ledger_db_query(&k->db, LEDGER_IDENTITY_SQL, VALUES(NUMBER(k->delivery.delivery)), &row, err);
  if (!code)
    code = ledger_db_step(&k->db, row, err);
  if (!code)
    code = ledger_compare_identity(k->job, row, now, err);
  ledger_db_reset(&k->db);
  return code == SLUICE_END ? SLUICE_OK : code;
}

/* ---- reading ---- */

int known_schema(struct known *k, char **text, struct sluice_error *err) {
  return known_stream_schema(k, &k->delivery, text, err);
}

int known_stream_schema(struct known *k, const struct known_stream *stream, char **text, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  *text = NULL;
  if (!stream->delivery)
    return SLUICE_OK;
  int code = ledger_db_query(&k->db, "SELECT text FROM schema WHERE delivery = ? ORDER BY number DESC LIMIT 1",
                             VALUES(NUMBER(stream->delivery)), &row, err);
  if (!code)
    code = ledger_db_step(&k->db, row, err);
  if (!code)
    *text = strdup(ledger_db_text(row, 0));
  if (!code && !*text)
    code = no_memory(k->path, err);
  ledger_db_reset(&k->db);
  return code == SLUICE_END ? SLUICE_OK : code;
}

static int read_row(const struct known *k, sqlite3_stmt *from, struct row *out, struct sluice_error *err) {
  const char *name = ledger_db_text(from, 0), *version = ledger_db_text(from, 1);
  int state = sqlite3_column_int(from, 2);
  if (strlen(name) >= NAME_SIZE || strlen(version) >= VERSION_SIZE || state < PART_PENDING || state > PART_GONE)
    return sluice_fail(err, SLUICE_ERR_CONFIG, k->path, "the ledger %s is damaged (a part that none could write)",
                       k->path);
  memcpy(out->name, name, strlen(name) + 1);
  memcpy(out->version, version, strlen(version) + 1);
  out->state = (enum part_state)state;
  out->delivered = sqlite3_column_int(from, 3) != 0;
  out->absent = sqlite3_column_int(from, 4) != 0;
  return SLUICE_OK;
}

/* The statement ends with the page, so that no run waits for a slow listing. */
static int fill_page(struct known *k, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  char after[NAME_SIZE] = "";
  if (k->used)
    memcpy(after, k->page[k->used - 1].name, NAME_SIZE);
  k->used = k->next = 0;
  int code = ledger_db_query(&k->db,
                             "SELECT name, version, state, delivered, absent FROM part WHERE delivery = ? AND name > ?"
                             " ORDER BY name LIMIT ?",
                             VALUES(NUMBER(k->delivery.parts), BYTES(after), NUMBER(PAGE)), &row, err);
  while (!code && k->used < PAGE) {
    code = ledger_db_step(&k->db, row, err);
    if (!code)
      code = read_row(k, row, &k->page[k->used], err);
    k->used += code == SLUICE_OK;
  }
  ledger_db_reset(&k->db);
  k->all = k->used < PAGE;
  return code == SLUICE_END ? SLUICE_OK : code;
}

int known_next(struct known *k, struct known_part *out, struct sluice_error *err) {
  if (!k->delivery.delivery)
    return SLUICE_END;
  int code = k->next == k->used && !k->all ? fill_page(k, err) : SLUICE_OK;
  if (code)
    return code;
  if (k->next == k->used)
    return SLUICE_END;
  const struct row *row = &k->page[k->next++];
  *out = (struct known_part){row->name, row->version, row->state, row->delivered, row->absent};
  return SLUICE_OK;
}

/* ---- streams ---- */

int64_t known_first_listed(const struct known *k) {
  return k->delivery.listed;
}

int known_part(struct known *k, const struct known_stream *stream, const char *name, struct known_part *out,
               struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  if (!stream->delivery)
    return SLUICE_END;
  int code = ledger_db_query(&k->db,
                             "SELECT name, version, state, delivered, absent FROM part WHERE delivery = ? AND name = ?",
                             VALUES(NUMBER(stream->parts), BYTES(name)), &row, err);
  if (!code)
    code = ledger_db_step(&k->db, row, err);
  if (!code)
    code = read_row(k, row, &k->page[0], err);
  ledger_db_reset(&k->db);
  if (code)
    return code;
  *out = (struct known_part){k->page->name, k->page->version, k->page->state, k->page->delivered, k->page->absent};
  return SLUICE_OK;
}

int known_first_part(struct known *k, const struct known_stream *stream, char **name, struct sluice_error *err) {
  sqlite3_stmt *row = NULL;
  *name = NULL;
  if (!stream->delivery)
    return SLUICE_OK;
  int code = ledger_db_query(&k->db, "SELECT name FROM part WHERE delivery = ? AND absent = 0 ORDER BY name LIMIT 1",
                             VALUES(NUMBER(stream->parts)), &row, err);
  if (!code)
    code = ledger_db_step(&k->db, row, err);
  if (!code)
    *name = strdup(ledger_db_text(row, 0));
  if (!code && !*name)
    code = no_memory(k->path, err);
  ledger_db_reset(&k->db);
  return code == SLUICE_END ? SLUICE_OK : code;
}

/* By a job's own delivery and "main", no part is a stream's. */
#define COUNT_SQL(parts)                                                                                               \
  "SELECT count(*) FROM delivery d JOIN part p ON p.delivery = " parts " WHERE d.job = ? AND d.sink = ? AND d.stream"  \
  " NOT IN ('*', 'main') AND p.absent = 0 AND p.state <> 5"

int known_count(struct known *k, int64_t *out, struct sluice_error *err) {
  *out = 0;
  if (!k->open)
    return SLUICE_OK;
  int code =
      ledger_db_number(&k->db, k->version > 1 ? COUNT_SQL("iif(d.generation, -d.generation, d.id)") : COUNT_SQL("d.id"),
                       VALUES(TEXT(k->job), TEXT(k->sink)), out, err);
  ledger_db_reset(&k->db);
  return code;
}

int known_verify(const struct known *k, struct sluice_error *err) {
  struct stat now;
  if (!k->alone)
    return SLUICE_OK;
  bool same = stat(k->path, &now) == 0 && now.st_ino == k->before.st_ino && now.st_size == k->before.st_size &&
              now.st_mtim.tv_sec == k->before.st_mtim.tv_sec && now.st_mtim.tv_nsec == k->before.st_mtim.tv_nsec;
  if (same && !ledger_has_log(k->path))
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_RETRY, k->path, "a run of the job began while its ledger was read; plan again");
}
