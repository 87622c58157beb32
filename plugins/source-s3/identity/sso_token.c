/* The access token that `aws sso login` keeps in a file, renewed through OIDC where the file has what that needs. */
#include "identity/sso_token.h"
#include "identity/json.h"
#include <openssl/evp.h>
#include <stdlib.h>
#include <time.h>

enum { PATH_SIZE = 4200, REFRESH_S = 900, CONNECT_MS = 5000, TIMEOUT_MS = 20000 };
static const char where[] = "SSO";

static int login(const struct plan *plan, struct sluice_error *err, const char *why) {
  return sluice_fail(err, SLUICE_ERR_AUTH, where, "%s: %s; run aws sso login%s%.80s", where, why,
                     plan->profile[0] ? " --profile " : "", plan->profile);
}

/* ---- the file ---- */

static int cache_path(const struct world *world, const struct plan *plan, char out[PATH_SIZE],
                      struct sluice_error *err) {
  const char *home = world->variable(world->context, "HOME");
  const char *name = plan->sso.session[0] ? plan->sso.session : plan->sso.start_url;
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
  if (!home)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "HOME",
                       "%s: HOME is not set, so the token that aws sso login keeps cannot be found", where);
  if (EVP_Digest(name, strlen(name), hash, &size, EVP_sha1(), NULL) != 1)
    return sluice_fail(err, SLUICE_ERR_MEMORY, where, "%s: no memory for a hash", where);
  for (unsigned i = 0; i < size; i++)
    snprintf(hex + 2 * i, 3, "%02x", hash[i]);
  if (snprintf(out, PATH_SIZE, "%s/.aws/sso/cache/%s.json", home, hex) >= PATH_SIZE)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "HOME", "%s: HOME is too long", where);
  return SLUICE_OK;
}

static int read_cache(const struct world *world, const struct plan *plan, const char *path, json_t **out,
                      struct sluice_error *err) {
  struct text text = {.limit = FILE_MAX + 1};
  struct sluice_error own = {0};
  char why[400];
  char reason[JSON_REASON_SIZE] = "";
  int status = world->read_file(world->context, path, &text, &own);
  json_t *document = status == SLUICE_OK ? json_read(text_get(&text), text.size, reason) : NULL;
  text_finish(&text);
  if (status != SLUICE_OK)
    snprintf(why, sizeof why, "there is no token of a login (%.300s)", own.message);
  else
    snprintf(why, sizeof why, "the kept token cannot be read (%.200s: %s)", path, reason);
  if (!document)
    return login(plan, err, why);
  *out = document;
  return SLUICE_OK;
}

/* ---- renewing ---- */

static bool can_refresh(const json_t *cache, int64_t now) {
  int64_t until;
  if (!json_text(cache, "refreshToken") || !json_text(cache, "clientId") || !json_text(cache, "clientSecret"))
    return false;
  const char *end = json_text(cache, "registrationExpiresAt");
  return !end || !json_time(end, &until) || now < until;
}

static char *refresh_body(const json_t *cache) {
  json_t *body =
      json_pack("{s:s, s:s, s:s, s:s}", "grantType", "refresh_token", "refreshToken", json_text(cache, "refreshToken"),
                "clientId", json_text(cache, "clientId"), "clientSecret", json_text(cache, "clientSecret"));
  char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
  json_finish(body);
  return text;
}

/* The file is written back, for the other tools: the old refresh token may be good no more. */
static void keep(const struct world *world, const char *path, json_t *cache, const json_t *answer, int64_t now) {
  char until[32];
  time_t end = (time_t)(now + json_integer_value(json_object_get(answer, "expiresIn")));
  struct tm parts;
  struct sluice_error ignored = {0};
  gmtime_r(&end, &parts);
  strftime(until, sizeof until, "%Y-%m-%dT%H:%M:%SZ", &parts);
  json_object_set_new(cache, "accessToken", json_string(json_text(answer, "accessToken")));
  json_object_set_new(cache, "expiresAt", json_string(until));
  if (json_text(answer, "refreshToken"))
    json_object_set_new(cache, "refreshToken", json_string(json_text(answer, "refreshToken")));
  char *text = json_dumps(cache, JSON_COMPACT);
  if (!text || world->write_file(world->context, path, text, strlen(text), &ignored) != SLUICE_OK)
    world->log(world->context, SLUICE_WARN,
               "s3: the renewed SSO token could not be written back; other tools may have to log in again");
  if (text)
    explicit_bzero(text, strlen(text));
  free(text);
}

static int take_refreshed(const struct world *world, const char *path, json_t *cache, const struct http_answer *answer,
                          struct sluice_error *err) {
  char reason[JSON_REASON_SIZE];
  int64_t now = answer->date >= 0 ? answer->date : world->now(world->context);
  json_t *document = answer->status == 200 ? json_read(text_get(&answer->body), answer->body.size, reason) : NULL;
  bool good = document && json_text(document, "accessToken");
  if (good)
    keep(world, path, cache, document, now);
  json_finish(document);
  return good ? SLUICE_OK
              : sluice_fail(err, SLUICE_ERR_AUTH, where, "%s: the token was not renewed (HTTP %d)", where,
                            answer->status);
}

static int refresh(const struct world *world, const struct plan *plan, const char *path, json_t *cache,
                   struct sluice_error *err) {
  static const struct http_header type = {"Content-Type", "application/json"};
  struct http_answer answer = {.date = -1};
  char url[SSO_URL_SIZE + 16];
  int status = sso_service_url(plan, SERVICE_SSO_OIDC, plan->oidc_url, url, err);
  char *body = status == SLUICE_OK ? refresh_body(cache) : NULL;
  if (status == SLUICE_OK && !body)
    status = sluice_fail(err, SLUICE_ERR_MEMORY, where, "%s: no memory to renew the token", where);
  if (status != SLUICE_OK)
    return status;
  memcpy(url + strlen(url), "/token", sizeof "/token");
  struct http_request request = {.method = "POST",
                                 .url = url,
                                 .headers = &type,
                                 .n_headers = 1,
                                 .body = body,
                                 .body_size = strlen(body),
                                 .connect_timeout_ms = CONNECT_MS,
                                 .timeout_ms = TIMEOUT_MS};
  status = sso_send(world, &request, "SSO: renewing the token", &answer, err);
  if (status == SLUICE_OK)
    status = take_refreshed(world, path, cache, &answer, err);
  http_answer_finish(&answer);
  explicit_bzero(body, strlen(body));
  free(body);
  return status;
}

/* ---- the token ---- */

static int fresh_token(const struct world *world, const struct plan *plan, const char *path, json_t *cache,
                       struct sluice_error *err) {
  int64_t until = 0, now = world->now(world->context);
  struct sluice_error own = {0};
  const char *end = json_text(cache, "expiresAt");
  if (!json_text(cache, "accessToken") || !end || !json_time(end, &until))
    return login(plan, err, "the kept token has no accessToken or expiresAt");
  if (now < until - REFRESH_S)
    return SLUICE_OK;
  int status = can_refresh(cache, now) ? refresh(world, plan, path, cache, &own) : SLUICE_ERR_AUTH;
  if (status == SLUICE_OK || (now < until && status != SLUICE_ERR_CANCELLED))
    return SLUICE_OK; /* the old one holds for a while */
  if (status != SLUICE_ERR_AUTH)
    return sluice_fail(err, status, own.where, "%s", own.message);
  return login(plan, err, own.message[0] ? own.message : "the login has ended");
}

int sso_token(const struct world *world, const struct plan *plan, struct text *out, struct sluice_error *err) {
  char path[PATH_SIZE];
  json_t *cache = NULL;
  int status = cache_path(world, plan, path, err);
  if (status == SLUICE_OK)
    status = read_cache(world, plan, path, &cache, err);
  if (status == SLUICE_OK)
    status = fresh_token(world, plan, path, cache, err);
  const char *token = status == SLUICE_OK ? json_text(cache, "accessToken") : NULL;
  if (token && strpbrk(token, "\r\n"))
    status = login(plan, err, "the kept token has a line end inside");
  else if (token)
    text_puts(out, token);
  json_finish(cache);
  return status;
}
