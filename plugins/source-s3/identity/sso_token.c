/* The access token that `aws sso login` keeps in a file, renewed through OIDC where the file has what that needs. */
#include "identity/sso_token.h"
#include "identity/json.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <time.h>

enum { PATH_SIZE = 4200, REFRESH_S = 900, LIFE_MAX_S = 366 * 86400, TOKEN_MAX = 32 << 10 };
static const char where[] = "SSO";

struct kept { /* borrows world and plan */
  const struct world *world;
  const struct plan *plan;
  char path[PATH_SIZE];
  json_t *document;
};

static int login(const struct plan *plan, struct sluice_error *err, const char *why) {
  return sluice_fail(err, SLUICE_ERR_AUTH, where, "SSO: %s; run aws sso login --profile %.100s", why,
                     plan->base_profile);
}

/* ---- the file ---- */

static int find_path(struct kept *kept, struct sluice_error *err) {
  const struct plan *plan = kept->plan;
  const char *home = kept->world->variable(kept->world->context, "HOME");
  const char *name = plan->sso.session[0] ? plan->sso.session : plan->sso.start_url;
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
  if (!home)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "HOME",
                       "SSO: HOME is not set, so the token that aws sso login keeps cannot be found");
  if (EVP_Digest(name, strlen(name), hash, &size, EVP_sha1(), NULL) != 1)
    return sluice_fail(err, SLUICE_ERR_MEMORY, where, "SSO: no memory for a hash");
  for (unsigned i = 0; i < size; i++)
    snprintf(hex + 2 * i, 3, "%02x", hash[i]);
  if (snprintf(kept->path, PATH_SIZE, "%s/.aws/sso/cache/%s.json", home, hex) >= PATH_SIZE)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "HOME", "SSO: HOME is too long");
  return SLUICE_OK;
}

static int read_kept(struct kept *kept, struct sluice_error *err) {
  struct text text = {.limit = FILE_MAX + 1};
  struct sluice_error own = {.message = ""};
  char why[600], reason[JSON_REASON_SIZE] = "";
  int status = kept->world->read_file(kept->world->context, kept->path, &text, &own);
  if (status == SLUICE_OK)
    kept->document = json_read(text_get(&text), text.size, reason);
  text_finish(&text);
  if (kept->document)
    return SLUICE_OK;
  if (status != SLUICE_OK)
    snprintf(why, sizeof why, "there is no token of a login (%.300s)", own.message);
  else
    snprintf(why, sizeof why, "the token in %.300s cannot be read: %s", kept->path, reason);
  return login(kept->plan, err, why);
}

/* ---- renewing ---- */

static bool can_renew(const struct kept *kept, int64_t now) {
  const json_t *document = kept->document;
  const char *end = json_text(document, "registrationExpiresAt");
  int64_t until;
  if (!json_text(document, "refreshToken") || !json_text(document, "clientId") || !json_text(document, "clientSecret"))
    return false;
  return !end || !json_time(end, &until) || now < until;
}

static char *renewal_body(const struct kept *kept) {
  json_t *body = json_pack("{s:s, s:s, s:s, s:s}", "grantType", "refresh_token", "refreshToken",
                           json_text(kept->document, "refreshToken"), "clientId", json_text(kept->document, "clientId"),
                           "clientSecret", json_text(kept->document, "clientSecret"));
  char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
  json_finish(body);
  return text;
}

static void wipe_free(char *text) {
  if (text)
    OPENSSL_cleanse(text, strlen(text));
  free(text);
}

static bool set_text(json_t *object, const char *name, const char *value) {
  return json_object_set_new(object, name, json_string(value)) == 0;
}

/* The file is written back for the other tools: their refresh token may be good no more. */
static void write_back(const struct kept *kept) {
  struct sluice_error ignored = {.message = ""};
  char *text = json_dumps(kept->document, JSON_INDENT(2));
  if (!text || kept->world->write_file(kept->world->context, kept->path, text, strlen(text), &ignored) != SLUICE_OK)
    kept->world->log(kept->world->context, SLUICE_WARN,
                     "s3: the renewed SSO token could not be written back; other tools may have to log in again");
  wipe_free(text);
}

/* {"accessToken", "expiresIn" (s), "refreshToken"?} */
static int take_renewed(struct kept *kept, const json_t *answer, int64_t now, struct sluice_error *err) {
  const char *token = json_text(answer, "accessToken"), *refresh = json_text(answer, "refreshToken");
  int64_t life = json_integer_value(json_object_get(answer, "expiresIn"));
  char until[32];
  struct tm parts;
  if (!token || !*token || life <= 0 || life > LIFE_MAX_S)
    return sluice_fail(err, SLUICE_ERR_RETRY, where, "SSO: the answer to the renewal of the token has none");
  time_t end = (time_t)(now + life);
  if (!gmtime_r(&end, &parts) || !strftime(until, sizeof until, "%Y-%m-%dT%H:%M:%SZ", &parts))
    return sluice_fail(err, SLUICE_ERR_RETRY, where, "SSO: the renewed token's end is no time");
  bool ok = set_text(kept->document, "accessToken", token) && set_text(kept->document, "expiresAt", until);
  if (ok && refresh)
    ok = set_text(kept->document, "refreshToken", refresh);
  if (!ok)
    return sluice_fail(err, SLUICE_ERR_MEMORY, where, "SSO: no memory for the token");
  write_back(kept);
  return SLUICE_OK;
}

static int read_renewed(struct kept *kept, const struct http_answer *answer, struct sluice_error *err) {
  struct ask ask = {.step = "SSO: renewing the token",
                    .secrets = {json_text(kept->document, "refreshToken"), json_text(kept->document, "clientSecret")}};
  char reason[JSON_REASON_SIZE];
  if (answer->status != 200)
    return ask_refused(&ask, answer, SLUICE_ERR_AUTH, "the login has ended", err);
  json_t *document = json_read(text_get(&answer->body), answer->body.size, reason);
  if (!document)
    return sluice_fail(err, SLUICE_ERR_RETRY, where, "%s: the answer cannot be read: %s", ask.step, reason);
  int status = take_renewed(kept, document, kept->world->now(kept->world->context), err);
  json_finish(document);
  return status;
}

static int renew(struct kept *kept, struct sluice_error *err) {
  static const struct http_header type = {"Content-Type", "application/json"};
  struct http_answer answer = {.date = -1};
  struct text url = {0};
  char *body = renewal_body(kept);
  int status = body ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, where, "SSO: no memory to renew the token");
  if (status == SLUICE_OK)
    status = sso_make_url(kept->plan, SERVICE_SSO_OIDC, kept->plan->oidc_url, "/token", &url, err);
  if (status == SLUICE_OK) {
    struct http_request request = {.method = "POST",
                                   .url = text_get(&url),
                                   .headers = &type,
                                   .n_headers = 1,
                                   .body = body,
                                   .body_size = strlen(body)};
    status = sso_send(kept->world, &request, "SSO: renewing the token", &answer, err);
  }
  if (status == SLUICE_OK)
    status = read_renewed(kept, &answer, err);
  http_answer_finish(&answer);
  text_finish(&url);
  wipe_free(body);
  return status;
}

/* ---- the token ---- */

/* It goes into a header. */
static bool is_token(const char *token) {
  size_t n = token ? strlen(token) : 0;
  for (size_t i = 0; i < n; i++)
    if (token[i] <= 0x20 || token[i] >= 0x7f)
      return false;
  return n > 0 && n <= TOKEN_MAX;
}

static int keep_fresh(struct kept *kept, struct sluice_error *err) {
  const char *end = json_text(kept->document, "expiresAt");
  int64_t until = 0, now = kept->world->now(kept->world->context);
  struct sluice_error own = {.message = ""};
  if (!json_text(kept->document, "accessToken") || !end || !json_time(end, &until))
    return login(kept->plan, err, "the kept token has no accessToken or expiresAt");
  if (now < until - REFRESH_S)
    return SLUICE_OK;
  int status = can_renew(kept, now) ? renew(kept, &own) : SLUICE_ERR_AUTH;
  if (status == SLUICE_OK || status == SLUICE_ERR_CANCELLED)
    return status == SLUICE_OK ? status : sluice_fail(err, status, own.where, "%s", own.message);
  if (now < until)
    return SLUICE_OK; /* the old one holds for a while */
  if (status == SLUICE_ERR_AUTH)
    return login(kept->plan, err, own.message[0] ? own.message : "the login has ended");
  return sluice_fail(err, status, own.where, "%s", own.message);
}

int sso_token(const struct world *world, const struct plan *plan, struct text *out, struct sluice_error *err) {
  struct kept kept = {.world = world, .plan = plan};
  int status = find_path(&kept, err);
  if (status == SLUICE_OK)
    status = read_kept(&kept, err);
  if (status == SLUICE_OK)
    status = keep_fresh(&kept, err);
  if (status == SLUICE_OK && !is_token(json_text(kept.document, "accessToken")))
    status = login(plan, err, "the kept accessToken has characters that no token has");
  if (status == SLUICE_OK)
    text_puts(out, json_text(kept.document, "accessToken"));
  json_finish(kept.document);
  return status;
}
