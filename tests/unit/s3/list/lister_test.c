/* Parts of several paths: their order, each once, why some are skipped, and where a listing goes on. */
#include "../check.h"
#include "fake_s3.h"
#include "list/lister.h"
#include <stdlib.h>

static int64_t now(void *context) {
  (void)context;
  return 1709164800; /* 2024-02-29 */
}

struct setting {
  struct client client;
  struct world world;
  struct s3_options options;
  struct s3_place places[4];
  struct access accesses[4];
  struct lister lister;
};

/* The first n paths; each may have more of its own already. */
static int set_up(struct setting *s, size_t n, struct sluice_error *err) {
  s->world.now = now;
  s->client.world = &s->world;
  s->client.options = &s->options;
  s->client.accesses = s->accesses;
  s->client.n_accesses = n;
  s->options.list_requests = 16;
  s->options.paths = (struct sluice_groups){s->places, n, sizeof s->places[0]};
  pthread_mutex_init(&s->client.lock, NULL);
  for (size_t i = 0; i < n; i++)
    snprintf(s->accesses[i].bucket.name, sizeof s->accesses[i].bucket.name, "bucket");
  return lister_init(&s->lister, &s->client, NULL, &s->options, err);
}

static void tear_down(struct setting *s) {
  lister_finish(&s->lister);
  pthread_mutex_destroy(&s->client.lock);
  assert_int_equal(fake.pages, 0);
}

/* "name" or "name(reason)" of each part, a blank between. */
static int list(struct setting *s, const char *after, struct text *out, struct sluice_error *err) {
  struct sluice_part part;
  int status = lister_start(&s->lister, after, err);
  while (status == SLUICE_OK) {
    status = lister_next(&s->lister, &part, err);
    if (status != SLUICE_OK)
      break;
    text_printf(out, "%s%s", out->size ? " " : "", part.name);
    if (part.skip)
      text_printf(out, "(%s)", part.skip);
  }
  return status;
}

static void gives(struct setting *s, const char *after, const char *wanted) {
  struct text out = {0};
  struct sluice_error err = {.message = ""};
  int status = list(s, after, &out, &err);
  if (status != SLUICE_END || strcmp(text_get(&out), wanted) != 0)
    fail_msg("after \"%s\": %d %s: \"%s\", not \"%s\"", after, status, err.message, text_get(&out), wanted);
  text_finish(&out);
}

static void all_keys(void) {
  fake_clear();
  fake_add("a");
  fake_add("p/1.csv");
  fake_add("p/2.tmp");
  fake_add("p/q/3.csv");
  fake_add("p/q/4.tmp");
  fake_add("r");
}

static void several_paths(void **state) {
  (void)state;
  static struct setting s;
  struct sluice_error err = {.message = ""};
  all_keys();
  s.places[0].path = "s3://b/r";
  s.places[1].path = "s3://b-x/p/q/";
  s.places[2].path = "s3://b/p/";
  s.places[3].path = "s3://b/p/q/3.csv";
  assert_int_equal(set_up(&s, 4, &err), SLUICE_OK);
  gives(&s, "",
        "s3://b-x/p/q/3.csv s3://b-x/p/q/4.tmp s3://b/p/1.csv s3://b/p/2.tmp s3://b/p/q/3.csv "
        "s3://b/p/q/4.tmp s3://b/r");
  gives(&s, "s3://b-x/p/q/4.tmp", "s3://b/p/1.csv s3://b/p/2.tmp s3://b/p/q/3.csv s3://b/p/q/4.tmp s3://b/r");
  gives(&s, "s3://b/p/q/3.csv", "s3://b/p/q/4.tmp s3://b/r");
  gives(&s, "s3://b/q", "s3://b/r");
  gives(&s, "s3://b/r", "");
  tear_down(&s);
}

/* An object that two paths hold is read if one of them wants it. */
static void overlapping_paths(void **state) {
  (void)state;
  static struct setting s;
  static const char *const csv[] = {"*.csv"}, *const tmp[] = {"*.tmp"};
  struct sluice_error err = {.message = ""};
  all_keys();
  s.places[0] = (struct s3_place){.path = "s3://b/p/", .include = {csv, 1}};
  s.places[1] = (struct s3_place){.path = "s3://b/p/q/", .include = {tmp, 1}};
  assert_int_equal(set_up(&s, 2, &err), SLUICE_OK);
  gives(&s, "", "s3://b/p/1.csv s3://b/p/2.tmp(not included) s3://b/p/q/3.csv s3://b/p/q/4.tmp");
  tear_down(&s);
}

/* Globs and depth count from the path's last folder on. */
static void names_below_a_path(void **state) {
  (void)state;
  static struct setting s;
  static const char *const globs[] = {"p/q/*", "/r"};
  struct sluice_error err = {.message = ""};
  all_keys();
  fake_add("p/q/s/t");
  fake_sort();
  s.places[0].path = "s3://b/p";
  s.places[0].exclude = (struct sluice_list){globs, 2};
  s.options.depth = 3;
  assert_int_equal(set_up(&s, 1, &err), SLUICE_OK);
  gives(&s, "",
        "s3://b/p/1.csv s3://b/p/2.tmp s3://b/p/q/3.csv(excluded) s3://b/p/q/4.tmp(excluded) s3://b/p/q/s/t(too deep)");
  tear_down(&s);
}

static void archived_objects(void **state) {
  (void)state;
  static struct setting s;
  struct text out = {0};
  struct sluice_error err = {.message = ""};
  all_keys();
  fake.keys[2].storage_class = "GLACIER";
  fake.keys[3].storage_class = "GLACIER_IR";
  fake.keys[4].storage_class = "DEEP_ARCHIVE";
  s.places[0].path = "s3://b/p/";
  assert_int_equal(set_up(&s, 1, &err), SLUICE_OK);
  gives(&s, "", "s3://b/p/1.csv s3://b/p/2.tmp(archived) s3://b/p/q/3.csv s3://b/p/q/4.tmp(archived)");
  s.options.archived = S3_ARCHIVED_READ;
  gives(&s, "", "s3://b/p/1.csv s3://b/p/2.tmp s3://b/p/q/3.csv s3://b/p/q/4.tmp");
  s.options.archived = S3_ARCHIVED_FAIL;
  assert_int_equal(list(&s, "", &out, &err), SLUICE_ERR_DATA);
  assert_non_null(strstr(err.message, "s3://b/p/2.tmp"));
  assert_string_equal(text_get(&out), "s3://b/p/1.csv");
  text_finish(&out);
  tear_down(&s);
}

static const char *version_of_first(struct setting *s, char out[64]) {
  struct sluice_part part;
  struct sluice_error err = {.message = ""};
  assert_int_equal(lister_start(&s->lister, "", &err), SLUICE_OK);
  if (lister_next(&s->lister, &part, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  snprintf(out, 64, "%s", part.version);
  return out;
}

static void versions(void **state) {
  (void)state;
  static struct setting s;
  struct sluice_error err = {.message = ""};
  char version[64];
  fake_clear();
  fake_add_version("a", "v2", false, true);
  fake_add_version("a", "null", false, false);
  fake_add_version("b", "m", true, true);
  s.places[0].path = "s3://b/";
  s.options.pin = S3_PIN_VERSION;
  assert_int_equal(set_up(&s, 1, &err), SLUICE_OK);
  gives(&s, "", "s3://b/a s3://b/b(deleted)");
  assert_string_equal(version_of_first(&s, version), "versionId=v2");
  fake.keys[0].version_id = "null"; /* may be written over: what is there now counts */
  assert_string_equal(version_of_first(&s, version), "e-null");
  tear_down(&s);
  s.options.version_id = "null";
  s.places[0].path = "s3://b/a";
  assert_int_equal(set_up(&s, 1, &err), SLUICE_OK);
  assert_string_equal(version_of_first(&s, version), "versionId=null");
  tear_down(&s);
}

static void refuses(const char *path, const char *version_id, const char *where) {
  static struct setting s;
  struct sluice_error err = {.message = ""};
  s.options.version_id = version_id;
  s.places[0].path = path;
  assert_int_equal(set_up(&s, 1, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, where);
  tear_down(&s);
}

static void refused(void **state) {
  (void)state;
  refuses("s3://b/", "v", "version_id");
  refuses("s3://b/a", "", "version_id");
  refuses("s3://b/a", "v\n", "version_id");
  refuses("http://b/a", NULL, "paths[0].path");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(several_paths),      cmocka_unit_test(overlapping_paths),
                                     cmocka_unit_test(names_below_a_path), cmocka_unit_test(archived_objects),
                                     cmocka_unit_test(versions),           cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
