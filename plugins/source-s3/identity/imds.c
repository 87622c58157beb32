/* Credentials of an EC2 instance, from its metadata service (version 2; version 1 only where it is allowed). */
#include "base/uri.h"
#include "identity/ask.h"
#include "identity/json.h"
#include "identity/sources.h"
#include <string.h>

enum {
  TIMEOUT_MS = 1000,
  ATTEMPTS = 3,
  PAUSE_MS = 500,
  TOKEN_LIFE_S = 21600,
  URL_SIZE = 1600,
  ROLE_SIZE = 256,
  EXTENSION_MIN_S = 120, /* keys that have ended are used on for a while, not all users as long */
  EXTENSION_S = 600
};
static const char where[] = "EC2 instance metadata";
static const char path[] = "/latest/meta-data/iam/security-credentials/";

struct asking {
  struct fetcher *fetcher;
  const struct world *world;
  bool v1;
};

static bool make_url(const struct asking *a, const char *tail, const char *more, char out[URL_SIZE]) {
  const char *base = a->fetcher->plan->imds_url;
  size_t n = strlen(base);
  while (n && base[n - 1] == '/')
    n--;
  return snprintf(out, URL_SIZE, "%.*s%s%s", (int)n, base, tail, more) < URL_SIZE;
}

static int send(const struct asking *a, const char *method, const char *url, const struct http_header *header,
                int attempts, struct http_answer *out, struct sluice_error *err) {
  struct ask ask = {.step = where,
                    .attempts = attempts,
                    .pause_ms = PAUSE_MS,
                    .connect_timeout_ms = TIMEOUT_MS,
                    .timeout_ms = TIMEOUT_MS};
  struct http_request request = {
      .method = method, .url = url, .headers = header, .n_headers = header ? 1 : 0, .no_proxy = true};
  return ask_send(a->world, &ask, &request, out, err);
}

static int refused(const struct http_answer *answer, const char *what, const char *advice, struct sluice_error *err) {
  struct ask ask = {.step = what};
  return ask_refused(&ask, answer, SLUICE_ERR_AUTH, advice, err);
}

/* ---- the session token ---- */

/* The answer to PUT does not survive a hop that a GET's does: its time to live is the instance's hop limit. */
static bool hop_limit_is_low(const struct asking *a) {
  struct http_answer answer = {.date = -1};
  char url[URL_SIZE];
  bool refuses = make_url(a, path, "", url) && send(a, "GET", url, NULL, 1, &answer, NULL) == SLUICE_OK &&
                 (answer.status == 401 || answer.status == 200);
  http_answer_finish(&answer);
  return refuses;
}

static int explain_no_token(struct asking *a, const struct sluice_error *why, struct sluice_error *err) {
  if (a->fetcher->imds_last && a->fetcher->plan->imds_v1_disabled) /* tokens came before: this is an outage */
    return sluice_fail(err, SLUICE_ERR_RETRY, where, "%s", why->message);
  if (hop_limit_is_low(a)) {
    a->v1 = !a->fetcher->plan->imds_v1_disabled;
    return a->v1 ? SLUICE_OK
                 : sluice_fail(err, SLUICE_ERR_CONFIG, where,
                               "%s: no session token came, though the service answers: in a container the hop limit is "
                               "too low; raise HttpPutResponseHopLimit of the instance to 2",
                               where);
  }
  if (a->fetcher->imds_last)
    return sluice_fail(err, SLUICE_ERR_RETRY, where, "%s", why->message);
  return sluice_fail(
      err, SLUICE_ERR_CONFIG, where,
      "no credentials were found: no option, environment, profile or container has any, and the %s service "
      "does not answer (%.200s). Set access_key_id and secret_access_key, or AWS_ACCESS_KEY_ID and "
      "AWS_SECRET_ACCESS_KEY in the environment, or a profile, or anonymous = true for a public bucket",
      where, why->message);
}

static int take_token(const struct asking *a, const struct http_answer *answer, struct sluice_error *err) {
  struct fetcher *fetcher = a->fetcher;
  const char *token = text_get(&answer->body);
  size_t n = answer->body.size;
  bool good = n && n < sizeof fetcher->imds_token;
  for (size_t i = 0; good && i < n; i++)
    good = token[i] > 0x20 && token[i] < 0x7f;
  if (!good)
    return sluice_fail(err, SLUICE_ERR_RETRY, where, "%s: the session token that came is none", where);
  memcpy(fetcher->imds_token, token, n + 1);
  fetcher->imds_token_until = a->world->now(a->world->context) + TOKEN_LIFE_S - 60;
  return SLUICE_OK;
}

static int judge_token(struct asking *a, const struct http_answer *answer, struct sluice_error *err) {
  bool none = answer->status == 403 || answer->status == 404 || answer->status == 405;
  if (answer->status == 200)
    return take_token(a, answer, err);
  a->v1 = none && !a->fetcher->plan->imds_v1_disabled;
  if (a->v1)
    return SLUICE_OK;
  const char *advice = "is this the metadata service? (AWS_EC2_METADATA_SERVICE_ENDPOINT)";
  if (answer->status == 403)
    advice = "the metadata service is turned off for this instance";
  else if (none)
    advice = "it knows version 1 only, which AWS_EC2_METADATA_V1_DISABLED=false allows";
  return refused(answer, "EC2 instance metadata: the session token", advice, err);
}

static int get_token(struct asking *a, struct sluice_error *err) {
  static const struct http_header life = {"X-aws-ec2-metadata-token-ttl-seconds", "21600"};
  struct http_answer answer = {.date = -1};
  struct sluice_error own = {.message = ""};
  char url[URL_SIZE];
  bool kept = a->fetcher->imds_token[0] && a->world->now(a->world->context) < a->fetcher->imds_token_until;
  if (kept || a->v1)
    return SLUICE_OK;
  if (!make_url(a, "/latest/api/token", "", url))
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: its endpoint is too long", where);
  int status = send(a, "PUT", url, &life, ATTEMPTS, &answer, &own);
  if (status == SLUICE_OK)
    status = judge_token(a, &answer, err);
  else if (status == SLUICE_ERR_RETRY)
    status = explain_no_token(a, &own, err);
  else
    sluice_fail(err, status, own.where, "%s", own.message);
  http_answer_finish(&answer);
  return status;
}

/* ---- the role and its credentials ---- */

static int get_once(struct asking *a, const char *url, struct http_answer *out, struct sluice_error *err) {
  int status = get_token(a, err);
  struct http_header token = {"X-aws-ec2-metadata-token", a->fetcher->imds_token};
  return status == SLUICE_OK ? send(a, "GET", url, a->v1 ? NULL : &token, ATTEMPTS, out, err) : status;
}

/* A 401 says that the token is stale: once a new one. */
static int get(struct asking *a, const char *tail, struct http_answer *out, struct sluice_error *err) {
  char url[URL_SIZE];
  if (!make_url(a, path, tail, url))
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: its endpoint is too long", where);
  int status = get_once(a, url, out, err);
  if (status == SLUICE_OK && out->status == 401 && !a->v1) {
    http_answer_finish(out);
    a->fetcher->imds_token[0] = 0;
    status = get_once(a, url, out, err);
  }
  return status;
}

/* The first line, encoded for a URL. */
static int read_role(const struct http_answer *answer, char role[ROLE_SIZE], struct sluice_error *err) {
  struct text encoded = {.limit = ROLE_SIZE - 1};
  size_t n = strcspn(text_get(&answer->body), "\r\n");
  uri_encode(&encoded, text_get(&answer->body), n);
  bool good = encoded.size && !encoded.failed;
  if (good)
    memcpy(role, encoded.data, encoded.size + 1);
  text_finish(&encoded);
  return good ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_RETRY, where, "%s: the answer is no role's name", where);
}

static int get_role(struct asking *a, char role[ROLE_SIZE], struct sluice_error *err) {
  static const char none[] =
      "the instance has no role: attach an instance profile to it, or give credentials otherwise";
  struct http_answer answer = {.date = -1};
  int status = get(a, "", &answer, err);
  if (status == SLUICE_OK && answer.status == 200)
    status = read_role(&answer, role, err);
  else if (status == SLUICE_OK)
    status = refused(&answer, "EC2 instance metadata: the name of the role",
                     answer.status == 404 ? none : "check the metadata options of the instance", err);
  http_answer_finish(&answer);
  return status;
}

/* ---- keys that have ended ---- */

/* While the service is in trouble it gives old keys, or none. S3 takes them on for a while, so we do too. */
static int extend(const struct asking *a, const struct credentials *old, int64_t now, struct credentials **out,
                  struct sluice_error *err) {
  int64_t life = EXTENSION_MIN_S + ask_jitter(EXTENSION_S - EXTENSION_MIN_S);
  struct credentials_text text = {old->access_key_id, old->secret, old->token, old->account};
  char line[160];
  snprintf(line, sizeof line, "s3: %s has no new credentials; the old ones, which have ended, are used %lld s more",
           where, (long long)life);
  a->world->log(a->world->context, SLUICE_WARN, line);
  return credentials_create(&text, now + life, now, where, out, err);
}

/* The service is away: what is left of the last set, or an extension. */
static int use_last(const struct asking *a, const struct sluice_error *why, struct credentials **out,
                    struct sluice_error *err) {
  struct credentials *last = a->fetcher->imds_last;
  int64_t now = a->world->now(a->world->context) + a->fetcher->imds_ahead_s;
  if (!last)
    return sluice_fail(err, SLUICE_ERR_RETRY, why->where, "%s", why->message);
  if (last->expires <= now)
    return extend(a, last, now, out, err);
  struct credentials_text text = {last->access_key_id, last->secret, last->token, last->account};
  return credentials_create(&text, last->expires, now, where, out, err);
}

static int read_keys(const struct asking *a, const json_t *document, int64_t now, struct credentials **out,
                     struct sluice_error *err) {
  const char *end = json_text(document, "Expiration");
  int64_t expires = CREDENTIALS_NEVER;
  bool ended = end && json_time(end, &expires) && expires <= now;
  struct json_issuer issuer = {.where = where, .now = ended ? expires - 1 : now};
  struct credentials *made = NULL;
  int status = json_credentials(document, JSON_SERVICE, &issuer, &made, err);
  if (status == SLUICE_OK && ended)
    status = extend(a, made, now, out, err);
  else if (status == SLUICE_OK)
    *out = credentials_ref(made);
  if (status == SLUICE_OK) {
    credentials_unref(a->fetcher->imds_last);
    a->fetcher->imds_last = credentials_ref(made);
    a->fetcher->imds_ahead_s = now - a->world->now(a->world->context);
  }
  credentials_unref(made);
  return status;
}

static int read_answer(const struct asking *a, const struct http_answer *answer, struct credentials **out,
                       struct sluice_error *err) {
  char reason[JSON_REASON_SIZE], complaint[300];
  json_t *document = json_read(text_get(&answer->body), answer->body.size, reason);
  if (!document)
    return sluice_fail(err, SLUICE_ERR_RETRY, where, "%s: the answer cannot be read: %s", where, reason);
  const char *code = json_text(document, "Code");
  int status = SLUICE_OK;
  if (code && strcmp(code, "Success") != 0) {
    json_complaint(text_get(&answer->body), answer->body.size, complaint, sizeof complaint);
    status = sluice_fail(err, SLUICE_ERR_AUTH, where,
                         "%s: %s; check the instance profile, its role and the role's "
                         "trust policy",
                         where, complaint);
  } else {
    status = read_keys(a, document, ask_issuer_now(a->world, answer), out, err);
  }
  json_finish(document);
  return status;
}

static int get_credentials(struct asking *a, struct credentials **out, struct sluice_error *err) {
  struct http_answer answer = {.date = -1};
  char role[ROLE_SIZE];
  int status = get_role(a, role, err);
  if (status == SLUICE_OK)
    status = get(a, role, &answer, err);
  if (status == SLUICE_OK && answer.status == 200)
    status = read_answer(a, &answer, out, err);
  else if (status == SLUICE_OK)
    status = refused(&answer, "EC2 instance metadata: the credentials of the role",
                     "check the instance profile and its role", err);
  http_answer_finish(&answer);
  return status;
}

int source_instance(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err) {
  struct asking a = {.fetcher = fetcher, .world = fetcher->world};
  struct sluice_error own = {.message = ""};
  if (fetcher->plan->imds_disabled)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: it is turned off by AWS_EC2_METADATA_DISABLED", where);
  int status = get_credentials(&a, out, &own);
  if (status == SLUICE_ERR_RETRY)
    return use_last(&a, &own, out, err);
  if (status != SLUICE_OK && err && !err->message[0])
    *err = own;
  return status;
}
