/* AWS Signature Version 4: reads what a request claims, and refuses what S3 refuses. */
#include "sigv4.h"
#include "uri.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { SKEW_SECONDS = 15 * 60, PRESIGN_LIMIT = 604800 };
static const char algorithm[] = "AWS4-HMAC-SHA256";

__attribute__((format(printf, 3, 4))) static bool refuse(struct sigv4_refusal *refusal, const char *code,
                                                         const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(refusal->message, sizeof refusal->message, format, args);
  va_end(args);
  refusal->code = code;
  return false;
}

/* The code for a claim that cannot be read depends on where it stands. */
static const char *malformed_code(const struct sigv4_claim *c) {
  return c->form == SIGV4_QUERY ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed";
}

static bool copy_range(char *to, size_t size, const char *from, size_t n) {
  if (n == 0 || n >= size)
    return false;
  memcpy(to, from, n);
  to[n] = '\0';
  return true;
}

/* KEY/DAY/REGION/SERVICE/aws4_request, where KEY itself may hold slashes: read from the end. */
static bool read_credential(const char *text, size_t n, struct sigv4_claim *c) {
  static const char last[] = "aws4_request";
  const size_t sizes[] = {sizeof c->service, sizeof c->region, sizeof c->day};
  char *const fields[] = {c->service, c->region, c->day};
  if (n < sizeof last || memcmp(text + n - strlen(last), last, strlen(last)) != 0)
    return false;
  size_t end = n - strlen(last);
  for (size_t i = 0; i < 3; i++) {
    if (end == 0 || text[end - 1] != '/')
      return false;
    size_t start = --end;
    while (start > 0 && text[start - 1] != '/')
      start--;
    if (!copy_range(fields[i], sizes[i], text + start, end - start))
      return false;
    end = start;
  }
  return end > 0 && copy_range(c->access_key, sizeof c->access_key, text, end - 1);
}

/* Finds `name=` among the comma-separated parts of an Authorization header. */
static const char *find_part(const char *text, const char *name, size_t *len) {
  size_t n = strlen(name);
  for (const char *p = text; *p; p += strcspn(p, ",")) {
    p += strspn(p, ", \t");
    if (strncmp(p, name, n) == 0 && p[n] == '=') {
      *len = strcspn(p + n + 1, ", \t");
      return p + n + 1;
    }
  }
  return NULL;
}

static bool read_header_form(const struct sigv4_request *r, const char *authorization, struct sigv4_claim *c,
                             struct sigv4_refusal *refusal) {
  size_t credential_len = 0, names_len = 0, signature_len = 0;
  c->form = SIGV4_HEADER;
  if (strncmp(authorization, algorithm, strlen(algorithm)) != 0 || authorization[strlen(algorithm)] != ' ')
    return refuse(refusal, "InvalidArgument", "Unsupported Authorization Type");
  const char *parts = authorization + strlen(algorithm);
  const char *credential = find_part(parts, "Credential", &credential_len);
  const char *names = find_part(parts, "SignedHeaders", &names_len);
  const char *signature = find_part(parts, "Signature", &signature_len);
  if (!credential || !read_credential(credential, credential_len, c))
    return refuse(refusal, malformed_code(c),
                  "The authorization header is malformed; the Credential is mal-formed; expecting "
                  "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
  if (!names || !copy_range(c->signed_headers, sizeof c->signed_headers, names, names_len))
    return refuse(refusal, malformed_code(c), "The authorization header is malformed; missing SignedHeaders.");
  if (!signature || signature_len != 64 || !copy_range(c->signature, sizeof c->signature, signature, signature_len))
    return refuse(refusal, malformed_code(c), "The authorization header is malformed; incorrect or missing Signature.");
  const char *date = sigv4_find_header(r, "x-amz-date");
  if (!date || !text_copy(c->date, sizeof c->date, date))
    return refuse(refusal, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  const char *token = sigv4_find_header(r, "x-amz-security-token");
  if (token && !text_copy(c->token, sizeof c->token, token))
    return refuse(refusal, "InvalidToken", "The provided token is malformed or otherwise invalid.");
  return true;
}

static bool read_query_form(const struct uri_query *q, struct sigv4_claim *c, struct sigv4_refusal *refusal) {
  const char *credential = uri_query_get(q, "X-Amz-Credential"), *names = uri_query_get(q, "X-Amz-SignedHeaders");
  const char *signature = uri_query_get(q, "X-Amz-Signature"), *date = uri_query_get(q, "X-Amz-Date");
  const char *expires = uri_query_get(q, "X-Amz-Expires"), *token = uri_query_get(q, "X-Amz-Security-Token");
  c->form = SIGV4_QUERY;
  if (!credential || !names || !signature || !date || !expires)
    return refuse(refusal, malformed_code(c),
                  "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                  "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
  if (strcmp(uri_query_get(q, "X-Amz-Algorithm"), algorithm) != 0)
    return refuse(refusal, malformed_code(c), "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
  if (!read_credential(credential, strlen(credential), c))
    return refuse(refusal, malformed_code(c),
                  "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
                  "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
  if (!text_copy(c->signed_headers, sizeof c->signed_headers, names) ||
      !text_copy(c->signature, sizeof c->signature, signature) || !text_copy(c->date, sizeof c->date, date) ||
      (token && !text_copy(c->token, sizeof c->token, token)))
    return refuse(refusal, malformed_code(c), "A parameter of the signature is too long.");
  char *end = NULL;
  c->expires = strtoll(expires, &end, 10);
  if (end == expires || *end || c->expires < 1 || c->expires > PRESIGN_LIMIT)
    return refuse(refusal, malformed_code(c), "X-Amz-Expires must be a number from 1 to 604800 (a week in seconds)");
  return true;
}

/* YYYYMMDDTHHMMSSZ as seconds, or false. */
static bool read_date(const char *date, int64_t *seconds) {
  static const char shape[] = "ddddddddTddddddZ";
  int v[6] = {0};
  const int widths[6] = {4, 2, 2, 2, 2, 2};
  if (strlen(date) != strlen(shape))
    return false;
  for (size_t i = 0; shape[i]; i++)
    if (shape[i] == 'd' ? (date[i] < '0' || date[i] > '9') : date[i] != shape[i])
      return false;
  for (int field = 0, at = 0; field < 6; field++) {
    at += field == 3; /* the T */
    for (int i = 0; i < widths[field]; i++)
      v[field] = v[field] * 10 + (date[at++] - '0');
  }
  struct tm tm = {.tm_year = v[0] - 1900, .tm_mon = v[1] - 1, .tm_mday = v[2]};
  tm.tm_hour = v[3];
  tm.tm_min = v[4];
  tm.tm_sec = v[5];
  *seconds = timegm(&tm);
  return true;
}

static bool check_scope(const struct sigv4_rules *rules, const struct sigv4_claim *c, struct sigv4_refusal *refusal) {
  const char *lead =
      c->form == SIGV4_QUERY ? "Error parsing the X-Amz-Credential parameter" : "The authorization header is malformed";
  if (strcmp(c->service, rules->service) != 0)
    return refuse(refusal, malformed_code(c), "%s; incorrect service \"%s\". This endpoint belongs to \"%s\".", lead,
                  c->service, rules->service);
  if (strncmp(c->day, c->date, 8) != 0 || c->day[8])
    return refuse(refusal, malformed_code(c),
                  "%s; Invalid credential date \"%s\". This date is not the same as "
                  "X-Amz-Date: \"%.8s\".",
                  lead, c->day, c->date);
  if (rules->region && strcmp(c->region, rules->region) != 0)
    return refuse(refusal, malformed_code(c), "%s; the region '%s' is wrong; expecting '%s'", lead, c->region,
                  rules->region);
  return true;
}

static bool check_time(const struct sigv4_rules *rules, const struct sigv4_claim *c, struct sigv4_refusal *refusal) {
  bool early = c->time > rules->now + SKEW_SECONDS;
  if (c->form == SIGV4_QUERY) {
    if (rules->now > c->time + c->expires)
      return refuse(refusal, "AccessDenied", "Request has expired");
    return !early || refuse(refusal, "AccessDenied", "Request is not yet valid");
  }
  if (early || c->time < rules->now - SKEW_SECONDS)
    return refuse(refusal, "RequestTimeTooSkewed",
                  "The difference between the request time and the current time is too large.");
  return true;
}

static bool is_signed(const struct sigv4_claim *c, const char *name) {
  size_t n = strlen(name);
  for (const char *p = c->signed_headers; *p; p += strcspn(p, ";")) {
    p += *p == ';';
    if (strncasecmp(p, name, n) == 0 && (p[n] == ';' || !p[n]))
      return true;
  }
  return false;
}

/* SignedHeaders must be lower-case and in rising order. */
static bool well_ordered(const char *names) {
  char before[256] = "", name[256];
  for (const char *p = names; *p;) {
    size_t n = strcspn(p, ";");
    if (!copy_range(name, sizeof name, p, n) || strcmp(before, name) >= 0)
      return false;
    for (size_t i = 0; i < n; i++)
      if (name[i] >= 'A' && name[i] <= 'Z')
        return false;
    memcpy(before, name, n + 1);
    p += n + (p[n] == ';');
  }
  return true;
}

static bool check_signed_headers(const struct sigv4_request *r, const struct sigv4_claim *c,
                                 struct sigv4_refusal *refusal) {
  if (!well_ordered(c->signed_headers))
    return refuse(refusal, malformed_code(c), "SignedHeaders must be lower-case names in rising order, each once.");
  if (!is_signed(c, "host"))
    return refuse(refusal, "AccessDenied", "There were headers present in the request which were not signed: host");
  for (size_t i = 0; i < r->header_count; i++)
    if (strncasecmp(r->headers[i].name, "x-amz-", 6) == 0 && !is_signed(c, r->headers[i].name))
      return refuse(refusal, "AccessDenied", "There were headers present in the request which were not signed: %.100s",
                    r->headers[i].name);
  return true;
}

static bool is_hash(const char *s) {
  return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

/* Decides the last line of the canonical request. */
static bool read_payload(const struct sigv4_request *r, const struct sigv4_rules *rules, struct sigv4_claim *c,
                         struct sigv4_refusal *refusal) {
  const char *stated = sigv4_find_header(r, "x-amz-content-sha256");
  const char *payload = stated;
  if (!rules->s3)
    payload = r->body_hash ? r->body_hash : SIGV4_EMPTY_HASH;
  else if (!stated && c->form == SIGV4_QUERY)
    payload = "UNSIGNED-PAYLOAD";
  if (!payload)
    return refuse(refusal, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  if (strncmp(payload, "STREAMING-", 10) == 0)
    return refuse(refusal, "NotImplemented",
                  "s3d does not take chunk-signed uploads (%.60s); sign the whole body or "
                  "send UNSIGNED-PAYLOAD.",
                  payload);
  if (strcmp(payload, "UNSIGNED-PAYLOAD") != 0 && !is_hash(payload))
    return refuse(refusal, "InvalidArgument",
                  "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, or a valid sha256 value.");
  return text_copy(c->payload, sizeof c->payload, payload);
}

static bool read_form(const struct sigv4_request *r, struct sigv4_claim *claim, struct sigv4_refusal *refusal) {
  const char *authorization = sigv4_find_header(r, "authorization"), *mark = strchr(r->target, '?');
  struct uri_query q = {0};
  if (mark && !uri_query_init(&q, mark + 1, strlen(mark + 1)))
    return refuse(refusal, "InvalidURI", "Couldn't parse the specified URI.");
  bool in_query = uri_query_get(&q, "X-Amz-Algorithm") != NULL, ok = true;
  if (in_query && authorization)
    ok = refuse(refusal, "InvalidArgument",
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                "Signature query string parameter or the Authorization header should be specified");
  else if (in_query)
    ok = read_query_form(&q, claim, refusal);
  else if (authorization)
    ok = read_header_form(r, authorization, claim, refusal);
  uri_query_finish(&q);
  return ok;
}

bool sigv4_read(const struct sigv4_request *r, const struct sigv4_rules *rules, struct sigv4_claim *claim,
                struct sigv4_refusal *refusal) {
  *claim = (struct sigv4_claim){0};
  if (!read_form(r, claim, refusal))
    return false;
  if (claim->form == SIGV4_NONE)
    return true;
  if (!read_date(claim->date, &claim->time))
    return refuse(refusal, claim->form == SIGV4_QUERY ? malformed_code(claim) : "AccessDenied",
                  "AWS authentication requires a valid X-Amz-Date: YYYYMMDD'T'HHMMSS'Z', not \"%s\"", claim->date);
  return check_scope(rules, claim, refusal) && check_time(rules, claim, refusal) &&
         check_signed_headers(r, claim, refusal) && read_payload(r, rules, claim, refusal);
}

bool sigv4_check(const struct sigv4_request *r, const struct sigv4_rules *rules, const struct sigv4_claim *claim,
                 const char *secret, struct text *canonical, struct text *to_sign) {
  char hex[HASH_SHA256_HEX];
  sigv4_canonical(r, rules, claim, canonical);
  sigv4_to_sign(claim, canonical, to_sign);
  return !to_sign->failed && sigv4_signature(claim, secret, to_sign->data, hex) && strlen(claim->signature) == 64 &&
         CRYPTO_memcmp(hex, claim->signature, 64) == 0;
}
