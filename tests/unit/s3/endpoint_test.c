/* Endpoints and addressing: which host and path a bucket gets. */
#include "address/endpoint.h"
#include "check.h"

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

static struct address switched(bool fips, bool dualstack, const char *bucket, const char *region) {
  struct endpoint endpoint;
  struct address out;
  struct sluice_error err = {0};
  assert_int_equal(endpoint_parse(NULL, "endpoint", ADDRESSING_AUTO, &endpoint, &err), SLUICE_OK);
  assert_false(endpoint.fips || endpoint.dualstack);
  endpoint.fips = fips;
  endpoint.dualstack = dualstack;
  assert_int_equal(endpoint_check(&endpoint, &err), SLUICE_OK);
  assert_int_equal(endpoint_address(&endpoint, bucket, region, &out, &err), SLUICE_OK);
  return out;
}

static void fips_and_dualstack(void **state) {
  (void)state;
  is(switched(true, false, "b-b", "us-gov-west-1"), "b-b.s3-fips.us-gov-west-1.amazonaws.com", "", true);
  is(switched(false, true, "b-b", "cn-north-1"), "b-b.s3.dualstack.cn-north-1.amazonaws.com.cn", "", true);
  is(switched(true, true, "a.b.c", "us-east-2"), "s3-fips.dualstack.us-east-2.amazonaws.com", "/a.b.c", true);
  is(switched(true, false, "b-b", "aws-global"), "b-b.s3-fips.us-east-1.amazonaws.com", "", true);
}

static void partitions(void **state) {
  (void)state;
  const char *hosts[][2] = {
      {"us-iso-east-1", "s3.us-iso-east-1.c2s.ic.gov"},         {"us-isob-east-1", "s3.us-isob-east-1.sc2s.sgov.gov"},
      {"us-isof-south-1", "s3.us-isof-south-1.csp.hci.ic.gov"}, {"eu-isoe-west-1", "s3.eu-isoe-west-1.cloud.adc-e.uk"},
      {"eusc-de-east-1", "s3.eusc-de-east-1.amazonaws.eu"},     {"us-gov-east-1", "s3.us-gov-east-1.amazonaws.com"},
      {"xx-newland-1", "s3.xx-newland-1.amazonaws.com"},        {"aws-global", "s3.amazonaws.com"}};
  for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
    struct address have = address(NULL, ADDRESSING_PATH, "b-b", hosts[i][0]);
    is(have, hosts[i][1], "/b-b", true);
    assert_string_equal(have.signing_region, i == 7 ? "us-east-1" : hosts[i][0]);
  }
}

static void other_stores(void **state) {
  (void)state;
  const char *r2 = "https://0123abcd.r2.cloudflarestorage.com", *gcs = "https://storage.googleapis.com";
  is(address(r2, ADDRESSING_AUTO, "b-b", "auto"), "0123abcd.r2.cloudflarestorage.com", "/b-b", true);
  is(address(r2, ADDRESSING_VIRTUAL, "b-b", "auto"), "b-b.0123abcd.r2.cloudflarestorage.com", "", true);
  is(address(gcs, ADDRESSING_AUTO, "a.b", "auto"), "storage.googleapis.com", "/a.b", true);
  assert_string_equal(address(r2, ADDRESSING_AUTO, "b-b", "auto").signing_region, "auto");
  is(address("https://oss-cn-hangzhou.aliyuncs.com", ADDRESSING_VIRTUAL, "b-b", "x"),
     "b-b.oss-cn-hangzhou.aliyuncs.com", "", true);
}

static void custom_endpoints_have_no_switches(void **state) {
  (void)state;
  for (int i = 1; i < 4; i++) {
    struct endpoint endpoint;
    struct sluice_error err = {0};
    assert_int_equal(endpoint_parse("https://h", "endpoint", ADDRESSING_AUTO, &endpoint, &err), SLUICE_OK);
    assert_int_equal(endpoint_check(&endpoint, &err), SLUICE_OK);
    endpoint.fips = i & 1;
    endpoint.dualstack = i & 2;
    assert_int_equal(endpoint_check(&endpoint, &err), SLUICE_ERR_CONFIG);
    assert_string_equal(err.where, i & 1 ? "fips" : "dualstack");
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
  refused("http://s3.example.com", ADDRESSING_VIRTUAL, "Upper", "addressing");
  refused("http://s3.example.com", ADDRESSING_VIRTUAL, "under_score", "addressing");
  refused("http://s3.example.com", ADDRESSING_VIRTUAL, "two..dots", "addressing");
  refused("http://s3.example.com", ADDRESSING_VIRTUAL, "dash-.dot", "addressing");
  refused("http://s3.example.com", ADDRESSING_VIRTUAL, "10.1.2.3", "addressing");
  refused(NULL, ADDRESSING_VIRTUAL, "my.dotted", "addressing");
  refused(NULL, ADDRESSING_VIRTUAL, "ab", "addressing");
  refused("http://host/a%20b", ADDRESSING_AUTO, "b-b", "endpoint");
  refused("http://host/a b", ADDRESSING_AUTO, "b-b", "endpoint");
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
  const struct CMUnitTest tests[] = {cmocka_unit_test(aws),
                                     cmocka_unit_test(buckets_that_are_no_dns_label),
                                     cmocka_unit_test(own_endpoints),
                                     cmocka_unit_test(bad_endpoints),
                                     cmocka_unit_test(regions),
                                     cmocka_unit_test(fips_and_dualstack),
                                     cmocka_unit_test(partitions),
                                     cmocka_unit_test(other_stores),
                                     cmocka_unit_test(custom_endpoints_have_no_switches)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
