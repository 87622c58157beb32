/* Endpoints and addressing: which host and path a bucket gets. */
#include "check.h"
#include "address/endpoint.h"

static struct address address(const char *url, enum addressing addressing, const char *bucket, const char *region) {
  struct endpoint endpoint;
  struct address out;
  struct sluice_error err = {0};
  assert_int_equal(endpoint_parse(url, "endpoint", addressing, &endpoint, &err), SLUICE_OK);
  assert_int_equal(endpoint_address(&endpoint, bucket, region, &out, &err), SLUICE_OK);
  return out;
}

static void is(struct address have, const char *host, const char *root, bool https) {
  assert_string_equal(have.host, host);
  assert_string_equal(have.root, root);
  assert_int_equal(have.https, https);
}

static void aws(void **state) {
  (void)state;
  is(address(NULL, ADDRESSING_AUTO, "my-bucket", "eu-west-3"), "my-bucket.s3.eu-west-3.amazonaws.com", "", true);
  is(address("", ADDRESSING_AUTO, "my-bucket", "us-east-1"), "my-bucket.s3.us-east-1.amazonaws.com", "", true);
  is(address(NULL, ADDRESSING_AUTO, "b-b", "cn-north-1"), "b-b.s3.cn-north-1.amazonaws.com.cn", "", true);
  is(address(NULL, ADDRESSING_PATH, "my-bucket", "eu-west-3"), "s3.eu-west-3.amazonaws.com", "/my-bucket", true);
}

static void buckets_that_are_no_dns_label(void **state) {
  (void)state;
  const char *names[] = {"my.dotted.bucket", "Upper", "under_score", "ab", "-dash", "dash-"};
  for (int i = 0; i < 6; i++) {
    char root[64];
    snprintf(root, sizeof root, "/%s", names[i]);
    is(address(NULL, ADDRESSING_AUTO, names[i], "us-east-1"), "s3.us-east-1.amazonaws.com", root, true);
  }
}

static void own_endpoints(void **state) {
  (void)state;
  is(address("http://127.0.0.1:7480", ADDRESSING_AUTO, "b-b", "x"), "127.0.0.1:7480", "/b-b", false);
  is(address("http://[::1]:7480/", ADDRESSING_AUTO, "b-b", "x"), "[::1]:7480", "/b-b", false);
  is(address("https://s3.example.com", ADDRESSING_AUTO, "b-b", "x"), "s3.example.com", "/b-b", true);
  is(address("https://s3.example.com:443", ADDRESSING_AUTO, "b-b", "x"), "s3.example.com", "/b-b", true);
  is(address("http://s3.example.com:443", ADDRESSING_AUTO, "b-b", "x"), "s3.example.com:443", "/b-b", false);
  is(address("https://s3.example.com", ADDRESSING_VIRTUAL, "b-b", "x"), "b-b.s3.example.com", "", true);
  is(address("http://s3.localhost:80", ADDRESSING_VIRTUAL, "my.dotted", "x"), "my.dotted.s3.localhost", "", false);
  is(address("https://proxy.example.com/s3/base//", ADDRESSING_AUTO, "b-b", "x"), "proxy.example.com", "/s3/base/b-b",
     true);
}

static void refused(const char *url, enum addressing addressing, const char *bucket, const char *where) {
  struct endpoint endpoint;
  struct address out;
  struct sluice_error err = {0};
  int status = endpoint_parse(url, "endpoint", addressing, &endpoint, &err);
  if (status == SLUICE_OK)
    status = endpoint_address(&endpoint, bucket, "us-east-1", &out, &err);
  assert_int_equal(status, SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, where);
  assert_null(strstr(err.message, "hunter2"));
}

static void bad_endpoints(void **state) {
  (void)state;
  refused("ftp://host", ADDRESSING_AUTO, "b-b", "endpoint");
  refused("host:9000", ADDRESSING_AUTO, "b-b", "endpoint");
  refused("http://", ADDRESSING_AUTO, "b-b", "endpoint");
  refused("http://host:0", ADDRESSING_AUTO, "b-b", "endpoint");
  refused("http://host:65536", ADDRESSING_AUTO, "b-b", "endpoint");
  refused("http://host:12x", ADDRESSING_AUTO, "b-b", "endpoint");
  refused("http://user:hunter2@host", ADDRESSING_AUTO, "b-b", "endpoint");
  refused("http://host/?q=1", ADDRESSING_AUTO, "b-b", "endpoint");
  refused("http://ho st", ADDRESSING_AUTO, "b-b", "endpoint");
  refused("http://[::zz]", ADDRESSING_AUTO, "b-b", "endpoint");
  refused("http://[::1", ADDRESSING_AUTO, "b-b", "endpoint");
  refused("http://127.0.0.1:9000", ADDRESSING_VIRTUAL, "b-b", "addressing");
  refused("https://s3.example.com", ADDRESSING_VIRTUAL, "my.dotted", "addressing");
}

static void regions(void **state) {
  (void)state;
  assert_true(region_valid("eu-west-3"));
  assert_true(region_valid("auto"));
  assert_false(region_valid(""));
  assert_false(region_valid("evil.example.com/"));
  assert_false(region_valid("EU"));
  assert_false(region_valid("a-region-name-that-is-so-long-that-no-header-should-ever-hold-it-x"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(aws), cmocka_unit_test(buckets_that_are_no_dns_label),
                                     cmocka_unit_test(own_endpoints), cmocka_unit_test(bad_endpoints),
                                     cmocka_unit_test(regions)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
