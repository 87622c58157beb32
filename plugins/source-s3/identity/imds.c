/* Credentials of an EC2 instance, from its metadata service (IMDSv2; version 1 only where it is allowed). */
#include "identity/json.h"
#include "identity/sources.h"
#include <openssl/crypto.h>

enum { TIMEOUT_MS = 1000, ATTEMPTS = 3, PAUSE_MS = 500, TOKEN_LIFE_S = 21600, URL_SIZE = 640, ROLE_SIZE = 256 };
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

/* Transport errors and 5xx are tried again. */
static int send(const struct asking *a, const char *method, const char *url, const struct http_header *header,
                struct http_answer *out, struct sluice_error *err) {
  struct http_request request = {.method = method,
                                 .url = url,
                                 .headers = header,
                                 .n_headers = header ? 1 : 0,
                                 .connect_timeout_ms = TIMEOUT_MS,
                                 .timeout_ms = TIMEOUT_MS,
                                 .no_proxy = true};
  for (int i = 1;; i++) {
    struct http_answer answer = {.date = -1};
    struct sluice_error own = {0};
    int status = a->world->send(a->world->context, &request, &answer, &own);
    bool again = status == SLUICE_ERR_RETRY || (status == SLUICE_OK && answer.status >= 500);
    if (!again || i == ATTEMPTS) {
      if (status == SLUICE_OK)
        *out = answer;
      return status == SLUICE_OK ? status : sluice_fail(err, status, where, "%s: %s", where, own.message);
    }
    http_answer_finish(&answer);
    status = a->world->pause(a->world->context, PAUSE_MS, err);
    if (status != SLUICE_OK)
      return status;
  }
}

/* ---- the session token ---- */

/* A token that does not come though plain requests are answered: the answer to PUT did not survive the hop into a
 * container. */
static int explain_no_token(const struct asking *a, const struct sluice_error *why, struct sluice_error *err) {
  struct http_answer answer = {.date = -1};
  char url[URL_SIZE];
  bool answers = make_url(a, path, "", url) && send(a, "GET", url, NULL, &answer, NULL) == SLUICE_OK;
  http_answer_finish(&answer);
  if (answers)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where,
                       "%s: no token came, though the service answers: in a container the hop limit is too low. Raise "
                       "HttpPutResponseHopLimit of the instance to 2",
                       where);
  return sluice_fail(
      err, SLUICE_ERR_CONFIG, where,
      "no credentials were found: no option, environment, profile or container has any, and the %s service "
      "does not answer (%s). Set access_key_id and secret_access_key, or AWS_ACCESS_KEY_ID and "
      "AWS_SECRET_ACCESS_KEY in the environment, or a profile, or anonymous = true for a public bucket",
      where, why->message);
}

static int take_token(const struct asking *a, const struct http_answer *answer, struct sluice_error *err) {
  struct fetcher *fetcher = a->fetcher;
  const char *token = text_get(&answer->body);
  size_t n = answer->body.size;
  if (n == 0 || n >= sizeof fetcher->imds_token || strlen(token) != n || strpbrk(token, " \t\r\n"))
    return sluice_fail(err, SLUICE_ERR_DATA, where, "%s: the token that came is none", where);
  memcpy(fetcher->imds_token, token, n + 1);
  fetcher->imds_token_until = a->world->now(a->world->context) + TOKEN_LIFE_S - 60;
  return SLUICE_OK;
}

static int judge_token(struct asking *a, const struct http_answer *answer, struct sluice_error *err) {
  bool refused = answer->status == 403 || answer->status == 404 || answer->status == 405;
  if (answer->status == 200)
    return take_token(a, answer, err);
  if (refused && !a->fetcher->plan->imds_v1_disabled) {
    a->v1 = true;
    return SLUICE_OK;
  }
  return sluice_fail(err, answer->status >= 500 ? SLUICE_ERR_RETRY : SLUICE_ERR_AUTH, where,
                     "%s: the request for a token was answered with HTTP %d%s", where, answer->status,
                     answer->status == 403 ? "; the service is turned off for this instance" : "");
}

static int get_token(struct asking *a, struct sluice_error *err) {
  static const struct http_header life = {"X-aws-ec2-metadata-token-ttl-seconds", "21600"};
  struct http_answer answer = {.date = -1};
  struct sluice_error own = {0};
  char url[URL_SIZE];
  if (a->fetcher->imds_token[0] && a->world->now(a->world->context) < a->fetcher->imds_token_until)
    return SLUICE_OK;
  if (!make_url(a, "/latest/api/token", "", url))
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: its endpoint is too long", where);
  int status = send(a, "PUT", url, &life, &answer, &own);
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
  return status == SLUICE_OK ? send(a, "GET", url, a->v1 ? NULL : &token, out, err) : status;
}

/* A 401 says that the token is stale: once a new one. */
static int get(struct asking *a, const char *tail, struct http_answer *out, struct sluice_error *err) {
  char url[URL_SIZE];
  if (!make_url(a, path, tail, url))
    return sluice_fail(err, SLUICE_ERR_DATA, where, "%s: the role's name is too long", where);
  int status = get_once(a, url, out, err);
  if (status == SLUICE_OK && out->status == 401 && !a->v1) {
    http_answer_finish(out);
    a->fetcher->imds_token[0] = 0;
    status = get_once(a, url, out, err);
  }
  return status;
}

static int get_role(struct asking *a, char role[ROLE_SIZE], struct sluice_error *err) {
  struct http_answer answer = {.date = -1};
  int status = get(a, "", &answer, err);
  if (status == SLUICE_OK && answer.status == 404)
    status = sluice_fail(err, SLUICE_ERR_AUTH, where, "%s: the instance has no role; attach an instance profile to it",
                         where);
  else if (status == SLUICE_OK && answer.status != 200)
    status = sluice_fail(err, answer.status >= 500 ? SLUICE_ERR_RETRY : SLUICE_ERR_AUTH, where,
                         "%s: the role's name was answered with HTTP %d", where, answer.status);
  if (status == SLUICE_OK) {
    size_t n = strcspn(text_get(&answer.body), "\r\n");
    if (n == 0 || n >= ROLE_SIZE || strcspn(text_get(&answer.body), " \t/?#%") < n)
      status = sluice_fail(err, SLUICE_ERR_DATA, where, "%s: the answer is no role's name", where);
    else
      snprintf(role, ROLE_SIZE, "%.*s", (int)n, text_get(&answer.body));
  }
  http_answer_finish(&answer);
  return status;
}

/* Late credentials: the service gives the old ones while it is in trouble. Servers take them on, so we do too. */
static int read_answer(const struct asking *a, const struct http_answer *answer, struct credentials **out,
                       struct sluice_error *err) {
  enum { EXTENSION_S = 600 };
  char reason[JSON_REASON_SIZE];
  int64_t expires, now = answer->date >= 0 ? answer->date : a->world->now(a->world->context);
  json_t *document = json_read(text_get(&answer->body), answer->body.size, reason);
  if (!document)
    return sluice_fail(err, SLUICE_ERR_DATA, where, "%s: the answer cannot be read: %s", where, reason);
  const char *code = json_text(document, "Code"), *end = json_text(document, "Expiration");
  int status = SLUICE_OK;
  if (code && strcmp(code, "Success") != 0)
    status = sluice_fail(err, SLUICE_ERR_AUTH, where, "%s: %.60s: %.200s; check the instance profile and its role",
                         where, code, json_text(document, "Message") ? json_text(document, "Message") : "");
  if (status == SLUICE_OK && end && json_time(end, &expires) && expires <= now) {
    a->world->log(
        a->world->context, SLUICE_WARN,
        "s3: the EC2 instance metadata service gives credentials that have ended; they are used on for 10 minutes");
    now = expires - EXTENSION_S;
  }
  struct json_issuer issuer = {where, now, NULL};
  if (status == SLUICE_OK)
    status = json_credentials(document, JSON_SERVICE, &issuer, out, err);
  json_finish(document);
  return status;
}

int source_instance(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err) {
  struct asking a = {.fetcher = fetcher, .world = fetcher->world};
  struct http_answer answer = {.date = -1};
  char role[ROLE_SIZE];
  if (fetcher->plan->imds_disabled)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: it is turned off by AWS_EC2_METADATA_DISABLED", where);
  int status = get_role(&a, role, err);
  if (status == SLUICE_OK)
    status = get(&a, role, &answer, err);
  if (status == SLUICE_OK && answer.status != 200)
    status = sluice_fail(err, answer.status >= 500 ? SLUICE_ERR_RETRY : SLUICE_ERR_AUTH, where,
                         "%s: the credentials of role %s were answered with HTTP %d", where, role, answer.status);
  else if (status == SLUICE_OK)
    status = read_answer(&a, &answer, out, err);
  http_answer_finish(&answer);
  return status;
}
