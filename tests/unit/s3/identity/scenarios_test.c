/* The recorded scenarios of the AWS tools, replayed: files, environment and services as recorded, through profiles,
 * plan and fetch. */
#include "fake_world.h"
#include "identity/plan.h"
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* What of a recording cannot be taken word for word. */
static const char *const adapted[][2] = {
    {"e2e_fips_and_dual_stack_sso", "its keys had ended before its own Date: replayed without Date, an hour earlier"},
    {"ecs_credentials", "its keys had ended before its own Date: replayed without Date, an hour earlier"},
    {"ecs_credentials_invalid_profile", "as ecs_credentials"},
    {"credential_process", "its command is a shell's pipe; no shell is asked here: the test is echo and base64"},
    {"credential_process_account_id_fallback", "as credential_process"},
    {"credential_process_failure", "exit is a shell's own word: the test ends with its status"},
    {"empty_config", "it is of profiles alone, where our chain goes on to EC2: replayed with EC2 turned off"},
    {"web_identity_token_env", "its request names another account than its environment: RoleArn is not compared"},
    {"web_identity_token_profile", "its request has another role and token than its files: these are not compared"},
};

struct exchange {
  const json_t *request, *response;
  const char *sent, *answered;
};
struct scenario {
  struct fake_world fake;
  const char *name;
  json_t *traffic, *want;
  struct exchange exchanges[FAKE_MAX];
  size_t n_exchanges, used;
  bool no_date;
};

static const char *why_adapted(const char *name) {
  for (size_t i = 0; i < sizeof adapted / sizeof *adapted; i++)
    if (strcmp(adapted[i][0], name) == 0)
      return adapted[i][1];
  return NULL;
}

/* ---- loading ---- */

static json_t *load(const char *folder, const char *name) {
  char path[1200];
  json_error_t error;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  json_t *root = json_load_file(path, 0, &error);
  if (!root)
    fail_msg("%s: %s", path, error.text);
  return root;
}

static void load_environment(struct scenario *s, const char *folder) {
  json_t *env = load(folder, "env.json"), *value;
  const char *name;
  json_object_foreach(env, name, value) fake_variable(&s->fake, name, json_string_value(value));
  json_decref(env);
}

static void load_files(struct scenario *s, const char *folder, const char *inside) {
  char path[1200];
  struct stat info;
  snprintf(path, sizeof path, "%s/fs%s", folder, inside);
  if (stat(path, &info) != 0)
    return;
  if (!S_ISDIR(info.st_mode)) {
    char *bytes = read_whole(path);
    assert_non_null(bytes);
    fake_file(&s->fake, inside, bytes);
    free(bytes);
    return;
  }
  DIR *dir = opendir(path);
  assert_non_null(dir);
  for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
    char next[1200];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    snprintf(next, sizeof next, "%s/%s", inside, entry->d_name);
    load_files(s, folder, next);
  }
  closedir(dir);
}

static const char *text_of(const json_t *event) {
  return json_string_value(json_object_get(json_object_get(event, "data"), "Utf8"));
}

/* Events of one connection: a request, its body, the response, its body. */
static void load_traffic(struct scenario *s, const char *folder) {
  json_t *event;
  size_t i;
  s->traffic = load(folder, "http-traffic.json");
  json_array_foreach(json_object_get(s->traffic, "events"), i, event) {
    size_t id = (size_t)json_integer_value(json_object_get(event, "connection_id"));
    const json_t *action = json_object_get(event, "action"), *part;
    assert_true(id < FAKE_MAX);
    struct exchange *exchange = &s->exchanges[id];
    if (id >= s->n_exchanges)
      s->n_exchanges = id + 1;
    part = json_object_get(action, "Request");
    if (part)
      exchange->request = json_object_get(part, "request");
    part = json_object_get(action, "Response");
    if (part)
      exchange->response = json_object_get(json_object_get(part, "response"), "Ok");
    part = json_object_get(action, "Data");
    if (part && strcmp(json_string_value(json_object_get(part, "direction")), "Request") == 0)
      exchange->sent = text_of(part);
    else if (part)
      exchange->answered = text_of(part);
  }
}

/* ---- what is asked, compared by meaning ---- */

/* One parameter of a query or form, as it is encoded; out "" where there is none. */
static void parameter(const char *form, const char *name, char *out, size_t size) {
  size_t n = strlen(name);
  out[0] = 0;
  for (const char *at = form; at && *at; at = strchr(at, '&') ? strchr(at, '&') + 1 : NULL)
    if (strncmp(at, name, n) == 0 && at[n] == '=')
      snprintf(out, size, "%.*s", (int)strcspn(at + n + 1, "&"), at + n + 1);
}

static void same_parameter(const struct scenario *s, const char *have, const char *want, const char *name) {
  char a[4096], b[4096];
  parameter(have, name, a, sizeof a);
  parameter(want, name, b, sizeof b);
  size_t n = strlen(b);
  if (n > 3 && strcmp(b + n - 3, "%0A") == 0) /* the recorder kept a file's line end */
    b[n - 3] = 0;
  if (strcmp(a, b) != 0)
    fail_msg("%s: %s is %s, not %s", s->name, name, a, b);
}

static void same_url(const struct scenario *s, const char *have, const char *want) {
  size_t path = strcspn(want, "?"), mine = strcspn(have, "?");
  size_t slash = path && want[path - 1] == '/', my_slash = mine && have[mine - 1] == '/';
  /* an empty path and / are the same */
  if (mine - my_slash != path - slash || strncmp(have, want, path - slash) != 0)
    fail_msg("%s: asked %s, not %s", s->name, have, want);
  if (!want[path])
    return;
  same_parameter(s, have + mine + 1, want + path + 1, "role_name");
  same_parameter(s, have + mine + 1, want + path + 1, "account_id");
}

static void same_headers(const struct scenario *s, const struct fake_request *have, const json_t *want) {
  static const char *const names[] = {"x-aws-ec2-metadata-token-ttl-seconds", "x-aws-ec2-metadata-token",
                                      "x-amz-sso_bearer_token", "x-amz-security-token", "authorization"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *mine = fake_header(have, names[i]);
    const char *its = json_string_value(json_array_get(json_object_get(want, names[i]), 0));
    if (!mine != !its)
      fail_msg("%s: header %s is %s", s->name, names[i], mine ? "sent" : "not sent");
    if (mine && strcmp(names[i], "authorization") == 0) /* the signature is of other headers and another time */
      assert_memory_equal(mine, its, strcspn(its, "/"));
    else if (mine)
      assert_string_equal(mine, its);
  }
}

static void same_body(const struct scenario *s, const char *have, const char *want) {
  if (!want || !*want)
    return;
  same_parameter(s, have, want, "Action");
  same_parameter(s, have, want, "Version");
  same_parameter(s, have, want, "ExternalId");
  bool other_files = strcmp(s->name, "web_identity_token_profile") == 0;
  if (!other_files && strcmp(s->name, "web_identity_token_env") != 0)
    same_parameter(s, have, want, "RoleArn");
  if (!other_files)
    same_parameter(s, have, want, "WebIdentityToken");
}

static int64_t date_of(const json_t *response) {
  const json_t *headers = json_object_get(response, "headers");
  const char *text = json_string_value(json_array_get(json_object_get(headers, "date"), 0));
  struct tm parts = {0};
  return text && strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &parts) ? (int64_t)timegm(&parts) : 0;
}

/* The exchanges in order; the last is repeated, for attempts that the recorder did not make. */
static int replay(void *test, const struct fake_request *request, struct fake_answer *out) {
  struct scenario *s = test;
  if (s->n_exchanges == 0)
    fail_msg("%s: %s was asked, and nothing shall be", s->name, request->url);
  const struct exchange *exchange = &s->exchanges[s->used < s->n_exchanges ? s->used++ : s->n_exchanges - 1];
  assert_string_equal(request->method, json_string_value(json_object_get(exchange->request, "method")));
  same_url(s, request->url, json_string_value(json_object_get(exchange->request, "uri")));
  same_headers(s, request, json_object_get(exchange->request, "headers"));
  same_body(s, request->body, exchange->sent);
  out->status = (int)json_integer_value(json_object_get(exchange->response, "status"));
  out->date = s->no_date ? 0 : date_of(exchange->response);
  out->body = exchange->answered;
  return SLUICE_OK;
}

/* ---- the programs of credential_process scenarios ---- */

static void decode_base64(const char *text, struct text *out) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned bits = 0, n = 0;
  for (; *text && *text != '='; text++) {
    const char *digit = strchr(digits, *text);
    assert_non_null(digit);
    bits = (bits << 6 | (unsigned)(digit - digits)) & 0xffffff;
    n += 6;
    if (n >= 8)
      text_printf(out, "%c", (int)(bits >> (n -= 8) & 0xff));
  }
}

static int run_recorded(void *test, char *const *argv, struct program_end *out, struct sluice_error *err) {
  (void)test, (void)err;
  if (strcmp(argv[0], "exit") == 0) {
    out->exit_status = 1;
    return SLUICE_OK;
  }
  assert_string_equal(argv[0], "echo");
  assert_string_equal(argv[2], "|");
  assert_string_equal(argv[3], "base64");
  assert_string_equal(argv[4], "--decode");
  assert_null(argv[5]);
  decode_base64(argv[1], &out->out);
  return SLUICE_OK;
}

/* ---- one scenario ---- */

static int64_t wanted_expiry(const struct scenario *s) {
  const json_t *ok = json_object_get(json_object_get(s->want, "result"), "Ok");
  return ok && json_object_get(ok, "expiry") ? json_integer_value(json_object_get(ok, "expiry")) : -1;
}

static int get_credentials(struct scenario *s, struct credentials **out, struct sluice_error *err) {
  struct profiles *profiles = NULL;
  struct plan_request request = {.region = NULL};
  struct plan plan = {.label = NULL};
  struct fetcher fetcher = {.world = &s->fake.world, .plan = &plan};
  int status = profiles_load(&s->fake.world, &profiles, err);
  if (status == SLUICE_OK)
    status = plan_resolve(&s->fake.world, profiles, &request, &plan, err);
  if (status == SLUICE_OK)
    status = fetch(&fetcher, out, err);
  fetcher_finish(&fetcher);
  plan_finish(&plan);
  profiles_destroy(profiles);
  return status;
}

static void same_text(const struct scenario *s, const json_t *want, const char *name, const char *have) {
  const char *text = json_string_value(json_object_get(want, name));
  if (strcmp(text ? text : "", have) != 0)
    fail_msg("%s: %s is \"%s\", not \"%s\"", s->name, name, have, text ? text : "");
}

static void same_credentials(const struct scenario *s, const struct credentials *have) {
  const json_t *want = json_object_get(json_object_get(s->want, "result"), "Ok");
  int64_t expiry = wanted_expiry(s);
  same_text(s, want, "access_key_id", have->access_key_id);
  same_text(s, want, "secret_access_key", have->secret);
  same_text(s, want, "session_token", have->token);
  same_text(s, want, "account_id", have->account);
  assert_int_equal(have->expires, expiry < 0 ? CREDENTIALS_NEVER : expiry);
}

static void not_told(const struct scenario *s, const struct sluice_error *err, const struct credentials *got) {
  const char *const secrets[] = {"TESTSECRET",
                                 "secretkeycorrect",
                                 "tokencorrect",
                                 "correct_secret",
                                 "secretbase",
                                 "tokenbase",
                                 "secret-access-token",
                                 "secret-refresh-token",
                                 "eyJ",
                                 NULL};
  assert_not_told(&s->fake, err, secrets);
  if (got) {
    const char *const its[] = {got->secret, got->token[0] ? got->token : NULL, NULL};
    if (strlen(got->secret) > 3)
      assert_not_told(&s->fake, err, its);
  }
}

static void judge(const struct scenario *s, int status, const struct credentials *got, const struct sluice_error *err) {
  bool good = json_object_get(json_object_get(s->want, "result"), "Ok") != NULL;
  if (good != (status == SLUICE_OK))
    fail_msg("%s: status %d: %s", s->name, status, err->message);
  if (good)
    same_credentials(s, got);
  else
    printf("  %s: %s\n", s->name, err->message);
  if (good && s->used != s->n_exchanges)
    fail_msg("%s: %zu of %zu recorded requests were made", s->name, s->used, s->n_exchanges);
  not_told(s, err, got);
}

static void run_scenario(const char *parent, const char *name) {
  char folder[1000];
  struct scenario s = {.name = name};
  struct credentials *got = NULL;
  struct sluice_error err = {.message = ""};
  snprintf(folder, sizeof folder, "%s/%s", parent, name);
  fake_init(&s.fake);
  s.fake.send = replay;
  s.fake.run = run_recorded;
  s.fake.test = &s;
  load_environment(&s, folder);
  load_files(&s, folder, "");
  if (strcmp(name, "empty_config") == 0)
    fake_variable(&s.fake, "AWS_EC2_METADATA_DISABLED", "true");
  load_traffic(&s, folder);
  s.want = load(folder, "test-case.json");
  int64_t expiry = wanted_expiry(&s), date = s.n_exchanges ? date_of(s.exchanges[s.n_exchanges - 1].response) : 0;
  s.no_date = expiry >= 0 && date >= expiry;
  if (s.no_date && !why_adapted(name))
    fail_msg("%s: its keys had ended before its Date: say so", name);
  s.fake.clock = expiry >= 0 ? expiry - 3600 : 1700000000;
  int status = get_credentials(&s, &got, &err);
  judge(&s, status, got, &err);
  if (why_adapted(name))
    printf("  %s: adapted: %s\n", name, why_adapted(name));
  credentials_unref(got);
  json_decref(s.traffic);
  json_decref(s.want);
  fake_finish(&s.fake);
}

/* ---- all of a folder ---- */

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void run_folder(const char *name, size_t at_least) {
  char path[900];
  char *names[FAKE_MAX];
  size_t n = 0;
  snprintf(path, sizeof path, "%s/aws/aws-config/%s", corpora(), name);
  DIR *dir = opendir(path);
  if (!dir) {
    printf("skipped: %s is not there\n", path);
    skip();
  }
  for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
    if (entry->d_name[0] != '.' && n < FAKE_MAX)
      names[n++] = strdup(entry->d_name);
  closedir(dir);
  qsort(names, n, sizeof *names, by_name);
  for (size_t i = 0; i < n; i++) {
    run_scenario(path, names[i]);
    free(names[i]);
  }
  printf("%s: %zu scenarios replayed, none left out\n", name, n);
  assert_true(n >= at_least);
}

static void default_chain(void **state) {
  (void)state;
  run_folder("default-credential-provider-chain", 21);
}

static void profile_provider(void **state) {
  (void)state;
  run_folder("profile-provider", 13);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(default_chain),
      cmocka_unit_test(profile_provider),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
