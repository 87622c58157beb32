/* Configurations: the example of the design, overlays, expansion, and every mistake with its place. */
#include "core/config/config.h"
#include "core/config/expand.h"
#include "host.h"
#include <sys/stat.h>
#include <unistd.h>

static const char example[] =
    "ledger = \"/var/lib/sluice\";\n"
    "sinks = { platform = { type = \"http\"; url = \"https://api.example.com/v1\"; bearer = \"${API_TOKEN}\"; };\n"
    "          local    = { type = \"file\"; path = \"out/clicks.ndjson\"; }; };\n"
    "jobs = { clicks = {\n"
    "  source  = { type = \"s3\"; region = \"us-east-1\";\n"
    "              paths = ( { path = \"s3://b/p/\"; include = [\"**/*.parquet\"]; } ); };\n"
    "  format  = { type = \"auto\"; };\n"
    "  mapping = ( { from = \"id\"; to = \"prediction_id\"; type = \"string\"; required = true; },\n"
    "              { value = 5; to = \"five\"; }, { from = \"ts\"; default = \"x\"; } );\n"
    "  sync    = { mode = \"incremental\"; every = \"10s\"; on_change = \"ignore\"; };\n"
    "  errors  = { on_error = \"reject\"; max_rejects = \"1%\"; };\n"
    "  sink    = \"platform\"; }; };\n";

static struct config *load(const char *text) {
  struct config *config = NULL;
  struct sluice_error err = {0};
  if (config_load_text("test.conf", text, strlen(text), &config, &err) != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
  return config;
}

static struct sluice_error refused(const char *text) {
  struct config *config = NULL;
  struct sluice_error err = {0};
  assert_int_equal(config_load_text("test.conf", text, strlen(text), &config, &err), SLUICE_ERR_CONFIG);
  assert_null(config);
  return err;
}

static void what_serve_listens_on_is_looked_at_when_it_is_read(void **state) {
  static const struct {
    const char *member, *says; /* NULL: it is fine */
  } cases[] = {
      {"metrics = \"127.0.0.1:9464\"", NULL},
      {"metrics = \"[::1]:9464\"", NULL},
      {"metrics = \"localhost:0\"", NULL},
      {"metrics = \":9464\"", NULL},
      {"metrics = \"9464\"", "no address and port"},
      {"metrics = \"127.0.0.1:99999\"", "no address and port"},
      {"metrics = \"\"", "no address and port"},
      {"metrics = \"a.example:1\"", "no address and port"},
      {"socket = \"s.sock\"", NULL},
      {"socket = \"\"", "is empty"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[300];
    snprintf(text, sizeof text,
             "jobs = { a = { source = { type = \"s3\"; }; sink = { type = \"file\"; }; }; };\nserve = { %s; };\n",
             cases[i].member);
    if (!cases[i].says) {
      config_unload(load(text));
      continue;
    }
    struct sluice_error err = refused(text);
    assert_non_null(strstr(err.message, cases[i].says));
    assert_non_null(strstr(err.where, "test.conf:2"));
  }
}

static void the_example_is_read(void **state) {
  (void)state;
  struct config *config = load(example);
  const struct config_job *job;
  struct sluice_error err = {0};
  assert_string_equal(config_ledger(config), "/var/lib/sluice");
  assert_int_equal(config_job_count(config), 1);
  assert_int_equal(config_find_job(config, "clicks", &job, &err), SLUICE_OK);
  assert_ptr_equal(job, config_job_at(config, 0));
  assert_string_equal(config_value_member(job->source, "type"), "s3");
  assert_int_equal(job->mapping_count, 3);
  assert_string_equal(job->mapping[0].to, "prediction_id");
  assert_int_equal(job->mapping[0].required, 1);
  assert_string_equal(job->mapping[1].value, "5");
  assert_null(job->mapping[1].from);
  assert_string_equal(job->mapping[2].default_value, "x");
  assert_int_equal(job->sync.mode, CONFIG_INCREMENTAL);
  assert_int_equal(job->sync.every_ms, 10000);
  assert_int_equal(job->sync.on_change, CONFIG_CHANGE_IGNORE);
  assert_true(job->max_reject_fraction > 0.0099 && job->max_reject_fraction < 0.0101);
  assert_int_equal(job->max_rejects, -1);
  assert_int_equal(job->memory, 64 << 20);
  config_unload(config);
}

static void defaults_are_filled_in(void **state) {
  (void)state;
  struct config *config = load("jobs = { a = { source = { type = \"file\"; }; errors = { max_rejects = 7; }; }; };");
  const struct config_job *job = config_job_at(config, 0);
  assert_string_equal(config_ledger(config), "./sluice-ledger");
  assert_string_equal(config_value_member(job->format, "type"), "auto");
  assert_int_equal(job->max_rejects, 7);
  assert_true(job->max_reject_fraction < 0);
  assert_int_equal(job->on_error, CONFIG_ERROR_REJECT);
  assert_int_equal(job->batch_rows, 10000);
  assert_int_equal(job->transform_count, 0);
  config_unload(config);
}

static void sinks_are_chosen_by_name(void **state) {
  (void)state;
  struct config *config = load(example);
  const struct config_job *job = config_job_at(config, 0);
  const struct config_value *value;
  const char *name;
  struct sluice_error err = {0};
  assert_int_equal(config_job_sink(config, job, NULL, &value, &name, &err), SLUICE_OK);
  assert_string_equal(name, "platform");
  assert_int_equal(config_job_sink(config, job, "local", &value, &name, &err), SLUICE_OK);
  assert_string_equal(config_value_member(value, "type"), "file");
  assert_int_equal(config_job_sink(config, job, "locale", &value, &name, &err), SLUICE_ERR_CONFIG);
  assert_contains(err.message, "did you mean 'local'?");
  assert_contains(err.message, "platform, local");
  err = (struct sluice_error){0};
  assert_int_equal(config_find_job(config, "click", &job, &err), SLUICE_ERR_CONFIG);
  assert_contains(err.message, "did you mean 'clicks'?");
  config_unload(config);
  config = load("jobs = { a = { source = { type = \"file\"; }; sink = { type = \"file\"; }; }; };");
  assert_int_equal(config_job_sink(config, config_job_at(config, 0), NULL, &value, &name, &err), SLUICE_OK);
  assert_string_equal(name, "file");
  config_unload(config);
}

struct mistake {
  const char *text, *where, *message;
};
static void mistakes_name_their_place(void **state) {
  (void)state;
#define JOB(rest) "jobs = { a = { source = { type = \"f\"; };\n" rest " }; };"
  static const struct mistake mistakes[] = {
      {"ledger = \"a\";\nbad syntax here", "test.conf:2", "syntax error"},
      {"a = 1;\na = 2;", "test.conf:2", "duplicate"},
      {"legder = \"x\";", "legder (test.conf:1)", "did you mean 'ledger'?"},
      {"ledger = 5;", "ledger (test.conf:1)", "must be a text"},
      {JOB("synk = { };"), "jobs.a.synk (test.conf:2)", "did you mean 'sync'?"},
      {JOB("sync = { mode = \"incrementl\"; };"), "jobs.a.sync.mode (test.conf:2)", "did you mean 'incremental'?"},
      {JOB("sync = { every = 10; };"), "jobs.a.sync.every (test.conf:2)", "must be a duration"},
      {JOB("sync = { cron = \"60 * * * *\"; };"), "jobs.a.sync.cron (test.conf:2)", "minute"},
      {JOB("sync = { cron = \"0 0 31 2 *\"; };"), "jobs.a.sync.cron (test.conf:2)", "day"},
      {JOB("sync = { cron = \"0 0 * * *\"; timezone = \"Mars/Phobos\"; };"), "jobs.a.sync.timezone (test.conf:2)",
       "Mars/Phobos"},
      {JOB("sync = { every = \"10s\"; jitter = \"20s\"; };"), "jobs.a.sync.jitter (test.conf:2)", "less than `every`"},
      {JOB("sync = { jitter = \"5s\"; };"), "jobs.a.sync.jitter (test.conf:2)", "neither `every` nor `cron`"},
      {JOB("sync = { timezone = \"UTC\"; };"), "jobs.a.sync.timezone (test.conf:2)", "no `cron`"},
      {JOB("sync = { every = \"10s\"; timezone = \"UTC\"; };"), "jobs.a.sync.timezone (test.conf:2)", "no `cron`"},
      {JOB("sync = { key = []; };"), "jobs.a.sync.key (test.conf:2)", "names no column"},
      {JOB("sync = { key = [\"a\", \"\"]; };"), "jobs.a.sync.key (test.conf:2)", "empty name"},
      {JOB("sync = { key = [\"id\", \"b\", \"id\"]; };"), "jobs.a.sync.key (test.conf:2)", "twice"},
      {JOB("sync = \"x\";"), "jobs.a.sync (test.conf:2)", "must be a group"},
      {JOB("batch_rows = 0;"), "jobs.a.batch_rows (test.conf:2)", "from 1 to 10000000"},
      {JOB("mapping = ( { to = \"x\"; } );"), "jobs.a.mapping[0] (test.conf:2)", "either `from`"},
      {JOB("mapping = ( { from = \"x\"; tu = \"x\"; } );"), "jobs.a.mapping[0].tu (test.conf:2)", "did you mean 'to'?"},
      {JOB("mapping = ( 1 );"), "jobs.a.mapping[0] (test.conf:2)", "must be a groups"},
      {JOB("errors = { max_rejects = \"many\"; };"), "jobs.a.errors.max_rejects (test.conf:2)", "'many'"},
      {JOB("errors = { max_rejects = -1; };"), "jobs.a.errors.max_rejects (test.conf:2)", "'-1'"},
      {JOB("sink = \"nowhere\";"), "jobs.a.sink (test.conf:2)", "unknown sink 'nowhere'"},
      {JOB("sink = { path = \"x\"; };"), "jobs.a.sink (test.conf:2)", "`type`"},
      {JOB("transforms = ( { } );"), "jobs.a.transforms[0] (test.conf:2)", "`type`"},
      {JOB("format = \"csv\";"), "jobs.a.format (test.conf:2)", "must be a group"},
      {"jobs = { a = { }; };", "jobs.a (test.conf:1)", "has no source"},
      {"jobs = ( );", "jobs (test.conf:1)", "must be a group"},
      {"jobs = { a* = { }; };", "jobs.a* (test.conf:1)", "a name has"},
      {"sinks = { a = 1; };", "sinks.a (test.conf:1)", "must be a group"},
      {"# 9999999999\nledger = \"9999999999\";\nx = 9999999999;", "test.conf:3", "9999999999L"},
      {"x = 99999999999999999999L;", "test.conf:1", "does not fit"},
      {"x = 1e999;", "x (test.conf:1)", "too large"},
      {"ledger = \"${NOT_SET_ANYWHERE}\";", "ledger (test.conf:1)", "NOT_SET_ANYWHERE is not set"},
      {"@include \"/nonexistent\"\n", "test.conf:1", "include"},
  };
  for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
    struct sluice_error err = refused(mistakes[i].text);
    assert_string_equal(err.where, mistakes[i].where);
    assert_contains(err.message, mistakes[i].message);
  }
}

static void hostile_files_are_refused(void **state) {
  (void)state;
  struct sluice_error err = {0};
  struct config *config;
  assert_int_equal(config_load_text("nul", "a=1;\0b=2;", 9, &config, &err), SLUICE_ERR_CONFIG);
  assert_contains(err.message, "NUL");
  char *deep = malloc(200000);
  for (int i = 0; i < 100; i++)
    memcpy(deep + 3 * i, "a={", 4);
  for (int i = 0; i < 100; i++)
    memcpy(deep + 300 + 2 * i, "};", 3);
  err = refused(deep);
  assert_contains(err.message, "nested deeper");
  for (int i = 0; i < 25000; i++)
    memcpy(deep + 4 * i, "a=1;", 5);
  err = refused(deep);
  assert_contains(err.message, "more than 20000 settings");
  free(deep);
}

static void write_file(const char *path, const char *content) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(content, file);
  fclose(file);
}

static void overlays_override_by_member(void **state) {
  (void)state;
  char dir[] = "/tmp/sluice-config-XXXXXX", base[64], over[64], part[64];
  assert_non_null(mkdtemp(dir));
  snprintf(base, sizeof base, "%s/base.conf", dir);
  snprintf(over, sizeof over, "%s/over.conf", dir);
  snprintf(part, sizeof part, "%s/part.conf", dir);
  write_file(base, example);
  write_file(
      over,
      "@include \"part.conf\"\njobs = { clicks = { source = { region = \"eu-west-1\"; }; batch_rows = 5; }; };\n");
  write_file(part, "sinks = { platform = { type = \"file\"; path = \"x\"; }; };");
  const char *const paths[] = {base, over};
  struct config *config = NULL;
  struct sluice_error err = {0};
  if (config_load(paths, 2, &config, &err) != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
  const struct config_job *job = config_job_at(config, 0);
  assert_int_equal(job->batch_rows, 5);
  assert_string_equal(config_value_member(job->source, "region"), "eu-west-1");
  assert_string_equal(config_value_member(job->source, "type"), "s3");
  const struct config_value *sink;
  const char *name;
  assert_int_equal(config_job_sink(config, job, NULL, &sink, &name, &err), SLUICE_OK);
  assert_string_equal(config_value_member(sink, "type"), "file");
  assert_null(config_value_find(sink, "url")); /* another type inherits nothing */
  char where[200];
  config_value_where(config_value_find(job->source, "region"), NULL, where, sizeof where);
  assert_contains(where, "over.conf:2)");
  config_value_where(config_value_find(sink, "path"), NULL, where, sizeof where);
  assert_contains(where, "part.conf:1)");
  config_unload(config);
  write_file(part, "x = 9999999999;");
  err = (struct sluice_error){0};
  assert_int_equal(config_load(paths, 2, &config, &err), SLUICE_ERR_CONFIG);
  assert_contains(err.where, "part.conf:1");
  unlink(base);
  unlink(over);
  unlink(part);
  rmdir(dir);
}

static void hashes_follow_meaning(void **state) {
  (void)state;
  char a[65], b[65], c[65];
  struct config *one = load("jobs = { a = { source = { type = \"s\"; x = [1, 2]; }; }; };");
  struct config *two = load("\n\njobs = { a = { source = { x = [1, 2]; type = \"s\"; }; }; };");
  struct config *three = load("jobs = { a = { source = { type = \"s\"; x = [2, 1]; }; }; };");
  assert_int_equal(config_hash(config_job_at(one, 0)->source, a), SLUICE_OK);
  assert_int_equal(config_hash(config_job_at(two, 0)->source, b), SLUICE_OK);
  assert_int_equal(config_hash(config_job_at(three, 0)->source, c), SLUICE_OK);
  assert_string_equal(a, b);
  assert_string_not_equal(a, c);
  assert_int_equal(config_hash(NULL, c), SLUICE_OK);
  config_unload(one);
  config_unload(two);
  config_unload(three);
}

static void expand_to(const char *template, const char *expected) {
  struct text out = {0};
  struct sluice_error err = {0};
  if (expand_text(template, "here", &out, &err) != SLUICE_OK)
    fail_msg("%s: %s", template, err.message);
  assert_string_equal(text_get(&out), expected);
  text_finish(&out);
}

static void expand_fails(const char *template, const char *message) {
  struct text out = {0};
  struct sluice_error err = {0};
  assert_int_equal(expand_text(template, "here", &out, &err), SLUICE_ERR_CONFIG);
  assert_contains(err.message, message);
  assert_string_equal(err.where, "here");
  text_finish(&out);
}

static void texts_are_expanded(void **state) {
  (void)state;
  char path[] = "/tmp/sluice-expand-XXXXXX", template[64];
  int fd = mkstemp(path);
  assert_int_equal(write(fd, "from file\n\n", 11), 11);
  close(fd);
  setenv("SLUICE_TEST_A", "value $ ${X}", 1);
  unsetenv("SLUICE_TEST_B");
  expand_to("plain", "plain");
  expand_to("", "");
  expand_to("<${SLUICE_TEST_A}>", "<value $ ${X}>"); /* what comes out is not expanded again */
  expand_to("${SLUICE_TEST_B:-fallback}", "fallback");
  expand_to("${SLUICE_TEST_B:-}", "");
  expand_to("$$ $${X} a$ $5", "$ ${X} a$ $5");
  snprintf(template, sizeof template, "<${file:%s}>", path);
  expand_to(template, "<from file\n>");
  unlink(path);
  expand_fails(template, "cannot open");
  expand_fails("${SLUICE_TEST_B}", "SLUICE_TEST_B is not set");
  expand_fails("${SLUICE_TEST_A", "has no \"}\"");
  expand_fails("${}", "names no variable");
  expand_fails("${1A}", "names no variable");
  expand_fails("${file:/dev/zero}", "larger than");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_example_is_read),
      cmocka_unit_test(what_serve_listens_on_is_looked_at_when_it_is_read),
      cmocka_unit_test(defaults_are_filled_in),
      cmocka_unit_test(sinks_are_chosen_by_name),
      cmocka_unit_test(mistakes_name_their_place),
      cmocka_unit_test(hostile_files_are_refused),
      cmocka_unit_test(overlays_override_by_member),
      cmocka_unit_test(hashes_follow_meaning),
      cmocka_unit_test(texts_are_expanded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
