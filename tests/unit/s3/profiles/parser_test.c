/* Reading the shared files: the official cases, and what they leave open. */
#include "corpus.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- official ---- */

static const struct wording wordings[] = {
    {"Profile definition must end with ']'", "does not end in ']'"},
    {"Expected a profile definition", "before the first [section]"},
    {"Property did not have a name", ": a property has no name"},
    {"Expected an '=' sign defining a property", "missing in a property"},
    {"Expected a property definition", "goes on with no property"},
    {"Expected an '=' sign defining a sub-property", "missing in a nested property"},
    {"Sub-property did not have a name", "a nested property has no name"},
};

static void collect(void *context, enum profiles_kind kind, const char *name, const char *property, const char *value) {
  static const char *const kinds[] = {
      [PROFILES_PROFILE] = "profiles", [PROFILES_SSO_SESSION] = "sso_sessions", [PROFILES_SERVICES] = "services"};
  json_t *sections = json_object_get(context, kinds[kind]);
  if (!sections) {
    json_object_set_new(context, kinds[kind], json_object());
    sections = json_object_get(context, kinds[kind]);
  }
  if (!property)
    json_object_set_new(sections, name, json_object());
  else
    json_object_set_new(json_object_get(sections, name), property, json_string(value));
}

/* Without the kinds that have no section. */
static json_t *tidy(json_t *all) {
  const char *kind;
  json_t *sections;
  void *next;
  json_object_foreach_safe(all, next, kind, sections) if (json_object_size(sections) == 0) json_object_del(all, kind);
  return all;
}

static bool same_sections(const struct profiles *profiles, const json_t *wanted) {
  json_t *have = json_object(), *want = tidy(json_deep_copy(wanted));
  profiles_each(profiles, collect, have);
  bool same = json_equal(have, want);
  if (!same)
    print_difference(want, have);
  json_decref(have);
  json_decref(want);
  return same;
}

static bool run_case(const json_t *one) {
  const json_t *input = json_object_get(one, "input"), *output = json_object_get(one, "output");
  const char *error = corpus_text(output, "errorContaining");
  struct profiles *profiles = NULL;
  struct sluice_error err = {.message = ""};
  int status = profiles_parse(corpus_text(input, "configFile"), corpus_text(input, "credentialsFile"), &profiles, &err);
  bool ok = status == (error ? SLUICE_ERR_DATA : SLUICE_OK);
  if (!ok)
    printf("status %d: %s\n", status, err.message);
  else if (error)
    assert_same_error(wordings, sizeof wordings / sizeof *wordings, error, &err);
  else
    ok = same_sections(profiles, json_object_get(output, "config"));
  profiles_destroy(profiles);
  return ok;
}

static void official_cases(void **state) {
  (void)state;
  json_t *root = corpus_open("profile-parser-tests.json"), *tests = json_object_get(root, "tests"), *one;
  size_t i, failed = 0;
  json_array_foreach(tests, i, one) {
    if (run_case(one))
      continue;
    printf("differs: %s\n", corpus_text(one, "name"));
    failed++;
  }
  if (root)
    printf("profile-parser-tests: %zu of %zu cases ran, none left out\n", i, json_array_size(tests));
  assert_true(!root || json_array_size(tests) > 0);
  assert_int_equal(failed, 0);
  json_decref(root);
}

/* ---- ours ---- */

static struct profiles *parse(const char *config, const char *credentials) {
  struct profiles *profiles = NULL;
  struct sluice_error err = {.message = ""};
  if (profiles_parse(config, credentials, &profiles, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  return profiles;
}

static void assert_value(const struct profiles *profiles, const char *name, const char *property, const char *value) {
  const char *have = profiles_get(profiles, PROFILES_PROFILE, name, property);
  if (!value)
    assert_null(have);
  else
    assert_string_equal(have ? have : "(none)", value);
}

static void services_and_nested_blocks(void **state) {
  (void)state;
  struct profiles *profiles = parse("[services one]\n"
                                    "s3 =\n"
                                    "  Endpoint_URL = http://s3:1\n"
                                    "  addressing_style=path\n"
                                    "  endpoint_url_else = http://wrong\n"
                                    "sts = # comment\n"
                                    "\tendpoint_url \t= \thttp://sts:2\n"
                                    "plain = endpoint_url = http://wrong\n",
                                    "[services two]\nx = 1\n");
  size_t n = 0;
  const char *url = profiles_get_nested(profiles, PROFILES_SERVICES, "one", "s3", "endpoint_url", &n);
  assert_non_null(url);
  assert_int_equal(n, strlen("http://s3:1"));
  assert_memory_equal(url, "http://s3:1", n);
  url = profiles_get_nested(profiles, PROFILES_SERVICES, "one", "sts", "endpoint_url", &n);
  assert_string_equal(url, "http://sts:2");
  assert_null(profiles_get_nested(profiles, PROFILES_SERVICES, "one", "s3", "endpoint", &n));
  assert_null(profiles_get_nested(profiles, PROFILES_SERVICES, "one", "plain", "endpoint_url", &n));
  assert_null(profiles_get_nested(profiles, PROFILES_SERVICES, "two", "s3", "endpoint_url", &n));
  assert_false(profiles_has(profiles, PROFILES_SERVICES, "two")); /* the credentials file has only profiles */
  profiles_destroy(profiles);
}

static void nested_blocks_keep_the_last(void **state) {
  (void)state;
  struct profiles *profiles = parse("[services x]\ns3 =\n a = 1\n a = 22\n a_b = 3", NULL);
  size_t n = 0;
  const char *value = profiles_get_nested(profiles, PROFILES_SERVICES, "x", "s3", "a", &n);
  assert_int_equal(n, 2);
  assert_memory_equal(value, "22", 2);
  profiles_destroy(profiles);
}

static void kinds_do_not_mix(void **state) {
  (void)state;
  struct profiles *profiles = parse("[profile a]\nx = 1\n[sso-session a]\nx = 2\n[services a]\nx = 3\n[default]\nx = 4",
                                    "[a]\ny = 5\n[default]\nx = 6");
  assert_value(profiles, "a", "x", "1");
  assert_value(profiles, "a", "y", "5");
  assert_value(profiles, "default", "x", "6");
  assert_string_equal(profiles_get(profiles, PROFILES_SSO_SESSION, "a", "x"), "2");
  assert_string_equal(profiles_get(profiles, PROFILES_SERVICES, "a", "x"), "3");
  assert_null(profiles_get(profiles, PROFILES_SSO_SESSION, "a", "y"));
  profiles_destroy(profiles);
}

static void marks_at_the_start_and_old_line_ends(void **state) {
  (void)state;
  struct profiles *profiles = parse("\xef\xbb\xbf[default]\r\nA_B = c\r\n\td\r\n\r\n# e\r\n", NULL);
  assert_value(profiles, "default", "a_b", "c\nd");
  profiles_destroy(profiles);
}

static void errors_name_file_and_line(void **state) {
  (void)state;
  struct profiles *profiles = NULL;
  struct sluice_error err = {.message = ""};
  assert_int_equal(profiles_parse("[default]\n\nsecret words\n", NULL, &profiles, &err), SLUICE_ERR_DATA);
  assert_says(&err, "line 3: ");
  assert_string_equal(err.where, "config");
  assert_null(strstr(err.message, "secret")); /* the line may hold a key */
  err = (struct sluice_error){.message = ""};
  assert_int_equal(profiles_parse("[default]", "[a]\nb", &profiles, &err), SLUICE_ERR_DATA);
  assert_says(&err, "line 2: ");
  assert_string_equal(err.where, "credentials");
  assert_null(profiles);
}

/* ---- limits ---- */

static int parse_made(struct text *text, struct profiles **out, struct sluice_error *err) {
  assert_false(text->failed);
  *err = (struct sluice_error){.message = ""};
  int status = profiles_parse(text_get(text), NULL, out, err);
  text_finish(text);
  return status;
}

static void many_sections(void **state) {
  (void)state;
  struct text text = {.limit = 8 << 20};
  struct profiles *profiles = NULL;
  struct sluice_error err;
  for (int i = 0; i < 5000; i++)
    text_printf(&text, "[profile p%d]\nregion = r%d\n", (i * 7919) % 5000, (i * 7919) % 5000);
  assert_int_equal(parse_made(&text, &profiles, &err), SLUICE_OK);
  assert_value(profiles, "p0", "region", "r0");
  assert_value(profiles, "p2500", "region", "r2500");
  assert_value(profiles, "p4999", "region", "r4999");
  assert_value(profiles, "p5000", "region", NULL);
  profiles_destroy(profiles);
  for (int i = 0; i < 10001; i++)
    text_printf(&text, "[profile p%d]\n", i);
  assert_int_equal(parse_made(&text, &profiles, &err), SLUICE_ERR_DATA);
  assert_says(&err, "line 10001");
}

static void many_properties(void **state) {
  (void)state;
  struct text text = {0};
  struct profiles *profiles = NULL;
  struct sluice_error err;
  text_puts(&text, "[default]\n");
  for (int i = 0; i < 501; i++)
    text_printf(&text, "p%d =\n", i);
  assert_int_equal(parse_made(&text, &profiles, &err), SLUICE_ERR_DATA);
  assert_says(&err, "line 502");
}

static void long_lines_and_files(void **state) {
  (void)state;
  struct text text = {.limit = 8 << 20};
  struct profiles *profiles = NULL;
  struct sluice_error err;
  text_puts(&text, "[default]\nx = ");
  for (int i = 0; i < 65533; i++)
    text_add(&text, "y", 1);
  assert_int_equal(parse_made(&text, &profiles, &err), SLUICE_ERR_DATA);
  assert_says(&err, "line 2: it is longer than 65536 bytes");
  text.limit = 8 << 20;
  for (int i = 0; i < (4 << 20) / 16 + 1; i++)
    text_puts(&text, "# a comment ...\n");
  assert_int_equal(parse_made(&text, &profiles, &err), SLUICE_ERR_DATA);
  assert_says(&err, "longer than 4194304 bytes");
}

/* A value of a million lines is put together in time that grows with its size only: the test ends at all. */
static void long_continuations(void **state) {
  (void)state;
  enum { LINES = 1000000 };
  struct text text = {.limit = 8 << 20};
  struct profiles *profiles = NULL;
  struct sluice_error err;
  text_puts(&text, "[default]\nx = y\n");
  for (int i = 0; i < LINES; i++)
    text_puts(&text, " z\n");
  assert_int_equal(parse_made(&text, &profiles, &err), SLUICE_OK);
  assert_int_equal(strlen(profiles_get(profiles, PROFILES_PROFILE, "default", "x")), 1 + 2 * LINES);
  profiles_destroy(profiles);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(official_cases),
      cmocka_unit_test(services_and_nested_blocks),
      cmocka_unit_test(nested_blocks_keep_the_last),
      cmocka_unit_test(kinds_do_not_mix),
      cmocka_unit_test(marks_at_the_start_and_old_line_ends),
      cmocka_unit_test(errors_name_file_and_line),
      cmocka_unit_test(many_sections),
      cmocka_unit_test(many_properties),
      cmocka_unit_test(long_lines_and_files),
      cmocka_unit_test(long_continuations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
