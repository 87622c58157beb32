/* Every allocation of getting credentials fails once: an error comes, or what failed did not matter; nothing is lost,
 * and no secret is told. */
#include "failing.h"
#include "fake_world.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- a world that allocates without failing ---- */

static const char *const secrets[] = {"s3cr3t", "tok3n", NULL};
#define STS_KEYS                                                                                                       \
  "<R><Arn>arn:aws:sts::123456789012:assumed-role/a/b</Arn><AccessKeyId>A</AccessKeyId><SecretAccessKey>s3cr3t"        \
  "</SecretAccessKey><SessionToken>tok3n</SessionToken><Expiration>2023-11-14T23:13:20Z</Expiration></R>"
#define KEYS "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\",\"Token\":\"tok3n\"}"
#define KEPT "/home/.aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json"

struct world_of_old { /* the fake's own functions, called with failing turned off */
  struct world inner;
};

static int send_safely(void *context, const struct http_request *request, struct http_answer *out,
                       struct sluice_error *err) {
  struct world_of_old *old = context;
  int64_t kept = failing_in;
  failing_in = -1;
  int status = old->inner.send(old->inner.context, request, out, err);
  failing_in = kept;
  return status;
}
static const char *variable_safely(void *context, const char *name) {
  struct world_of_old *old = context;
  return old->inner.variable(old->inner.context, name);
}
static int read_safely(void *context, const char *path, struct text *out, struct sluice_error *err) {
  struct world_of_old *old = context;
  int64_t kept = failing_in;
  failing_in = -1;
  int status = old->inner.read_file(old->inner.context, path, out, err);
  failing_in = kept;
  return status;
}
static int write_safely(void *context, const char *path, const char *bytes, size_t n, struct sluice_error *err) {
  struct world_of_old *old = context;
  int64_t kept = failing_in;
  failing_in = -1;
  int status = old->inner.write_file(old->inner.context, path, bytes, n, err);
  failing_in = kept;
  return status;
}
static int run_safely(void *context, char *const *argv, int64_t timeout_ms, struct program_end *out,
                      struct sluice_error *err) {
  (void)context, (void)argv, (void)timeout_ms, (void)err;
  int64_t kept = failing_in;
  failing_in = -1;
  text_puts(&out->out, KEYS);
  failing_in = kept;
  return SLUICE_OK;
}
static int64_t now_safely(void *context) {
  struct world_of_old *old = context;
  return old->inner.now(old->inner.context);
}
static int pause_safely(void *context, int64_t milliseconds, struct sluice_error *err) {
  (void)context, (void)milliseconds, (void)err;
  return SLUICE_OK;
}
static void log_safely(void *context, int level, const char *line) {
  struct world_of_old *old = context;
  int64_t kept = failing_in;
  failing_in = -1;
  old->inner.log(old->inner.context, level, line);
  failing_in = kept;
}

/* ---- the sources ---- */

static int serve(void *test, const struct fake_request *request, struct fake_answer *out) {
  (void)test;
  out->status = 200;
  if (strstr(request->url, "federation"))
    out->body =
        "{\"roleCredentials\":{\"accessKeyId\":\"A\",\"secretAccessKey\":\"s3cr3t\",\"expiration\":1700003600000}}";
  else if (strstr(request->url, "/token") && strstr(request->url, "oidc"))
    out->body = "{\"accessToken\":\"tok3n-2\",\"expiresIn\":28800}";
  else if (strstr(request->url, "sts."))
    out->body = STS_KEYS;
  else if (strstr(request->url, "api/token") || request->url[strlen(request->url) - 1] == '/')
    out->body = "a-role";
  else
    out->body = KEYS;
  return SLUICE_OK;
}

static void furnish(struct scene *s, enum plan_base base, size_t roles) {
  scene_begin(s, base);
  s->fake.send = serve;
  plan_put(&s->plan.pair.access_key_id, "A");
  plan_put(&s->plan.pair.secret, "s3cr3t");
  plan_put(&s->plan.process.command, "tool x");
  plan_put(&s->plan.sso.session, "dev");
  plan_put(&s->plan.sso.region, "eu-west-3");
  plan_put(&s->plan.sso.account, "123");
  plan_put(&s->plan.sso.role, "R");
  plan_put(&s->plan.web.token_file, "/token");
  plan_put(&s->plan.web.role.arn, "arn:aws:iam::123456789012:role/a");
  s->plan.n_roles = roles;
  for (size_t i = 0; i < roles; i++)
    plan_put(&s->plan.roles[i].arn, "arn:aws:iam::123456789012:role/a");
  fake_variable(&s->fake, "HOME", "/home");
  fake_variable(&s->fake, "AWS_ACCESS_KEY_ID", "A");
  fake_variable(&s->fake, "AWS_SECRET_ACCESS_KEY", "s3cr3t");
  fake_variable(&s->fake, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2");
  fake_variable(&s->fake, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token");
  fake_file(&s->fake, "/token", "tok3n");
  fake_file(
      &s->fake, KEPT,
      "{\"accessToken\":\"tok3n\",\"expiresAt\":\"2023-11-14T22:13:20Z\",\"refreshToken\":\"tok3n-r\",\"clientId\":"
      "\"c\",\"clientSecret\":\"s3cr3t-c\"}");
}

/* How many allocations it took; each failed once. */
static long try_all(enum plan_base base, size_t roles) {
  long n = 0;
  for (bool reached = true; reached && n < 10000; n++) {
    struct scene s;
    struct credentials *got = NULL;
    struct sluice_error err = {.message = ""};
    furnish(&s, base, roles);
    struct world_of_old old = {s.fake.world};
    struct world safe = {&old,        variable_safely, read_safely,  write_safely, run_safely,
                         send_safely, now_safely,      pause_safely, log_safely};
    s.fetcher.world = &safe;
    failing_in = n;
    int status = fetch(&s.fetcher, &got, &err);
    reached = failing_in < 0;
    failing_in = -1;
    assert_true((status == SLUICE_OK) == (got != NULL));
    assert_true((status == SLUICE_OK) == (err.message[0] == 0));
    assert_true(reached || status == SLUICE_OK);
    assert_not_told(&s.fake, &err, secrets);
    credentials_unref(got);
    scene_end(&s);
  }
  return n - 1;
}

static void each_allocation_fails_once(void **state) {
  static const struct {
    enum plan_base base;
    size_t roles;
    const char *name;
  } all[] = {{PLAN_ENVIRONMENT, 0, "environment"},    {PLAN_STATIC, 2, "profile and two roles"},
             {PLAN_PROCESS, 0, "credential_process"}, {PLAN_SSO, 0, "SSO with a renewal"},
             {PLAN_WEB_IDENTITY, 0, "web identity"},  {PLAN_CONTAINER, 0, "container"},
             {PLAN_INSTANCE, 0, "instance"}};
  (void)state;
  json_set_alloc_funcs(malloc, free); /* --wrap does not reach into its library */
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    long n = try_all(all[i].base, all[i].roles);
    print_message("%s: each of %ld allocations failed once\n", all[i].name, n);
    assert_true(n > 0 && n < 5000);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation_fails_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
