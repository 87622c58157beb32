/* What the tests of the ledger share. */
#include "helpers.h"
#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int make_folder(void **state) {
  const char *base = getenv("TMPDIR");
  char *path = NULL;
  if (!base)
    base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; /* memory: these tests sync often */
  if (asprintf(&path, "%s/sluice-ledger-XXXXXX", base) < 0 || !mkdtemp(path))
    return -1;
  *state = path;
  return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
  (void)info, (void)type, (void)walk;
  return remove(path);
}

int remove_folder(void **state) {
  chmod(*state, 0700);
  nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  free(*state);
  return 0;
}

char *path_in(const char *dir, const char *name) {
  static char path[4096];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  return path;
}

struct ledger *open_job(const char *dir, const char *job) {
  struct ledger *l = NULL;
  struct sluice_error err = {0};
  if (ledger_open(dir, job, &l, &err) != SLUICE_OK)
    fail_msg("cannot open: %s", err.message);
  return l;
}

int64_t delivery_of(struct ledger *l) {
  int64_t id = 0;
  assert_int_equal(ledger_delivery(l, "out", "main", &id, NULL), SLUICE_OK);
  return id;
}

int64_t begin_run(struct ledger *l, int64_t delivery) {
  struct ledger_counters carried;
  int64_t run = 0;
  assert_int_equal(ledger_run_begin(l, delivery, &run, &carried, NULL), SLUICE_OK);
  return run;
}

struct ledger_merged merge_all(struct ledger *l, int64_t delivery, const char *listing, enum on_change policy) {
  struct ledger_listed listed[64];
  struct ledger_merged out = {0};
  struct sluice_error err = {0};
  size_t n = 0;
  char *text = strdup(listing), *save = NULL;
  for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
    char *equals = strchr(word, '=');
    *equals = 0;
    listed[n++] = (struct ledger_listed){word, equals + 1, 10, 1000};
  }
  if (ledger_merge(l, delivery, "", listed, n, true, policy, &out, &err) != SLUICE_OK)
    fail_msg("cannot merge: %s", err.message);
  free(text);
  return out;
}

struct ledger_settings default_settings(void) {
  return (struct ledger_settings){
      .batch_rows = 1000, .batch_bytes = MIB, .schema = 1, .decode_hash = "d1", .output_hash = "o1", .bundle_parts = 1};
}

struct ledger_unit claim(struct ledger *l, int64_t run) {
  struct ledger_settings settings = default_settings();
  struct ledger_unit unit = {0};
  struct sluice_error err = {0};
  if (ledger_claim(l, run, &settings, &unit, &err) != SLUICE_OK)
    fail_msg("cannot claim: %s", err.message);
  return unit;
}

int claim_code(struct ledger *l, int64_t run) {
  struct ledger_settings settings = default_settings();
  struct ledger_unit unit = {0};
  int rc = ledger_claim(l, run, &settings, &unit, NULL);
  ledger_unit_free(&unit);
  return rc;
}

void checkpoint(struct ledger *l, const struct ledger_unit *unit, int64_t row, int64_t rows) {
  struct ledger_progress progress = {.position = {row, row * 100, {row + 1, row + 2}}, .rows = rows};
  assert_int_equal(ledger_checkpoint(l, unit, &progress, NULL), SLUICE_OK);
}

void finish(struct ledger *l, const struct ledger_unit *unit) {
  struct ledger_progress progress = {.rows = (int64_t)unit->n_parts};
  struct ledger_part_result results[64];
  assert_true(unit->n_parts <= 64);
  for (size_t i = 0; i < unit->n_parts; i++)
    results[i] = (struct ledger_part_result){.state = PART_DONE, .rows = 1};
  assert_int_equal(ledger_finish(l, unit, &progress, results, NULL), SLUICE_OK);
}

/* ---- looks into the file ------------------------------------------------------------------------ */

static sqlite3 *open_raw(const char *dir, const char *job) {
  char path[4096];
  sqlite3 *db = NULL;
  snprintf(path, sizeof path, "%s/%s.db", dir, job);
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  sqlite3_busy_timeout(db, 5000);
  return db;
}

char *sql_text(const char *dir, const char *job, const char *sql) {
  sqlite3 *db = open_raw(dir, job);
  sqlite3_stmt *row = NULL;
  char *out = NULL;
  size_t size = 0;
  FILE *text = open_memstream(&out, &size);
  if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
    fail_msg("%s: %s", sql, sqlite3_errmsg(db));
  while (sqlite3_step(row) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(row); i++) {
      const unsigned char *value = sqlite3_column_text(row, i);
      fprintf(text, "%s%s", i ? "|" : "", value ? (const char *)value : "NULL");
    }
    fputc('\n', text);
  }
  sqlite3_finalize(row);
  sqlite3_close(db);
  fclose(text);
  return out;
}

int64_t sql_number(const char *dir, const char *job, const char *sql) {
  char *text = sql_text(dir, job, sql);
  int64_t number = strtoll(text, NULL, 10);
  free(text);
  return number;
}

void sql_exec(const char *dir, const char *job, const char *sql) {
  sqlite3 *db = open_raw(dir, job);
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
    fail_msg("%s: %s", sql, sqlite3_errmsg(db));
  sqlite3_close(db);
}

void assert_parts(const char *dir, const char *job, const char *expected) {
  char *text = sql_text(dir, job,
                        "SELECT group_concat(name || '=' || version || ':' || substr('PADFSG', state + 1, 1) ||"
                        " iif(absent, '-', ''), ' ') FROM (SELECT * FROM part ORDER BY delivery, name)");
  text[strcspn(text, "\n")] = 0;
  assert_string_equal(text, expected);
  free(text);
}

void write_file(const char *path, const void *bytes, size_t n) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, n, file), n);
  assert_int_equal(fclose(file), 0);
}

char *read_file(const char *path, size_t *n) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  long size = ftell(file);
  rewind(file);
  char *bytes = malloc((size_t)size + 1);
  *n = fread(bytes, 1, (size_t)size, file);
  bytes[*n] = 0;
  fclose(file);
  return bytes;
}
