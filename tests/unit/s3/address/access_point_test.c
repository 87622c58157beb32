/* Access points: from the path through the ARN to the host, and the ARNs that are refused. */
#include "../check.h"
#include "address/endpoint.h"
#include "address/location.h"
#include <string.h>

struct place {
  const char *uri, *region, *url;
  enum addressing addressing;
  bool fips, dualstack;
};

static int resolve(struct place place, struct location *at, struct address *out, struct sluice_error *err) {
  struct endpoint endpoint;
  int status = location_parse(place.uri, "path", at, err);
  if (status == SLUICE_OK)
    status = endpoint_parse(place.url, "endpoint", place.addressing, &endpoint, err);
  if (status != SLUICE_OK)
    return status;
  endpoint.fips = place.fips;
  endpoint.dualstack = place.dualstack;
  status = endpoint_check(&endpoint, err);
  return status == SLUICE_OK ? endpoint_address(&endpoint, at->bucket, place.region, out, err) : status;
}

static void is(struct place place, const char *key, const char *host, const char *root, const char *signing_region) {
  struct location at;
  struct address have;
  struct sluice_error err = {0};
  if (resolve(place, &at, &have, &err) != SLUICE_OK)
    fail_msg("%s: %s", place.uri, err.message);
  assert_string_equal(at.key, key);
  assert_string_equal(have.host, host);
  assert_string_equal(have.root, root);
  assert_string_equal(have.signing_region, signing_region);
}

static void refused(struct place place, const char *where, const char *why) {
  struct location at;
  struct address have;
  struct sluice_error err = {0};
  assert_int_equal(resolve(place, &at, &have, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, where);
  if (!strstr(err.message, why))
    fail_msg("\"%s\" does not say \"%s\"", err.message, why);
}

#define POINT "arn:aws:s3:eu-west-1:123456789012:accesspoint"

static void forms_of_the_arn(void **state) {
  (void)state;
  const char *host = "data-123456789012.s3-accesspoint.eu-west-1.amazonaws.com";
  struct place slash = {.uri = "s3://" POINT "/data/a/b/", .region = "us-east-1"};
  struct place colon = {.uri = "s3a://" POINT ":data/a:b/c", .region = "eu-west-1"};
  struct place alone = {.uri = "s3://" POINT "/data", .region = "eu-west-1"};
  struct place china = {.uri = "s3://arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/data/", .region = "cn-north-1"};
  is(slash, "a/b/", host, "", "eu-west-1");
  is(colon, "a:b/c", host, "", "eu-west-1");
  is(alone, "", host, "", "eu-west-1");
  is(china, "", "data-123456789012.s3-accesspoint.cn-north-1.amazonaws.com.cn", "", "cn-north-1");
}

static void a_bucket_text_can_be_parsed_again(void **state) {
  (void)state;
  const char *const uris[] = {"s3://" POINT "/data/k", "s3://" POINT ":data/k"};
  for (int i = 0; i < 2; i++) {
    struct location at, again;
    struct sluice_error err = {0};
    char uri[512];
    assert_int_equal(location_parse(uris[i], "path", &at, &err), SLUICE_OK);
    snprintf(uri, sizeof uri, "s3://%s/%s", at.bucket, "other//key");
    assert_int_equal(location_parse(uri, "part", &again, &err), SLUICE_OK);
    assert_string_equal(again.bucket, at.bucket);
    assert_string_equal(again.key, "other//key");
  }
}

static void endpoints_of_access_points(void **state) {
  (void)state;
  struct place both = {.uri = "s3://" POINT "/data/", .region = "eu-west-1", .fips = true, .dualstack = true};
  struct place vpc = {.uri = "s3://" POINT "/data/",
                      .region = "eu-west-1",
                      .url = "https://accesspoint.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com/base"};
  struct place alias = {.uri = "s3://data-abcdef123456-s3alias/k", .region = "eu-west-1"};
  is(both, "", "data-123456789012.s3-accesspoint-fips.dualstack.eu-west-1.amazonaws.com", "", "eu-west-1");
  is(vpc, "", "data-123456789012.accesspoint.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com", "/base", "eu-west-1");
  is(alias, "k", "data-abcdef123456-s3alias.s3.eu-west-1.amazonaws.com", "", "eu-west-1");
}

static void combinations_that_cannot_be(void **state) {
  (void)state;
  struct place path = {.uri = "s3://" POINT "/data/", .region = "eu-west-1", .addressing = ADDRESSING_PATH};
  struct place ip = {.uri = "s3://" POINT "/data/", .region = "eu-west-1", .url = "http://127.0.0.1:7480"};
  struct place china = {.uri = "s3://" POINT "/data/", .region = "cn-north-1"};
  struct place fips = {.uri = "s3://arn:aws-cn:s3:cn-north-1:1:accesspoint/d", .region = "cn-north-1", .fips = true};
  refused(path, "addressing", "path addressing");
  refused(ip, "addressing", "IP address");
  refused(china, "region", "set region = \"eu-west-1\"");
  refused(fips, "fips", "partition aws-cn");
}

static void kinds_that_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *uri, *why;
  } kinds[] = {
      {"s3://arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap/k", "multi-region"},
      {"s3://arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap", "multi-region"},
      {"s3://mfzwi23gnjvgw.mrap/k", "multi-region"},
      {"s3://arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-0123/accesspoint/x", "Outposts"},
      {"s3://test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3/k", "Outposts"},
      {"s3://arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/x", "Object Lambda"},
      {"s3://banner-abcdef--ol-s3/k", "Object Lambda"},
      {"s3://name--use1-az4--x-s3/k", "Express"},
      {"s3://name--use1-az4--xa-s3/k", "Express"},
      {"s3://arn:aws:s3:::bucket/k", "bucket's name alone"},
      {"s3://arn:aws:sqs:us-east-1:123456789012:queue", "no ARN of S3"},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    refused((struct place){.uri = kinds[i].uri, .region = "us-east-1"}, "path", kinds[i].why);
}

static void broken_arns(void **state) {
  (void)state;
  static const struct {
    const char *arn, *why;
  } broken[] = {
      {"arn:", "no ARN"},
      {"arn:aws:s3", "no ARN"},
      {"arn:aws:s3:eu-west-1:123456789012", "no ARN"},
      {"arn:aws/s3:eu-west-1:123456789012:accesspoint/x", "no ARN"},
      {"arn:aws:s3:eu-west-1:123456789012:", "names no access point"},
      {"arn:aws:s3:eu-west-1:123456789012:accesspoint", "names no access point"},
      {"arn:aws:s3:eu-west-1:123456789012:accesspoints/x", "names no access point"},
      {"arn:aws:s3:eu-west-1:123456789012:accesspoint/", "name"},
      {"arn:aws:s3:eu-west-1:123456789012:accesspoint:", "name"},
      {"arn:aws:s3:eu-west-1:123456789012:accesspoint:x:y", "name"},
      {"arn:aws:s3:eu-west-1:123456789012:accesspoint/x.y", "name"},
      {"arn:aws:s3:eu-west-1:123456789012:accesspoint/x@evil.example.com", "name"},
      {"arn:aws:s3:eu-west-1:123456789012:accesspoint/-x", "name"},
      {"arn:aws:s3:eu-west-1::accesspoint/x", "account"},
      {"arn:aws:s3:eu-west-1:12.34:accesspoint/x", "account"},
      {"arn:aws:s3:eu west:123456789012:accesspoint/x", "region"},
      {"arn:aws:s3:EU-WEST-1:123456789012:accesspoint/x", "region"},
      {"arn:aws:s3:a-region-name-that-is-so-long-that-no-header-should-ever-hold-it-x:1:accesspoint/x", "region"},
      {"arn:aws:s3:cn-north-1:123456789012:accesspoint/x", "partition aws-cn"},
      {"arn:aws-cn:s3:eu-west-1:123456789012:accesspoint/x", "partition aws;"},
      {"arn:aws:s3:eu-west-1:123456789012:accesspoint/fifty-one-letters-are-too-many-beside-the-account-x", "too long"},
  };
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
    char uri[512];
    snprintf(uri, sizeof uri, "s3://%s", broken[i].arn);
    refused((struct place){.uri = uri, .region = "us-east-1"}, "path", broken[i].why);
  }
}

static void endless_arns(void **state) {
  (void)state;
  char uri[4096] = "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/";
  memset(uri + strlen(uri), 'x', 3000);
  refused((struct place){.uri = uri, .region = "us-east-1"}, "path", "too long");
  memset(uri + strlen("s3://arn:"), ':', 3000);
  refused((struct place){.uri = uri, .region = "us-east-1"}, "path", "too long");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(forms_of_the_arn),
                                     cmocka_unit_test(a_bucket_text_can_be_parsed_again),
                                     cmocka_unit_test(endpoints_of_access_points),
                                     cmocka_unit_test(combinations_that_cannot_be),
                                     cmocka_unit_test(kinds_that_are_refused),
                                     cmocka_unit_test(broken_arns),
                                     cmocka_unit_test(endless_arns)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
