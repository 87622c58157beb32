/* One call of STS with its attempts: signed, tried again where that may help, its refusals told in full. */
#include "identity/sts_call.h"
#include "address/endpoint.h"
#include "address/service.h"
#include "base/uri.h"
#include "sign/sigv4.h"
#include <openssl/crypto.h>

enum { ATTEMPTS = 4, CONNECT_MS = 5000, TIMEOUT_MS = 20000, PAUSE_FIRST_MS = 200, SKEW_S = 240 };

/* RGW takes a + for itself: a blank is %20. */
void sts_add(struct text *body, const char *name, const char *value) {
  text_printf(body, "%s%s=", body->size ? "&" : "", name);
  uri_encode(body, value, strlen(value));
}

/* ---- where ---- */

struct target {
  char url[640], host[300], path[260], region[64];
};

static int own_target(const struct sts_call *call, struct target *out, struct sluice_error *err) {
  struct endpoint endpoint;
  int status = endpoint_parse(call->plan->sts_url, "sts_endpoint", ADDRESSING_PATH, &endpoint, err);
  if (status != SLUICE_OK)
    return status;
  const char *region = call->region && *call->region ? call->region : call->plan->region;
  snprintf(out->host, sizeof out->host, "%s%s", endpoint.host, endpoint.port);
  snprintf(out->path, sizeof out->path, "%s/", endpoint.base);
  snprintf(out->url, sizeof out->url, "%s://%s%s", endpoint.https ? "https" : "http", out->host, out->path);
  snprintf(out->region, sizeof out->region, "%s", region);
  return SLUICE_OK;
}

static int find_target(const struct sts_call *call, struct target *out, struct sluice_error *err) {
  const struct plan *plan = call->plan;
  struct service_address address;
  struct service_place place = {.region = call->region && *call->region ? call->region : plan->region,
                                .fips = plan->fips,
                                .dualstack = plan->dualstack,
                                .global = plan->sts_global};
  if (plan->sts_url[0])
    return own_target(call, out, err);
  int status = service_address(SERVICE_STS, &place, &address, err);
  if (status != SLUICE_OK)
    return status;
  snprintf(out->url, sizeof out->url, "%s/", address.url);
  snprintf(out->host, sizeof out->host, "%s", address.url + strlen("https://"));
  snprintf(out->path, sizeof out->path, "/");
  snprintf(out->region, sizeof out->region, "%s", address.signing_region);
  return SLUICE_OK;
}

/* ---- one attempt ---- */

enum { HEADERS_MAX = 5 };
static const char form[] = "application/x-www-form-urlencoded; charset=utf-8";

static bool sign(const struct sts_call *call, const struct target *target, const char *date,
                 struct text *authorization) {
  char hash[SIGV4_HEX_SIZE];
  const char *token = call->with->token;
  sigv4_hash(text_get(call->body), call->body->size, hash);
  struct sigv4_pair headers[] = {{slice_of("content-type"), slice_of(form)},
                                 {slice_of("host"), slice_of(target->host)},
                                 {slice_of("x-amz-date"), slice_of(date)},
                                 {slice_of("x-amz-security-token"), slice_of(token)}};
  struct sigv4_request request = {.method = "POST",
                                  .path = slice_of(target->path),
                                  .headers = headers,
                                  .n_headers = token[0] ? 4 : 3,
                                  .payload_hash = hash,
                                  .fold_path = true};
  struct sigv4_scope scope = {date, target->region, "sts"};
  struct sigv4_signer signer = {.access_key_id = call->with->access_key_id};
  bool ok = sigv4_key(call->with->secret, &scope, signer.key) &&
            sigv4_authorize(&request, &scope, &signer, authorization, NULL);
  OPENSSL_cleanse(&signer, sizeof signer);
  return ok;
}

static int attempt(const struct sts_call *call, const struct target *target, int64_t skew_s, struct http_answer *out,
                   struct sluice_error *err) {
  const struct world *world = call->world;
  struct text authorization = {0};
  char date[SIGV4_DATE_SIZE];
  struct http_header headers[HEADERS_MAX] = {{"Host", target->host}, {"Content-Type", form}};
  struct http_request request = {.method = "POST",
                                 .url = target->url,
                                 .headers = headers,
                                 .n_headers = 2,
                                 .body = text_get(call->body),
                                 .body_size = call->body->size,
                                 .connect_timeout_ms = CONNECT_MS,
                                 .timeout_ms = TIMEOUT_MS};
  sigv4_date(world->now(world->context) + skew_s, date);
  bool ok = !call->body->failed && (!call->with || sign(call, target, date, &authorization));
  if (call->with) {
    headers[request.n_headers++] = (struct http_header){"X-Amz-Date", date};
    headers[request.n_headers++] = (struct http_header){"Authorization", text_get(&authorization)};
  }
  if (call->with && call->with->token[0])
    headers[request.n_headers++] = (struct http_header){"X-Amz-Security-Token", call->with->token};
  int status = ok ? world->send(world->context, &request, out, err)
                  : sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory to sign a request");
  text_finish(&authorization);
  return status;
}

/* ---- what an answer means ---- */

static bool is_one_of(const char *code, const char *const *codes) {
  for (; *codes; codes++)
    if (strcmp(code, *codes) == 0)
      return true;
  return false;
}

static bool worth_another(int http, const char *code) {
  static const char *const codes[] = {"Throttling",
                                      "ThrottlingException",
                                      "RequestLimitExceeded",
                                      "IDPCommunicationError",
                                      "InvalidIdentityToken",
                                      "RequestTimeout",
                                      "InternalFailure",
                                      "ServiceUnavailable",
                                      NULL};
  return http == 429 || http >= 500 || is_one_of(code, codes);
}

static bool is_skew(const char *code, int64_t date, int64_t now) {
  static const char *const sure[] = {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", NULL};
  static const char *const maybe[] = {"SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure", NULL};
  if (date < 0)
    return false;
  return is_one_of(code, sure) || (is_one_of(code, maybe) && (date - now > SKEW_S || now - date > SKEW_S));
}

static int refuse(const struct sts_call *call, const struct target *target, int http, const struct sts_fields *fields,
                  struct sluice_error *err) {
  static const char *const config[] = {
      "ValidationError", "MalformedPolicyDocument", "PackedPolicyTooLarge", "MissingParameter",
      "InvalidAction",   "InvalidParameterValue",   "MissingAction",        NULL};
  char code[64], message[300];
  text_copy_line(code, sizeof code, text_get(&fields->code), fields->code.size);
  text_copy_line(message, sizeof message, text_get(&fields->message), fields->message.size);
  int status = http == 404 || http == 405 || is_one_of(code, config) ? SLUICE_ERR_CONFIG : SLUICE_ERR_AUTH;
  if (worth_another(http, code))
    status = SLUICE_ERR_RETRY;
  const char *advice = strcmp(code, "RegionDisabledException") == 0
                           ? "STS is not turned on for this region; set region to another, or turn it on"
                           : call->advice;
  return sluice_fail(err, status, "sts", "%s: %s answered HTTP %d %s: %s; %s", call->step, target->host, http, code,
                     message, advice);
}

int sts_send(const struct sts_call *call, struct sts_fields *out, int64_t *issuer_now, struct sluice_error *err) {
  const struct world *world = call->world;
  struct target target;
  int64_t skew_s = 0, pause_ms = PAUSE_FIRST_MS;
  bool skewed = false;
  int status = find_target(call, &target, err);
  for (int i = 1; status == SLUICE_OK; i++) {
    struct http_answer answer = {.date = -1};
    struct sluice_error own = {0};
    sts_fields_finish(out);
    status = attempt(call, &target, skew_s, &answer, &own);
    bool whole = status == SLUICE_OK && sts_read(text_get(&answer.body), answer.body.size, out);
    int http = answer.status;
    int64_t date = answer.date;
    http_answer_finish(&answer);
    if (whole && http == 200 && !out->code.size) {
      *issuer_now = date;
      return SLUICE_OK;
    }
    if (status != SLUICE_OK && status != SLUICE_ERR_RETRY)
      return sluice_fail(err, status, own.where, "%s: %s", call->step, own.message);
    bool skew = status == SLUICE_OK && !skewed && is_skew(text_get(&out->code), date, world->now(world->context));
    bool again = status != SLUICE_OK || !(whole || http != 200) || worth_another(http, text_get(&out->code));
    if (skew) {
      skewed = true;
      skew_s = date - world->now(world->context);
      continue;
    }
    if (!again || i >= ATTEMPTS) {
      if (status != SLUICE_OK)
        return sluice_fail(err, status, "sts", "%s: after %d attempts: %s; is STS reachable from here (sts_endpoint)?",
                           call->step, i, own.message);
      return refuse(call, &target, http, out, err);
    }
    status = world->pause(world->context, pause_ms, err);
    pause_ms *= 2;
  }
  return status;
}
