/* Credentials by IAM Identity Center (SSO), with the token that `aws sso login` keeps. */
#include "address/service.h"
#include "base/uri.h"
#include "identity/json.h"
#include "identity/sources.h"
#include "identity/sso_token.h"

enum { CONNECT_MS = 5000, TIMEOUT_MS = 20000, ATTEMPTS = 3, PAUSE_MS = 500, URL_SIZE = 1600 };
static const char where[] = "SSO";

int sso_service_url(const struct plan *plan, enum service service, const char *own, char out[SSO_URL_SIZE],
                    struct sluice_error *err) {
  struct service_address address;
  struct service_place place = {.region = plan->sso.region, .fips = plan->fips, .dualstack = plan->dualstack};
  size_t n = strlen(own);
  while (n && own[n - 1] == '/')
    n--;
  if (n >= SSO_URL_SIZE)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: the endpoint is too long", where);
  if (n) {
    snprintf(out, SSO_URL_SIZE, "%.*s", (int)n, own);
    return SLUICE_OK;
  }
  int status = service_address(service, &place, &address, err);
  if (status == SLUICE_OK)
    snprintf(out, SSO_URL_SIZE, "%s", address.url);
  return status;
}

int sso_send(const struct world *world, const struct http_request *request, const char *step, struct http_answer *out,
             struct sluice_error *err) {
  for (int i = 1;; i++) {
    struct http_answer answer = {.date = -1};
    struct sluice_error own = {0};
    int status = world->send(world->context, request, &answer, &own);
    bool again = status == SLUICE_ERR_RETRY || (status == SLUICE_OK && (answer.status >= 500 || answer.status == 429));
    if (!again || i == ATTEMPTS) {
      if (status == SLUICE_OK)
        *out = answer;
      return status == SLUICE_OK ? status : sluice_fail(err, status, where, "%s: %s", step, own.message);
    }
    http_answer_finish(&answer);
    status = world->pause(world->context, PAUSE_MS * i, err);
    if (status != SLUICE_OK)
      return status;
  }
}

/* ---- the portal ---- */

static int make_url(const struct plan *plan, char out[URL_SIZE], struct sluice_error *err) {
  char base[SSO_URL_SIZE];
  struct text role = {0}, account = {0};
  int status = sso_service_url(plan, SERVICE_SSO, plan->sso_url, base, err);
  if (status != SLUICE_OK)
    return status;
  uri_encode(&role, plan->sso.role, strlen(plan->sso.role));
  uri_encode(&account, plan->sso.account, strlen(plan->sso.account));
  int n = snprintf(out, URL_SIZE, "%s/federation/credentials?role_name=%s&account_id=%s", base, text_get(&role),
                   text_get(&account));
  if (role.failed || account.failed || n >= URL_SIZE)
    status = sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: sso_role_name or sso_account_id is too long", where);
  text_finish(&role);
  text_finish(&account);
  return status;
}

/* {"roleCredentials": {accessKeyId, secretAccessKey, sessionToken, expiration (ms)}} */
static int read_answer(const struct fetcher *fetcher, const struct http_answer *answer, struct credentials **out,
                       struct sluice_error *err) {
  char reason[JSON_REASON_SIZE];
  const struct world *world = fetcher->world;
  struct json_issuer issuer = {where, answer->date >= 0 ? answer->date : world->now(world->context),
                               fetcher->plan->sso.account};
  json_t *document = json_read(text_get(&answer->body), answer->body.size, reason);
  if (!document)
    return sluice_fail(err, SLUICE_ERR_DATA, where, "%s: the portal's answer cannot be read: %s", where, reason);
  const json_t *inner = json_object_get(document, "roleCredentials");
  int status = json_is_integer(json_object_get(inner, "expiration"))
                   ? json_credentials(inner, JSON_SSO, &issuer, out, err)
                   : sluice_fail(err, SLUICE_ERR_DATA, where, "%s: the portal's answer holds no credentials", where);
  json_finish(document);
  return status;
}

static int judge(const struct fetcher *fetcher, const struct http_answer *answer, struct credentials **out,
                 struct sluice_error *err) {
  const struct plan *plan = fetcher->plan;
  char text[200];
  if (answer->status == 200)
    return read_answer(fetcher, answer, out, err);
  text_copy_line(text, sizeof text, text_get(&answer->body), answer->body.size);
  if (answer->status == 401)
    return sluice_fail(err, SLUICE_ERR_AUTH, where,
                       "%s: the token of the session is no longer taken; run aws sso login%s%.80s", where,
                       plan->profile[0] ? " --profile " : "", plan->profile);
  return sluice_fail(err, answer->status >= 500 || answer->status == 429 ? SLUICE_ERR_RETRY : SLUICE_ERR_AUTH, where,
                     "%s: the portal answered HTTP %d for role %.80s of account %.40s: %s; is it assigned to you?",
                     where, answer->status, plan->sso.role, plan->sso.account, text);
}

static int ask(struct fetcher *fetcher, const char *token, struct credentials **out, struct sluice_error *err) {
  struct http_header header = {"x-amz-sso_bearer_token", token};
  struct http_answer answer = {.date = -1};
  char url[URL_SIZE];
  int status = make_url(fetcher->plan, url, err);
  struct http_request request = {.method = "GET",
                                 .url = url,
                                 .headers = &header,
                                 .n_headers = 1,
                                 .connect_timeout_ms = CONNECT_MS,
                                 .timeout_ms = TIMEOUT_MS};
  if (status == SLUICE_OK)
    status = sso_send(fetcher->world, &request, "SSO: asking the portal", &answer, err);
  if (status == SLUICE_OK)
    status = judge(fetcher, &answer, out, err);
  http_answer_finish(&answer);
  return status;
}

int source_sso(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err) {
  const struct plan *plan = fetcher->plan;
  struct text token = {0};
  if (!plan->sso.account[0] || !plan->sso.role[0])
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, where,
        "profile \"%.80s\" has an sso_session but no sso_account_id and sso_role_name: it gives a token, "
        "not credentials; add both",
        plan->profile);
  int status = sso_token(fetcher->world, plan, &token, err);
  if (status == SLUICE_OK)
    status = ask(fetcher, text_get(&token), out, err);
  text_finish(&token);
  return status;
}
