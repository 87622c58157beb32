/* Credentials by IAM Identity Center (SSO), with the token that `aws sso login` keeps. */
#include "address/service.h"
#include "base/uri.h"
#include "identity/ask.h"
#include "identity/json.h"
#include "identity/sources.h"
#include "identity/sso_token.h"

enum { CONNECT_MS = 5000, TIMEOUT_MS = 20000, ATTEMPTS = 3, PAUSE_MS = 1000 };
static const char where[] = "SSO";

int sso_make_url(const struct plan *plan, enum service service, const char *own, const char *path, struct text *out,
                 struct sluice_error *err) {
  struct service_address address;
  struct service_place place = {.region = plan->sso.region, .fips = plan->fips, .dualstack = plan->dualstack};
  size_t n = strlen(own);
  int status = n ? SLUICE_OK : service_address(service, &place, &address, err);
  if (status != SLUICE_OK)
    return status;
  while (n && own[n - 1] == '/')
    n--;
  if (n)
    text_add(out, own, n);
  else
    text_puts(out, address.url);
  text_puts(out, path);
  return out->failed ? sluice_fail(err, SLUICE_ERR_MEMORY, where, "SSO: no memory for a URL") : SLUICE_OK;
}

int sso_send(const struct world *world, struct http_request *request, const char *step, struct http_answer *out,
             struct sluice_error *err) {
  struct ask ask = {.step = step,
                    .attempts = ATTEMPTS,
                    .pause_ms = PAUSE_MS,
                    .connect_timeout_ms = CONNECT_MS,
                    .timeout_ms = TIMEOUT_MS};
  return ask_send(world, &ask, request, out, err);
}

/* ---- the portal ---- */

static int portal_url(const struct plan *plan, struct text *out, struct sluice_error *err) {
  int status = sso_make_url(plan, SERVICE_SSO, plan->sso_url, "/federation/credentials?role_name=", out, err);
  if (status != SLUICE_OK)
    return status;
  uri_encode(out, plan->sso.role, strlen(plan->sso.role));
  text_puts(out, "&account_id=");
  uri_encode(out, plan->sso.account, strlen(plan->sso.account));
  return out->failed ? sluice_fail(err, SLUICE_ERR_MEMORY, where, "SSO: no memory for a URL") : SLUICE_OK;
}

/* {"roleCredentials": {accessKeyId, secretAccessKey, sessionToken, expiration (ms)}} */
static int read_answer(const struct fetcher *fetcher, const char *step, const struct http_answer *answer,
                       struct credentials **out, struct sluice_error *err) {
  char reason[JSON_REASON_SIZE];
  struct json_issuer issuer = {
      .where = step, .now = ask_issuer_now(fetcher->world, answer), .account = fetcher->plan->sso.account};
  json_t *document = json_read(text_get(&answer->body), answer->body.size, reason);
  if (!document)
    return sluice_fail(err, SLUICE_ERR_RETRY, where, "%s: the answer cannot be read: %s", step, reason);
  int status = json_credentials(json_object_get(document, "roleCredentials"), JSON_SSO, &issuer, out, err);
  json_finish(document);
  return status;
}

static int judge(const struct fetcher *fetcher, const struct ask *ask, const struct http_answer *answer,
                 struct credentials **out, struct sluice_error *err) {
  char advice[200] = "is this role of this account assigned to you?";
  if (answer->status == 200)
    return read_answer(fetcher, ask->step, answer, out, err);
  if (answer->status == 401)
    snprintf(advice, sizeof advice, "the login has ended: run aws sso login --profile %.100s",
             fetcher->plan->base_profile);
  return ask_refused(ask, answer, SLUICE_ERR_AUTH, advice, err);
}

static int ask_portal(const struct fetcher *fetcher, const char *token, struct credentials **out,
                      struct sluice_error *err) {
  const struct plan *plan = fetcher->plan;
  struct http_header header = {"x-amz-sso_bearer_token", token};
  struct http_answer answer = {.date = -1};
  struct text url = {0};
  char step[200];
  struct ask ask = {.step = step, .secrets = {token}};
  snprintf(step, sizeof step, "SSO credentials for role %.80s of account %.40s", plan->sso.role, plan->sso.account);
  int status = portal_url(plan, &url, err);
  struct http_request request = {.method = "GET", .url = text_get(&url), .headers = &header, .n_headers = 1};
  if (status == SLUICE_OK)
    status = sso_send(fetcher->world, &request, step, &answer, err);
  if (status == SLUICE_OK)
    status = judge(fetcher, &ask, &answer, out, err);
  http_answer_finish(&answer);
  text_finish(&url);
  return status;
}

int source_sso(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err) {
  const struct plan *plan = fetcher->plan;
  struct text token = {0};
  if (!plan->sso.account[0] || !plan->sso.role[0])
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile",
                       "profile \"%.80s\" has an sso_session but no sso_account_id and sso_role_name: it gives a "
                       "token, not credentials; add both",
                       plan->base_profile);
  int status = sso_token(fetcher->world, plan, &token, err);
  if (status == SLUICE_OK)
    status = ask_portal(fetcher, text_get(&token), out, err);
  text_finish(&token);
  return status;
}
