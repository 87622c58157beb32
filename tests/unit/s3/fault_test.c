/* Error bodies, what they mean, and the text that people get. */
#include "check.h"
#include "request/fault.h"

static struct fault read(int http, const char *body, bool object) {
  struct fault fault;
  fault_clear(&fault);
  fault_read_body(&fault, body, strlen(body));
  fault.http = http;
  fault_classify(&fault, object);
  return fault;
}

static void bodies(void **state) {
  (void)state;
  struct fault fault =
      read(400,
           "<?xml version=\"1.0\"?><Error><Code>AuthorizationHeaderMalformed</Code><Message>wrong\nregion"
           "</Message><Region>eu-west-3</Region><RequestId>R1</RequestId><HostId>H1</HostId></Error>",
           true);
  assert_string_equal(fault.code, "AuthorizationHeaderMalformed");
  assert_string_equal(fault.message, "wrong region");
  assert_string_equal(fault.region, "eu-west-3");
  assert_string_equal(fault.request_id, "R1");
  assert_string_equal(fault.host_id, "H1");
  assert_int_equal(fault.kind, FAULT_REGION);
  fault = read(400, "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>", true);
  assert_int_equal(fault.kind, FAULT_EXPIRED);
  fault = read(503, "<html>busy</html>", true);
  assert_int_equal(fault.kind, FAULT_TRANSIENT);
  fault = read(500, "<!DOCTYPE x><Error><Code>NoSuchKey</Code></Error>", true);
  assert_int_equal(fault.kind, FAULT_TRANSIENT);
}

static void meanings(void **state) {
  (void)state;
  static const struct {
    int http;
    const char *code;
    bool object;
    int status;
  } cases[] = {
      {500, "InternalError", true, SLUICE_ERR_RETRY},
      {503, "SlowDown", true, SLUICE_ERR_RETRY},
      {503, "", true, SLUICE_ERR_RETRY},
      {429, "", true, SLUICE_ERR_RETRY},
      {408, "", true, SLUICE_ERR_RETRY},
      {400, "RequestTimeout", true, SLUICE_ERR_RETRY},
      {599, "", true, SLUICE_ERR_RETRY},
      {403, "AccessDenied", true, SLUICE_ERR_AUTH},
      {403, "InvalidAccessKeyId", false, SLUICE_ERR_AUTH},
      {403, "SignatureDoesNotMatch", false, SLUICE_ERR_AUTH},
      {400, "ExpiredToken", true, SLUICE_ERR_AUTH},
      {401, "", true, SLUICE_ERR_AUTH},
      {403, "", false, SLUICE_ERR_AUTH},
      {403, "RequestTimeTooSkewed", true, SLUICE_ERR_AUTH},
      {404, "NoSuchKey", true, SLUICE_ERR_NOT_FOUND},
      {404, "", true, SLUICE_ERR_NOT_FOUND},
      {404, "NoSuchBucket", true, SLUICE_ERR_CONFIG},
      {404, "", false, SLUICE_ERR_CONFIG},
      {301, "PermanentRedirect", false, SLUICE_ERR_CONFIG},
      {412, "PreconditionFailed", true, SLUICE_ERR_CHANGED},
      {412, "", true, SLUICE_ERR_CHANGED},
      {403, "InvalidObjectState", true, SLUICE_ERR_DATA},
      {400, "InvalidArgument", false, SLUICE_ERR_CONFIG},
      {416, "InvalidRange", true, SLUICE_ERR_DATA},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct fault fault;
    fault_clear(&fault);
    fault.http = cases[i].http;
    snprintf(fault.code, sizeof fault.code, "%s", cases[i].code);
    fault_classify(&fault, cases[i].object);
    if (fault_status(&fault) != cases[i].status)
      fail_msg("%d %s: %d", cases[i].http, cases[i].code, fault_status(&fault));
  }
}

static void has(const char *text, const char *part) {
  if (!strstr(text, part))
    fail_msg("\"%s\" does not say \"%s\"", text, part);
}

static void reports(void **state) {
  (void)state;
  struct fault fault = read(403,
                            "<Error><Code>SignatureDoesNotMatch</Code><Message>no match</Message>"
                            "<AWSAccessKeyId>AKIDSECRET</AWSAccessKeyId><RequestId>R1</RequestId></Error>",
                            true);
  struct fault_site site = {"GetObject", "bkt", "a\tb", "us-east-1", "host:1", "c0ffee", 3, false, false};
  struct sluice_error err = {0};
  assert_int_equal(fault_report(&fault, &site, &err), SLUICE_ERR_AUTH);
  const char *parts[] = {
      "GetObject", "\"bkt\"",       "\"a b\"", "us-east-1",        "host:1",           "HTTP 403 SignatureDoesNotMatch",
      "no match",  "request id R1", "c0ffee",  "after 3 attempts", "secret access key"};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    has(err.message, parts[i]);
  assert_null(strstr(err.message, "AKIDSECRET"));
  assert_string_equal(err.where, "s3://bkt/a b");
  assert_int_equal(err.detail, 403);
}

/* Which advice a refusal gets, and which it does not. */
static void refusals(void **state) {
  (void)state;
  static const struct {
    const char *body, *operation;
    bool names_owner, pays;
    const char *says, *says_not;
  } cases[] = {
      {"<Error><Code>AccessDenied</Code></Error>", "ListObjectsV2", false, true,
       "HTTP 403 AccessDenied; allow s3:ListBucket on the bucket, or check the credentials", "requester_pays"},
      {"<Error><Code>AccessDenied</Code></Error>", "ListObjectsV2", false, false, "or set requester_pays = true",
       "expected_bucket_owner"},
      {"<Error><Code>AccessDenied</Code></Error>", "GetObject", true, true, "or correct expected_bucket_owner",
       "requester_pays"},
      {"<Error><Code>AccessDenied</Code><Message>User: x is not authorized to perform: s3:ListBucket on resource"
       "</Message></Error>",
       "ListObjectsV2", true, false, "; allow s3:ListBucket on the bucket, or check the credentials", "requester_pays"},
      {"<Error><Code>InvalidAccessKeyId</Code></Error>", "ListObjectsV2", true, false,
       "; the service does not know this access key id", "s3:ListBucket"},
      {"<Error><Code>AccessDenied</Code></Error>", "GetObjectTagging", false, true, "s3:GetObjectVersionTagging where",
       "requester_pays"},
      {"<Error><Code>AccessDenied</Code><Message>no kms:Decrypt</Message></Error>", "GetObject", true, false,
       "; allow kms:Decrypt on the key", "s3:GetObject"},
      {"<html><body>Blocked</body></html>", "GetObject", true, false,
       "HTTP 403: the answer is a web page, from a proxy or a wrong endpoint", "allow"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct fault fault = read(403, cases[i].body, true);
    struct fault_site site = {"", "bkt", "k", "us-east-1", "h", "", 1, cases[i].names_owner, cases[i].pays};
    struct sluice_error err = {0};
    site.operation = cases[i].operation;
    assert_int_equal(fault_report(&fault, &site, &err), SLUICE_ERR_AUTH);
    has(err.message, cases[i].says);
    if (strstr(err.message, cases[i].says_not))
      fail_msg("\"%s\" says \"%s\"", err.message, cases[i].says_not);
  }
}

static void web_pages(void **state) {
  (void)state;
  static const char *const pages[] = {"<html>busy</html>", "<HTML><BODY><P>x<BR></BODY></HTML>",
                                      "<!DOCTYPE html>\n<html><head><meta charset=utf-8>",
                                      "\r\n <!doctype HTML><title>Log in</title>", "\xef\xbb\xbf<!doctype html>"};
  static const char *const others[] = {"", "busy", "<h", "<!DOCTYPE x><a/>", "<htm>x</htm>", "<a><html/></a>"};
  for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
    assert_string_equal(read(502, pages[i], true).message,
                        "the answer is a web page, from a proxy or a wrong endpoint");
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    assert_string_equal(read(502, others[i], true).message, "");
}

static void retries_say_when(void **state) {
  (void)state;
  struct fault fault = read(503, "<Error><Code>SlowDown</Code></Error>", true);
  struct fault_site site = {"GetObject", "bkt", "k", "us-east-1", "h", "", 10, false, false};
  struct sluice_error err = {0};
  fault.wait_ms = 60000;
  assert_int_equal(fault_report(&fault, &site, &err), SLUICE_ERR_RETRY);
  assert_int_equal(err.retry_ms, 60000);
}

static void the_first_error_wins(void **state) {
  (void)state;
  struct fault fault = read(404, "", true);
  struct fault_site site = {"GetObject", "bkt", "k", "us-east-1", "h", "", 1, false, false};
  struct sluice_error err = {.message = "first"};
  assert_int_equal(fault_report(&fault, &site, &err), SLUICE_ERR_NOT_FOUND);
  assert_string_equal(err.message, "first");
  assert_int_equal(err.detail, 0);
  assert_int_equal(fault_report(&fault, &site, NULL), SLUICE_ERR_NOT_FOUND);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(bodies),
                                     cmocka_unit_test(meanings),
                                     cmocka_unit_test(reports),
                                     cmocka_unit_test(refusals),
                                     cmocka_unit_test(web_pages),
                                     cmocka_unit_test(retries_say_when),
                                     cmocka_unit_test(the_first_error_wins)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
