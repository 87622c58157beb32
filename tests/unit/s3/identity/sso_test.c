/* SSO: the kept token, its renewal, and what the portal says. */
#include "fake_world.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *const secrets[] = {"s3cr3t", "tok3n", "r3fresh", NULL};
#define KEPT "/home/.aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json" /* sha1 of "dev" */
#define PORTAL "https://portal.sso.eu-west-3.amazonaws.com/federation/credentials?role_name=My%20Role&account_id=123"
#define KEYS                                                                                                           \
  "{\"roleCredentials\":{\"accessKeyId\":\"ASIA\",\"secretAccessKey\":\"s3cr3t\",\"sessionToken\":\"tok3n-of-role\","  \
  "\"expiration\":1700003600000}}"
#define CLIENT ",\"refreshToken\":\"r3fresh-old\",\"clientId\":\"client\",\"clientSecret\":\"s3cr3t-client\""
#define TOKEN(end, more) "{\"accessToken\":\"tok3n-old\",\"expiresAt\":\"" end "\",\"extra\":\"kept\"" more "}"
#define FRESH "2023-11-15T22:13:20Z"
#define SOON "2023-11-14T22:23:20UTC"
#define ENDED "2023-11-14T22:13:20Z"
#define RENEWED "{\"accessToken\":\"tok3n-new\",\"expiresIn\":28800,\"refreshToken\":\"r3fresh-new\"}"

static void begin(struct scene *s, const char *kept) {
  scene_begin(s, PLAN_SSO);
  plan_put(&s->plan.sso.session, "dev");
  plan_put(&s->plan.sso.start_url, "https://d-abc123.awsapps.com/start");
  plan_put(&s->plan.sso.region, "eu-west-3");
  plan_put(&s->plan.sso.account, "123");
  plan_put(&s->plan.sso.role, "My Role");
  fake_variable(&s->fake, "HOME", "/home");
  if (kept)
    fake_file(&s->fake, KEPT, kept);
}

static int go(struct scene *s, const struct fake_answer *answers, size_t n) {
  return scene_go(s, answers, n, secrets);
}

static void asks_the_portal(void **state) {
  static const struct fake_answer answers[] = {{200, 1700000000, KEYS}};
  struct scene s;
  (void)state;
  begin(&s, TOKEN(FRESH, CLIENT));
  assert_int_equal(go(&s, answers, 1), SLUICE_OK);
  assert_int_equal(s.fake.n_requests, 1);
  assert_string_equal(s.fake.requests[0].url, PORTAL);
  assert_string_equal(fake_header(&s.fake.requests[0], "x-amz-sso_bearer_token"), "tok3n-old");
  assert_string_equal(s.got->access_key_id, "ASIA");
  assert_string_equal(s.got->account, "123");
  assert_int_equal(s.got->life_s, 3600);
  scene_end(&s);
}

static void asks_where_it_is_told(void **state) {
  static const struct fake_answer answers[] = {{200, 0, RENEWED}, {200, 0, KEYS}};
  struct scene s;
  (void)state;
  begin(&s, TOKEN(ENDED, CLIENT));
  plan_put(&s.plan.sso_url, "http://127.0.0.1:1/portal/");
  plan_put(&s.plan.oidc_url, "http://127.0.0.1:2");
  assert_int_equal(go(&s, answers, 2), SLUICE_OK);
  assert_string_equal(s.fake.requests[0].url, "http://127.0.0.1:2/token");
  assert_string_equal(s.fake.requests[1].url,
                      "http://127.0.0.1:1/portal/federation/credentials?role_name=My%20Role&account_id=123");
  scene_end(&s);
}

static void renews_and_writes_back(void **state) {
  static const struct fake_answer answers[] = {{200, 0, RENEWED}, {200, 0, KEYS}};
  struct scene s;
  (void)state;
  begin(&s, TOKEN(SOON, CLIENT ",\"registrationExpiresAt\":\"2024-01-01T00:00:00Z\""));
  assert_int_equal(go(&s, answers, 2), SLUICE_OK);
  const struct fake_request *renewal = &s.fake.requests[0];
  assert_string_equal(renewal->url, "https://oidc.eu-west-3.amazonaws.com/token");
  assert_string_equal(renewal->method, "POST");
  assert_string_equal(fake_header(renewal, "content-type"), "application/json");
  json_t *sent = json_loads(renewal->body, 0, NULL), *kept = json_loads(fake_read(&s.fake, KEPT), 0, NULL);
  assert_string_equal(json_string_value(json_object_get(sent, "grantType")), "refresh_token");
  assert_string_equal(json_string_value(json_object_get(sent, "refreshToken")), "r3fresh-old");
  assert_string_equal(json_string_value(json_object_get(sent, "clientId")), "client");
  assert_string_equal(json_string_value(json_object_get(sent, "clientSecret")), "s3cr3t-client");
  assert_string_equal(fake_header(&s.fake.requests[1], "x-amz-sso_bearer_token"), "tok3n-new");
  assert_string_equal(json_string_value(json_object_get(kept, "accessToken")), "tok3n-new");
  assert_string_equal(json_string_value(json_object_get(kept, "refreshToken")), "r3fresh-new");
  assert_string_equal(json_string_value(json_object_get(kept, "expiresAt")), "2023-11-15T06:13:20Z");
  assert_string_equal(json_string_value(json_object_get(kept, "clientSecret")), "s3cr3t-client");
  assert_string_equal(json_string_value(json_object_get(kept, "extra")), "kept");
  json_decref(sent);
  json_decref(kept);
  scene_end(&s);
}

static void an_old_token_serves_while_it_holds(void **state) {
  static const struct fake_answer refused[] = {{400, 0, "{\"error\":\"invalid_grant\"}"}, {200, 0, KEYS}};
  static const struct fake_answer away[] = {{0, 0, NULL}, {0, 0, NULL}, {0, 0, NULL}, {200, 0, KEYS}};
  struct scene s;
  (void)state;
  begin(&s, TOKEN(SOON, CLIENT));
  assert_int_equal(go(&s, refused, 2), SLUICE_OK);
  assert_string_equal(fake_header(&s.fake.requests[1], "x-amz-sso_bearer_token"), "tok3n-old");
  assert_int_equal(go(&s, away, 4), SLUICE_OK);
  scene_end(&s);
  begin(&s, TOKEN(SOON, "")); /* with nothing to renew it by */
  assert_int_equal(go(&s, refused + 1, 1), SLUICE_OK);
  assert_int_equal(s.fake.n_requests, 1);
  scene_end(&s);
}

static void logins_that_have_ended(void **state) {
  static const struct fake_answer refused = {400, 0, "{\"error\":\"invalid_grant\",\"error_description\":\"old\"}"};
  static const struct fake_answer away = {503, 0, ""};
  static const struct {
    const char *kept;
    const struct fake_answer *answer;
    int status;
    const char *says;
  } all[] = {
      {NULL, NULL, SLUICE_ERR_AUTH, "there is no token of a login"},
      {"", NULL, SLUICE_ERR_AUTH, "cannot be read: it is no JSON"},
      {"{\"accessToken\":1}", NULL, SLUICE_ERR_AUTH, "no accessToken or expiresAt"},
      {TOKEN("soon", ""), NULL, SLUICE_ERR_AUTH, "no accessToken or expiresAt"},
      {TOKEN(ENDED, ""), NULL, SLUICE_ERR_AUTH, "the login has ended"},
      {TOKEN(ENDED, CLIENT ",\"registrationExpiresAt\":\"2023-01-01T00:00:00Z\""), NULL, SLUICE_ERR_AUTH, "has ended"},
      {TOKEN(ENDED, CLIENT), &refused, SLUICE_ERR_AUTH, "HTTP 400, invalid_grant: old"},
      {TOKEN(ENDED, CLIENT), &away, SLUICE_ERR_RETRY, "SSO: renewing the token: HTTP 503"},
      {"{\"accessToken\":\"tok3n\\r\\nX: y\",\"expiresAt\":\"" FRESH "\"}", NULL, SLUICE_ERR_AUTH, "that no token has"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct scene s;
    begin(&s, all[i].kept);
    int status = go(&s, all[i].answer, 1);
    if (status != all[i].status || !strstr(s.err.message, all[i].says))
      fail_msg("%zu: %d %s", i, status, s.err.message);
    if (status == SLUICE_ERR_AUTH)
      assert_says(&s.err, "run aws sso login --profile default");
    assert_true(all[i].answer || s.fake.n_requests == 0);
    scene_end(&s);
  }
}

static void renewals_that_are_none(void **state) {
  static const char *const bad[] = {"",
                                    "{}",
                                    "{\"accessToken\":\"tok3n\"}",
                                    "{\"accessToken\":\"tok3n\",\"expiresIn\":0}",
                                    "{\"accessToken\":\"tok3n\",\"expiresIn\":9223372036854775807}",
                                    "{\"accessToken\":\"tok3n\",\"expiresIn\":\"100\"}",
                                    "{\"accessToken\":\"\",\"expiresIn\":100}"};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct fake_answer answer = {200, 0, bad[i]};
    struct scene s;
    begin(&s, TOKEN(ENDED, CLIENT));
    assert_int_equal(go(&s, &answer, 1), SLUICE_ERR_RETRY);
    assert_string_equal(fake_read(&s.fake, KEPT), TOKEN(ENDED, CLIENT));
    scene_end(&s);
  }
}

static void portal(void **state) {
  static const struct {
    int http;
    const char *body;
    int status;
    const char *says;
  } all[] = {
      {401, "{\"message\":\"Session token not found or invalid\"}", SLUICE_ERR_AUTH,
       "HTTP 401, Session token not found or invalid; the login has ended: run aws sso login --profile default"},
      {403, "{\"message\":\"No access\"}", SLUICE_ERR_AUTH, "No access; is this role of this account assigned to you?"},
      {403, "{\"message\":\"not with tok3n-old\"}", SLUICE_ERR_AUTH, "HTTP 403, with a text that repeats a secret"},
      {404, "", SLUICE_ERR_AUTH, "role My Role of account 123"},
      {429, "", SLUICE_ERR_RETRY, "HTTP 429"},
      {500, "", SLUICE_ERR_RETRY, "HTTP 500; the service is away or busy"},
      {200, "x", SLUICE_ERR_RETRY, "no JSON"},
      {200, "{\"roleCredentials\":[]}", SLUICE_ERR_CONFIG, "no accessKeyId"},
      {200, "{\"roleCredentials\":{\"accessKeyId\":\"A\",\"secretAccessKey\":\"s3cr3t\",\"expiration\":\"x\"}}",
       SLUICE_ERR_CONFIG, "expiration is no time"},
      {200,
       "{\"roleCredentials\":{\"accessKeyId\":\"A\",\"secretAccessKey\":\"s3cr3t\",\"expiration\":-9223372036854775808}"
       "}",
       SLUICE_ERR_AUTH, "ended"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct fake_answer answer = {all[i].http, 0, all[i].body};
    struct scene s;
    begin(&s, TOKEN(FRESH, ""));
    int status = go(&s, &answer, 1);
    if (status != all[i].status || !strstr(s.err.message, all[i].says))
      fail_msg("%zu: %d %s", i, status, s.err.message);
    scene_end(&s);
  }
}

static void a_file_that_cannot_be_written_is_no_error(void **state) {
  struct scene s;
  static const struct fake_answer answers[] = {{200, 0, RENEWED}, {200, 0, KEYS}};
  (void)state;
  begin(&s, TOKEN(SOON, CLIENT));
  s.fake.read_only = true;
  assert_int_equal(go(&s, answers, 2), SLUICE_OK);
  assert_non_null(strstr(text_get(&s.fake.log), "could not be written back"));
  scene_end(&s);
}

static void no_home(void **state) {
  struct scene s;
  (void)state;
  begin(&s, NULL);
  s.fake.values[0][0] = 0;
  assert_int_equal(go(&s, NULL, 0), SLUICE_ERR_CONFIG);
  assert_says(&s.err, "HOME is not set");
  scene_end(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(asks_the_portal),
      cmocka_unit_test(asks_where_it_is_told),
      cmocka_unit_test(renews_and_writes_back),
      cmocka_unit_test(an_old_token_serves_while_it_holds),
      cmocka_unit_test(logins_that_have_ended),
      cmocka_unit_test(renewals_that_are_none),
      cmocka_unit_test(portal),
      cmocka_unit_test(a_file_that_cannot_be_written_is_no_error),
      cmocka_unit_test(no_home),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
