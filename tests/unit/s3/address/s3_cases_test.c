/* The official endpoint cases of S3. */
#include "../check.h"
#include "address/endpoint.h"
#include "address/location.h"
#include "base/uri.h"
#include "cases.h"
#include <string.h>

/* ---- which cases ---- */

static bool ends(const char *text, const char *end) {
  size_t n = strlen(text), size = strlen(end);
  return n >= size && strcmp(text + n - size, end) == 0;
}

/* The word that the refusal must have; NULL: this bucket is not refused for its kind. */
static const char *refused_kind(const char *bucket) {
  if (ends(bucket, "--x-s3") || ends(bucket, "--xa-s3"))
    return "Express";
  if (ends(bucket, "--op-s3") || strstr(bucket, ":s3-outposts:"))
    return "Outposts";
  if (strstr(bucket, ":s3-object-lambda:"))
    return "Object Lambda";
  return ends(bucket, ".mrap") ? "multi-region" : NULL;
}

static bool is_legacy_global(const struct one_case *one) {
  const char *region = case_text(one, "Region");
  return case_true(one, "UseGlobalEndpoint") && region && strcmp(region, "us-east-1") == 0 &&
         !case_true(one, "UseFIPS") && !case_true(one, "UseDualStack") && !case_text(one, "Endpoint");
}

static bool error_says(const struct one_case *one, const char *text) {
  return one->error && strstr(one->error, text);
}

static const char *why_left_out(const struct one_case *one) {
  const char *bucket = case_text(one, "Bucket");
  if (bucket && strchr(bucket, '/') && strncmp(bucket, "arn:", 4) != 0)
    return "a slash in the bucket's name: in a path, what follows is the key";
  if (bucket && refused_kind(bucket))
    return NULL;
  if (!case_text(one, "Region"))
    return "no region: Sluice asks in us-east-1 then";
  if (case_true(one, "Accelerate"))
    return "S3 Accelerate: no option of Sluice";
  if (is_legacy_global(one))
    return "legacy flag: us-east-1 at the global endpoint (region = \"aws-global\" does so)";
  if (case_true(one, "UseObjectLambdaEndpoint") || case_true(one, "UseS3ExpressControlEndpoint"))
    return "operations of Object Lambda and S3 Express that Sluice has not";
  if (error_says(one, "Access points are not supported for this operation"))
    return "access points switched off: no option of Sluice";
  if (case_false(one, "UseArnRegion") && error_says(one, "UseArnRegion"))
    return "UseArnRegion = false: Sluice always takes the ARN's region";
  return NULL;
}

/* ---- one case ---- */

struct outcome {
  char url[2048], signing_region[64];
  struct sluice_error err;
  int status;
};
static struct { int in_path, by_text, odd_names, by_kind; } seen;

static int place(const struct one_case *one, enum addressing addressing, const char *bucket, struct address *out,
                 struct sluice_error *err) {
  struct endpoint endpoint;
  int status = endpoint_parse(case_text(one, "Endpoint"), "endpoint", addressing, &endpoint, err);
  if (status != SLUICE_OK)
    return status;
  endpoint.fips = case_true(one, "UseFIPS");
  endpoint.dualstack = case_true(one, "UseDualStack");
  status = endpoint_check(&endpoint, err);
  return status == SLUICE_OK ? endpoint_address(&endpoint, bucket, case_text(one, "Region"), out, err) : status;
}

/* The official default is virtual wherever it can be, and path elsewhere. That is our "auto" for AWS; for other
 * endpoints it is "virtual", and "path" where our error tells so. */
static int place_as_official(const struct one_case *one, const char *bucket, struct address *out,
                             struct sluice_error *err) {
  bool custom = case_text(one, "Endpoint") && strncmp(bucket, "arn:", 4) != 0;
  if (case_true(one, "ForcePathStyle"))
    return place(one, ADDRESSING_PATH, bucket, out, err);
  int status = place(one, custom ? ADDRESSING_VIRTUAL : ADDRESSING_AUTO, bucket, out, err);
  if (status == SLUICE_OK || !custom || strcmp(err->where, "addressing") != 0)
    return status;
  assert_non_null(strstr(err->message, "use addressing = \"path\""));
  seen.by_text++;
  *err = (struct sluice_error){0}; /* the first error of a run is kept */
  return place(one, ADDRESSING_PATH, bucket, out, err);
}

/* The bucket as the source gets it: out of a path. */
static int read_bucket(const char *text, char bucket[LOCATION_BUCKET_MAX + 1], struct sluice_error *err) {
  char uri[1024];
  struct location at;
  snprintf(uri, sizeof uri, "s3://%s", text);
  int status = location_parse(uri, "path", &at, err);
  if (status == SLUICE_OK)
    memcpy(bucket, at.bucket, sizeof at.bucket);
  return status;
}

/* Names that no bucket can have are refused by location_parse; what their addresses would be is still tried. */
static bool is_odd_name(const char *bucket) {
  return strncmp(bucket, "arn:", 4) != 0 && strpbrk(bucket, "!# ");
}

static void write_url(const struct address *address, struct outcome *out) {
  struct text root = {0};
  uri_encode_path(&root, address->root, strlen(address->root));
  snprintf(out->url, sizeof out->url, "%s://%s%s", address->https ? "https" : "http", address->host, text_get(&root));
  snprintf(out->signing_region, sizeof out->signing_region, "%s", address->signing_region);
  text_finish(&root);
}

static void resolve(const struct one_case *one, struct outcome *out) {
  const char *text = case_text(one, "Bucket");
  char bucket[LOCATION_BUCKET_MAX + 1] = "b-b";
  struct address address;
  out->status = SLUICE_ERR_CONFIG;
  if (case_text(one, "Region") && !region_valid(case_text(one, "Region")))
    return;
  out->status = text ? read_bucket(text, bucket, &out->err) : SLUICE_OK;
  if (text && is_odd_name(text)) {
    assert_int_equal(out->status, SLUICE_ERR_CONFIG);
    snprintf(bucket, sizeof bucket, "%s", text);
    out->status = SLUICE_OK;
    out->err = (struct sluice_error){0};
    seen.odd_names++;
  }
  if (out->status == SLUICE_OK)
    out->status = text ? place_as_official(one, bucket, &address, &out->err)
                       : place(one, ADDRESSING_PATH, bucket, &address, &out->err);
  if (out->status == SLUICE_OK)
    write_url(&address, out);
}

static void must_be_refused(struct cases *cases, const struct one_case *one, const struct outcome *have,
                            const char *kind) {
  bool refused = have->status == SLUICE_ERR_CONFIG;
  cases_compare(cases, one, "outcome", "refused", refused ? "refused" : have->url);
  if (kind && one->url)
    cases_compare(cases, one, "the refusal names the kind", kind,
                  strstr(have->err.message, kind) ? kind : have->err.message);
  if (!kind && error_says(one, "custom endpoint cannot be combined with FIPS"))
    cases_compare(cases, one, "where", "fips", have->err.where);
  if (!kind && error_says(one, "Cannot set dual-stack"))
    cases_compare(cases, one, "where", case_true(one, "UseFIPS") ? "fips" : "dualstack", have->err.where);
}

static void run(struct cases *cases, const struct one_case *one) {
  static const struct outcome none;
  struct outcome have = none;
  const char *bucket = case_text(one, "Bucket"), *kind = bucket ? refused_kind(bucket) : NULL;
  char want[2048];
  resolve(one, &have);
  cases->ran++;
  seen.by_kind += kind != NULL;
  if (kind || one->error) {
    must_be_refused(cases, one, &have, kind);
    return;
  }
  seen.in_path += !bucket;
  snprintf(want, sizeof want, "%s%s", one->url, bucket ? "" : "/b-b");
  cases_compare(cases, one, "url", want, have.status == SLUICE_OK ? have.url : have.err.message);
  if (one->signing_region && have.status == SLUICE_OK)
    cases_compare(cases, one, "signing region", one->signing_region, have.signing_region);
}

static void official(void **state) {
  (void)state;
  struct cases cases;
  if (!cases_open("endpoint-tests-s3.json", &cases))
    return;
  for (size_t i = 0; i < cases_count(&cases); i++) {
    struct one_case one;
    cases_get(&cases, i, &one);
    const char *why = why_left_out(&one);
    if (why)
      cases_leave_out(&cases, why);
    else
      run(&cases, &one);
  }
  int failed = cases_close(&cases, "endpoint-tests-s3.json");
  printf("  of those that ran: %d are kinds of bucket that Sluice refuses by name; %d have no bucket and ran with b-b "
         "in the path;\n  %d have a name that no bucket can have; %d were refused as virtual and ran as path, as the "
         "error says\n",
         seen.by_kind, seen.in_path, seen.odd_names, seen.by_text);
  assert_int_equal(failed, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(official)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
