/* Option errors: credentials, region, endpoint, paths. */
#include "check.h"
#include "list/lister.h"
#include "request/client.h"
#include <stdlib.h>

static const char *secret_text = "sEcReT";

static void no_log(const struct sluice_host *host, int level, const char *message) {
  (void)host, (void)level, (void)message;
}
static int never(const struct sluice_host *host) {
  (void)host;
  return 0;
}
static int no_fd(const struct sluice_host *host) {
  (void)host;
  return -1;
}
static int give_secret(const struct sluice_host *host, struct sluice_secret secret, char *buf, size_t size,
                       struct sluice_error *err) {
  (void)host;
  if (secret.handle != 7)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "secret", "absent");
  snprintf(buf, size, "%s", secret_text);
  return SLUICE_OK;
}
static const struct sluice_host host = {.struct_size = sizeof host,
                                        .job = "",
                                        .log = no_log,
                                        .cancelled = never,
                                        .cancel_fd = no_fd,
                                        .secret = give_secret};
static struct system_world *world;

static int start(struct client *client, const struct s3_options *options, struct sluice_error *err) {
  return client_init(client, &host, options, system_world_get(world), err);
}
static struct credentials *get(struct client *client) {
  struct credentials *found = NULL;
  struct sluice_error err = {0};
  assert_int_equal(identity_wait(access_identity(&client->accesses[0]), &found, &err), SLUICE_OK);
  return found;
}

static void clear_environment(void) {
  const char *names[] = {"AWS_ACCESS_KEY_ID",   "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                         "AWS_REGION",          "AWS_DEFAULT_REGION",    "AWS_ENDPOINT_URL",
                         "AWS_ENDPOINT_URL_S3", "AWS_PROFILE",           "HOME"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    unsetenv(names[i]);
}

static int setup(void **state) {
  (void)state;
  struct sluice_error err = {0};
  clear_environment();
  setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
  assert_int_equal(system_world_create(&host, NULL, &world, &err), SLUICE_OK);
  secret_text = "sEcReT";
  return 0;
}

static void refused(const struct s3_options *options, const char *where, const char *why) {
  struct client client;
  struct sluice_error err = {0};
  assert_int_equal(start(&client, options, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, where);
  if (!strstr(err.message, why))
    fail_msg("\"%s\" does not say \"%s\"", err.message, why);
}

static void half_pairs(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b/"}, .access_key_id = "AKID"};
  refused(&options, "secret_access_key", "without secret_access_key");
  options = (struct s3_options){.place = {.path = "s3://b/"}, .secret_access_key = {7}};
  refused(&options, "access_key_id", "without access_key_id");
  options = (struct s3_options){.place = {.path = "s3://b/"}, .session_token = {7}};
  refused(&options, "access_key_id", "session_token");
  options = (struct s3_options){.place = {.path = "s3://b/"}};
  setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
  refused(&options, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY is not");
  setenv("AWS_SECRET_ACCESS_KEY", "", 1); /* blank is missing */
  refused(&options, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY is not");
  unsetenv("AWS_ACCESS_KEY_ID");
  setenv("AWS_SECRET_ACCESS_KEY", "x", 1);
  refused(&options, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID is not");
  options = (struct s3_options){
      .place = {.path = "s3://b/"}, .access_key_id = "AKID", .secret_access_key = {7}, .anonymous = 1};
  refused(&options, "anonymous", "exclude");
}

/* Without credentials it opens, for a policy needs none; the first use says so. */
static void no_credentials(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b/"}};
  struct client client;
  struct sluice_error err = {0};
  struct credentials *found = NULL;
  clear_environment();
  assert_int_equal(start(&client, &options, &err), SLUICE_OK);
  assert_int_equal(identity_wait(access_identity(&client.accesses[0]), &found, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "access_key_id");
  assert_non_null(strstr(err.message, "no credentials"));
  client_finish(&client);
  options.place.role_arn = "reader"; /* what is wrong in the configuration is said at once */
  refused(&options, "role_arn", "is no role");
  options.place.role_arn = "arn:aws:iam::123456789012:role/reader";
  options.place.external_id = "a b";
  refused(&options, "external_id", "external ID");
  options = (struct s3_options){.place = {.path = "s3://b/"}, .profile = "nobody"};
  refused(&options, "profile", "there is no profile");
}

/* The text that cannot be a key is told of its own option. */
static void keys_that_are_none(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b/"}, .access_key_id = "AKID", .secret_access_key = {7}};
  struct client client;
  struct sluice_error err = {0};
  struct credentials *found = NULL;
  clear_environment();
  secret_text = "sEcReT with a blank";
  assert_int_equal(start(&client, &options, &err), SLUICE_OK);
  assert_int_equal(identity_wait(access_identity(&client.accesses[0]), &found, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "secret_access_key");
  assert_null(strstr(err.message, "sEcReT"));
  client_finish(&client);
  secret_text = "sEcReT";
}

static void bad_settings(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b/", .region = "EU West"}, .anonymous = 1};
  refused(&options, "region", "no region");
  options = (struct s3_options){.place = {.path = "s3://b/"}, .anonymous = 1, .endpoint = "localhost:9000"};
  refused(&options, "endpoint", "no http");
  options = (struct s3_options){.place = {.path = "s3://b/"}, .anonymous = 1};
  setenv("AWS_ENDPOINT_URL", "ftp://x", 1);
  refused(&options, "AWS_ENDPOINT_URL", "no http");
  unsetenv("AWS_ENDPOINT_URL");
  setenv("AWS_DEFAULT_REGION", "a/b", 1);
  refused(&options, "AWS_DEFAULT_REGION", "no region");
}

static void order_of_origins(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b/"}, .access_key_id = "OPTION", .secret_access_key = {7}};
  struct client client;
  struct credentials *found;
  struct sluice_error err = {0};
  setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "envsecret", 1);
  setenv("AWS_SESSION_TOKEN", "envtoken", 1);
  setenv("AWS_DEFAULT_REGION", "eu-west-1", 1);
  setenv("AWS_ENDPOINT_URL", "http://one:1", 1);
  setenv("AWS_ENDPOINT_URL_S3", "http://two:2", 1);
  assert_int_equal(start(&client, &options, &err), SLUICE_OK);
  found = get(&client);
  assert_string_equal(found->access_key_id, "OPTION");
  assert_string_equal(found->secret, "sEcReT");
  assert_string_equal(found->token, ""); /* the environment's token belongs to the environment's pair */
  assert_string_equal(client.accesses[0].bucket.region, "eu-west-1");
  assert_string_equal(client.endpoint.host, "two");
  credentials_unref(found);
  client_finish(&client);
  options = (struct s3_options){.place = {.path = "s3://b/", .region = "eu-west-2"}, .endpoint = "http://three:3"};
  assert_int_equal(start(&client, &options, &err), SLUICE_OK);
  found = get(&client);
  assert_string_equal(found->access_key_id, "ENV");
  assert_string_equal(found->token, "envtoken");
  assert_string_equal(client.accesses[0].bucket.region, "eu-west-2");
  assert_string_equal(client.endpoint.host, "three");
  credentials_unref(found);
  client_finish(&client);
}

static void secrets_rotate_and_are_checked(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b/"}, .access_key_id = "AKID", .secret_access_key = {7}};
  struct client client;
  struct sluice_error err = {0};
  assert_int_equal(start(&client, &options, &err), SLUICE_OK);
  struct credentials *first = get(&client);
  assert_string_equal(first->secret, "sEcReT");
  secret_text = "second";
  identity_expired(access_identity(&client.accesses[0]), first); /* as a server would have it */
  struct credentials *second = get(&client);
  assert_string_equal(second->secret, "second");
  secret_text = "with\nline";
  identity_expired(access_identity(&client.accesses[0]), second);
  struct credentials *none = NULL;
  assert_int_equal(identity_wait(access_identity(&client.accesses[0]), &none, &err), SLUICE_ERR_CONFIG);
  assert_null(strstr(err.message, "with"));
  credentials_unref(first);
  credentials_unref(second);
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
  struct s3_options options = {
      .place = {.path = "s3://my-bucket/"}, .access_key_id = "AKID", .secret_access_key = {7}, .session_token = {7}};
  struct client client;
  struct signed_request made;
  struct sluice_error err = {0};
  assert_int_equal(start(&client, &options, &err), SLUICE_OK);
  struct credentials *with = get(&client);
  struct request request = {
      .bucket = &client.accesses[0].bucket, .key = "a//b +%.csv", .first = 5, .last = 9, .if_match = "etag"};
  assert_int_equal(client_sign(&client, &request, with, &made, &err), SLUICE_OK);
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
  assert_int_equal(client_sign(&client, &request, with, &made, &err), SLUICE_OK);
  assert_string_equal(made.host, "my-bucket.s3.eu-west-3.amazonaws.com");
  assert_non_null(strstr(header(&made, "Authorization"), "/eu-west-3/s3/"));
  signed_request_finish(&made);
  credentials_unref(with);
  client_finish(&client);
}

static void anonymous_signs_nothing(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b/"}, .anonymous = 1};
  struct client client;
  struct signed_request made;
  struct sluice_error err = {0};
  assert_int_equal(start(&client, &options, &err), SLUICE_OK);
  struct credentials *with = get(&client);
  struct request request = {.bucket = &client.accesses[0].bucket, .key = "k", .first = -1};
  assert_int_equal(client_sign(&client, &request, with, &made, &err), SLUICE_OK);
  assert_null(header(&made, "Authorization"));
  assert_null(header(&made, "Range"));
  signed_request_finish(&made);
  credentials_unref(with);
  client_finish(&client);
}

static void clock_offset_enters_the_signature(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b/"}, .access_key_id = "AKID", .secret_access_key = {7}};
  struct client client;
  struct signed_request made;
  struct sluice_error err = {0};
  assert_int_equal(start(&client, &options, &err), SLUICE_OK);
  client_set_clock(&client, 1369353600);
  assert_true(client_clock_error(&client, 1369353600 + 500) >= 498);
  struct credentials *with = get(&client);
  struct request request = {.bucket = &client.accesses[0].bucket, .key = "k", .first = -1};
  assert_int_equal(client_sign(&client, &request, with, &made, &err), SLUICE_OK);
  assert_memory_equal(header(&made, "x-amz-date"), "20130524T0000", 13);
  signed_request_finish(&made);
  credentials_unref(with);
  client_finish(&client);
}

static void paths(void **state) {
  (void)state;
  struct s3_place many[] = {{.path = "s3://b/z/"}, {.path = "s3://b-x/"}, {.path = "s3n://b/a/"}};
  struct s3_options options = {.anonymous = 1, .list_requests = 1, .paths = {many, 3, sizeof many[0]}};
  struct client client;
  struct lister lister;
  struct sluice_error err = {0};
  assert_int_equal(start(&client, &options, &err), SLUICE_OK);
  assert_int_equal(lister_init(&lister, &client, NULL, &options, &err), SLUICE_OK);
  assert_string_equal(lister.streams[0].location.bucket, "b-x"); /* as "s3://b-x/" is before "s3://b/" */
  assert_string_equal(lister.streams[1].location.key, "a/");
  struct location object = {"b", "a/k"}, other = {"b", "c/k"};
  assert_ptr_equal(client_access(&client, &object), &client.accesses[2]);
  assert_null(client_access(&client, &other));
  lister_finish(&lister);
  client_finish(&client);
  many[1].path = "gs://b/";
  refused(&options, "paths[1].path", "S3 path");
  options.paths.count = 0;
  refused(&options, "path", "no path");
}

/* A path has what it does not say from the source; a role of its own comes without the common external ID. */
static void paths_inherit(void **state) {
  (void)state;
  const char *role = "arn:aws:iam::111122223333:role/common", *own = "arn:aws:iam::111122223333:role/own";
  struct s3_place many[] = {
      {.path = "s3://one/"}, {.path = "s3://two/", .role_arn = own, .region = "eu-west-2"}, {.path = "s3://three/"}};
  struct s3_options options = {.place = {.region = "eu-west-1", .role_arn = role, .external_id = "ext"},
                               .access_key_id = "AKID",
                               .secret_access_key = {7},
                               .list_requests = 1,
                               .paths = {many, 3, sizeof many[0]}};
  struct client client;
  struct sluice_error err = {0};
  assert_int_equal(start(&client, &options, &err), SLUICE_OK);
  assert_string_equal(client.accesses[0].place.external_id, "ext");
  assert_null(client.accesses[1].place.external_id);
  assert_string_equal(client.accesses[1].bucket.region, "eu-west-2");
  assert_ptr_equal(access_identity(&client.accesses[0]), access_identity(&client.accesses[2]));
  assert_ptr_not_equal(access_identity(&client.accesses[0]), access_identity(&client.accesses[1]));
  client_finish(&client);
}

static int teardown(void **state) {
  (void)state;
  system_world_destroy(world);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(half_pairs, setup, teardown),
      cmocka_unit_test_setup_teardown(no_credentials, setup, teardown),
      cmocka_unit_test_setup_teardown(keys_that_are_none, setup, teardown),
      cmocka_unit_test_setup_teardown(bad_settings, setup, teardown),
      cmocka_unit_test_setup_teardown(order_of_origins, setup, teardown),
      cmocka_unit_test_setup_teardown(secrets_rotate_and_are_checked, setup, teardown),
      cmocka_unit_test_setup_teardown(signed_requests, setup, teardown),
      cmocka_unit_test_setup_teardown(anonymous_signs_nothing, setup, teardown),
      cmocka_unit_test_setup_teardown(clock_offset_enters_the_signature, setup, teardown),
      cmocka_unit_test_setup_teardown(paths, setup, teardown),
      cmocka_unit_test_setup_teardown(paths_inherit, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
