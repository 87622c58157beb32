/* Configured endpoint URLs: the official cases, through the client for S3, as its requests would go. */
#include "corpus.h"
#include "request/client.h"
#include <stdio.h>
#include <string.h>

struct suite {
  json_t *profiles, *services, *clients, *environments, *tests;
};

static const char *url_of_option(const struct suite *suite, const json_t *one) {
  return corpus_text(json_object_get(suite->clients, corpus_text(one, "client_config")), "endpoint_url");
}

/* ---- the world of a case ---- */

static void write_config(const struct suite *suite, struct text *out) {
  corpus_write_sections(out, "profile", suite->profiles);
  corpus_write_sections(out, "services", suite->services);
}

static void make_world(const struct suite *suite, const json_t *one, struct fake_world *fake) {
  struct text config = {0};
  fake_init(fake);
  write_config(suite, &config);
  fake_variable(fake, "HOME", "/h");
  fake_file(fake, "/h/.aws/config", text_get(&config));
  fake_variables(fake, json_object_get(suite->environments, corpus_text(one, "environment")));
  text_finish(&config);
}

static void keep_quiet(const struct sluice_host *host, int level, const char *line) {
  (void)host, (void)level, (void)line;
}

/* ---- what we would ask ---- */

static void s3_url(const struct suite *suite, const json_t *one, char out[1024]) {
  struct fake_world fake;
  struct sluice_error err = {.message = ""};
  const struct sluice_host host = {.struct_size = sizeof host, .job = "", .sink = "", .run = "", .log = keep_quiet};
  struct s3_options options = {.place.path = "s3://bucket/"};
  struct client client;
  struct address address;
  options.profile = corpus_text(one, "profile");
  options.endpoint = url_of_option(suite, one);
  options.addressing = ADDRESSING_PATH;
  make_world(suite, one, &fake);
  if (client_init(&client, &host, &options, &fake.world, &err) != SLUICE_OK ||
      endpoint_address(&client.endpoint, "bucket", client.settings.region, &address, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  snprintf(out, 1024, "%s://%s", address.https ? "https" : "http", address.host);
  client_finish(&client);
  fake_finish(&fake);
}

static void other_url(const struct suite *suite, const json_t *one, char out[1024]) {
  struct fake_world fake;
  struct profiles *profiles = NULL;
  struct settings_url found;
  struct sluice_error err = {.message = ""};
  make_world(suite, one, &fake);
  assert_int_equal(profiles_load(&fake.world, &profiles, &err), SLUICE_OK);
  int status = settings_endpoint_url(&fake.world, profiles, corpus_text(one, "profile"), corpus_text(one, "service"),
                                     &found, &err);
  assert_int_equal(status, SLUICE_OK);
  snprintf(out, 1024, "%s", found.url);
  profiles_destroy(profiles);
  fake_finish(&fake);
}

/* ---- cases ---- */

static bool run_case(const struct suite *suite, const json_t *one) {
  const char *want = corpus_text(json_object_get(one, "output"), "endpointUrl");
  char have[1024];
  bool s3 = strcmp(corpus_text(one, "service"), "s3") == 0;
  (s3 ? s3_url : other_url)(suite, one, have);
  if (strcmp(want, have) == 0)
    return true;
  printf("differs: %s\nwant %s\nhave %s\n", corpus_text(one, "name"), want, have);
  return false;
}

static bool left_out(const struct suite *suite, const json_t *one) {
  json_t *client = json_object_get(suite->clients, corpus_text(one, "client_config"));
  return json_is_true(json_object_get(client, "ignore_configured_endpoint_urls")) && !url_of_option(suite, one);
}

static void run_suite(const struct suite *suite) {
  size_t i, ran = 0, failed = 0, without = 0;
  json_t *one;
  json_array_foreach(suite->tests, i, one) {
    bool out = left_out(suite, one);
    without += out;
    ran += !out;
    if (!out)
      failed += !run_case(suite, one);
  }
  printf(
      "configured-endpoint-url-tests: %zu of %zu cases ran; left out %zu: ignores what is configured by an option of "
      "the client, which Sluice has only in environment and profile\n",
      ran, json_array_size(suite->tests), without);
  assert_true(ran > 0);
  assert_int_equal(failed, 0);
}

static void official_cases(void **state) {
  (void)state;
  json_t *root = corpus_open("configured-endpoint-url-tests.json"), *item;
  size_t i;
  json_array_foreach(json_object_get(root, "testSuites"), i, item) {
    struct suite suite = {json_object_get(item, "profiles"), json_object_get(item, "services"),
                          json_object_get(item, "client_configs"), json_object_get(item, "environments"),
                          json_object_get(item, "endpointUrlTests")};
    run_suite(&suite);
  }
  assert_true(!root || i > 0);
  json_decref(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(official_cases)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
