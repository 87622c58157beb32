/* What the verifier refuses, and in which words. */
#include "sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1700000000 /* 20231114T221320Z */
#define SCOPE "AKID/20231114/us-east-1/s3/aws4_request"

enum { HOST, DATE, HASH, AUTHORIZATION, EXTRA, COUNT };

struct fixture {
  struct sigv4_header headers[COUNT];
  struct sigv4_request request;
  struct sigv4_rules rules;
  struct sigv4_claim claim;
  struct sigv4_refusal refusal;
  char authorization[512];
};

static void authorize(struct fixture *f, const char *scope, const char *names, const char *signature) {
  snprintf(f->authorization, sizeof f->authorization, "AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=%s, Signature=%s",
           scope, names, signature);
  f->headers[AUTHORIZATION] = (struct sigv4_header){"Authorization", f->authorization};
}

/* A request that is right, signed with the secret "secret". */
static void sign(struct fixture *f) {
  struct text canonical = {0}, to_sign = {0};
  char hex[HASH_SHA256_HEX];
  *f = (struct fixture){.rules = {.region = "us-east-1", .service = "s3", .s3 = true, .now = NOW}};
  f->headers[HOST] = (struct sigv4_header){"Host", "127.0.0.1:9000"};
  f->headers[DATE] = (struct sigv4_header){"X-Amz-Date", "20231114T221320Z"};
  f->headers[HASH] = (struct sigv4_header){"x-amz-content-sha256", SIGV4_EMPTY_HASH};
  f->headers[EXTRA] = (struct sigv4_header){"Range", "bytes=0-1"};
  f->request = (struct sigv4_request){"GET", "/b/a%20key?x=1&a=2", f->headers, COUNT, NULL};
  authorize(f, SCOPE, "host;x-amz-content-sha256;x-amz-date",
            "0000000000000000000000000000000000000000000000000000000000000000");
  assert_true(sigv4_read(&f->request, &f->rules, &f->claim, &f->refusal));
  assert_false(sigv4_check(&f->request, &f->rules, &f->claim, "secret", &canonical, &to_sign));
  assert_true(sigv4_signature(&f->claim, "secret", to_sign.data, hex));
  authorize(f, SCOPE, "host;x-amz-content-sha256;x-amz-date", hex);
  text_finish(&canonical);
  text_finish(&to_sign);
}

static bool accepted(struct fixture *f, const char *secret) {
  struct text canonical = {0}, to_sign = {0};
  bool ok = sigv4_read(&f->request, &f->rules, &f->claim, &f->refusal) &&
            sigv4_check(&f->request, &f->rules, &f->claim, secret, &canonical, &to_sign);
  text_finish(&canonical);
  text_finish(&to_sign);
  return ok;
}

static void expect_refusal(struct fixture *f, const char *code) {
  assert_false(sigv4_read(&f->request, &f->rules, &f->claim, &f->refusal));
  assert_string_equal(f->refusal.code, code);
  assert_true(f->refusal.message[0] != '\0');
}

static void test_right_and_changed(void **state) {
  (void)state;
  struct fixture f;
  sign(&f);
  assert_true(accepted(&f, "secret"));
  assert_false(accepted(&f, "Secret"));
  f.request.target = "/b/a%20key?a=2&x=1"; /* the order on the wire does not matter */
  assert_true(accepted(&f, "secret"));
  f.request.target = "/b/a%20key?a=2&x=2";
  assert_false(accepted(&f, "secret"));
  sign(&f);
  f.request.method = "PUT";
  assert_false(accepted(&f, "secret"));
  sign(&f);
  f.headers[HOST].value = "127.0.0.1:9001";
  assert_false(accepted(&f, "secret"));
  sign(&f);
  f.headers[HASH].value = "UNSIGNED-PAYLOAD";
  assert_false(accepted(&f, "secret"));
  sign(&f);
  f.request.target = "/b/a%2520key?x=1&a=2"; /* encoded twice is another key */
  assert_false(accepted(&f, "secret"));
}

static void test_clock(void **state) {
  (void)state;
  struct fixture f;
  sign(&f);
  f.rules.now = NOW + 900;
  assert_true(accepted(&f, "secret"));
  f.rules.now = NOW + 901;
  expect_refusal(&f, "RequestTimeTooSkewed");
  f.rules.now = NOW - 901;
  expect_refusal(&f, "RequestTimeTooSkewed");
}

static void test_scope(void **state) {
  (void)state;
  struct fixture f;
  sign(&f);
  f.rules.region = "eu-west-3";
  expect_refusal(&f, "AuthorizationHeaderMalformed");
  assert_non_null(strstr(f.refusal.message, "the region 'us-east-1' is wrong; expecting 'eu-west-3'"));
  sign(&f);
  f.rules.service = "sts";
  expect_refusal(&f, "AuthorizationHeaderMalformed");
  sign(&f);
  authorize(&f, "AKID/20231113/us-east-1/s3/aws4_request", "host;x-amz-content-sha256;x-amz-date", f.claim.signature);
  expect_refusal(&f, "AuthorizationHeaderMalformed");
  const char *const broken[] = {"",
                                "AKID",
                                "AKID/20231114/us-east-1/s3",
                                "/20231114/us-east-1/s3/aws4_request",
                                "20231114/us-east-1/s3/aws4_request",
                                "AKID//us-east-1/s3/aws4_request",
                                "AKID/20231114/us-east-1/s3/aws5_request",
                                "/aws4_request",
                                "////aws4_request"};
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    sign(&f);
    authorize(&f, broken[i], "host", f.claim.signature);
    expect_refusal(&f, "AuthorizationHeaderMalformed");
  }
}

static void test_headers_that_must_be_signed(void **state) {
  (void)state;
  const char *const names[] = {"x-amz-content-sha256;x-amz-date", "host;x-amz-date", "host;x-amz-content-sha256"};
  struct fixture f;
  for (size_t i = 0; i < 3; i++) {
    sign(&f);
    authorize(&f, SCOPE, names[i], f.claim.signature);
    expect_refusal(&f, "AccessDenied");
  }
  sign(&f);
  f.headers[EXTRA] = (struct sigv4_header){"X-Amz-Request-Payer", "requester"};
  expect_refusal(&f, "AccessDenied");
  assert_non_null(strstr(f.refusal.message, "X-Amz-Request-Payer"));
  sign(&f);
  authorize(&f, SCOPE, "x-amz-date;x-amz-content-sha256;host", f.claim.signature);
  expect_refusal(&f, "AuthorizationHeaderMalformed");
  sign(&f);
  f.headers[HASH] = (struct sigv4_header){"Accept", "*/*"};
  authorize(&f, SCOPE, "host;x-amz-date", f.claim.signature);
  expect_refusal(&f, "InvalidRequest");
}

static void test_presigned(void **state) {
  (void)state;
  struct fixture f;
  sign(&f);
  f.request.header_count = 1; /* the host alone */
#define QUERY                                                                                                          \
  "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20231114%2Fus-east-1%2Fs3%2Faws4_request"             \
  "&X-Amz-Date=20231114T221320Z&X-Amz-SignedHeaders=host"
  f.request.target = QUERY "&X-Amz-Expires=60&X-Amz-Signature=00";
  assert_true(sigv4_read(&f.request, &f.rules, &f.claim, &f.refusal));
  assert_string_equal(f.claim.payload, "UNSIGNED-PAYLOAD");
  assert_false(accepted(&f, "secret")); /* a short signature is not a right one */
  f.rules.now = NOW + 61;
  expect_refusal(&f, "AccessDenied");
  assert_string_equal(f.refusal.message, "Request has expired");
  f.rules.now = NOW;
  f.request.target = QUERY "&X-Amz-Expires=604801&X-Amz-Signature=00";
  expect_refusal(&f, "AuthorizationQueryParametersError");
  f.request.target = QUERY "&X-Amz-Signature=00";
  expect_refusal(&f, "AuthorizationQueryParametersError");
}

static void test_anonymous(void **state) {
  (void)state;
  struct fixture f;
  sign(&f);
  f.request.header_count = 3;
  assert_true(sigv4_read(&f.request, &f.rules, &f.claim, &f.refusal));
  assert_int_equal(f.claim.form, SIGV4_NONE);
  f.headers[DATE] = (struct sigv4_header){"Authorization", "AWS AKID:signature"};
  expect_refusal(&f, "InvalidArgument");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_right_and_changed),
                                     cmocka_unit_test(test_clock),
                                     cmocka_unit_test(test_scope),
                                     cmocka_unit_test(test_headers_that_must_be_signed),
                                     cmocka_unit_test(test_presigned),
                                     cmocka_unit_test(test_anonymous)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
