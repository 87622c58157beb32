/* SigV4 against the official cases and our S3 vectors, both forms. */
#include "check.h"
#include "sign/sigv4.h"
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAIRS_MAX = 64, PATH_SIZE = 1024 };

static const char *corpora(void) {
  const char *path = getenv("SLUICE_CORPORA");
  return path && *path ? path : SLUICE_CORPORA_DIR;
}

/* ---- files ---- */

static char *read_whole(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  char *data = calloc(1, 1 << 20);
  *size = data ? fread(data, 1, (1 << 20) - 1, file) : 0;
  fclose(file);
  return data;
}

static bool matches_file(const char *folder, const char *name, const char *have) {
  char path[PATH_SIZE];
  size_t size = 0;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  char *want = read_whole(path, &size);
  assert_non_null(want);
  while (size && want[size - 1] == '\n')
    want[--size] = 0;
  bool same = strcmp(want, have) == 0;
  if (!same)
    printf("%s\n--- want\n%s\n--- have\n%s\n", path, want, have);
  free(want);
  return same;
}

/* ---- official cases ---- */

struct official {
  json_t *context;
  char *raw, *body;
  char *target;
  char method[16];
  struct sigv4_pair headers[PAIRS_MAX], query[PAIRS_MAX];
  size_t n_headers, n_query, body_size;
  struct slice path;
  char date[SIGV4_DATE_SIZE], payload[SIGV4_HEX_SIZE];
};

static const char *context_text(const struct official *c, const char *name) {
  return json_string_value(json_object_get(c->context, name));
}

static const char *credential(const struct official *c, const char *name) {
  return json_string_value(json_object_get(json_object_get(c->context, "credentials"), name));
}

static void split_target(struct official *c, char *line) {
  char *blank = strchr(line, ' ');
  *blank = 0;
  snprintf(c->method, sizeof c->method, "%s", line);
  c->target = blank + 1;
  *strrchr(c->target, ' ') = 0;
  char *query = strchr(c->target, '?');
  if (query)
    *query++ = 0;
  c->path = slice_of(c->target);
  for (char *item = query ? strtok(query, "&") : NULL; item; item = strtok(NULL, "&")) {
    char *equals = strchr(item, '=');
    if (equals)
      *equals++ = 0;
    c->query[c->n_query++] = (struct sigv4_pair){slice_of(item), slice_of(equals ? equals : "")};
  }
}

/* The lines of the head; one that starts with a blank goes on with the header before. */
static void split_headers(struct official *c, char *lines) {
  for (char *line = lines; line && *line;) {
    char *end = strchr(line, '\n');
    while (end && (end[1] == ' ' || end[1] == '\t')) {
      *end = ' ';
      end = strchr(end, '\n');
    }
    if (end)
      *end = 0;
    char *colon = strchr(line, ':');
    assert_non_null(colon);
    *colon = 0;
    c->headers[c->n_headers++] = (struct sigv4_pair){slice_of(line), slice_of(colon + 1)};
    line = end ? end + 1 : NULL;
  }
}

static void load(struct official *c, const char *folder) {
  char path[PATH_SIZE];
  size_t size = 0;
  memset(c, 0, sizeof *c);
  snprintf(path, sizeof path, "%s/context.json", folder);
  c->context = json_load_file(path, 0, NULL);
  snprintf(path, sizeof path, "%s/request.txt", folder);
  c->raw = read_whole(path, &size);
  assert_non_null(c->context);
  assert_non_null(c->raw);
  char *gap = strstr(c->raw, "\n\n");
  c->body = gap ? gap + 2 : c->raw + size;
  c->body_size = (size_t)(c->raw + size - c->body);
  if (gap)
    *gap = 0;
  char *line_end = strchr(c->raw, '\n');
  if (line_end)
    *line_end = 0;
  split_target(c, c->raw);
  if (line_end)
    split_headers(c, line_end + 1);
  const char *when = context_text(c, "timestamp");
  size_t n = 0;
  for (; *when && n < SIGV4_DATE_SIZE - 1; when++)
    if (*when != '-' && *when != ':')
      c->date[n++] = *when;
  bool sign_body = json_is_true(json_object_get(c->context, "sign_body"));
  sigv4_hash(sign_body ? c->body : "", sign_body ? c->body_size : 0, c->payload);
}

static void unload(struct official *c) {
  json_decref(c->context);
  free(c->raw);
}

static struct sigv4_request request_of(const struct official *c) {
  return (struct sigv4_request){.method = c->method,
                                .path = c->path,
                                .query = c->query,
                                .n_query = c->n_query,
                                .headers = c->headers,
                                .n_headers = c->n_headers,
                                .payload_hash = c->payload,
                                .fold_path = json_is_true(json_object_get(c->context, "normalize"))};
}

static void add_header(struct official *c, const char *name, const char *value) {
  c->headers[c->n_headers++] = (struct sigv4_pair){slice_of(name), slice_of(value)};
}

static bool check_texts(const char *folder, const char *kind, const struct text *canonical,
                        const struct sigv4_scope *scope, const uint8_t *key) {
  char name[64], hex[SIGV4_HEX_SIZE];
  struct text to_sign = {0};
  assert_true(sigv4_string_to_sign(canonical, scope, &to_sign));
  assert_true(sigv4_signature(key, &to_sign, hex));
  snprintf(name, sizeof name, "%s-canonical-request.txt", kind);
  bool ok = matches_file(folder, name, text_get(canonical));
  snprintf(name, sizeof name, "%s-string-to-sign.txt", kind);
  ok &= matches_file(folder, name, text_get(&to_sign));
  snprintf(name, sizeof name, "%s-signature.txt", kind);
  ok &= matches_file(folder, name, hex);
  text_finish(&to_sign);
  return ok;
}

static bool check_header_form(const char *folder) {
  struct official c;
  struct text canonical = {0}, names = {0};
  uint8_t key[SIGV4_KEY_SIZE];
  load(&c, folder);
  bool omit = json_is_true(json_object_get(c.context, "omit_session_token"));
  add_header(&c, "X-Amz-Date", c.date);
  if (credential(&c, "token") && !omit)
    add_header(&c, "X-Amz-Security-Token", credential(&c, "token"));
  if (json_is_true(json_object_get(c.context, "sign_body")))
    add_header(&c, "x-amz-content-sha256", c.payload);
  struct sigv4_request request = request_of(&c);
  struct sigv4_scope scope = {c.date, context_text(&c, "region"), context_text(&c, "service")};
  assert_true(sigv4_key(credential(&c, "secret_access_key"), &scope, key));
  assert_true(sigv4_canonical_request(&request, &canonical, &names));
  bool ok = check_texts(folder, "header", &canonical, &scope, key);
  text_finish(&canonical);
  text_finish(&names);
  unload(&c);
  return ok;
}

static bool check_query_form(const char *folder) {
  struct official c;
  struct text canonical = {0}, query = {0};
  struct sigv4_signer signer;
  load(&c, folder);
  bool omit = json_is_true(json_object_get(c.context, "omit_session_token"));
  struct sigv4_request request = request_of(&c);
  struct sigv4_scope scope = {c.date, context_text(&c, "region"), context_text(&c, "service")};
  signer.access_key_id = credential(&c, "access_key_id");
  signer.token = omit ? NULL : credential(&c, "token");
  assert_true(sigv4_key(credential(&c, "secret_access_key"), &scope, signer.key));
  json_int_t expires = json_integer_value(json_object_get(c.context, "expiration_in_seconds"));
  assert_true(sigv4_presign(&request, &scope, &signer, expires, &query, &canonical));
  bool ok = check_texts(folder, "query", &canonical, &scope, signer.key);
  text_finish(&canonical);
  text_finish(&query);
  unload(&c);
  return ok;
}

static void official_cases(void **state) {
  (void)state;
  char top[PATH_SIZE - 300], folder[PATH_SIZE];
  int count = 0, header = 0, query = 0;
  snprintf(top, sizeof top, "%s/sigv4/v4", corpora());
  DIR *dir = opendir(top);
  if (!dir) {
    printf("skipped: no official SigV4 cases in %s\n", top);
    skip();
  }
  for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
    if (entry->d_name[0] == '.')
      continue;
    snprintf(folder, sizeof folder, "%s/%s", top, entry->d_name);
    header += check_header_form(folder);
    query += check_query_form(folder);
    count++;
  }
  closedir(dir);
  printf("official cases: %d; header form %d, query form %d pass\n", count, header, query);
  assert_true(count > 0);
  assert_int_equal(header, count);
  assert_int_equal(query, count);
}

/* ---- S3 vectors ---- */

static const char *field(const json_t *c, const char *name) {
  return json_string_value(json_object_get(c, name));
}

static size_t read_pairs(const json_t *list, struct sigv4_pair *out) {
  size_t i;
  json_t *pair;
  json_array_foreach(list, i, pair) {
    assert_true(i < PAIRS_MAX - 8);
    out[i] = (struct sigv4_pair){slice_of(json_string_value(json_array_get(pair, 0))),
                                 slice_of(json_string_value(json_array_get(pair, 1)))};
  }
  return json_array_size(list);
}

static bool same(const char *name, const char *what, const char *want, const char *have) {
  if (strcmp(want, have) == 0)
    return true;
  printf("%s: %s\n--- want\n%s\n--- have\n%s\n", name, what, want, have);
  return false;
}

struct made { /* what we make of a vector */
  struct text target, canonical;
  char signature[SIGV4_HEX_SIZE];
};

static void make_presigned(const json_t *c, const struct sigv4_request *request, const struct sigv4_scope *scope,
                           const struct sigv4_signer *signer, struct made *out) {
  struct text query = {0};
  json_int_t expires = json_integer_value(json_object_get(c, "presign_expires"));
  assert_true(sigv4_presign(request, scope, signer, expires, &query, &out->canonical));
  const char *signature = strstr(text_get(&query), "&X-Amz-Signature=");
  assert_non_null(signature);
  snprintf(out->signature, sizeof out->signature, "%s", signature + strlen("&X-Amz-Signature="));
  text_puts(&out->target, "?"); /* the vector's target is the one before the signature is added */
  text_add(&out->target, text_get(&query), (size_t)(signature - text_get(&query)));
  text_finish(&query);
}

static void make_header_form(const json_t *c, struct sigv4_request *request, struct sigv4_pair *headers,
                             const struct sigv4_scope *scope, const struct sigv4_signer *signer, struct made *out) {
  struct text names = {0}, to_sign = {0}, query = {0};
  size_t *n = &request->n_headers;
  headers[(*n)++] = (struct sigv4_pair){slice_of("X-Amz-Date"), slice_of(scope->date)};
  if (json_is_true(json_object_get(c, "sign_payload_header")))
    headers[(*n)++] = (struct sigv4_pair){slice_of("x-amz-content-sha256"), slice_of(request->payload_hash)};
  if (signer->token)
    headers[(*n)++] = (struct sigv4_pair){slice_of("x-amz-security-token"), slice_of(signer->token)};
  assert_true(sigv4_canonical_request(request, &out->canonical, &names));
  assert_true(sigv4_string_to_sign(&out->canonical, scope, &to_sign));
  assert_true(sigv4_signature(signer->key, &to_sign, out->signature));
  assert_true(sigv4_canonical_query(request->query, request->n_query, &query));
  if (request->n_query)
    text_printf(&out->target, "?%s", text_get(&query));
  text_finish(&names);
  text_finish(&to_sign);
  text_finish(&query);
}

static bool check_vector(const json_t *all, const json_t *c) {
  struct sigv4_pair query[PAIRS_MAX], headers[PAIRS_MAX];
  struct made made = {.signature = ""};
  struct sigv4_scope scope = {field(c, "timestamp"), field(c, "region"), field(c, "service")};
  struct sigv4_signer signer = {.access_key_id = field(all, "access_key_id"), .token = field(c, "token")};
  struct sigv4_request request = {.method = field(c, "method"),
                                  .path = slice_of(field(c, "raw_path")),
                                  .query = query,
                                  .n_query = read_pairs(json_object_get(c, "query"), query),
                                  .headers = headers,
                                  .n_headers = read_pairs(json_object_get(c, "headers"), headers),
                                  .payload_hash = field(c, "payload_hash")};
  headers[request.n_headers++] = (struct sigv4_pair){slice_of("Host"), slice_of(field(c, "host"))};
  assert_true(sigv4_key(field(all, "secret_access_key"), &scope, signer.key));
  assert_true(sigv4_canonical_path(request.path, false, &made.target));
  if (json_is_integer(json_object_get(c, "presign_expires")))
    make_presigned(c, &request, &scope, &signer, &made);
  else
    make_header_form(c, &request, headers, &scope, &signer, &made);
  struct text to_sign = {0};
  assert_true(sigv4_string_to_sign(&made.canonical, &scope, &to_sign));
  bool ok = same(field(c, "name"), "canonical request", field(c, "canonical_request"), text_get(&made.canonical));
  ok &= same(field(c, "name"), "string to sign", field(c, "string_to_sign"), text_get(&to_sign));
  ok &= same(field(c, "name"), "signature", field(c, "signature"), made.signature);
  ok &= same(field(c, "name"), "target", field(c, "wire_target"), text_get(&made.target));
  text_finish(&to_sign);
  text_finish(&made.target);
  text_finish(&made.canonical);
  return ok;
}

static void s3_vectors(void **state) {
  (void)state;
  char path[PATH_SIZE];
  size_t i;
  int passed = 0;
  json_t *c;
  snprintf(path, sizeof path, "%s/sigv4/s3-vectors.json", corpora());
  if (access(path, R_OK) != 0) {
    printf("skipped: no %s\n", path);
    skip();
  }
  json_t *all = json_load_file(path, 0, NULL);
  const json_t *cases = json_object_get(all, "cases");
  json_array_foreach(cases, i, c) passed += check_vector(all, c);
  printf("S3 vectors: %zu; %d pass\n", json_array_size(cases), passed);
  assert_true(passed > 0);
  assert_int_equal(passed, json_array_size(cases));
  json_decref(all);
}

/* ---- without corpora ---- */

static void authorization_is_whole(void **state) {
  (void)state;
  struct sigv4_pair headers[] = {{slice_of("Host"), slice_of("b.s3.us-east-1.amazonaws.com")},
                                 {slice_of("x-amz-date"), slice_of("20130524T000000Z")}};
  struct sigv4_request request = {
      .method = "GET", .path = slice_of("/k"), .headers = headers, .n_headers = 2, .payload_hash = SIGV4_EMPTY_HASH};
  struct sigv4_scope scope = {"20130524T000000Z", "us-east-1", "s3"};
  struct sigv4_signer signer = {.access_key_id = "AKID"};
  struct text out = {0};
  static const char start[] = "AWS4-HMAC-SHA256 Credential=AKID/20130524/us-east-1/s3/aws4_request, "
                              "SignedHeaders=host;x-amz-date, Signature=";
  char hash[SIGV4_HEX_SIZE];
  assert_true(sigv4_key("secret", &scope, signer.key));
  assert_true(sigv4_authorize(&request, &scope, &signer, &out, hash));
  assert_memory_equal(text_get(&out), start, sizeof start - 1);
  assert_int_equal(out.size, sizeof start - 1 + 64);
  assert_int_equal(strlen(hash), 64);
  text_finish(&out);
}

static void dates(void **state) {
  (void)state;
  char date[SIGV4_DATE_SIZE];
  sigv4_date(1369353600, date);
  assert_string_equal(date, "20130524T000000Z");
}

static void empty_hash(void **state) {
  (void)state;
  char hex[SIGV4_HEX_SIZE];
  sigv4_hash("", 0, hex);
  assert_string_equal(hex, SIGV4_EMPTY_HASH);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(official_cases), cmocka_unit_test(s3_vectors),
                                     cmocka_unit_test(authorization_is_whole), cmocka_unit_test(dates),
                                     cmocka_unit_test(empty_hash)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
