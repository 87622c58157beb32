/* The listing beside the ledger: each state of a file, and a million names in constant memory. */
#include "core/plan/internal.h"
#include "ledger_file.h"
#include <malloc.h>

static char folder[64], path[128];

/* ---- a source of made-up names ---- */

struct names {
  const struct sluice_part *parts; /* NULL: `count` generated ones */
  int64_t count, at;
  char name[32];
};

static int list(void *self, const char *after, struct sluice_error *err) {
  (void)after, (void)err;
  ((struct names *)self)->at = 0;
  return SLUICE_OK;
}

static int next_part(void *self, struct sluice_part *out, struct sluice_error *err) {
  struct names *names = self;
  (void)err;
  if (names->at == names->count)
    return SLUICE_END;
  int64_t i = names->at++;
  if (names->parts) {
    *out = names->parts[i];
    return SLUICE_OK;
  }
  snprintf(names->name, sizeof names->name, "p%08lld", (long long)i);
  out->name = names->name;
  out->version = "v";
  out->size = 100000;
  return SLUICE_OK;
}

static int open_part(void *self, const struct sluice_part *part, struct sluice_part *opened, struct sluice_input *out,
                     struct sluice_error *err) {
  (void)self, (void)opened, (void)out;
  return sluice_fail(err, SLUICE_ERR_NOT_FOUND, part->name, "there are no bytes");
}

struct fixture {
  struct registry_component source;
  struct config *config;
  struct config_job job;
  struct plan_question question;
  struct stop stop;
  struct plan plan;
  struct planning p;
  struct sluice_error err;
};

static void setup(struct fixture *f, struct names *names) {
  char text[256];
  memset(f, 0, sizeof *f);
  f->source.source.list = list;
  f->source.source.next_part = next_part;
  f->source.source.open_part = open_part;
  snprintf(text, sizeof text, "ledger = \"%s\"; jobs = { one = { source = { type = \"x\"; }; }; };", folder);
  assert_int_equal(config_load_text("t", text, strlen(text), &f->config, &f->err), SLUICE_OK);
  assert_int_equal(stop_init(&f->stop), SLUICE_OK);
  f->job = *config_job_at(f->config, 0);
  f->plan.job = &f->job;
  f->p = (struct planning){.config = f->config, .question = &f->question, .stop = &f->stop, .plan = &f->plan};
  f->p.pipeline.job = &f->job;
  f->p.sink = f->job.source; /* whatever: a group with a type */
  f->p.pipeline.sink_name = "s";
  f->p.pipeline.source.loaded = &f->source;
  f->p.pipeline.source.self = names;
}

static void finish(struct fixture *f) {
  known_close(f->p.known);
  sluice_schema_release(&f->p.schema);
  plan_finish(&f->plan);
  config_unload(f->config);
  stop_finish(&f->stop);
}

static int make_folder(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/sluice-plan-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
  char command[100];
  (void)state;
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command);
}

#define PART_LIKE(name_, size_, modified_, skip_)                                                                      \
  {                                                                                                                    \
    .struct_size = sizeof(struct sluice_part), .name = (name_), .version = "v", .size = (size_),                       \
    .modified = (modified_), .skip = (skip_)                                                                           \
  }
#define PART(name_) PART_LIKE(name_, 10, INT64_MIN, NULL)

static int64_t files_of(const struct fixture *f, enum plan_state state) {
  return f->plan.files.states[state].files;
}

/* ---- tests ---- */

static void fill_ledger(void) {
  ledger_file(folder, path, sizeof path);
  ledger_part(path, "active", "v", PART_ACTIVE, 0, 0);
  ledger_part(path, "back", "v", PART_GONE, 0, 1);
  ledger_part(path, "changed", "old", PART_DONE, 1, 0);
  ledger_part(path, "done", "v", PART_DONE, 1, 0);
  ledger_part(path, "failed", "v", PART_FAILED, 0, 0);
  ledger_part(path, "failed-for-change", "v", PART_FAILED, 1, 0);
  ledger_part(path, "gone-long-ago", "v", PART_DONE, 1, 1);
  ledger_part(path, "gone-now", "v", PART_DONE, 1, 0);
  ledger_part(path, "pending", "v", PART_PENDING, 0, 0);
  ledger_part(path, "zz-gone-too", "v", PART_PENDING, 0, 0);
}

static const struct sluice_part listed[] = {PART("active"),
                                            PART("back"),
                                            PART("changed"),
                                            PART("done"),
                                            PART("failed"),
                                            PART("failed-for-change"),
                                            PART_LIKE("folder/", 0, INT64_MIN, "folder marker"),
                                            PART("new"),
                                            PART_LIKE("pending", -1, INT64_MIN, NULL)};

static void each_state(void **state) {
  (void)state;
  struct fixture f;
  struct names names = {listed, sizeof listed / sizeof *listed, 0, ""};
  fill_ledger();
  setup(&f, &names);
  assert_int_equal(plan_list_files(&f.p, &f.err), SLUICE_OK);
  assert_true(f.plan.files.ledger && f.plan.files.listed);
  assert_int_equal(files_of(&f, PLAN_NEW), 2);
  assert_int_equal(files_of(&f, PLAN_PENDING), 2);
  assert_int_equal(files_of(&f, PLAN_CHANGED), 1);
  assert_int_equal(files_of(&f, PLAN_FAILED), 1);
  assert_int_equal(files_of(&f, PLAN_UNCHANGED), 2);
  assert_int_equal(f.plan.files.gone, 2);
  assert_int_equal(f.plan.files.read.files, 6);
  assert_int_equal(f.plan.files.read.bytes, 50);
  assert_int_equal(f.plan.files.unknown_size, 1);
  assert_int_equal(f.plan.files.skipped, 1);
  assert_string_equal(f.plan.files.skips[0].reason, "folder marker");
  assert_string_equal(f.plan.part.name, "active");
  finish(&f);
}

static void policies(void **state) {
  (void)state;
  struct names names = {listed, sizeof listed / sizeof *listed, 0, ""};
  fill_ledger();
  for (int policy = CONFIG_CHANGE_IGNORE; policy <= CONFIG_CHANGE_FAIL; policy++) {
    struct fixture f;
    setup(&f, &names);
    f.job.sync.on_change = (enum config_on_change)policy;
    assert_int_equal(plan_list_files(&f.p, &f.err), SLUICE_OK);
    assert_int_equal(files_of(&f, PLAN_CHANGED), 0);
    assert_int_equal(files_of(&f, PLAN_UNCHANGED), policy == CONFIG_CHANGE_IGNORE ? 3 : 2);
    assert_int_equal(files_of(&f, PLAN_REFUSED), policy == CONFIG_CHANGE_FAIL);
    finish(&f);
  }
  struct fixture f;
  setup(&f, &names);
  f.job.sync.mode = CONFIG_FULL_REFRESH;
  assert_int_equal(plan_list_files(&f.p, &f.err), SLUICE_OK);
  assert_int_equal(files_of(&f, PLAN_AGAIN), 2);
  assert_int_equal(f.plan.files.read.files, 8);
  finish(&f);
}

static void start_from(void **state) {
  (void)state;
  static const struct sluice_part dated[] = {PART_LIKE("a", 10, 999, NULL), PART_LIKE("b", 10, 1000, NULL), PART("c")};
  struct names names = {dated, 3, 0, ""};
  struct fixture f;
  setup(&f, &names);
  f.job.sync.start = CONFIG_START_AT;
  f.job.sync.start_us = 1000;
  assert_int_equal(plan_list_files(&f.p, &f.err), SLUICE_OK);
  assert_int_equal(files_of(&f, PLAN_BEFORE), 1);
  assert_int_equal(files_of(&f, PLAN_NEW), 2);
  finish(&f);
  setup(&f, &names);
  f.job.sync.start = CONFIG_START_NOW;
  assert_int_equal(plan_list_files(&f.p, &f.err), SLUICE_OK);
  assert_int_equal(files_of(&f, PLAN_BEFORE), 3);
  finish(&f);
}

static void names_out_of_order(void **state) {
  (void)state;
  static const struct sluice_part parts[] = {PART("b"), PART("a")}, twice[] = {PART("a"), PART("a")};
  struct names names = {parts, 2, 0, ""};
  struct fixture f;
  setup(&f, &names);
  assert_int_equal(plan_list_files(&f.p, &f.err), SLUICE_ERR_DATA);
  assert_non_null(strstr(f.err.message, "byte order"));
  assert_false(f.plan.files.listed);
  finish(&f);
  names.parts = twice;
  setup(&f, &names);
  assert_int_equal(plan_list_files(&f.p, &f.err), SLUICE_ERR_DATA);
  finish(&f);
}

static void choosing(void **state) {
  (void)state;
  static const struct sluice_part parts[] = {PART_LIKE("s3://b/a/1.csv", 0, INT64_MIN, NULL), PART("s3://b/a/2.csv"),
                                             PART("s3://b/b/2.csv"),
                                             PART_LIKE("s3://b/c/", 0, INT64_MIN, "folder marker")};
  static const struct {
    const char *part, *chosen, *error;
  } cases[] = {{NULL, "s3://b/a/2.csv", NULL},
               {"1.csv", "s3://b/a/1.csv", NULL},
               {"/1.csv", "s3://b/a/1.csv", NULL},
               {"b/2.csv", "s3://b/b/2.csv", NULL},
               {"s3://b/a/2.csv", "s3://b/a/2.csv", NULL},
               {"2.csv", NULL, "2 files end in"},
               {".csv", NULL, "there is no file '.csv' among the 3"},
               {"", NULL, "there is no file"},
               {"c/", NULL, "folder marker"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct names names = {parts, 4, 0, ""};
    struct fixture f;
    setup(&f, &names);
    f.question.part = cases[i].part;
    int code = plan_list_files(&f.p, &f.err);
    assert_int_equal(code, cases[i].error ? SLUICE_ERR_CONFIG : SLUICE_OK);
    if (cases[i].error)
      assert_non_null(strstr(f.err.message, cases[i].error));
    else
      assert_string_equal(f.plan.part.name, cases[i].chosen);
    finish(&f);
  }
  struct names none = {parts, 0, 0, ""};
  struct fixture f;
  setup(&f, &none);
  assert_int_equal(plan_list_files(&f.p, &f.err), SLUICE_ERR_NOT_FOUND);
  finish(&f);
}

static long peak_kib(void) {
  char line[128];
  long kib = 0;
  FILE *file = fopen("/proc/self/status", "r");
  assert_non_null(file);
  while (fgets(line, sizeof line, file))
    if (strncmp(line, "VmHWM:", 6) == 0)
      kib = strtol(line + 6, NULL, 10);
  fclose(file);
  return kib;
}

/* Every other name is in the ledger. */
static void a_million_names(void **state) {
  (void)state;
  enum { MILLION = 1000000 };
  struct names names = {NULL, MILLION / 100, 0, ""};
  struct fixture f;
  ledger_file(folder, path, sizeof path);
  ledger_sql(path, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 2 FROM n WHERE i < 999998) INSERT INTO part"
                   " SELECT 7, CAST(printf('p%08d', i) AS BLOB), CAST('v' AS BLOB), 1, 2, 0, 1, 0 FROM n");
  setup(&f, &names);
  assert_int_equal(plan_list_files(&f.p, &f.err), SLUICE_OK);
  finish(&f);
  long before = peak_kib();
  names.count = MILLION;
  setup(&f, &names);
  assert_int_equal(plan_list_files(&f.p, &f.err), SLUICE_OK);
  assert_int_equal(files_of(&f, PLAN_UNCHANGED), MILLION / 2);
  assert_int_equal(files_of(&f, PLAN_NEW), MILLION / 2);
  assert_int_equal(f.plan.files.gone, 0);
  assert_int_equal(f.plan.files.read.bytes, INT64_C(50000000000));
  finish(&f);
  long grown = peak_kib() - before;
  print_message("a million names: %ld KiB more than ten thousand\n", grown);
  assert_true(grown < 16 * 1024);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(each_state, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(policies, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(start_from, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(names_out_of_order, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(choosing, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(a_million_names, make_folder, remove_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
