/* Containers: where they may be asked, the token, what answers mean. */
#include "fake_world.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const secrets[] = {"s3cr3t", "tok3n", NULL};
static const char good[] = "{\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"s3cr3t\",\"Token\":\"tok3n\","
                           "\"Expiration\":\"2023-11-14T23:13:20Z\",\"AccountId\":\"123456789012\"}";
#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN "AWS_CONTAINER_AUTHORIZATION_TOKEN"

static int go(struct scene *s, int http, const char *body) {
  struct fake_answer answer = {http, 0, body};
  return scene_go(s, &answer, 1, secrets);
}

/* ---- the official cases ---- */

static void official_case(const json_t *test) {
  const char *docs = json_string_value(json_object_get(test, "docs")), *name;
  const json_t *want = json_object_get(json_object_get(test, "result"), "Ok");
  json_t *value;
  struct scene s;
  scene_begin(&s, PLAN_CONTAINER);
  json_object_foreach(json_object_get(test, "env"), name, value) fake_variable(&s.fake, name, json_string_value(value));
  int status = go(&s, 200, good);
  if (want) {
    if (status != SLUICE_OK || strcmp(s.fake.requests[0].url, json_string_value(want)) != 0)
      fail_msg("%s: %s %s", docs, s.err.message, s.fake.n_requests ? s.fake.requests[0].url : "");
  } else {
    assert_int_equal(status, SLUICE_ERR_CONFIG);
    assert_int_equal(s.fake.n_requests, 0);
    printf("  %s: %s\n", docs, s.err.message);
  }
  scene_end(&s);
}

static void official_cases(void **state) {
  char path[900];
  size_t i, n = 0;
  json_t *test;
  (void)state;
  snprintf(path, sizeof path, "%s/aws/aws-config/ecs-tests.json", corpora());
  json_t *root = json_load_file(path, 0, NULL);
  if (!root) {
    printf("skipped: %s is not there\n", path);
    skip();
  }
  json_array_foreach(json_object_get(root, "tests"), i, test) {
    official_case(test);
    n++;
  }
  json_decref(root);
  printf("ecs-tests.json: %zu cases ran, none left out\n", n);
  assert_true(n >= 11);
}

/* ---- where ---- */

static void hosts(void **state) {
  static const struct {
    const char *url;
    bool good;
  } all[] = {
      {"http://127.0.0.1:1/x", true},
      {"http://127.9.8.7/x", true},
      {"http://[::1]:80/x", true},
      {"http://LOCALHOST/x", false}, /* how it resolves is not known to be loopback */
      {"http://169.254.170.23/x", true},
      {"http://[fd00:ec2::23]/x", true},
      {"http://[fd00:0ec2:0:0::23]/x", true},
      {"http://169.254.169.254/x", false},
      {"http://169.254.170.2.evil.org/x", false},
      {"http://evil.org/x", false},
      {"http://127.0.0.1@evil.org/x", false},
      {"http://127.0.0.1#@evil.org/x", true}, /* as libcurl sees it: a fragment of loopback's */
      {"http://10.0.0.1/x", false},
      {"https://evil.org/x", true},
      {"https://user:pw@evil.org/x", false},
      {"ftp://127.0.0.1/x", false},
      {"file:///etc/passwd", false},
      {"127.0.0.1/x", false},
      {"http://", false},
      {"http://127.0.0.1\r\nX: y/x", false},
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct scene s;
    scene_begin(&s, PLAN_CONTAINER);
    fake_variable(&s.fake, FULL, all[i].url);
    int status = go(&s, 200, good);
    if (status != (all[i].good ? SLUICE_OK : SLUICE_ERR_CONFIG))
      fail_msg("%s: %d %s", all[i].url, status, s.err.message);
    scene_end(&s);
  }
}

static void relative_paths(void **state) {
  static const char *const bad[] = {"credentials", "@evil.org/x", ".evil.org", "/a b", "/a\r\nX: y", "/a#b"};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct scene s;
    scene_begin(&s, PLAN_CONTAINER);
    fake_variable(&s.fake, RELATIVE, bad[i]);
    assert_int_equal(go(&s, 200, good), SLUICE_ERR_CONFIG);
    assert_int_equal(s.fake.n_requests, 0);
    scene_end(&s);
  }
}

/* ---- the token ---- */

static void token_of_the_file_wins_and_is_read_again(void **state) {
  struct scene s;
  (void)state;
  scene_begin(&s, PLAN_CONTAINER);
  fake_variable(&s.fake, FULL, "http://169.254.170.23/v1/credentials");
  fake_variable(&s.fake, TOKEN, "tok3n-of-variable");
  fake_variable(&s.fake, TOKEN "_FILE", "/token");
  fake_file(&s.fake, "/token", "tok3n-one\n");
  assert_int_equal(go(&s, 200, good), SLUICE_OK);
  assert_string_equal(fake_header(&s.fake.requests[0], "authorization"), "tok3n-one");
  assert_string_equal(s.got->account, "123456789012");
  assert_int_equal(s.got->life_s, 3600);
  fake_file(&s.fake, "/token", "tok3n two");
  assert_int_equal(go(&s, 200, good), SLUICE_OK);
  assert_string_equal(fake_header(&s.fake.requests[0], "authorization"), "tok3n two");
  scene_end(&s);
}

static void token_of_the_variable(void **state) {
  struct scene s;
  (void)state;
  scene_begin(&s, PLAN_CONTAINER);
  fake_variable(&s.fake, RELATIVE, "/v2");
  fake_variable(&s.fake, TOKEN, "Basic tok3n");
  assert_int_equal(go(&s, 200, good), SLUICE_OK);
  assert_string_equal(fake_header(&s.fake.requests[0], "authorization"), "Basic tok3n");
  scene_end(&s);
  scene_begin(&s, PLAN_CONTAINER);
  fake_variable(&s.fake, RELATIVE, "/v2");
  assert_int_equal(go(&s, 200, good), SLUICE_OK);
  assert_null(fake_header(&s.fake.requests[0], "authorization"));
  scene_end(&s);
}

static void tokens_that_are_none(void **state) {
  static const char *const bad[] = {"", "\n", "tok3n\r\nX-Evil: 1", "tok3n\n\n", "\ttok3n"};
  struct scene s;
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    scene_begin(&s, PLAN_CONTAINER);
    fake_variable(&s.fake, RELATIVE, "/v2");
    fake_variable(&s.fake, TOKEN "_FILE", "/token");
    fake_file(&s.fake, "/token", bad[i]);
    assert_int_equal(go(&s, 200, good), SLUICE_ERR_CONFIG);
    assert_says(&s.err, TOKEN "_FILE");
    assert_int_equal(s.fake.n_requests, 0);
    scene_end(&s);
  }
  scene_begin(&s, PLAN_CONTAINER);
  fake_variable(&s.fake, RELATIVE, "/v2");
  fake_variable(&s.fake, TOKEN "_FILE", "/token");
  fake_file(&s.fake, "/token", NULL);
  assert_int_equal(go(&s, 200, good), SLUICE_ERR_CONFIG);
  assert_says(&s.err, "Permission denied");
  scene_end(&s);
}

/* ---- answers ---- */

static void answers(void **state) {
  static const struct {
    int http;
    const char *body;
    int status;
    size_t requests;
    const char *says;
  } all[] = {
      {0, NULL, SLUICE_ERR_RETRY, 3, "connection refused (3 attempts)"},
      {500, "", SLUICE_ERR_RETRY, 3, "HTTP 500; the service is away or busy"},
      {429, "", SLUICE_ERR_RETRY, 3, "HTTP 429"},
      {403, "{\"code\":\"AccessDenied\",\"message\":\"no\"}", SLUICE_ERR_AUTH, 1,
       "HTTP 403, AccessDenied: no; check the container's task role or pod identity association"},
      {403, "{\"message\":\"who is tok3n-of-auth?\"}", SLUICE_ERR_AUTH, 1,
       "repeats a secret, and so is not shown; check"},
      {401, "<html>", SLUICE_ERR_AUTH, 1, "HTTP 401; check"},
      {302, "", SLUICE_ERR_AUTH, 1, "HTTP 302"},
      {200, "", SLUICE_ERR_RETRY, 1, "it is no JSON"},
      {200, "s3cr3t", SLUICE_ERR_RETRY, 1, "it is no JSON"},
      {200, "[]", SLUICE_ERR_RETRY, 1, "no object"},
      {200, "{}", SLUICE_ERR_CONFIG, 1, "no AccessKeyId"},
      {200, "{\"Code\":\"NoRole\",\"Message\":\"none\"}", SLUICE_ERR_AUTH, 1, "there are no credentials: NoRole: none"},
      {200, "{\"AccessKeyId\":1,\"SecretAccessKey\":\"s3cr3t\"}", SLUICE_ERR_CONFIG, 1,
       "no AccessKeyId that is a text"},
      {200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"\"}", SLUICE_ERR_CONFIG, 1, "no SecretAccessKey"},
      {200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\",\"Token\":[]}", SLUICE_ERR_CONFIG, 1,
       "no Token that"},
      {200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\",\"Expiration\":\"soon\"}", SLUICE_ERR_CONFIG, 1,
       "Expiration is no time"},
      {200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\",\"Expiration\":1}", SLUICE_ERR_CONFIG, 1,
       "is no time"},
      {200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\",\"Expiration\":\"2023-11-14T22:13:19Z\"}",
       SLUICE_ERR_AUTH, 1, "ended 1 s ago"},
      {200, "{\"AccessKeyId\":\"A\\r\\nX: y\",\"SecretAccessKey\":\"s3cr3t\"}", SLUICE_ERR_CONFIG, 1, "line end"},
      {200, "{\"AccessKeyId\":\"A\\u0000B\",\"SecretAccessKey\":\"s3cr3t\"}", SLUICE_ERR_RETRY, 1, "no JSON"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct scene s;
    scene_begin(&s, PLAN_CONTAINER);
    fake_variable(&s.fake, RELATIVE, "/v2?key=tok3n");
    fake_variable(&s.fake, TOKEN, "tok3n-of-auth");
    int status = go(&s, all[i].http, all[i].body);
    if (status != all[i].status || s.fake.n_requests != all[i].requests || !strstr(s.err.message, all[i].says))
      fail_msg("%zu: %d, %zu requests: %s", i, status, s.fake.n_requests, s.err.message);
    assert_true(status != SLUICE_ERR_RETRY || s.fake.paused_ms == 1000 * ((int64_t)all[i].requests - 1));
    scene_end(&s);
  }
}

static void keys_without_an_end(void **state) {
  struct scene s;
  (void)state;
  scene_begin(&s, PLAN_CONTAINER);
  fake_variable(&s.fake, RELATIVE, "/v2");
  assert_int_equal(go(&s, 200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\",\"Token\":null}"), SLUICE_OK);
  assert_true(s.got->expires == CREDENTIALS_NEVER && s.got->token[0] == 0);
  scene_end(&s);
}

static void hostile_answers(void **state) {
  enum { SIZE = 300 << 10 };
  static const char *const parts[] = {"[", "{\"a\":", "\"", " ", "\xff"};
  char *body = malloc(SIZE + 8);
  (void)state;
  assert_non_null(body);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    for (size_t size = SIZE; size; size = size > 200000 ? 100000 : 0) {
      struct scene s;
      size_t n = 0, step = strlen(parts[i]);
      for (; n + step <= size; n += step)
        memcpy(body + n, parts[i], step);
      body[n] = 0;
      scene_begin(&s, PLAN_CONTAINER);
      fake_variable(&s.fake, RELATIVE, "/v2");
      assert_int_equal(go(&s, 200, body), SLUICE_ERR_RETRY);
      scene_end(&s);
    }
  free(body);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(official_cases),
      cmocka_unit_test(hosts),
      cmocka_unit_test(relative_paths),
      cmocka_unit_test(token_of_the_file_wins_and_is_read_again),
      cmocka_unit_test(token_of_the_variable),
      cmocka_unit_test(tokens_that_are_none),
      cmocka_unit_test(answers),
      cmocka_unit_test(keys_without_an_end),
      cmocka_unit_test(hostile_answers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
