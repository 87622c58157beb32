/* Fuzzes canonicalisation and signing. Input: path, then lines: "?name=value" a query pair, "name:value" a header. A
 * first byte of '!' folds the path. */
#include "sign/sigv4.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PAIRS_MAX = 64 };

struct input {
  struct slice path;
  struct sigv4_pair query[PAIRS_MAX], headers[PAIRS_MAX];
  size_t n_query, n_headers;
  bool fold;
};

static struct sigv4_pair split(const char *line, size_t n, char at) {
  const char *mark = n ? memchr(line, at, n) : NULL;
  size_t name = mark ? (size_t)(mark - line) : n, value = mark ? n - name - 1 : 0;
  return (struct sigv4_pair){{line, name}, {line + n - value, value}};
}

static void take_line(struct input *in, const char *line, size_t n) {
  if (n && line[0] == '?') {
    if (in->n_query < PAIRS_MAX)
      in->query[in->n_query++] = split(line + 1, n - 1, '=');
  } else if (in->n_headers < PAIRS_MAX)
    in->headers[in->n_headers++] = split(line, n, ':');
}

static void read_input(const char *text, size_t n, struct input *in) {
  in->fold = n && text[0] == '!';
  size_t at = in->fold ? 1 : 0;
  for (bool first = true; at <= n; first = false) {
    const char *end = at < n ? memchr(text + at, '\n', n - at) : NULL;
    size_t size = end ? (size_t)(end - text) - at : n - at;
    if (first)
      in->path = (struct slice){text + at, size};
    else
      take_line(in, text + at, size);
    at += size + 1;
  }
}

/* What holds for every input: the same request in another order of query signs the same; the query form has a
 * signature. */
static void check(struct input *in, const struct sigv4_request *request, const struct sigv4_scope *scope,
                  const struct sigv4_signer *signer) {
  struct text first = {0}, second = {0}, query = {0}, canonical = {0};
  bool ok = sigv4_canonical_query(in->query, in->n_query, &first);
  for (size_t i = 0; i < in->n_query / 2; i++) {
    struct sigv4_pair pair = in->query[i];
    in->query[i] = in->query[in->n_query - 1 - i];
    in->query[in->n_query - 1 - i] = pair;
  }
  if (ok && sigv4_canonical_query(in->query, in->n_query, &second) && strcmp(text_get(&first), text_get(&second)) != 0)
    abort();
  if (sigv4_presign(request, scope, signer, 3600, &query, &canonical) && !strstr(text_get(&query), "X-Amz-Signature="))
    abort();
  text_finish(&first);
  text_finish(&second);
  text_finish(&query);
  text_finish(&canonical);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char text[1];
  struct input in = {.fold = false};
  struct sigv4_signer signer = {.access_key_id = "AKID", .token = "token"};
  struct sigv4_scope scope = {"20130524T000000Z", "us-east-1", "s3"};
  struct text out = {0};
  char hash[SIGV4_HEX_SIZE];
  read_input(size ? (const char *)data : text, size, &in);
  struct sigv4_request request = {.method = "GET",
                                  .path = in.path,
                                  .query = in.query,
                                  .n_query = in.n_query,
                                  .headers = in.headers,
                                  .n_headers = in.n_headers,
                                  .payload_hash = SIGV4_EMPTY_HASH,
                                  .fold_path = in.fold};
  sigv4_key("secret", &scope, signer.key);
  sigv4_authorize(&request, &scope, &signer, &out, hash);
  check(&in, &request, &scope, &signer);
  text_finish(&out);
  return 0;
}
