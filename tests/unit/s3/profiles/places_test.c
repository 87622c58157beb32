/* Where the shared files are, which profile is taken, and files that cannot be read. */
#include "corpus.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct profiles *load(struct fake_world *fake) {
  struct profiles *profiles = NULL;
  struct sluice_error err = {.message = ""};
  if (profiles_load(&fake->world, &profiles, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  return profiles;
}

static int load_badly(struct fake_world *fake, struct sluice_error *err) {
  struct profiles *profiles = NULL;
  *err = (struct sluice_error){.message = ""};
  int status = profiles_load(&fake->world, &profiles, err);
  assert_null(profiles);
  return status;
}

static void assert_value(const struct profiles *profiles, const char *property, const char *value) {
  const char *have = profiles_get(profiles, PROFILES_PROFILE, "default", property);
  assert_string_equal(have ? have : "(none)", value);
}

/* ---- official ---- */

static void run_case(const json_t *one) {
  struct fake_world fake;
  bool chosen = false;
  const char *profile = corpus_text(one, "profile");
  fake_init(&fake);
  fake_variables(&fake, json_object_get(one, "environment"));
  fake_file(&fake, corpus_text(one, "configLocation"), "[default]\nconfig = right\n");
  fake_file(&fake, corpus_text(one, "credentialsLocation"), "[default]\ncredentials = right\n");
  struct profiles *profiles = load(&fake);
  assert_value(profiles, "config", "right");
  assert_value(profiles, "credentials", "right");
  assert_string_equal(profiles_selected(&fake.world, &chosen), profile ? profile : "default");
  assert_int_equal(chosen, profile && strcmp(profile, "default") != 0);
  profiles_destroy(profiles);
  fake_finish(&fake);
}

static void official_cases(void **state) {
  (void)state;
  json_t *root = corpus_open("file-location-tests.json"), *tests = json_object_get(root, "tests"), *one;
  size_t i, ran = 0, windows = 0;
  json_array_foreach(tests, i, one) {
    bool other = strcmp(corpus_text(one, "platform"), "linux") != 0;
    windows += other;
    ran += !other;
    if (!other)
      run_case(one);
  }
  if (root)
    printf("file-location-tests: %zu of %zu cases ran; left out %zu: places on Windows, where Sluice does not run\n",
           ran, json_array_size(tests), windows);
  assert_true(!root || ran > 0);
  json_decref(root);
}

/* ---- ours ---- */

static void home_in_variables(void **state) {
  (void)state;
  struct fake_world fake;
  fake_init(&fake);
  fake_variable(&fake, "HOME", "/home/me");
  fake_variable(&fake, "AWS_CONFIG_FILE", "~/elsewhere/config");
  fake_file(&fake, "/home/me/elsewhere/config", "[default]\nx = 1\n");
  fake_file(&fake, "/home/me/.aws/config", "[default]\nx = 2\n");
  struct profiles *profiles = load(&fake);
  assert_value(profiles, "x", "1");
  profiles_destroy(profiles);
  fake_finish(&fake);
}

static void no_files_and_no_home(void **state) {
  (void)state;
  struct fake_world fake;
  fake_init(&fake);
  struct profiles *profiles = load(&fake);
  assert_false(profiles_has(profiles, PROFILES_PROFILE, "default"));
  profiles_destroy(profiles);
  fake_finish(&fake);
}

static void blank_variables_do_not_count(void **state) {
  (void)state;
  struct fake_world fake;
  bool chosen = true;
  fake_init(&fake);
  fake_variable(&fake, "HOME", "/h");
  fake_variable(&fake, "AWS_CONFIG_FILE", " ");
  fake_variable(&fake, "AWS_PROFILE", "");
  fake_file(&fake, "/h/.aws/config", "[default]\nx = 1\n");
  struct profiles *profiles = load(&fake);
  assert_value(profiles, "x", "1");
  assert_string_equal(profiles_selected(&fake.world, &chosen), "default");
  assert_false(chosen);
  fake_variable(&fake, "AWS_DEFAULT_PROFILE", "old");
  assert_string_equal(profiles_selected(&fake.world, &chosen), "old");
  assert_true(chosen);
  profiles_destroy(profiles);
  fake_finish(&fake);
}

static void paths_that_are_too_long(void **state) {
  (void)state;
  struct fake_world fake;
  char path[5000];
  memset(path, 'x', sizeof path);
  path[sizeof path - 1] = 0;
  fake_init(&fake);
  fake_variable(&fake, "HOME", path);
  struct profiles *profiles = load(&fake);
  assert_false(profiles_has(profiles, PROFILES_PROFILE, "default"));
  profiles_destroy(profiles);
  fake_finish(&fake);
}

static int read_nul(void *context, const char *path, struct text *out, struct sluice_error *err) {
  (void)context, (void)path, (void)err;
  text_add(out, "[default]\nx = 1\0[", 17);
  return SLUICE_OK;
}

static void unreadable_files_are_named(void **state) {
  (void)state;
  struct fake_world fake;
  struct sluice_error err;
  fake_init(&fake);
  fake_variable(&fake, "HOME", "/h");
  fake_file(&fake, "/h/.aws/credentials", NULL);
  assert_int_equal(load_badly(&fake, &err), SLUICE_ERR_DATA);
  assert_string_equal(err.where, "/h/.aws/credentials");
  assert_null(strstr(err.message, "/h/.aws")); /* who prints it puts the place in front */
  fake_file(&fake, "/h/.aws/config", "[default]\nx\n");
  assert_int_equal(load_badly(&fake, &err), SLUICE_ERR_DATA);
  assert_says(&err, "line 2: an '=' is missing");
  assert_null(strstr(err.message, "/h/.aws"));
  assert_string_equal(err.where, "/h/.aws/config");
  fake.world.read_file = read_nul;
  assert_int_equal(load_badly(&fake, &err), SLUICE_ERR_DATA);
  assert_says(&err, "NUL byte");
  fake_finish(&fake);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(official_cases),          cmocka_unit_test(home_in_variables),
      cmocka_unit_test(no_files_and_no_home),    cmocka_unit_test(blank_variables_do_not_count),
      cmocka_unit_test(paths_that_are_too_long), cmocka_unit_test(unreadable_files_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
