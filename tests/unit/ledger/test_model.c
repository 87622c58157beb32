/* Random histories against the model: merges with changes, claims, checkpoints, runs; the process dies at a random
 * write or sync, again and again; what is found afterwards is what was acknowledged, or that and the one operation
 * under way. */
#include "faults.h"
#include "helpers.h"
#include "model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HISTORIES = 120, LIVES = 3, OPS = 60, HELD = 6 };

/* What the child leaves to its parent. */
struct shared {
  struct model now, next; /* next: with the operation under way */
  bool under_way;
  char complaint[512];
};
static struct shared *shared;

static uint32_t random_state;
static int roll(int n) { /* xorshift: the same on every machine */
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return (int)(random_state % (uint32_t)n);
}

/* ---- the ledger's side of an operation ---------------------------------------------------------- */

struct child {
  struct ledger *ledger;
  int64_t delivery, run;
  struct ledger_unit held[HELD]; /* claims, over ones too */
};

static int run_merge(struct child *c, const struct model_op *op) {
  struct ledger_listed listed[MODEL_PARTS];
  char versions[MODEL_PARTS][16];
  struct ledger_merged out;
  size_t n = 0;
  for (int i = op->first; i <= op->last && i < MODEL_PARTS; i++) {
    if (!op->listed[i])
      continue;
    snprintf(versions[i], sizeof versions[i], "%d", op->listed[i]);
    listed[n++] = (struct ledger_listed){model_names[i], versions[i], 10, 1};
  }
  return ledger_merge(c->ledger, c->delivery, op->first ? model_names[op->first - 1] : "", listed, n,
                      op->last == MODEL_PARTS, op->policy, &out, NULL);
}

static int run_claim(struct child *c, const struct model_op *op, int *claimed) {
  char decode[8], output[8];
  snprintf(decode, sizeof decode, "d%d", op->decode);
  snprintf(output, sizeof output, "o%d", op->output);
  struct ledger_settings s = {1000, 1000, 1, 1, decode, output, op->bundle ? 3 : 1, 25, 20, 0};
  struct ledger_unit *slot = &c->held[roll(HELD)], unit = {0};
  int rc = ledger_claim(c->ledger, c->run, &s, &unit, NULL);
  if (rc != SLUICE_OK)
    return rc;
  ledger_unit_free(slot);
  *slot = unit;
  *claimed = (int)unit.id;
  return rc;
}

static int run_act(struct child *c, const struct model_op *op, const struct ledger_unit *unit) {
  struct ledger_progress progress = {.position = {op->row, 0, {0, 0}},
                                     .rows = op->rows,
                                     .rejects = op->rejects,
                                     .reject_lines = op->line,
                                     .reject_size = strlen(op->line)};
  struct ledger_part_result results[MODEL_BUNDLE];
  struct sluice_error why = {.message = "why"};
  char version[16];
  for (int i = 0; i < MODEL_BUNDLE; i++)
    results[i] = (struct ledger_part_result){.state = op->index >> i & 1 ? PART_GONE : PART_DONE, .rows = op->rows + i};
  snprintf(version, sizeof version, "%d", op->version);
  switch (op->kind) {
  case MODEL_CHECKPOINT:
    return ledger_checkpoint(c->ledger, unit, &progress, NULL);
  case MODEL_FINISH:
    return ledger_finish(c->ledger, unit, &progress, results, NULL);
  case MODEL_RELEASE:
    return ledger_release(c->ledger, unit, NULL);
  case MODEL_FAIL:
    return ledger_fail(c->ledger, unit, &why, NULL);
  default:
    return ledger_void(c->ledger, unit, (size_t)op->index, op->version ? version : NULL, NULL);
  }
}

static int run_op(struct child *c, const struct model_op *op, const struct ledger_unit *unit, int *claimed) {
  struct ledger_counters carried;
  switch (op->kind) {
  case MODEL_BEGIN:
    return ledger_run_begin(c->ledger, c->delivery, &c->run, &carried, NULL);
  case MODEL_END:
    return ledger_run_end(c->ledger, c->run, "done", "", NULL, NULL);
  case MODEL_MERGE:
    return run_merge(c, op);
  case MODEL_CLAIM:
    return run_claim(c, op, claimed);
  default:
    return run_act(c, op, unit);
  }
}

/* ---- choosing ----------------------------------------------------------------------------------- */

static void choose_merge(struct model_op *op) {
  op->first = roll(3) ? 0 : roll(MODEL_PARTS);
  op->last = roll(3) ? MODEL_PARTS : op->first + roll(MODEL_PARTS - op->first);
  op->policy = (enum on_change)roll(3);
  for (int i = op->first; i < MODEL_PARTS && i <= op->last; i++)
    op->listed[i] = roll(5) == 0 ? 0 : roll(6) == 0 ? 2 + roll(2) : 1;
  if (op->last < MODEL_PARTS)
    op->listed[op->last] = 1; /* a page ends with a name */
}

static const struct ledger_unit *choose_act(struct child *c, struct model_op *op) {
  static int line;
  const struct ledger_unit *unit = &c->held[roll(HELD)];
  if (!unit->id)
    return NULL;
  op->unit = (int)unit->id;
  op->epoch = (int)unit->epoch;
  op->row = 1 + roll(100);
  op->rows = roll(5);
  op->index = op->kind == MODEL_FINISH ? roll(5) == 0 : roll((int)unit->n_parts);
  op->version = roll(3) ? 1 + roll(4) : 0;
  if ((op->kind == MODEL_CHECKPOINT || op->kind == MODEL_FINISH) && roll(3) == 0) {
    op->rejects = 1 + roll(2);
    snprintf(op->line, sizeof op->line, "{\"line\":%d}\n", ++line);
  }
  return unit;
}

static const struct ledger_unit *choose(struct child *c, struct model_op *op) {
  static const enum model_kind kinds[] = {MODEL_BEGIN,      MODEL_END,        MODEL_MERGE,  MODEL_MERGE,  MODEL_MERGE,
                                          MODEL_MERGE,      MODEL_CLAIM,      MODEL_CLAIM,  MODEL_CLAIM,  MODEL_CLAIM,
                                          MODEL_CHECKPOINT, MODEL_CHECKPOINT, MODEL_FINISH, MODEL_FINISH, MODEL_RELEASE,
                                          MODEL_FAIL,       MODEL_VOID};
  *op = (struct model_op){.kind = kinds[roll(sizeof kinds / sizeof kinds[0])]};
  if (op->kind == MODEL_BEGIN && roll(3))
    op->kind = MODEL_CLAIM;
  if (op->kind == MODEL_END && roll(2))
    op->kind = MODEL_MERGE;
  if ((op->kind == MODEL_END || op->kind == MODEL_CLAIM) && !c->run) /* a new process begins a new run */
    op->kind = MODEL_BEGIN;
  if (op->kind == MODEL_MERGE)
    choose_merge(op);
  op->decode = roll(8) == 0;
  op->output = roll(8) == 0;
  op->bundle = roll(2) != 0;
  if (op->kind < MODEL_CHECKPOINT)
    return NULL;
  const struct ledger_unit *unit = choose_act(c, op);
  if (!unit)
    *op = (struct model_op){.kind = c->run ? MODEL_CLAIM : MODEL_BEGIN};
  return unit;
}

/* ---- a life ------------------------------------------------------------------------------------- */

static void step(struct child *c, int i) {
  struct model_op op;
  int expected_unit = 0, unit_id = 0;
  const struct ledger_unit *unit = choose(c, &op);
  shared->next = shared->now;
  int expected = model_apply(&shared->next, &op, &expected_unit);
  shared->under_way = true;
  int rc = run_op(c, &op, unit, &unit_id);
  shared->now = shared->next;
  shared->under_way = false;
  if (rc == expected && unit_id == expected_unit)
    return;
  snprintf(shared->complaint, sizeof shared->complaint, "operation %d of kind %d gave %d (unit %d), not %d (unit %d)",
           i, (int)op.kind, rc, unit_id, expected, expected_unit);
  _exit(1);
}

static void live(const char *dir, uint32_t seed, int die_at) {
  struct child c = {.ledger = open_job(dir, "j")};
  random_state = seed;
  c.delivery = delivery_of(c.ledger);
  faults_set(roll(2) ? FAULT_DIE : FAULT_DIE_TORN, die_at, 0);
  for (int i = 0; i < OPS; i++)
    step(&c, i);
  faults_set(FAULT_NONE, 0, 0);
  for (int i = 0; i < HELD; i++)
    ledger_unit_free(&c.held[i]);
  ledger_close(c.ledger);
  _exit(0);
}

static bool matches(const char *dir, const struct model *m) {
  char *want = model_text(m), *got = sql_text(dir, "j", model_sql);
  size_t n = 0;
  char *rejects = read_file(path_in(dir, "j.rejects.ndjson"), &n);
  bool same = strcmp(want, got) == 0 && n == (size_t)m->rejects_size && memcmp(rejects, m->rejects, n) == 0;
  if (!same && getenv("MODEL_VERBOSE"))
    print_message("want\n%sgot\n%s", want, got);
  free(want), free(got), free(rejects);
  return same;
}

static void check(const char *dir, uint32_t seed) {
  if (shared->complaint[0])
    fail_msg("history %u: %s", seed, shared->complaint);
  ledger_close(open_job(dir, "j"));
  if (matches(dir, &shared->now))
    return;
  if (!shared->under_way || !matches(dir, &shared->next))
    fail_msg("history %u: the file is not what the model says (MODEL_VERBOSE=1 prints both)", seed);
  shared->now = shared->next;
}

static void history(uint32_t seed, int *deaths) {
  void *dir;
  assert_int_equal(make_folder(&dir), 0);
  memset(shared, 0, sizeof *shared);
  for (int life = 0; life < LIVES; life++) {
    int status = 0;
    random_state = seed * 2654435761u + (uint32_t)life + 1;
    int die_at = 1 + roll(400);
    uint32_t inner = random_state;
    shared->under_way = false;
    pid_t child = fork();
    if (child == 0)
      live(dir, inner, die_at);
    assert_int_equal(waitpid(child, &status, 0), child);
    *deaths += WIFEXITED(status) && WEXITSTATUS(status) == 9;
    if (!WIFEXITED(status) || (WEXITSTATUS(status) != 9 && WEXITSTATUS(status) != 0 && !shared->complaint[0]))
      fail_msg("history %u: the child ended with %x", seed, (unsigned)status);
    check(dir, seed);
  }
  remove_folder(&dir);
}

static void histories(void **state) {
  (void)state;
  const char *one = getenv("MODEL_SEED"), *many = getenv("MODEL_HISTORIES");
  uint32_t n = many ? (uint32_t)strtoul(many, NULL, 10) : HISTORIES;
  int deaths = 0;
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(shared != MAP_FAILED);
  if (one)
    history((uint32_t)strtoul(one, NULL, 10), &deaths);
  for (uint32_t seed = 1; seed <= n && !one; seed++)
    history(seed, &deaths);
  munmap(shared, sizeof *shared);
  assert_true(one || deaths > (int)n / 2);
  print_message("%u histories, %d deaths\n", n, deaths);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(histories)};
  faults_install();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
