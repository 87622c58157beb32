/* Option errors: credentials, region, endpoint, paths. */
#include "check.h"
#include "request/client.h"
#include "list/lister.h"
#include <stdlib.h>

static const char *secret_text = "sEcReT";

static void no_log(const struct sluice_host *host, int level, const char *message) {
  (void)host, (void)level, (void)message;
}
static int give_secret(const struct sluice_host *host, struct sluice_secret secret, char *buf, size_t size,
                       struct sluice_error *err) {
  (void)host;
  if (secret.handle != 7)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "secret", "absent");
  snprintf(buf, size, "%s", secret_text);
  return SLUICE_OK;
}
static const struct sluice_host host = {.struct_size = sizeof host, .log = no_log, .secret = give_secret};

static void clear_environment(void) {
  const char *names[] = {"AWS_ACCESS_KEY_ID",  "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",  "AWS_REGION",
                         "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL",      "AWS_ENDPOINT_URL_S3"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    unsetenv(names[i]);
}

static int setup(void **state) {
  (void)state;
  clear_environment();
  secret_text = "sEcReT";
  return 0;
}

static void refused(const struct s3_options *options, const char *where, const char *why) {
  struct client client;
  struct sluice_error err = {0};
  assert_int_equal(client_init(&client, &host, options, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, where);
  if (!strstr(err.message, why))
    fail_msg("\"%s\" does not say \"%s\"", err.message, why);
}

static void half_pairs(void **state) {
  (void)state;
  struct s3_options options = {.access_key_id = "AKID"};
  refused(&options, "secret_access_key", "without secret_access_key");
  options = (struct s3_options){.secret_access_key = {7}};
  refused(&options, "access_key_id", "without access_key_id");
  options = (struct s3_options){.session_token = {7}};
  refused(&options, "access_key_id", "session_token");
  options = (struct s3_options){.path = "s3://b/"};
  refused(&options, "access_key_id", "no credentials");
  setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
  refused(&options, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY is not");
  setenv("AWS_SECRET_ACCESS_KEY", "", 1); /* blank is missing */
  refused(&options, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY is not");
  unsetenv("AWS_ACCESS_KEY_ID");
  setenv("AWS_SECRET_ACCESS_KEY", "x", 1);
  refused(&options, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID is not");
  options = (struct s3_options){.access_key_id = "AKID", .secret_access_key = {7}, .anonymous = 1};
  refused(&options, "anonymous", "exclude");
}

static void bad_settings(void **state) {
  (void)state;
  struct s3_options options = {.anonymous = 1, .region = "EU West"};
  refused(&options, "region", "no region");
  options = (struct s3_options){.anonymous = 1, .endpoint = "localhost:9000"};
  refused(&options, "endpoint", "no http");
  options = (struct s3_options){.anonymous = 1};
  setenv("AWS_ENDPOINT_URL", "ftp://x", 1);
  refused(&options, "AWS_ENDPOINT_URL", "no http");
  setenv("AWS_DEFAULT_REGION", "a/b", 1);
  refused(&options, "AWS_DEFAULT_REGION", "no region");
}

static void order_of_origins(void **state) {
  (void)state;
  struct s3_options options = {.access_key_id = "OPTION", .secret_access_key = {7}};
  struct client client;
  struct credentials found;
  struct sluice_error err = {0};
  setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "envsecret", 1);
  setenv("AWS_SESSION_TOKEN", "envtoken", 1);
  setenv("AWS_DEFAULT_REGION", "eu-west-1", 1);
  setenv("AWS_ENDPOINT_URL", "http://one:1", 1);
  setenv("AWS_ENDPOINT_URL_S3", "http://two:2", 1);
  assert_int_equal(client_init(&client, &host, &options, &err), SLUICE_OK);
  assert_int_equal(credentials_get(&client.credentials, &found, &err), SLUICE_OK);
  assert_string_equal(found.access_key_id, "OPTION");
  assert_string_equal(found.secret, "sEcReT");
  assert_string_equal(found.token, ""); /* the environment's token belongs to the environment's pair */
  assert_string_equal(client.region, "eu-west-1");
  assert_string_equal(client.endpoint.host, "two");
  client_finish(&client);
  options = (struct s3_options){.region = "eu-west-2", .endpoint = "http://three:3"};
  assert_int_equal(client_init(&client, &host, &options, &err), SLUICE_OK);
  assert_int_equal(credentials_get(&client.credentials, &found, &err), SLUICE_OK);
  assert_string_equal(found.access_key_id, "ENV");
  assert_string_equal(found.token, "envtoken");
  assert_string_equal(client.region, "eu-west-2");
  assert_string_equal(client.endpoint.host, "three");
  client_finish(&client);
}

static void secrets_rotate_and_are_checked(void **state) {
  (void)state;
  struct s3_options options = {.access_key_id = "AKID", .secret_access_key = {7}};
  struct client client;
  struct credentials found;
  struct sluice_error err = {0};
  assert_int_equal(client_init(&client, &host, &options, &err), SLUICE_OK);
  secret_text = "second";
  assert_int_equal(credentials_get(&client.credentials, &found, &err), SLUICE_OK);
  assert_string_equal(found.secret, "second");
  secret_text = "with\nline";
  assert_int_equal(credentials_get(&client.credentials, &found, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "secret_access_key");
  assert_null(strstr(err.message, "with"));
  client_finish(&client);
}

static const char *header(const struct signed_request *request, const char *name) {
  for (const struct curl_slist *line = request->headers; line; line = line->next)
    if (strncmp(line->data, name, strlen(name)) == 0)
      return line->data + strlen(name) + 2;
  return NULL;
}

static void signed_requests(void **state) {
  (void)state;
  struct s3_options options = {.access_key_id = "AKID", .secret_access_key = {7}, .session_token = {7}};
  struct client client;
  struct signed_request made;
  struct sluice_error err = {0};
  assert_int_equal(client_init(&client, &host, &options, &err), SLUICE_OK);
  struct request request = {
      .bucket = client_bucket(&client, "my-bucket"), .key = "a//b +%.csv", .first = 5, .last = 9, .if_match = "etag"};
  assert_int_equal(client_sign(&client, &request, &made, &err), SLUICE_OK);
  assert_string_equal(text_get(&made.url), "https://my-bucket.s3.us-east-1.amazonaws.com/a//b%20%2B%25.csv");
  assert_string_equal(header(&made, "Host"), "my-bucket.s3.us-east-1.amazonaws.com");
  assert_string_equal(header(&made, "Range"), "bytes=5-9");
  assert_string_equal(header(&made, "If-Match"), "\"etag\"");
  assert_string_equal(header(&made, "x-amz-security-token"), "sEcReT");
  assert_non_null(strstr(header(&made, "Authorization"), "/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-"
                                                         "sha256;x-amz-date;x-amz-security-token, "));
  signed_request_finish(&made);
  assert_true(client_move_bucket(&client, request.bucket, "eu-west-3"));
  assert_false(client_move_bucket(&client, request.bucket, "eu-west-3"));
  assert_false(client_move_bucket(&client, request.bucket, "evil.example.com/x"));
  assert_int_equal(client_sign(&client, &request, &made, &err), SLUICE_OK);
  assert_string_equal(made.host, "my-bucket.s3.eu-west-3.amazonaws.com");
  assert_non_null(strstr(header(&made, "Authorization"), "/eu-west-3/s3/"));
  signed_request_finish(&made);
  client_finish(&client);
}

static void anonymous_signs_nothing(void **state) {
  (void)state;
  struct s3_options options = {.anonymous = 1};
  struct client client;
  struct signed_request made;
  struct sluice_error err = {0};
  assert_int_equal(client_init(&client, &host, &options, &err), SLUICE_OK);
  struct request request = {.bucket = client_bucket(&client, "public"), .key = "k", .first = -1};
  assert_int_equal(client_sign(&client, &request, &made, &err), SLUICE_OK);
  assert_null(header(&made, "Authorization"));
  assert_null(header(&made, "Range"));
  signed_request_finish(&made);
  client_finish(&client);
}

static void clock_offset_enters_the_signature(void **state) {
  (void)state;
  struct s3_options options = {.access_key_id = "AKID", .secret_access_key = {7}};
  struct client client;
  struct signed_request made;
  struct sluice_error err = {0};
  assert_int_equal(client_init(&client, &host, &options, &err), SLUICE_OK);
  client_set_clock(&client, 1369353600);
  assert_true(client_clock_error(&client, 1369353600 + 500) >= 498);
  struct request request = {.bucket = client_bucket(&client, "b-b"), .key = "k", .first = -1};
  assert_int_equal(client_sign(&client, &request, &made, &err), SLUICE_OK);
  assert_memory_equal(header(&made, "x-amz-date"), "20130524T0000", 13);
  signed_request_finish(&made);
  client_finish(&client);
}

static void paths(void **state) {
  (void)state;
  struct s3_path many[] = {{"s3://b/z/"}, {"s3://b-x/"}, {"s3n://b/a/"}};
  struct s3_options options = {.anonymous = 1, .paths = {many, 3, sizeof many[0]}};
  struct client client;
  struct lister lister;
  struct sluice_error err = {0};
  assert_int_equal(client_init(&client, &host, &options, &err), SLUICE_OK);
  assert_int_equal(lister_init(&lister, &client, NULL, &options, &err), SLUICE_OK);
  assert_string_equal(lister.streams[0].location.bucket, "b-x"); /* as "s3://b-x/" is before "s3://b/" */
  assert_string_equal(lister.streams[1].location.key, "a/");
  lister_finish(&lister);
  many[1].path = "gs://b/";
  assert_int_equal(lister_init(&lister, &client, NULL, &options, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "paths[1].path");
  memset(&err, 0, sizeof err);
  options.paths.count = 0;
  assert_int_equal(lister_init(&lister, &client, NULL, &options, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "path");
  client_finish(&client);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(half_pairs, setup),
      cmocka_unit_test_setup(bad_settings, setup),
      cmocka_unit_test_setup(order_of_origins, setup),
      cmocka_unit_test_setup(secrets_rotate_and_are_checked, setup),
      cmocka_unit_test_setup(signed_requests, setup),
      cmocka_unit_test_setup(anonymous_signs_nothing, setup),
      cmocka_unit_test_setup(clock_offset_enters_the_signature, setup),
      cmocka_unit_test_setup(paths, setup),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
