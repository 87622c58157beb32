/* Paths: schemes, buckets, prefixes, and what is refused. */
#include "address/location.h"
#include "check.h"

static struct location good(const char *uri) {
  struct location out;
  struct sluice_error err = {0};
  assert_int_equal(location_parse(uri, "path", &out, &err), SLUICE_OK);
  return out;
}

static void refused(const char *uri, const char *why) {
  struct location out;
  struct sluice_error err = {0};
  assert_int_equal(location_parse(uri, "path", &out, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, "path");
  if (!strstr(err.message, why))
    fail_msg("\"%s\" does not say \"%s\"", err.message, why);
}

static void schemes(void **state) {
  (void)state;
  const char *uris[] = {"s3://bucket/a/b/", "s3a://bucket/a/b/", "s3n://bucket/a/b/"};
  for (int i = 0; i < 3; i++) {
    struct location at = good(uris[i]);
    assert_string_equal(at.bucket, "bucket");
    assert_string_equal(at.key, "a/b/");
  }
}

static void prefixes_are_kept_as_they_are(void **state) {
  (void)state;
  assert_string_equal(good("s3://b").key, "");
  assert_string_equal(good("s3://b/").key, "");
  assert_string_equal(good("s3://b//x").key, "/x");
  assert_string_equal(good("s3://b/a+b%20c?x#y").key, "a+b%20c?x#y");
  assert_string_equal(good("s3://b/dir").key, "dir");
  assert_string_equal(good("s3://My.Old_Bucket/k").bucket, "My.Old_Bucket");
  assert_string_equal(good("s3://arn:aws:s3:us-east-1:1:accesspoint/x//y").bucket,
                      "arn:aws:s3:us-east-1:1:accesspoint/x");
  assert_string_equal(good("s3://arn:aws:s3:us-east-1:1:accesspoint/x//y").key, "/y");
}

static void bad_paths(void **state) {
  (void)state;
  char longer[5000] = "s3://b/";
  memset(longer + 7, 'x', 4900);
  refused("http://b/k", "no S3 path");
  refused("bucket/key", "no S3 path");
  refused("S3:/b", "no S3 path");
  refused("", "no S3 path");
  refused(NULL, "no S3 path");
  refused("s3:///key", "missing");
  refused("s3://bu cket/key", "no bucket name");
  refused("s3://bucket@host/key", "no bucket name");
  refused("s3://../key", "only dots");
  refused("s3://name--use1-az4--x-s3/key", "Express");
  refused("s3://arn:aws:s3:us-east-1:1:accesspoint/", "access point");
  refused("s3://name.mrap/key", "multi-region");
  refused(longer, "longer than");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(schemes), cmocka_unit_test(prefixes_are_kept_as_they_are),
                                     cmocka_unit_test(bad_paths)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
