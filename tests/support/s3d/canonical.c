/* AWS Signature Version 4: the canonical request, the string to sign and the signature. */
#include "sigv4.h"
#include "uri.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PARAMETERS_LIMIT = 256 };

const char *sigv4_find_header(const struct sigv4_request *r, const char *name) {
  for (size_t i = 0; i < r->header_count; i++)
    if (strcasecmp(r->headers[i].name, name) == 0)
      return r->headers[i].value;
  return NULL;
}

/* Takes the last segment off a folded path. */
static void drop_segment(struct text *folded) {
  while (folded->len > 0 && folded->data[folded->len - 1] != '/')
    folded->len--;
  if (folded->len > 0)
    folded->len--;
}

/* Dot segments and doubled slashes go, as RFC 3986 has it and every service but S3 wants it. */
static void fold_path(struct text *out, const char *path, size_t n) {
  struct text folded = {0};
  for (size_t i = 0; i < n;) {
    const char *slash = memchr(path + i, '/', n - i);
    size_t len = slash ? (size_t)(slash - path) - i : n - i;
    if (len == 2 && memcmp(path + i, "..", 2) == 0)
      drop_segment(&folded);
    else if (len > 0 && !(len == 1 && path[i] == '.')) {
      text_putc(&folded, '/');
      text_add(&folded, path + i, len);
    }
    i += len + 1;
  }
  if (folded.len == 0 || (n > 0 && path[n - 1] == '/'))
    text_putc(&folded, '/');
  if (folded.failed)
    out->failed = true;
  else
    uri_canonical(out, folded.data, folded.len, URI_PATH);
  text_finish(&folded);
}

static int by_name_and_value(const void *a, const void *b) {
  const struct uri_pair *x = a, *y = b;
  int order = strcmp(x->name, y->name);
  return order ? order : strcmp(x->value, y->value);
}

/* One `name=value` of the wire as a canonical pair; false when memory is out. */
static bool canonical_pair(const char *raw, size_t n, struct uri_pair *out) {
  const char *equals = memchr(raw, '=', n);
  size_t name_len = equals ? (size_t)(equals - raw) : n;
  struct text name = {0}, value = {0};
  uri_canonical(&name, raw, name_len, URI_QUERY);
  uri_canonical(&value, equals ? equals + 1 : "", equals ? n - name_len - 1 : 0, URI_QUERY);
  if (name.failed || value.failed) {
    text_finish(&name);
    text_finish(&value);
    return false;
  }
  *out = (struct uri_pair){name.data, value.data};
  return true;
}

static void canonical_query(struct text *out, const char *raw, size_t n) {
  struct uri_pair *pairs = calloc(PARAMETERS_LIMIT, sizeof *pairs);
  size_t count = 0;
  for (size_t i = 0; pairs && i < n && !out->failed;) {
    const char *amp = memchr(raw + i, '&', n - i);
    size_t len = amp ? (size_t)(amp - raw) - i : n - i;
    if (len > 0 && (count == PARAMETERS_LIMIT || !canonical_pair(raw + i, len, &pairs[count++])))
      out->failed = true;
    i += len + 1;
  }
  if (!pairs || out->failed)
    out->failed = true;
  else
    qsort(pairs, count, sizeof *pairs, by_name_and_value);
  const char *between = "";
  for (size_t i = 0; pairs && i < count; i++) {
    if (!out->failed && strcmp(pairs[i].name, "X-Amz-Signature") != 0) {
      text_printf(out, "%s%s=%s", between, pairs[i].name, pairs[i].value);
      between = "&";
    }
    free(pairs[i].name);
    free(pairs[i].value);
  }
  free(pairs);
}

/* The value without outer blanks and with inner runs of blanks as one. */
static void put_folded(struct text *out, const char *value) {
  size_t start = out->len;
  for (const char *p = value; *p; p++) {
    bool blank = *p == ' ' || *p == '\t' || *p == '\r' || *p == '\n';
    if (!blank)
      text_putc(out, *p);
    else if (out->len > start && out->data && out->data[out->len - 1] != ' ')
      text_putc(out, ' ');
  }
  if (!out->failed && out->len > start && out->data[out->len - 1] == ' ')
    out->data[--out->len] = '\0';
}

static void put_header(struct text *out, const struct sigv4_request *r, const char *name, size_t n) {
  text_add(out, name, n);
  text_putc(out, ':');
  const char *between = "";
  for (size_t i = 0; i < r->header_count; i++) {
    if (strlen(r->headers[i].name) != n || strncasecmp(r->headers[i].name, name, n) != 0)
      continue;
    text_puts(out, between);
    put_folded(out, r->headers[i].value);
    between = ",";
  }
  text_putc(out, '\n');
}

void sigv4_canonical(const struct sigv4_request *r, const struct sigv4_rules *rules, const struct sigv4_claim *claim,
                     struct text *out) {
  const char *mark = strchr(r->target, '?');
  size_t path_len = mark ? (size_t)(mark - r->target) : strlen(r->target);
  text_printf(out, "%s\n", r->method);
  if (rules->fold_path)
    fold_path(out, r->target, path_len);
  else
    uri_canonical(out, r->target, path_len, URI_PATH);
  text_putc(out, '\n');
  if (mark)
    canonical_query(out, mark + 1, strlen(mark + 1));
  text_putc(out, '\n');
  for (const char *name = claim->signed_headers; *name;) {
    size_t n = strcspn(name, ";");
    put_header(out, r, name, n);
    name += n + (name[n] == ';');
  }
  text_printf(out, "\n%s\n%s", claim->signed_headers, claim->payload);
}

void sigv4_to_sign(const struct sigv4_claim *claim, const struct text *canonical, struct text *out) {
  char hex[HASH_SHA256_HEX];
  if (canonical->failed || !hash_sha256(canonical->data, canonical->len, hex)) {
    out->failed = true;
    return;
  }
  text_printf(out, "AWS4-HMAC-SHA256\n%s\n%s/%s/%s/aws4_request\n%s", claim->date, claim->day, claim->region,
              claim->service, hex);
}

bool sigv4_signature(const struct sigv4_claim *claim, const char *secret, const char *to_sign,
                     char hex[HASH_SHA256_HEX]) {
  unsigned char key[HASH_HMAC];
  struct text first = {0};
  text_printf(&first, "AWS4%s", secret);
  bool ok = !first.failed && hash_hmac(first.data, first.len, claim->day, key) &&
            hash_hmac(key, sizeof key, claim->region, key) && hash_hmac(key, sizeof key, claim->service, key) &&
            hash_hmac(key, sizeof key, "aws4_request", key) && hash_hmac(key, sizeof key, to_sign, key);
  text_finish(&first);
  if (ok)
    hash_hex(key, sizeof key, hex);
  return ok;
}
