/* Random histories: buckets and settings that change, runs that are cut, and a model of what must be at the
 * destination. usage: histories [--seed S] [--histories N] [--jobs J] [--tell] Without --seed a seed is chosen and
 * printed. --tell prints each step, and keeps the folder. */
#include "core/log/log.h"
#include "history.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { JOBS_MAX = 64, TRIES = 12 /* of a failing history: its threads do not meet the same way each time */ };

struct totals { /* shared by all jobs */
  atomic_int histories, failed, runs, cut;
};
struct plan {
  uint64_t seed;
  long histories;
  int jobs;
  bool tell;
};

static void *shared(size_t size) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    fprintf(stderr, "histories: no memory\n");
    exit(2);
  }
  return memory;
}

/* Loaded once; children have it from their parent. */
static struct registry *load_plugins(void) {
  static const char *const folders[] = {HISTORIES_PLUGINS};
  static const struct {
    enum sluice_kind kind;
    const char *name;
  } wanted[] = {{SLUICE_SOURCE, "bucket"}, {SLUICE_FORMAT, "csv"}, {SLUICE_SINK, "plain"}, {SLUICE_SINK, "exact"}};
  struct registry *registry = NULL;
  const struct registry_component *found;
  struct sluice_error err = {0};
  int code = registry_create(folders, 1, &registry, &err);
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted && !code; i++)
    code = registry_find(registry, wanted[i].kind, wanted[i].name, &found, &err);
  if (code) {
    fprintf(stderr, "histories: %s: %s\n", err.where, err.message);
    exit(2);
  }
  return registry;
}

/* ---- a failing one is made shorter ---- */

static bool fails(struct history *h, uint64_t left_out) {
  h->left_out = left_out;
  for (int i = 0; i < TRIES; i++)
    if (!history_play(h))
      return true;
  return false;
}

static void shorten(struct history *h) {
  uint64_t left_out = 0;
  for (int i = 0; i < h->n_steps; i++)
    if (fails(h, left_out | UINT64_C(1) << i))
      left_out |= UINT64_C(1) << i;
  h->left_out = left_out;
}

/* Its steps, from a try that fails. */
static void tell_failure(struct history *h) {
  printf("history %llu failed: %s\n", (unsigned long long)h->seed, h->wrong);
  shorten(h);
  h->told = true;
  bool good = true;
  for (int i = 0; i < TRIES && good; i++) {
    printf("---- try %d of the shortest that was found\n", i + 1);
    good = history_play(h);
  }
  printf("---- %s; its folder is %s\n", good ? "it did not fail again" : h->wrong, h->folder);
}

/* ---- all of them ---- */

static void play_share(const struct plan *plan, int job, struct registry *registry, struct totals *totals) {
  struct history *h = calloc(1, sizeof *h);
  if (!h)
    exit(2);
  h->world = shared(sizeof *h->world);
  h->registry = registry;
  for (long i = job; i < plan->histories && !atomic_load(&totals->failed); i += plan->jobs) {
    h->seed = plan->seed + (uint64_t)i;
    h->left_out = 0;
    h->told = plan->tell;
    h->n_runs = h->n_cut = 0;
    bool good = history_play(h);
    atomic_fetch_add(&totals->runs, h->n_runs);
    atomic_fetch_add(&totals->cut, h->n_cut);
    atomic_fetch_add(&totals->histories, 1);
    if (good)
      continue;
    atomic_fetch_add(&totals->failed, 1);
    if (plan->tell)
      printf("wrong: %s; its folder is %s\n", h->wrong, h->folder);
    else
      tell_failure(h);
  }
  fflush(NULL);
  munmap(h->world, sizeof *h->world);
  free(h);
}

static int play_all(const struct plan *plan, struct registry *registry) {
  struct totals *totals = shared(sizeof *totals);
  pid_t pids[JOBS_MAX];
  int wrong = 0;
  for (int i = 0; i < plan->jobs; i++) {
    pids[i] = fork();
    if (pids[i] == 0) {
      play_share(plan, i, registry, totals);
      registry_destroy(registry);
      exit(0);
    }
  }
  for (int i = 0; i < plan->jobs; i++) {
    int status = 1;
    if (pids[i] > 0)
      waitpid(pids[i], &status, 0);
    wrong += status != 0;
  }
  printf("%d histories from seed %llu, %d runs, %d of them cut at a crash point, %d histories failed\n",
         atomic_load(&totals->histories), (unsigned long long)plan->seed, atomic_load(&totals->runs),
         atomic_load(&totals->cut), atomic_load(&totals->failed));
  return wrong || atomic_load(&totals->failed) ? 1 : 0;
}

static void read_options(int argc, char **argv, struct plan *plan) {
  static const struct option options[] = {{"seed", required_argument, NULL, 's'},
                                          {"histories", required_argument, NULL, 'n'},
                                          {"jobs", required_argument, NULL, 'j'},
                                          {"tell", no_argument, NULL, 't'},
                                          {0}};
  for (int c = getopt_long(argc, argv, "", options, NULL); c != -1; c = getopt_long(argc, argv, "", options, NULL)) {
    if (c == 's')
      plan->seed = strtoull(optarg, NULL, 10);
    else if (c == 'n')
      plan->histories = strtol(optarg, NULL, 10);
    else if (c == 'j')
      plan->jobs = (int)strtol(optarg, NULL, 10);
    else if (c == 't')
      plan->tell = true;
    else
      exit(2);
  }
}

int main(int argc, char **argv) {
  struct plan plan = {.seed = (uint64_t)time(NULL) % 1000000 * 1000, .histories = 1000, .jobs = 2};
  read_options(argc, argv, &plan);
  if (plan.histories < 1 || plan.jobs < 1 || plan.jobs > JOBS_MAX) {
    fprintf(stderr, "histories: --histories and --jobs are at least 1, --jobs at most %d\n", JOBS_MAX);
    return 2;
  }
  printf("seed %llu; --seed S --histories 1 repeats one\n", (unsigned long long)plan.seed);
  fflush(NULL);
  log_setup(LOG_TEXT, SLUICE_INFO);
  struct registry *registry = load_plugins();
  int code = play_all(&plan, registry);
  registry_destroy(registry);
  return code;
}
