/* How fast the ledger keeps rows by key: each pass looks all keys up, batch by batch, and stores what a sync would
 * store, with a checkpoint every few batches, and names the known ones that would be sent. Keys are spread evenly, as
 * hashes are. Run: bench-ledger-rows FOLDER [KEYS] */
#include "core/ledger/ledger.h"
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { BATCH = 10000, BATCHES_A_CHECKPOINT = 5, GATHERED = BATCH * BATCHES_A_CHECKPOINT };

struct bench {
  struct ledger *ledger;
  struct ledger_rows *rows;
  struct ledger_unit unit;
  int64_t delivery, run, keys, found, changed;
  struct ledger_row changes[GATHERED];
  size_t n_changes;
};

static void stop(const struct sluice_error *err) {
  fprintf(stderr, "%s\n", err->message);
  exit(1);
}

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t mix(uint64_t x) { /* splitmix64 */
  x += UINT64_C(0x9E3779B97F4A7C15);
  x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
  return x ^ (x >> 31);
}

static void make_key(int64_t i, uint8_t *key) {
  uint64_t words[2] = {mix((uint64_t)i), mix((uint64_t)i + UINT64_C(0x123456789ABCDEF))};
  memcpy(key, words, LEDGER_KEY_SIZE);
}

static void begin_unit(struct bench *b, const char *part) {
  struct ledger_settings settings = {.batch_rows = 1, .decode_hash = "d", .output_hash = "o", .bundle_parts = 1};
  struct ledger_listed listed = {part, "1", 1, 1};
  struct ledger_merged merged;
  struct sluice_error err = {0};
  if (ledger_merge(b->ledger, b->delivery, "", &listed, 1, true, ON_CHANGE_REREAD, &merged, &err) != SLUICE_OK ||
      ledger_claim(b->ledger, b->run, &settings, &b->unit, &err) != SLUICE_OK)
    stop(&err);
}

static struct ledger_progress progress_of(struct bench *b) {
  struct ledger_progress p = {.rows = 1, .row_changes = b->changes, .n_row_changes = b->n_changes};
  b->changed += (int64_t)b->n_changes;
  b->n_changes = 0;
  return p;
}

static void end_unit(struct bench *b) {
  struct ledger_progress last = progress_of(b);
  struct ledger_part_result done = {.state = PART_DONE, .rows = 1};
  struct sluice_error err = {0};
  if (ledger_finish(b->ledger, &b->unit, &last, &done, &err) != SLUICE_OK)
    stop(&err);
  ledger_unit_free(&b->unit);
}

/* A batch as the host treats it: what is new, differs, or stands later than what is stored (unless not `ordered`). */
static void do_batch(struct bench *b, int64_t first, int64_t n, uint64_t version, bool ordered) {
  static uint8_t keys[BATCH][LEDGER_KEY_SIZE];
  static struct ledger_row_found found[BATCH];
  static uint8_t known[BATCH][LEDGER_KEY_SIZE];
  size_t n_known = 0;
  struct sluice_error err = {0};
  for (int64_t i = 0; i < n; i++)
    make_key(first + i, keys[i]);
  if (ledger_rows_find(b->rows, b->unit.parts[0].name, (const uint8_t(*)[LEDGER_KEY_SIZE])keys, (size_t)n, found,
                       &err) != SLUICE_OK)
    stop(&err);
  for (int64_t i = 0; i < n; i++) {
    b->found += found[i].place != ROW_ABSENT;
    if (found[i].place != ROW_ABSENT && found[i].fingerprint == version && !ordered)
      continue;
    if (found[i].place != ROW_ABSENT && found[i].fingerprint != version)
      memcpy(known[n_known++], keys[i], LEDGER_KEY_SIZE);
    struct ledger_row *change = &b->changes[b->n_changes++];
    *change = (struct ledger_row){.fingerprint = version, .row = first + i};
    memcpy(change->key, keys[i], LEDGER_KEY_SIZE);
  }
  if (ledger_rows_sending(b->rows, b->unit.id, 0, (const uint8_t(*)[LEDGER_KEY_SIZE])known, n_known, &err) != SLUICE_OK)
    stop(&err);
}

static void checkpoint(struct bench *b) {
  struct ledger_progress p = progress_of(b);
  struct sluice_error err = {0};
  if (ledger_checkpoint(b->ledger, &b->unit, &p, &err) != SLUICE_OK)
    stop(&err);
}

static void pass(struct bench *b, const char *what, const char *part, uint64_t version, bool ordered) {
  struct rusage usage;
  double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  int64_t batches = 0;
  b->found = b->changed = 0;
  begin_unit(b, part);
  for (int64_t i = 0; i < b->keys; i += BATCH) {
    do_batch(b, i, b->keys - i < BATCH ? b->keys - i : BATCH, version, ordered);
    if (++batches % BATCHES_A_CHECKPOINT == 0)
      checkpoint(b);
  }
  end_unit(b);
  wall = seconds(CLOCK_MONOTONIC) - wall;
  cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  getrusage(RUSAGE_SELF, &usage);
  printf("%-26s %9.0f rows/s, %9.0f rows/CPU s, found %lld, stored %lld, peak %ld MB\n", what, (double)b->keys / wall,
         (double)b->keys / cpu, (long long)b->found, (long long)b->changed, usage.ru_maxrss / 1024);
  fflush(stdout);
}

static void open_bench(struct bench *b, const char *dir) {
  struct ledger_counters carried;
  struct sluice_error err = {0};
  if (ledger_open(dir, "rows", &b->ledger, &err) != SLUICE_OK ||
      ledger_delivery(b->ledger, "out", "", &b->delivery, &err) != SLUICE_OK ||
      ledger_run_begin(b->ledger, b->delivery, &b->run, &carried, &err) != SLUICE_OK ||
      ledger_rows_open(b->ledger, b->delivery, &b->rows, &err) != SLUICE_OK)
    stop(&err);
}

int main(int argc, char **argv) {
  static struct bench b;
  b.keys = argc > 2 ? strtoll(argv[2], NULL, 10) : 10000000;
  if (argc < 2 || b.keys < 1) {
    fprintf(stderr, "usage: bench-ledger-rows FOLDER [KEYS]\n");
    return 2;
  }
  open_bench(&b, argv[1]);
  pass(&b, "insert", "part-1", 1, true);
  pass(&b, "update", "part-2", 2, true);
  pass(&b, "unchanged, part read again", "part-2x", 2, false);
  pass(&b, "unchanged, of a later part", "part-3", 2, true);
  ledger_rows_close(b.rows);
  ledger_close(b.ledger);
  return 0;
}
