/* EC2 instance metadata: endpoints, tokens, version 1, hop limits, and outages. */
#include "fake_world.h"
#include "identity/plan.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const secrets[] = {"s3cr3t", "tok3n", NULL};
#define BASE "http://169.254.169.254"
#define ROLES BASE "/latest/meta-data/iam/security-credentials/"
#define KEYS(end)                                                                                                      \
  "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"s3cr3t\",\"Token\":\"tok3n\",\"Expiration\":"  \
  "\"" end "\"}"
#define HOUR KEYS("2023-11-14T23:13:20Z")

struct service {    /* what the fake one does */
  int put, get;     /* HTTP; 0: no answer */
  int unauthorized; /* so many GETs with a token are refused */
  const char *token, *role, *keys;
  int64_t date;
  int puts, gets, bare_gets;
};

static int serve(void *test, const struct fake_request *request, struct fake_answer *out) {
  struct service *service = test;
  bool token = fake_header(request, "x-aws-ec2-metadata-token") != NULL;
  out->date = service->date;
  if (strcmp(request->method, "PUT") == 0) {
    service->puts++;
    assert_string_equal(request->url, BASE "/latest/api/token");
    assert_string_equal(fake_header(request, "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
    out->status = service->put;
    out->body = service->token;
    return SLUICE_OK;
  }
  service->gets++;
  service->bare_gets += !token;
  out->status = service->get;
  if (token && service->unauthorized > 0) {
    service->unauthorized--;
    out->status = 401;
  }
  out->body = strcmp(request->url, ROLES) == 0 ? service->role : service->keys;
  return SLUICE_OK;
}

static void begin(struct scene *s, struct service *service) {
  scene_begin(s, PLAN_INSTANCE);
  *service = (struct service){.put = 200, .get = 200, .token = "imds-tok3n==", .role = "my-role\n", .keys = HOUR};
  s->fake.send = serve;
  s->fake.test = service;
}

static int go(struct scene *s) {
  return scene_go(s, NULL, 0, secrets);
}

/* ---- the official cases: where it is ---- */

static int resolve(struct fake_world *fake, struct plan *plan, struct sluice_error *err) {
  struct profiles *profiles = NULL;
  struct plan_request request = {.region = NULL};
  int status = profiles_load(&fake->world, &profiles, err);
  if (status == SLUICE_OK)
    status = plan_resolve(&fake->world, profiles, &request, plan, err);
  profiles_destroy(profiles);
  return status;
}

static void official_case(const json_t *test) {
  const char *docs = json_string_value(json_object_get(test, "docs")), *name;
  const json_t *want = json_object_get(json_object_get(test, "result"), "Ok");
  static const struct fake_answer refuse = {403, 0, ""};
  json_t *value;
  struct fake_world fake;
  struct plan plan = {.label = NULL};
  struct sluice_error err = {.message = ""};
  struct credentials *got = NULL;
  fake_init(&fake);
  fake_answers(&fake, &refuse, 1);
  json_object_foreach(json_object_get(test, "env"), name, value) fake_variable(&fake, name, json_string_value(value));
  json_object_foreach(json_object_get(test, "fs"), name, value) fake_file(&fake, name, json_string_value(value));
  struct fetcher fetcher = {.world = &fake.world, .plan = &plan};
  int status = resolve(&fake, &plan, &err);
  if (status == SLUICE_OK)
    assert_int_equal(fetch(&fetcher, &got, &err), SLUICE_ERR_AUTH);
  if (want) {
    if (status != SLUICE_OK || strcmp(fake.requests[0].url, json_string_value(want)) != 0)
      fail_msg("%s: %s %s", docs, err.message, fake.n_requests ? fake.requests[0].url : "");
  } else {
    assert_int_equal(status, SLUICE_ERR_CONFIG);
    printf("  %s: %s\n", docs, err.message);
  }
  fetcher_finish(&fetcher);
  plan_finish(&plan);
  fake_finish(&fake);
}

static void official_cases(void **state) {
  char path[900];
  size_t i, n = 0, left = 0;
  json_t *test;
  (void)state;
  snprintf(path, sizeof path, "%s/aws/aws-config/imds-config/imds-endpoint-tests.json", corpora());
  json_t *root = json_load_file(path, 0, NULL);
  if (!root) {
    printf("skipped: %s is not there\n", path);
    skip();
  }
  json_array_foreach(json_object_get(root, "tests"), i,
                     test) if (json_object_get(test, "endpoint_override") || json_object_get(test, "mode_override")) {
    printf("  left out: \"%s\": sets an SDK's own client, which has no like here\n",
           json_string_value(json_object_get(test, "docs")));
    left++;
  }
  else {
    official_case(test);
    n++;
  }
  json_decref(root);
  printf("imds-endpoint-tests.json: %zu cases ran, %zu left out\n", n, left);
  assert_true(n >= 11);
}

/* ---- tokens ---- */

static void keeps_its_token(void **state) {
  struct scene s;
  struct service service;
  (void)state;
  begin(&s, &service);
  assert_int_equal(go(&s), SLUICE_OK);
  assert_string_equal(s.got->access_key_id, "ASIA");
  assert_int_equal(s.got->life_s, 3600);
  assert_string_equal(s.fake.requests[2].url, ROLES "my-role");
  assert_int_equal(go(&s), SLUICE_OK);
  assert_int_equal(service.puts, 1);
  s.fake.clock += 21600 - 59;
  service.keys = KEYS("2033-11-14T23:13:20Z");
  assert_int_equal(go(&s), SLUICE_OK);
  assert_int_equal(service.puts, 2);
  assert_int_equal(service.bare_gets, 0);
  scene_end(&s);
}

static void renews_a_stale_token_once(void **state) {
  struct scene s;
  struct service service;
  (void)state;
  begin(&s, &service);
  service.unauthorized = 1;
  assert_int_equal(go(&s), SLUICE_OK);
  assert_int_equal(service.puts, 2);
  scene_end(&s);
  begin(&s, &service);
  service.unauthorized = 100;
  assert_int_equal(go(&s), SLUICE_ERR_AUTH);
  assert_int_equal(service.puts, 2);
  assert_says(&s.err, "HTTP 401");
  scene_end(&s);
}

static void tokens_that_are_none(void **state) {
  static const char *const bad[] = {"", "a b", "a\r\nX: y", "\x7f"};
  char long_one[1100];
  struct scene s;
  struct service service;
  (void)state;
  memset(long_one, 'a', sizeof long_one - 1);
  long_one[sizeof long_one - 1] = 0;
  for (size_t i = 0; i <= sizeof bad / sizeof *bad; i++) {
    begin(&s, &service);
    service.token = i < sizeof bad / sizeof *bad ? bad[i] : long_one;
    assert_int_equal(go(&s), SLUICE_ERR_RETRY);
    assert_says(&s.err, "the session token that came is none");
    scene_end(&s);
  }
}

static void refused_tokens(void **state) {
  static const struct {
    int http, status;
    const char *says;
  } all[] = {{400, SLUICE_ERR_AUTH, "HTTP 400"},
             {403, SLUICE_ERR_AUTH, "turned off for this instance"},
             {404, SLUICE_ERR_AUTH, "version 1 only"},
             {405, SLUICE_ERR_AUTH, "AWS_EC2_METADATA_V1_DISABLED=false"},
             {503, SLUICE_ERR_RETRY, "HTTP 503"}};
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct scene s;
    struct service service;
    begin(&s, &service);
    service.put = all[i].http;
    assert_int_equal(go(&s), all[i].status);
    assert_says(&s.err, all[i].says);
    assert_int_equal(service.gets, 0);
    scene_end(&s);
  }
}

static void version_1_where_it_is_allowed(void **state) {
  static const int none[] = {403, 404, 405};
  (void)state;
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    struct scene s;
    struct service service;
    begin(&s, &service);
    s.plan.imds_v1_disabled = false;
    service.put = none[i];
    assert_int_equal(go(&s), SLUICE_OK);
    assert_int_equal(service.bare_gets, 2);
    scene_end(&s);
  }
}

static void hop_limit(void **state) {
  struct scene s;
  struct service service;
  (void)state;
  begin(&s, &service);
  service.put = 0;
  service.get = 401;
  assert_int_equal(go(&s), SLUICE_ERR_CONFIG);
  assert_says(&s.err, "raise HttpPutResponseHopLimit of the instance to 2");
  scene_end(&s);
}

static void nobody_there(void **state) {
  struct scene s;
  struct service service;
  (void)state;
  begin(&s, &service);
  service.put = service.get = 0;
  assert_int_equal(go(&s), SLUICE_ERR_CONFIG);
  assert_says(&s.err, "no credentials were found");
  assert_says(&s.err, "anonymous = true");
  assert_true(s.fake.n_requests <= 4);
  scene_end(&s);
}

/* ---- roles and keys ---- */

static void answers(void **state) {
  static const struct {
    int get;
    const char *role, *keys;
    int status;
    const char *says;
  } all[] = {
      {404, "", "", SLUICE_ERR_AUTH, "the instance has no role: attach an instance profile"},
      {500, "", "", SLUICE_ERR_RETRY, "HTTP 500"},
      {200, "", "", SLUICE_ERR_RETRY, "no role's name"},
      {200, "r", "", SLUICE_ERR_RETRY, "cannot be read"},
      {200, "r", "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"cannot assume\"}", SLUICE_ERR_AUTH,
       "AssumeRoleUnauthorizedAccess: cannot assume; check the instance profile"},
      {200, "r", "{\"Code\":\"Success\"}", SLUICE_ERR_CONFIG, "no AccessKeyId"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct scene s;
    struct service service;
    begin(&s, &service);
    service.get = all[i].get;
    service.role = all[i].role;
    service.keys = all[i].keys;
    int status = go(&s);
    if (status != all[i].status || !strstr(s.err.message, all[i].says))
      fail_msg("%zu: %d %s", i, status, s.err.message);
    scene_end(&s);
  }
}

static void role_names_are_encoded(void **state) {
  struct scene s;
  struct service service;
  (void)state;
  begin(&s, &service);
  service.role = "../a?b#c d\nsecond";
  assert_int_equal(go(&s), SLUICE_OK);
  assert_string_equal(s.fake.requests[2].url, ROLES "..%2Fa%3Fb%23c%20d");
  scene_end(&s);
}

/* ---- outages ---- */

static void keys_that_have_ended_are_used_on(void **state) {
  struct scene s;
  struct service service;
  (void)state;
  begin(&s, &service);
  service.keys = KEYS("2023-11-14T22:13:19Z");
  assert_int_equal(go(&s), SLUICE_OK);
  assert_string_equal(s.got->secret, "s3cr3t");
  assert_true(s.got->life_s >= 120 && s.got->life_s <= 600);
  assert_non_null(strstr(text_get(&s.fake.log), "the old ones, which have ended, are used"));
  scene_end(&s);
}

static void last_set_serves_while_the_service_is_away(void **state) {
  struct scene s;
  struct service service;
  (void)state;
  begin(&s, &service);
  assert_int_equal(go(&s), SLUICE_OK);
  service.put = service.get = 0;
  s.fake.clock += 3000;
  assert_int_equal(go(&s), SLUICE_OK);
  assert_int_equal(s.got->life_s, 600); /* what is left */
  s.fake.clock += 601;
  assert_int_equal(go(&s), SLUICE_OK);
  assert_true(s.got->life_s >= 120 && s.got->life_s <= 600);
  assert_string_equal(s.got->access_key_id, "ASIA");
  service.put = service.get = 200;
  service.keys = KEYS("2033-11-14T23:13:20Z");
  assert_int_equal(go(&s), SLUICE_OK);
  assert_true(s.got->life_s > 86400);
  scene_end(&s);
}

/* What the service does in trouble looks like a low hop limit, but tokens came before. */
static void an_outage_is_no_low_hop_limit(void **state) {
  struct scene s;
  struct service service;
  (void)state;
  begin(&s, &service);
  assert_int_equal(go(&s), SLUICE_OK);
  service.put = 0;
  service.get = 401;
  s.fake.clock += 21600;
  assert_int_equal(go(&s), SLUICE_OK);
  assert_true(s.got->life_s >= 120 && s.got->life_s <= 600);
  assert_int_equal(service.bare_gets, 0);
  scene_end(&s);
}

static void a_refusal_is_no_outage(void **state) {
  struct scene s;
  struct service service;
  (void)state;
  begin(&s, &service);
  assert_int_equal(go(&s), SLUICE_OK);
  service.get = 404;
  assert_int_equal(go(&s), SLUICE_ERR_AUTH);
  scene_end(&s);
}

static void its_clock_counts(void **state) {
  struct scene s;
  struct service service;
  (void)state;
  begin(&s, &service);
  service.date = 1700001800;
  s.fake.clock = 1000000000;
  assert_int_equal(go(&s), SLUICE_OK);
  assert_int_equal(s.got->life_s, 1800);
  service.put = service.get = 0;
  s.fake.clock += 1000;
  assert_int_equal(go(&s), SLUICE_OK);
  assert_int_equal(s.got->life_s, 800);
  scene_end(&s);
}

static void cancelling_ends_it(void **state) {
  struct scene s;
  struct service service;
  (void)state;
  begin(&s, &service);
  s.fake.cancelled = true;
  assert_int_equal(go(&s), SLUICE_ERR_CANCELLED);
  scene_end(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(official_cases),
      cmocka_unit_test(keeps_its_token),
      cmocka_unit_test(renews_a_stale_token_once),
      cmocka_unit_test(tokens_that_are_none),
      cmocka_unit_test(refused_tokens),
      cmocka_unit_test(version_1_where_it_is_allowed),
      cmocka_unit_test(hop_limit),
      cmocka_unit_test(nobody_there),
      cmocka_unit_test(answers),
      cmocka_unit_test(role_names_are_encoded),
      cmocka_unit_test(keys_that_have_ended_are_used_on),
      cmocka_unit_test(last_set_serves_while_the_service_is_away),
      cmocka_unit_test(an_outage_is_no_low_hop_limit),
      cmocka_unit_test(a_refusal_is_no_outage),
      cmocka_unit_test(its_clock_counts),
      cmocka_unit_test(cancelling_ends_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
