/* The verifier over signature vectors that others made: AWS's suite, and the S3 and STS cases of the corpora. */
#include "sigv4.h"
#include "suite_file.h"

#include <dirent.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <cmocka.h>

static char corpora[3072];

static bool find_corpora(void) {
  const char *named = getenv("SLUICE_CORPORA");
  char probe[4096];
  snprintf(corpora, sizeof corpora, "%s", named ? named : SLUICE_SOURCE_DIR "/../shared/corpora");
  snprintf(probe, sizeof probe, "%s/sigv4/s3-vectors.json", corpora);
  FILE *file = fopen(probe, "rb");
  if (file)
    fclose(file);
  else
    printf("skipped: no signature vectors in %s (set SLUICE_CORPORA)\n", corpora);
  return file != NULL;
}

static const char *field(const json_t *object, const char *name) {
  const char *text = json_string_value(json_object_get(object, name));
  return text ? text : "";
}

/* 2015-08-30T12:36:00Z -> seconds, by way of the claim's own form. */
static int64_t seconds_of(const char *stamp) {
  struct tm tm = {0};
  int n = sscanf(stamp, "%4d%*[-]%2d%*[-]%2dT%2d%*[:]%2d%*[:]%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
                 &tm.tm_min, &tm.tm_sec);
  if (n != 6)
    n = sscanf(stamp, "%4d%2d%2dT%2d%2d%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
  assert_int_equal(n, 6);
  tm.tm_year -= 1900;
  tm.tm_mon -= 1;
  return timegm(&tm);
}

static bool matches(const char *folder, const char *kind, const char *part, const char *got) {
  char name[128];
  size_t size = 0;
  snprintf(name, sizeof name, "%s-%s.txt", kind, part);
  char *want = suite_read(folder, name, &size);
  if (want && size > 0 && want[size - 1] == '\n')
    want[size - 1] = '\0';
  bool same = want && strcmp(want, got) == 0;
  if (!same)
    printf("differs: %s %s\n--- got\n%s\n--- want\n%s\n", folder, name, got, want ? want : "(no file)");
  free(want);
  return same;
}

/* Takes the unsigned token out of a signed request, from its headers or its target. */
static void remove_token(struct suite_request *r) {
  for (size_t i = 0; i < r->header_count; i++)
    if (strcasecmp(r->headers[i].name, "x-amz-security-token") == 0)
      r->headers[i] = r->headers[--r->header_count];
  char *token = strstr(r->target, "&X-Amz-Security-Token=");
  if (token) {
    char *next = strchr(token + 1, '&');
    memmove(token, next ? next : token + strlen(token), next ? strlen(next) + 1 : 1);
  }
}

/* One case in one form: canonical request, string to sign and signature are the suite's; any change breaks it. */
static bool verify_case(const char *folder, const char *kind, const json_t *context) {
  char name[64], hash[HASH_SHA256_HEX];
  struct suite_request r = {0};
  struct text canonical = {0}, to_sign = {0};
  struct sigv4_claim claim;
  struct sigv4_refusal refusal = {0};
  snprintf(name, sizeof name, "%s-signed-request.txt", kind);
  r.text = suite_read(folder, name, &r.size);
  bool ok = r.text && suite_parse(&r);
  if (!ok)
    goto out;
  struct sigv4_rules rules = {.region = field(context, "region"),
                              .service = field(context, "service"),
                              .fold_path = json_is_true(json_object_get(context, "normalize")),
                              .now = seconds_of(field(context, "timestamp"))};
  if (json_is_true(json_object_get(context, "omit_session_token"))) {
    struct sigv4_request with = {r.method, r.target, r.headers, r.header_count, NULL};
    if (strcmp(kind, "header") == 0 && sigv4_read(&with, &rules, &claim, &refusal)) {
      printf("%s: an unsigned token header was let through\n", folder);
      ok = false;
    }
    remove_token(&r);
  }
  const char *secret = field(json_object_get(context, "credentials"), "secret_access_key");
  bool with_body = json_is_true(json_object_get(context, "sign_body"));
  ok = ok && hash_sha256(r.body, with_body ? strlen(r.body) : 0, hash);
  struct sigv4_request request = {r.method, r.target, r.headers, r.header_count, hash};
  if (!sigv4_read(&request, &rules, &claim, &refusal)) {
    printf("%s %s: refused: %s\n", folder, kind, refusal.message);
    ok = false;
    goto out;
  }
  bool good = sigv4_check(&request, &rules, &claim, secret, &canonical, &to_sign);
  ok = ok && matches(folder, kind, "canonical-request", canonical.data) &&
       matches(folder, kind, "string-to-sign", to_sign.data) && matches(folder, kind, "signature", claim.signature) &&
       good;
  text_finish(&canonical);
  text_finish(&to_sign);
  claim.signature[0] = claim.signature[0] == '0' ? '1' : '0';
  ok = ok && !sigv4_check(&request, &rules, &claim, secret, &canonical, &to_sign);
out:
  text_finish(&canonical);
  text_finish(&to_sign);
  free(r.text);
  return ok;
}

static void test_suite(void **state) {
  (void)state;
  char top[4096], folder[8192];
  size_t cases = 0, headers = 0, queries = 0, size = 0;
  if (!find_corpora())
    skip();
  snprintf(top, sizeof top, "%s/sigv4/v4", corpora);
  DIR *dir = opendir(top);
  assert_non_null(dir);
  for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
    if (e->d_name[0] == '.')
      continue;
    snprintf(folder, sizeof folder, "%s/%s", top, e->d_name);
    char *text = suite_read(folder, "context.json", &size);
    json_t *context = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    assert_non_null(context);
    cases++;
    headers += verify_case(folder, "header", context);
    queries += verify_case(folder, "query", context);
    json_decref(context);
  }
  closedir(dir);
  printf("AWS suite: %zu cases, header form %zu, query form %zu pass\n", cases, headers, queries);
  assert_true(cases > 0);
  assert_int_equal(headers, cases);
  assert_int_equal(queries, cases);
}

struct vector {
  struct sigv4_header headers[SUITE_HEADERS];
  size_t count;
  char authorization[2048], target[8192], hash[HASH_SHA256_HEX];
};

static void add_header(struct vector *v, const char *name, const char *value) {
  if (*value)
    v->headers[v->count++] = (struct sigv4_header){name, value};
}

/* The request as a client would send it, made from the fields of a case. */
static void build_vector(const json_t *c, const char *access_key, struct vector *v) {
  bool presigned = !json_is_null(json_object_get(c, "presign_expires"));
  const json_t *list = json_object_get(c, "headers");
  *v = (struct vector){0};
  add_header(v, "Host", field(c, "host"));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *pair = json_array_get(list, i);
    add_header(v, json_string_value(json_array_get(pair, 0)), json_string_value(json_array_get(pair, 1)));
  }
  snprintf(v->target, sizeof v->target, "%s%s%s", field(c, "wire_target"), presigned ? "&X-Amz-Signature=" : "",
           presigned ? field(c, "signature") : "");
  const char *body = field(c, "body");
  assert_true(hash_sha256(body, strlen(body), v->hash));
  if (presigned)
    return;
  add_header(v, "x-amz-date", field(c, "timestamp"));
  add_header(v, "x-amz-security-token", field(c, "token"));
  if (json_is_true(json_object_get(c, "sign_payload_header")))
    add_header(v, "x-amz-content-sha256", field(c, "payload_hash"));
  snprintf(v->authorization, sizeof v->authorization,
           "AWS4-HMAC-SHA256 Credential=%s/%.8s/%s/%s/aws4_request,SignedHeaders=%s,Signature=%s", access_key,
           field(c, "timestamp"), field(c, "region"), field(c, "service"), field(c, "signed_headers"),
           field(c, "signature"));
  add_header(v, "authorization", v->authorization);
}

static bool verify_vector(const json_t *c, const char *access_key, const char *secret) {
  struct vector v;
  struct sigv4_claim claim;
  struct sigv4_refusal refusal = {0};
  struct text canonical = {0}, to_sign = {0};
  build_vector(c, access_key, &v);
  bool s3 = strcmp(field(c, "service"), "s3") == 0;
  struct sigv4_rules rules = {.region = field(c, "region"),
                              .service = field(c, "service"),
                              .s3 = s3,
                              .fold_path = !s3,
                              .now = seconds_of(field(c, "timestamp"))};
  struct sigv4_request request = {field(c, "method"), v.target, v.headers, v.count, s3 ? NULL : v.hash};
  bool ok = sigv4_read(&request, &rules, &claim, &refusal);
  if (!ok)
    printf("%s: refused: %s\n", field(c, "name"), refusal.message);
  ok = ok && sigv4_check(&request, &rules, &claim, secret, &canonical, &to_sign);
  if (canonical.data && strcmp(canonical.data, field(c, "canonical_request")) != 0)
    printf("%s:\n%s\n--- want\n%s\n", field(c, "name"), canonical.data, field(c, "canonical_request")), ok = false;
  ok = ok && strcmp(to_sign.data, field(c, "string_to_sign")) == 0;
  text_finish(&canonical);
  text_finish(&to_sign);
  return ok;
}

static void test_s3_vectors(void **state) {
  (void)state;
  char path[4096];
  size_t passed = 0;
  if (!find_corpora())
    skip();
  snprintf(path, sizeof path, "%s/sigv4/s3-vectors.json", corpora);
  json_t *file = json_load_file(path, 0, NULL);
  const json_t *cases = json_object_get(file, "cases");
  assert_true(json_array_size(cases) > 0);
  for (size_t i = 0; i < json_array_size(cases); i++)
    passed += verify_vector(json_array_get(cases, i), field(file, "access_key_id"), field(file, "secret_access_key"));
  printf("S3 and STS vectors: %zu of %zu pass\n", passed, json_array_size(cases));
  size_t all = json_array_size(cases);
  json_decref(file);
  assert_int_equal(passed, all);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_suite), cmocka_unit_test(test_s3_vectors)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
