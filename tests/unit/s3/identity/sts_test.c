/* Roles: what STS is asked, its refusals, attempts, clocks, chains, and whether a role is open. */
#include "fake_world.h"
#include "identity/sts.h"
#include <stdio.h>
#include <string.h>

#define ARN "arn:aws:iam::123456789012:role/reader"
#define KEYS(id, end)                                                                                                  \
  "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser><Arn>"   \
  "arn:aws:sts::123456789012:assumed-role/reader/me</Arn></AssumedRoleUser><Credentials><AccessKeyId>" id              \
  "</AccessKeyId><SecretAccessKey>s3cr3t-of-" id "</SecretAccessKey><SessionToken>tok3n-of-" id                        \
  "</SessionToken><Expiration>" end "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
#define END "2023-11-14T23:13:20Z" /* an hour after the clock */
#define REFUSAL(code, message)                                                                                         \
  "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>" message "</Message></Error></"             \
  "ErrorResponse>"

static const char *const secrets[] = {"s3cr3t", "tok3n", "b4se", NULL};

static void begin(struct scene *s) {
  scene_begin(s, PLAN_STATIC);
  s->plan.n_roles = 1;
  plan_put(&s->plan.pair.access_key_id, "AKIDBASE");
  plan_put(&s->plan.pair.secret, "b4se-secret");
  plan_put(&s->plan.roles[0].arn, ARN);
}

static int go(struct scene *s, const struct fake_answer *answers, size_t n) {
  return scene_go(s, answers, n, secrets);
}

/* ---- what is asked ---- */

static void asks_for_a_role(void **state) {
  static const struct fake_answer answers[] = {{200, 1700000000, KEYS("ASIA1", END)}};
  struct scene s;
  (void)state;
  begin(&s);
  plan_put(&s.plan.roles[0].external_id, "a b/c+d=e");
  plan_put(&s.plan.roles[0].session_name, "n\xc3\xa4me x");
  s.plan.roles[0].duration_s = 900;
  assert_int_equal(go(&s, answers, 1), SLUICE_OK);
  const struct fake_request *request = &s.fake.requests[0];
  assert_string_equal(request->method, "POST");
  assert_string_equal(request->url, "https://sts.us-east-1.amazonaws.com/");
  assert_string_equal(request->body, "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3A"
                                     "role%2Freader&RoleSessionName=n-me-x&DurationSeconds=900&ExternalId=a%20b%2Fc%2B"
                                     "d%3De");
  assert_string_equal(fake_header(request, "host"), "sts.us-east-1.amazonaws.com");
  assert_string_equal(fake_header(request, "x-amz-date"), "20231114T221320Z");
  assert_non_null(strstr(fake_header(request, "authorization"),
                         "Credential=AKIDBASE/20231114/us-east-1/sts/aws4_request, "
                         "SignedHeaders=content-type;host;x-amz-date, Signature="));
  assert_null(fake_header(request, "x-amz-security-token"));
  assert_string_equal(s.got->access_key_id, "ASIA1");
  assert_string_equal(s.got->secret, "s3cr3t-of-ASIA1");
  assert_string_equal(s.got->token, "tok3n-of-ASIA1");
  assert_string_equal(s.got->account, "123456789012");
  assert_int_equal(s.got->expires, 1700003600);
  assert_int_equal(s.got->life_s, 3600);
  scene_end(&s);
}

static void names_its_session_by_the_time(void **state) {
  static const struct fake_answer answers[] = {{200, 0, KEYS("ASIA1", END)}};
  struct scene s;
  (void)state;
  begin(&s);
  assert_int_equal(go(&s, answers, 1), SLUICE_OK);
  assert_non_null(strstr(s.fake.requests[0].body, "&RoleSessionName=sluice-1700000000"));
  assert_null(strstr(s.fake.requests[0].body, "DurationSeconds"));
  assert_null(strstr(s.fake.requests[0].body, "ExternalId"));
  scene_end(&s);
}

static void asks_where_it_is_told(void **state) {
  static const struct fake_answer answers[] = {{200, 0, KEYS("ASIA1", END)}};
  struct scene s;
  (void)state;
  begin(&s);
  plan_put(&s.plan.sts_url, "http://127.0.0.1:4567");
  plan_put(&s.plan.roles[0].region, "eu-west-3");
  assert_int_equal(go(&s, answers, 1), SLUICE_OK);
  assert_string_equal(s.fake.requests[0].url, "http://127.0.0.1:4567/");
  assert_string_equal(fake_header(&s.fake.requests[0], "host"), "127.0.0.1:4567");
  assert_non_null(strstr(fake_header(&s.fake.requests[0], "authorization"), "/eu-west-3/sts/"));
  scene_end(&s);
}

static void asks_in_the_region_of_the_role(void **state) {
  static const struct fake_answer answers[] = {{200, 0, KEYS("ASIA1", END)}};
  struct scene s;
  (void)state;
  begin(&s);
  plan_put(&s.plan.roles[0].region, "cn-north-1");
  assert_int_equal(go(&s, answers, 1), SLUICE_OK);
  assert_string_equal(s.fake.requests[0].url, "https://sts.cn-north-1.amazonaws.com.cn/");
  scene_end(&s);
}

static void chains_roles(void **state) {
  static const struct fake_answer answers[] = {{200, 0, KEYS("ASIA1", END)}, {200, 0, KEYS("ASIA2", END)}};
  struct scene s;
  (void)state;
  begin(&s);
  s.plan.n_roles = 2;
  plan_put(&s.plan.roles[1].arn, ARN "-2");
  assert_int_equal(go(&s, answers, 2), SLUICE_OK);
  assert_int_equal(s.fake.n_requests, 2);
  assert_non_null(strstr(fake_header(&s.fake.requests[1], "authorization"), "Credential=ASIA1/"));
  assert_non_null(strstr(fake_header(&s.fake.requests[1], "authorization"), "x-amz-security-token"));
  assert_string_equal(fake_header(&s.fake.requests[1], "x-amz-security-token"), "tok3n-of-ASIA1");
  assert_string_equal(s.got->access_key_id, "ASIA2");
  scene_end(&s);
}

static void second_role_names_itself(void **state) {
  static const struct fake_answer answers[] = {{200, 0, KEYS("ASIA1", END)},
                                               {403, 0, REFUSAL("AccessDenied", "not you")}};
  struct scene s;
  (void)state;
  begin(&s);
  s.plan.n_roles = 2;
  plan_put(&s.plan.roles[1].arn, ARN "-2");
  assert_int_equal(go(&s, answers, 2), SLUICE_ERR_AUTH);
  assert_says(&s.err, "assuming role " ARN "-2: AccessDenied: not you");
  scene_end(&s);
}

/* ---- clocks ---- */

static void life_is_by_the_issuers_clock(void **state) {
  static const struct fake_answer answers[] = {{200, 1700001800, KEYS("ASIA1", END)}};
  struct scene s;
  (void)state;
  begin(&s);
  s.fake.clock = 1600000000; /* ours is years behind */
  assert_int_equal(go(&s, answers, 1), SLUICE_OK);
  assert_int_equal(s.got->expires, 1700003600);
  assert_int_equal(s.got->life_s, 1800);
  scene_end(&s);
}

static void fractions_of_seconds(void **state) {
  static const struct fake_answer answers[] = {{200, 0, KEYS("ASIA1", "2023-11-14T23:13:20.123456789Z")}};
  struct scene s;
  (void)state;
  begin(&s);
  assert_int_equal(go(&s, answers, 1), SLUICE_OK);
  assert_int_equal(s.got->expires, 1700003600);
  scene_end(&s);
}

static void ended_keys_are_an_error(void **state) {
  static const struct fake_answer answers[] = {{200, 1700003601, KEYS("ASIA1", END)}};
  struct scene s;
  (void)state;
  begin(&s);
  assert_int_equal(go(&s, answers, 1), SLUICE_ERR_AUTH);
  assert_says(&s.err, "assuming role " ARN);
  assert_says(&s.err, "ended 1 s ago");
  scene_end(&s);
}

static void a_wrong_clock_is_corrected_once(void **state) {
  static const struct fake_answer answers[] = {{403, 1700086400, REFUSAL("SignatureDoesNotMatch", "Signature expired")},
                                               {200, 1700086400, KEYS("ASIA1", "2023-11-16T00:00:00Z")}};
  struct scene s;
  (void)state;
  begin(&s);
  assert_int_equal(go(&s, answers, 2), SLUICE_OK);
  assert_string_equal(fake_header(&s.fake.requests[1], "x-amz-date"), "20231115T221320Z");
  assert_int_equal(s.fake.pauses, 0);
  scene_end(&s);
}

static void a_bad_signature_is_no_skew(void **state) {
  static const struct fake_answer answers[] = {{403, 1700000005, REFUSAL("SignatureDoesNotMatch", "no")}};
  struct scene s;
  (void)state;
  begin(&s);
  assert_int_equal(go(&s, answers, 1), SLUICE_ERR_AUTH);
  assert_int_equal(s.fake.n_requests, 1);
  assert_says(&s.err, "check the keys that the role is assumed with");
  scene_end(&s);
}

static void skew_that_stays_ends(void **state) {
  static const struct fake_answer answers[] = {{403, 1700086400, REFUSAL("RequestExpired", "no")}};
  struct scene s;
  (void)state;
  begin(&s);
  assert_int_equal(go(&s, answers, 1), SLUICE_ERR_AUTH);
  assert_int_equal(s.fake.n_requests, 2);
  scene_end(&s);
}

/* ---- refusals and attempts ---- */

struct refusal {
  int http;
  const char *body;
  int status;
  size_t requests;
  const char *says;
};

static void refusals(void **state) {
  static const struct refusal all[] = {
      {403, REFUSAL("AccessDenied", "User is not authorized"), SLUICE_ERR_AUTH, 1,
       "AccessDenied: User is not authorized (HTTP 403 from sts.us-east-1.amazonaws.com); check the role's trust "
       "policy"},
      {403, "<Error><Code>AccessDenied</Code></Error>", SLUICE_ERR_AUTH, 1, "AccessDenied (HTTP 403"},
      {400,
       REFUSAL("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
       SLUICE_ERR_CONFIG, 1, "; shorten `duration`, or raise the role's MaxSessionDuration"},
      {400, REFUSAL("ValidationError", "1 validation error detected"), SLUICE_ERR_CONFIG, 1,
       "; STS does not take the request as it is: check role_arn, external_id"},
      {400, REFUSAL("PackedPolicyTooLarge", "x"), SLUICE_ERR_CONFIG, 1, "PackedPolicyTooLarge"},
      {403, REFUSAL("RegionDisabledException", "x"), SLUICE_ERR_CONFIG, 1, "set another region"},
      {400, REFUSAL("ExpiredTokenException", "x"), SLUICE_ERR_AUTH, 1,
       "; renew the keys that the role is assumed with: the session has ended"},
      {403, REFUSAL("InvalidClientTokenId", "x"), SLUICE_ERR_AUTH, 1, "; check the keys that the role is assumed with"},
      {404, "<Error><Code>NoSuchEntity</Code></Error>", SLUICE_ERR_CONFIG, 1,
       "; there is no such role: check role_arn"},
      {404, "Not Found", SLUICE_ERR_CONFIG, 1, "HTTP 404 from sts.us-east-1.amazonaws.com); is it an STS endpoint?"},
      {400, REFUSAL("Throttling", "Rate exceeded"), SLUICE_ERR_RETRY, 4, "Rate exceeded"},
      {429, "", SLUICE_ERR_RETRY, 4, "HTTP 429"},
      {503, "", SLUICE_ERR_RETRY, 4, "HTTP 503"},
      {500, REFUSAL("InternalFailure", "x"), SLUICE_ERR_RETRY, 4, "InternalFailure"},
      {200, "<html><body>Welcome", SLUICE_ERR_RETRY, 4, "is it an STS endpoint?"},
      {200, "<x/>", SLUICE_ERR_CONFIG, 1, "is this an STS endpoint?"},
      {200, REFUSAL("AccessDenied", "in a 200"), SLUICE_ERR_AUTH, 1, "in a 200"},
      {0, NULL, SLUICE_ERR_RETRY, 4, "connection refused (4 attempts); can STS be reached from here? (option sts_"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct fake_answer answer = {all[i].http, 0, all[i].body};
    struct scene s;
    begin(&s);
    int status = go(&s, &answer, 1);
    if (status != all[i].status || s.fake.n_requests != all[i].requests || !strstr(s.err.message, all[i].says))
      fail_msg("%zu: status %d, %zu requests: %s", i, status, s.fake.n_requests, s.err.message);
    assert_says(&s.err, "assuming role " ARN ": ");
    assert_int_equal(strstr(s.err.message, "AccessDenied") == NULL, strstr(s.err.message, "trust policy") == NULL);
    scene_end(&s);
  }
}

static void an_outage_passes(void **state) {
  static const struct fake_answer answers[] = {
      {503, 0, ""}, {0, 0, NULL}, {400, 0, REFUSAL("Throttling", "x")}, {200, 0, KEYS("ASIA1", END)}};
  struct scene s;
  (void)state;
  begin(&s);
  assert_int_equal(go(&s, answers, 4), SLUICE_OK);
  assert_int_equal(s.fake.pauses, 3);
  assert_true(s.fake.paused_ms >= 700 && s.fake.paused_ms <= 1400);
  scene_end(&s);
}

static void cancelling_ends_it(void **state) {
  static const struct fake_answer answers[] = {{503, 0, ""}};
  struct scene s;
  (void)state;
  begin(&s);
  s.fake.cancelled = true;
  assert_int_equal(go(&s, answers, 1), SLUICE_ERR_CANCELLED);
  scene_end(&s);
}

/* ---- web identity ---- */

static void begin_web(struct scene *s) {
  begin(s);
  s->plan.base = PLAN_WEB_IDENTITY;
  s->plan.n_roles = 0;
  plan_put(&s->plan.web.token_file, "/token");
  plan_put(&s->plan.web.role.arn, ARN);
}

static void web_identity_is_not_signed_and_read_again(void **state) {
  static const struct fake_answer answers[] = {{200, 0, KEYS("ASIA1", END)}};
  struct scene s;
  (void)state;
  begin_web(&s);
  fake_file(&s.fake, "/token", "tok3n.one\n");
  assert_int_equal(go(&s, answers, 1), SLUICE_OK);
  assert_null(fake_header(&s.fake.requests[0], "authorization"));
  assert_non_null(strstr(s.fake.requests[0].body, "Action=AssumeRoleWithWebIdentity&"));
  assert_string_equal(strstr(s.fake.requests[0].body, "&WebIdentityToken="), "&WebIdentityToken=tok3n.one");
  fake_file(&s.fake, "/token", "tok3n.two");
  assert_int_equal(go(&s, answers, 1), SLUICE_OK);
  assert_string_equal(strstr(s.fake.requests[0].body, "&WebIdentityToken="), "&WebIdentityToken=tok3n.two");
  scene_end(&s);
}

static void web_identity_tries_again(void **state) {
  static const struct fake_answer answers[] = {{400, 0, REFUSAL("InvalidIdentityToken", "x")},
                                               {400, 0, REFUSAL("IDPCommunicationError", "x")},
                                               {200, 0, KEYS("ASIA1", END)}};
  struct scene s;
  (void)state;
  begin_web(&s);
  fake_file(&s.fake, "/token", "tok3n");
  assert_int_equal(go(&s, answers, 3), SLUICE_OK);
  scene_end(&s);
  begin_web(&s);
  fake_file(&s.fake, "/token", "tok3n");
  assert_int_equal(go(&s, answers, 1), SLUICE_ERR_AUTH);
  assert_says(&s.err, "check the token file");
  scene_end(&s);
  static const struct fake_answer ended[] = {{400, 0, REFUSAL("ExpiredTokenException", "x")}};
  begin_web(&s);
  fake_file(&s.fake, "/token", "tok3n");
  assert_int_equal(go(&s, ended, 1), SLUICE_ERR_AUTH);
  assert_says(&s.err, "renew the web identity token");
  scene_end(&s);
}

static void web_identity_files(void **state) {
  static const char *const bad[] = {"", "\n", "tok3n one", "tok3n\r\nX-Evil: 1", "abc"};
  struct scene s;
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    begin_web(&s);
    fake_file(&s.fake, "/token", bad[i]);
    assert_int_equal(go(&s, NULL, 0), SLUICE_ERR_CONFIG);
    assert_says(&s.err, "/token");
    assert_int_equal(s.fake.n_requests, 0);
    scene_end(&s);
  }
  begin_web(&s);
  assert_int_equal(go(&s, NULL, 0), SLUICE_ERR_CONFIG);
  assert_says(&s.err, "web identity: the token file: /token does not exist");
  scene_end(&s);
}

/* ---- is the role open? ---- */

static int try_open(struct scene *s, const struct fake_answer *answers, size_t n) {
  fake_answers(&s->fake, answers, n);
  int status = fetch_open_role(&s->fetcher, &s->err);
  assert_not_told(&s->fake, &s->err, secrets);
  return status;
}

static void open_roles(void **state) {
  static const struct {
    struct fake_answer answer;
    int status;
  } all[] = {
      {{200, 0, KEYS("ASIA1", END)}, SLUICE_OK},
      {{200, 1800000000, KEYS("ASIA1", END)}, SLUICE_OK}, /* ended, but it let us in */
      {{403, 0, REFUSAL("AccessDenied", "x")}, SLUICE_ERR_AUTH},
      {{403, 0, REFUSAL("AccessDeniedException", "x")}, SLUICE_ERR_AUTH},
      {{403, 0, REFUSAL("InvalidClientTokenId", "x")}, SLUICE_ERR_CONFIG}, /* says nothing of the role */
      {{403, 0, "no"}, SLUICE_ERR_CONFIG},
      {{400, 0, REFUSAL("ExpiredToken", "x")}, SLUICE_ERR_CONFIG},
      {{503, 0, ""}, SLUICE_ERR_RETRY},
      {{0, 0, NULL}, SLUICE_ERR_RETRY},
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct scene s;
    begin(&s);
    plan_put(&s.plan.roles[0].external_id, "the-id");
    int status = try_open(&s, &all[i].answer, 1);
    if (status != all[i].status)
      fail_msg("%zu: %d, %s", i, status, s.err.message);
    assert_null(strstr(s.fake.requests[0].body, "ExternalId"));
    scene_end(&s);
  }
}

static void only_the_last_role_goes_without_its_id(void **state) {
  static const struct fake_answer answers[] = {{200, 0, KEYS("ASIA1", END)}, {403, 0, REFUSAL("AccessDenied", "x")}};
  struct scene s;
  (void)state;
  begin(&s);
  s.plan.n_roles = 2;
  plan_put(&s.plan.roles[0].external_id, "first-id");
  plan_put(&s.plan.roles[1].arn, ARN "-2");
  plan_put(&s.plan.roles[1].external_id, "second-id");
  assert_int_equal(try_open(&s, answers, 2), SLUICE_ERR_AUTH);
  assert_non_null(strstr(s.fake.requests[0].body, "ExternalId=first-id"));
  assert_null(strstr(s.fake.requests[1].body, "ExternalId"));
  scene_end(&s);
}

static void a_refused_first_role_tells_nothing(void **state) {
  static const struct fake_answer answers[] = {{403, 0, REFUSAL("AccessDenied", "x")}};
  struct scene s;
  (void)state;
  begin(&s);
  s.plan.n_roles = 2;
  plan_put(&s.plan.roles[1].arn, ARN "-2");
  assert_int_equal(try_open(&s, answers, 1), SLUICE_ERR_RETRY);
  scene_end(&s);
}

/* ---- who are we ---- */

static int ask_caller(struct scene *s, const struct fake_answer *answers, struct sts_caller *out) {
  struct credentials_text text = {"AKIDBASE", "b4se-secret", "tok3n", NULL};
  struct credentials *with = NULL;
  assert_int_equal(credentials_create(&text, CREDENTIALS_NEVER, 0, "test", &with, &s->err), SLUICE_OK);
  fake_answers(&s->fake, answers, 1);
  int status = sts_get_caller_identity(&s->fake.world, &s->plan, with, out, &s->err);
  credentials_unref(with);
  assert_not_told(&s->fake, &s->err, secrets);
  return status;
}

static void says_who_we_are(void **state) {
  static const struct fake_answer good = {
      200, 0,
      "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn><UserId>AID</UserId>"
      "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"};
  static const struct fake_answer bad = {403, 0, REFUSAL("InvalidClientTokenId", "no such key")};
  struct scene s;
  struct sts_caller caller;
  (void)state;
  begin(&s);
  assert_int_equal(ask_caller(&s, &good, &caller), SLUICE_OK);
  assert_string_equal(caller.arn, "arn:aws:iam::1:user/a");
  assert_string_equal(caller.account, "123456789012");
  assert_string_equal(s.fake.requests[0].body, "Action=GetCallerIdentity&Version=2011-06-15");
  assert_int_equal(ask_caller(&s, &bad, &caller), SLUICE_ERR_AUTH);
  assert_says(&s.err, "asking who we are (GetCallerIdentity): InvalidClientTokenId: no such key");
  assert_says(&s.err, "; check the keys that we sign with");
  assert_null(strstr(s.err.message, "role"));
  scene_end(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(asks_for_a_role),
      cmocka_unit_test(names_its_session_by_the_time),
      cmocka_unit_test(asks_where_it_is_told),
      cmocka_unit_test(asks_in_the_region_of_the_role),
      cmocka_unit_test(chains_roles),
      cmocka_unit_test(second_role_names_itself),
      cmocka_unit_test(life_is_by_the_issuers_clock),
      cmocka_unit_test(fractions_of_seconds),
      cmocka_unit_test(ended_keys_are_an_error),
      cmocka_unit_test(a_wrong_clock_is_corrected_once),
      cmocka_unit_test(a_bad_signature_is_no_skew),
      cmocka_unit_test(skew_that_stays_ends),
      cmocka_unit_test(refusals),
      cmocka_unit_test(an_outage_passes),
      cmocka_unit_test(cancelling_ends_it),
      cmocka_unit_test(web_identity_is_not_signed_and_read_again),
      cmocka_unit_test(web_identity_tries_again),
      cmocka_unit_test(web_identity_files),
      cmocka_unit_test(open_roles),
      cmocka_unit_test(only_the_last_role_goes_without_its_id),
      cmocka_unit_test(a_refused_first_role_tells_nothing),
      cmocka_unit_test(says_who_we_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
