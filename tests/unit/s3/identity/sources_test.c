/* Keys that are simply there (options, environment, profile), and credentials themselves. */
#include "fake_world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const secrets[] = {"s3cr3t", "tok3n", NULL};

static int go(struct scene *s) {
  return scene_go(s, NULL, 0, secrets);
}

static void environment(void **state) {
  struct scene s;
  (void)state;
  scene_begin(&s, PLAN_ENVIRONMENT);
  fake_variable(&s.fake, "AWS_ACCESS_KEY_ID", "AKID");
  fake_variable(&s.fake, "AWS_SECRET_ACCESS_KEY", "s3cr3t");
  fake_variable(&s.fake, "AWS_SESSION_TOKEN", "tok3n");
  fake_variable(&s.fake, "AWS_CREDENTIAL_EXPIRATION", "2023-11-14T22:14:20+00:00");
  assert_int_equal(go(&s), SLUICE_OK);
  assert_string_equal(s.got->secret, "s3cr3t");
  assert_int_equal(s.got->life_s, 60);
  s.fake.clock += 60;
  assert_int_equal(go(&s), SLUICE_ERR_AUTH);
  assert_says(&s.err, "ended");
  scene_end(&s);
}

static void environments_that_are_wrong(void **state) {
  static const struct {
    const char *id, *secret, *token, *end, *where, *says;
  } all[] = {{"AKID", "", "", "", "AWS_SECRET_ACCESS_KEY", "the secret access key is empty"},
             {"", "s3cr3t", "", "", "AWS_ACCESS_KEY_ID", "the access key id is empty"},
             {"AKID", "s3cr3t ", "", "", "AWS_SECRET_ACCESS_KEY", "a blank"},
             {"AKID\n", "s3cr3t", "", "", "AWS_ACCESS_KEY_ID", "a blank, a line end"},
             {"AKID", "s3cr3t", "tok3n\n", "", "AWS_SESSION_TOKEN", "the session token has a blank, a line end"},
             {"AKID", "s3cr3t", "", "soon", "AWS_CREDENTIAL_EXPIRATION", "AWS_CREDENTIAL_EXPIRATION is no time"}};
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct scene s;
    scene_begin(&s, PLAN_ENVIRONMENT);
    fake_variable(&s.fake, "AWS_ACCESS_KEY_ID", all[i].id);
    fake_variable(&s.fake, "AWS_SECRET_ACCESS_KEY", all[i].secret);
    fake_variable(&s.fake, "AWS_SESSION_TOKEN", all[i].token);
    fake_variable(&s.fake, "AWS_CREDENTIAL_EXPIRATION", all[i].end);
    assert_int_equal(go(&s), SLUICE_ERR_CONFIG);
    assert_says(&s.err, all[i].says);
    assert_string_equal(s.err.where, all[i].where);
    scene_end(&s);
  }
}

/* What nothing is configured for is an error only here: a policy is printed before there are keys. */
static void nothing_is_configured(void **state) {
  struct scene s;
  (void)state;
  scene_begin(&s, PLAN_NOTHING);
  assert_int_equal(go(&s), SLUICE_ERR_CONFIG);
  assert_says(&s.err, "no credentials: set access_key_id");
  assert_string_equal(s.err.where, "access_key_id");
  scene_end(&s);
}

static void profile_pair(void **state) {
  struct scene s;
  (void)state;
  scene_begin(&s, PLAN_STATIC);
  plan_put(&s.plan.pair.access_key_id, "AKID");
  plan_put(&s.plan.pair.secret, "s3cr3t");
  plan_put(&s.plan.pair.account, "123");
  assert_int_equal(go(&s), SLUICE_OK);
  assert_string_equal(s.got->account, "123");
  assert_true(s.got->expires == CREDENTIALS_NEVER && s.got->life_s == CREDENTIALS_NEVER);
  scene_end(&s);
}

static int own_keys(void *context, struct credentials **out, struct sluice_error *err) {
  struct credentials_text text = {"AKID", "s3cr3t", NULL, NULL};
  ++*(int *)context;
  return credentials_create(&text, CREDENTIALS_NEVER, 0, "secret_access_key", out, err);
}

static void options(void **state) {
  struct scene s;
  int calls = 0;
  (void)state;
  scene_begin(&s, PLAN_OPTIONS);
  s.fetcher.own_keys = own_keys;
  s.fetcher.own_context = &calls;
  assert_int_equal(go(&s), SLUICE_OK);
  assert_int_equal(go(&s), SLUICE_OK);
  assert_int_equal(calls, 2); /* read anew each time: secrets rotate */
  scene_end(&s);
}

static void anonymous_has_no_credentials(void **state) {
  struct scene s;
  (void)state;
  scene_begin(&s, PLAN_ANONYMOUS);
  assert_int_equal(go(&s), SLUICE_ERR_BUG);
  scene_end(&s);
}

static void limits(void **state) {
  char *long_one = malloc(40000);
  struct credentials *got = NULL;
  (void)state;
  assert_non_null(long_one);
  memset(long_one, 'a', 39999);
  long_one[39999] = 0;
  const struct credentials_text all[] = {
      {long_one, "s", NULL, NULL}, {"i", long_one, NULL, NULL}, {"i", "s", long_one, NULL}, {"i", "s", NULL, long_one}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct sluice_error err = {.message = ""};
    assert_int_equal(credentials_create(&all[i], CREDENTIALS_NEVER, 0, "test", &got, &err), SLUICE_ERR_CONFIG);
    assert_says(&err, "is longer than");
  }
  assert_null(got);
  free(long_one);
}

static void references(void **state) {
  struct credentials_text text = {"AKID", "s3cr3t", "tok3n", "123"};
  struct credentials *got = NULL;
  (void)state;
  assert_int_equal(credentials_create(&text, 100, 40, "test", &got, NULL), SLUICE_OK);
  assert_ptr_equal(credentials_ref(got), got);
  credentials_unref(got);
  assert_string_equal(got->token, "tok3n");
  assert_int_equal(got->life_s, 60);
  credentials_unref(got);
  credentials_unref(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(environment), cmocka_unit_test(environments_that_are_wrong),  cmocka_unit_test(profile_pair),
      cmocka_unit_test(options),     cmocka_unit_test(anonymous_has_no_credentials), cmocka_unit_test(limits),
      cmocka_unit_test(references),  cmocka_unit_test(nothing_is_configured),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
