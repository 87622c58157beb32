/* How fast the ledger takes a listing: parts a second when all are new and when none has changed, and claims with
 * finish. Run: bench-ledger FOLDER [PARTS] */
#include "core/ledger/ledger.h"
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { PAGE = 1000, NAME = 96, CLAIMS = 2000 };

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double now(void) {
  return seconds(CLOCK_MONOTONIC);
}

static void stop(const struct sluice_error *err) {
  fprintf(stderr, "%s\n", err->message);
  exit(1);
}

static void fill_page(struct ledger_listed *page, char (*names)[NAME], int64_t first, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    snprintf(names[i], NAME, "s3://example-demo-bucket/click-thru-rate/production/v1/part-%012lld.parquet",
             (long long)(first + i));
    page[i] = (struct ledger_listed){names[i], "\"d41d8cd98f00b204e9800998ecf8427e\"", 1024, 1700000000000000};
  }
}

static void merge(struct ledger *l, int64_t delivery, int64_t parts, const char *what) {
  static struct ledger_listed page[PAGE];
  static char names[PAGE][NAME];
  char after[NAME] = "";
  struct ledger_merged out;
  struct sluice_error err = {0};
  double begin = now(), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (int64_t i = 0; i < parts; i += PAGE) {
    int64_t n = parts - i < PAGE ? parts - i : PAGE;
    fill_page(page, names, i, n);
    if (ledger_merge(l, delivery, after, page, (size_t)n, i + n == parts, ON_CHANGE_REREAD, &out, &err) != SLUICE_OK)
      stop(&err);
    snprintf(after, sizeof after, "%s", names[n - 1]);
  }
  begin = now() - begin;
  cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("%-22s %10.0f parts/s, %.3f CPU s a 100,000, peak %ld MB\n", what, (double)parts / begin,
         cpu / (double)parts * 1e5, usage.ru_maxrss / 1024);
}

static void claim_and_finish(struct ledger *l, int64_t run) {
  struct ledger_settings settings = {.batch_rows = 1, .decode_hash = "d", .output_hash = "o", .bundle_parts = 1};
  struct ledger_part_result done = {.state = PART_DONE, .rows = 1};
  struct ledger_progress progress = {.rows = 1};
  struct ledger_unit unit = {0};
  struct sluice_error err = {0};
  double begin = now();
  for (int i = 0; i < CLAIMS; i++) {
    if (ledger_claim(l, run, &settings, &unit, &err) != SLUICE_OK ||
        ledger_finish(l, &unit, &progress, &done, &err) != SLUICE_OK)
      stop(&err);
    ledger_unit_free(&unit);
  }
  printf("%-22s %10.0f units/s (one worker, two syncs each)\n", "claim and finish", CLAIMS / (now() - begin));
}

int main(int argc, char **argv) {
  struct ledger *l = NULL;
  struct ledger_counters carried;
  struct sluice_error err = {0};
  int64_t delivery = 0, run = 0, parts = argc > 2 ? strtoll(argv[2], NULL, 10) : 300000;
  if (argc < 2 || parts < 1) {
    fprintf(stderr, "usage: bench-ledger FOLDER [PARTS]\n");
    return 2;
  }
  if (ledger_open(argv[1], "bench", &l, &err) != SLUICE_OK ||
      ledger_delivery(l, "out", "", &delivery, &err) != SLUICE_OK ||
      ledger_run_begin(l, delivery, &run, &carried, &err) != SLUICE_OK)
    stop(&err);
  merge(l, delivery, parts, "new parts");
  merge(l, delivery, parts, "unchanged parts");
  claim_and_finish(l, run);
  merge(l, delivery, parts, "unchanged, some done");
  ledger_close(l);
  return 0;
}
