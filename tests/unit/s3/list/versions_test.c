/* Streams of one path: exact objects, versions, one given version. */
#include "../check.h"
#include "base/version.h"
#include "fake_s3.h"
#include "list/stream.h"
#include <stdlib.h>

static struct bucket bucket = {.name = "bucket"};

struct asked {
  const char *key, *after, *version_id;
  bool versions;
};

/* "key:id" of each entry, a blank between; "-" before a deleted one, "=" before one that the path names. */
static int list(const struct asked *asked, struct text *out, struct sluice_error *err) {
  struct stream stream = {
      .versions = asked->versions, .version_id = asked->version_id, .list_requests = 16, .bucket = &bucket};
  struct stream_entry entry;
  snprintf(stream.location.key, sizeof stream.location.key, "%s", asked->key);
  int status = stream_open(&stream, NULL, asked->after ? asked->after : "", err);
  while (status == SLUICE_OK) {
    status = stream_peek(&stream, NULL, &entry, err);
    if (status != SLUICE_OK)
      break;
    text_printf(out, "%s%s%s%s:%s", out->size ? " " : "", entry.deleted ? "-" : "", entry.exact ? "=" : "", entry.key,
                entry.version_id);
    stream_skip(&stream);
  }
  stream_close(&stream);
  assert_int_equal(fake.pages, 0);
  return status;
}

static void gives(struct asked asked, const char *wanted) {
  struct text out = {0};
  struct sluice_error err = {.message = ""};
  int status = list(&asked, &out, &err);
  if (status != SLUICE_END || strcmp(text_get(&out), wanted) != 0)
    fail_msg("\"%s\" after \"%s\" (pages of %zu): %d %s: \"%s\", not \"%s\"", asked.key, asked.after ? asked.after : "",
             fake.page, status, err.message, text_get(&out), wanted);
  text_finish(&out);
}

static void fails(struct asked asked, const char *why) {
  struct text out = {0};
  struct sluice_error err = {.message = ""};
  int status = list(&asked, &out, &err);
  if (status != SLUICE_ERR_CONFIG || !strstr(err.message, why))
    fail_msg("\"%s\": %d \"%s\", not \"%s\"", asked.key, status, err.message, why);
  text_finish(&out);
}

static void a_bucket_with_versions(void) {
  fake_clear();
  fake_add_version("a", "a3", false, true);
  fake_add_version("a", "a2", true, false);
  fake_add_version("a", "a1", false, false);
  fake_add_version("b", "b2", true, true);
  fake_add_version("b", "b1", false, false);
  fake_add_version("c/d", "null", false, true);
  fake_add_version("c/e", "e3", true, true);
  fake_add_version("c/e", "e2", false, false);
  fake_add_version("c/e", "null", false, false);
  fake_add_version("c/f", "f1", false, true);
}

/* Whatever the pages are, and however the server sorts within one. */
static void latest_versions(void **state) {
  (void)state;
  static const int quirks[] = {0, FAKE_SORTS_KINDS, FAKE_SLOW, FAKE_MOODY};
  for (size_t i = 0; i < sizeof quirks / sizeof quirks[0]; i++)
    for (size_t page = 1; page <= 11; page++) {
      a_bucket_with_versions();
      fake.quirks = quirks[i];
      fake.page = page;
      gives((struct asked){.key = "", .versions = true}, "a:a3 -b:b2 c/d:null -c/e:e3 c/f:f1");
      gives((struct asked){.key = "", .versions = true, .after = "b"}, "c/d:null -c/e:e3 c/f:f1");
      gives((struct asked){.key = "c/", .versions = true}, "c/d:null -c/e:e3 c/f:f1");
      gives((struct asked){.key = "c/", .versions = true, .after = "c/e"}, "c/f:f1");
      gives((struct asked){.key = "a", .versions = true}, "=a:a3");
      gives((struct asked){.key = "a", .versions = true, .after = "a"}, "");
      gives((struct asked){.key = "b", .versions = true}, "-b:b2");
      gives((struct asked){.key = "none", .versions = true}, "");
    }
  fake_clear();
}

static void one_version(void **state) {
  (void)state;
  for (size_t page = 1; page <= 5; page++) {
    a_bucket_with_versions();
    fake.page = page;
    gives((struct asked){.key = "a", .version_id = "a1"}, "=a:a1");
    gives((struct asked){.key = "a", .version_id = "a3"}, "=a:a3");
    gives((struct asked){.key = "a", .version_id = "a1", .after = "a"}, "");
    gives((struct asked){.key = "c/e", .version_id = "null"}, "=c/e:null");
    fails((struct asked){.key = "a", .version_id = "a2"}, "delete marker");
    fails((struct asked){.key = "a", .version_id = "b1"}, "is not there");
    fails((struct asked){.key = "c", .version_id = "f1"}, "s3://");
    fails((struct asked){.key = "nothing", .version_id = "a1"}, "is not there");
  }
  fake_clear();
}

static void exact_objects(void **state) {
  (void)state;
  fake_clear();
  fake_add("d");
  fake_add("d-x");
  fake_add("d/e");
  gives((struct asked){.key = "d"}, "=d:");
  gives((struct asked){.key = "d", .after = "d"}, "");
  gives((struct asked){.key = "d", .after = "d-x"}, "");
  gives((struct asked){.key = "d/"}, "d/e:");
  gives((struct asked){.key = "d-"}, "d-x:");
  gives((struct asked){.key = ""}, "d: d-x: d/e:");
  gives((struct asked){.key = "d-", .after = "d-a"}, "d-x:");
  gives((struct asked){.key = "x", .after = "x1"}, "");
  fake_clear();
}

static void version_texts(void **state) {
  (void)state;
  struct text text = {0};
  const char *id = NULL;
  version_make_id("3HL4kqtJ", &text);
  assert_string_equal(text_get(&text), "versionId=3HL4kqtJ");
  assert_true(version_is_id(text_get(&text), &id));
  assert_string_equal(id, "3HL4kqtJ");
  assert_false(version_is_etag(text_get(&text)));
  assert_false(version_is_id("versionId=", &id));
  assert_false(version_is_id("abc", &id));
  assert_true(version_is_etag("abc"));
  assert_false(version_is_etag("size=1,modified=2"));
  assert_false(version_is_etag(""));
  text_finish(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(latest_versions), cmocka_unit_test(one_version),
                                     cmocka_unit_test(exact_objects), cmocka_unit_test(version_texts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
