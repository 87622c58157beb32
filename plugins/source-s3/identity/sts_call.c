/* One call of STS with its attempts: signed, tried again where that may help, its refusals told in full. */
#include "identity/sts_call.h"
#include "address/endpoint.h"
#include "address/service.h"
#include "base/uri.h"
#include "identity/ask.h"
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
  char url[1024], host[400], path[260], region[64];
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

struct turn { /* how one attempt ended */
  int status, http;
  int64_t date;
  bool whole; /* the answer is XML */
  struct sluice_error error;
};

static void take_turn(const struct sts_call *call, const struct target *target, int64_t skew_s, struct sts_fields *out,
                      struct turn *turn) {
  struct http_answer answer = {.date = -1};
  *turn = (struct turn){.http = 0};
  sts_fields_finish(out);
  turn->status = attempt(call, target, skew_s, &answer, &turn->error);
  turn->whole = turn->status == SLUICE_OK && sts_read(text_get(&answer.body), answer.body.size, out);
  turn->http = answer.status;
  turn->date = answer.date;
  http_answer_finish(&answer);
}

static bool is_one_of(const struct text *code, const char *const *codes) {
  for (; *codes; codes++)
    if (strcmp(text_get(code), *codes) == 0)
      return true;
  return false;
}

static bool succeeded(const struct turn *turn, const struct sts_fields *fields) {
  return turn->whole && turn->http == 200 && !fields->code.size;
}

/* A token that STS cannot check at the moment is refused in words that may be of the moment only. */
static bool of_the_moment(const struct sts_fields *fields) {
  static const char *const codes[] = {"InvalidIdentityToken", NULL};
  return is_one_of(&fields->code, codes);
}

static bool is_away(const struct turn *turn, const struct sts_fields *fields) {
  static const char *const codes[] = {"Throttling",
                                      "ThrottlingException",
                                      "ThrottledException",
                                      "TooManyRequestsException",
                                      "RequestThrottled",
                                      "RequestLimitExceeded",
                                      "RequestTimeout",
                                      "IDPCommunicationError",
                                      "InternalError",
                                      "InternalFailure",
                                      "ServiceUnavailable",
                                      "SlowDown",
                                      NULL};
  if (turn->status != SLUICE_OK)
    return turn->status == SLUICE_ERR_RETRY;
  return turn->http == 429 || turn->http >= 500 || (turn->http == 200 && !turn->whole) ||
         is_one_of(&fields->code, codes);
}

/* Once: signs again by the server's clock, where a refusal may be for ours. */
static bool correct_clock(const struct sts_call *call, const struct turn *turn, const struct sts_fields *fields,
                          int64_t *skew_s) {
  static const char *const sure[] = {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", NULL};
  static const char *const maybe[] = {"SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure", NULL};
  int64_t off = turn->date - call->world->now(call->world->context);
  bool far = off > SKEW_S || off < -SKEW_S;
  if (!call->with || turn->status != SLUICE_OK || turn->date < 0 || *skew_s != 0)
    return false;
  if (!is_one_of(&fields->code, sure) && !(far && is_one_of(&fields->code, maybe)))
    return false;
  *skew_s = off;
  return off != 0;
}

/* ---- the end of it ---- */

static int meaning(const struct turn *turn, const struct sts_fields *fields) {
  static const char *const config[] = {
      "ValidationError", "MalformedPolicyDocument", "PackedPolicyTooLarge",    "MissingParameter", "MissingAction",
      "InvalidAction",   "InvalidParameterValue",   "RegionDisabledException", "NoSuchEntity",     NULL};
  if (is_away(turn, fields))
    return SLUICE_ERR_RETRY;
  return turn->http == 404 || turn->http == 405 || is_one_of(&fields->code, config) ? SLUICE_ERR_CONFIG
                                                                                    : SLUICE_ERR_AUTH;
}

static const char *advice_on_request(int status, const struct sts_fields *fields) {
  const char *code = text_get(&fields->code);
  if (strcmp(code, "RegionDisabledException") == 0)
    return "STS is not turned on for this region: set another region, or turn it on";
  if (strcmp(code, "NoSuchEntity") == 0)
    return "there is no such role: check role_arn";
  if (strstr(text_get(&fields->message), "MaxSessionDuration"))
    return "shorten `duration`, or raise the role's MaxSessionDuration";
  if (status == SLUICE_ERR_CONFIG && code[0])
    return "STS does not take the request as it is: check role_arn, external_id, role_session_name and duration";
  return NULL;
}

static void advise(const struct sts_call *call, const struct turn *turn, int status, const struct sts_fields *fields,
                   char out[200]) {
  const char *code = text_get(&fields->code), *on_request = advice_on_request(status, fields);
  if (status == SLUICE_ERR_RETRY)
    snprintf(out, 200, "the service is away or busy");
  else if (on_request)
    snprintf(out, 200, "%s", on_request);
  else if (strncmp(code, "ExpiredToken", 12) == 0)
    snprintf(out, 200, "renew the %s: the session has ended", call->keys);
  else if (strcmp(code, "InvalidClientTokenId") == 0 || strcmp(code, "SignatureDoesNotMatch") == 0)
    snprintf(out, 200, "check the %s", call->keys);
  else if (!code[0] && (turn->http == 404 || turn->http == 405))
    snprintf(out, 200, "is it an STS endpoint? (option sts_endpoint)");
  else
    snprintf(out, 200, "%s", call->advice);
}

static int give_up(const struct sts_call *call, const struct target *target, const struct turn *turn, int attempts,
                   const struct sts_fields *fields, struct sluice_error *err) {
  char code[64], message[300], advice[200];
  if (turn->status != SLUICE_OK && turn->status != SLUICE_ERR_RETRY)
    return sluice_fail(err, turn->status, turn->error.where, "%s: %s", call->step, turn->error.message);
  if (turn->status != SLUICE_OK)
    return sluice_fail(err, turn->status, "sts",
                       "%s: %s (%d attempts); can STS be reached from here? (option sts_endpoint)", call->step,
                       turn->error.message, attempts);
  if (turn->http == 200 && !turn->whole)
    return sluice_fail(err, SLUICE_ERR_RETRY, "sts", "%s: the answer of %s is no XML; is it an STS endpoint?",
                       call->step, target->host);
  text_copy_line(code, sizeof code, text_get(&fields->code), fields->code.size);
  text_copy_line(message, sizeof message, text_get(&fields->message), fields->message.size);
  int status = meaning(turn, fields);
  advise(call, turn, status, fields, advice);
  if (err && !err->message[0])
    err->detail = turn->http;
  return sluice_fail(err, status, "sts", "%s: %s%s%s (HTTP %d from %s); %s", call->step,
                     code[0] ? code : "refused without a reason", message[0] ? ": " : "", message, turn->http,
                     target->host, advice);
}

int sts_send(const struct sts_call *call, struct sts_fields *out, int64_t *issuer_now, struct sluice_error *err) {
  const struct world *world = call->world;
  struct target target;
  struct turn turn;
  int64_t skew_s = 0, pause_ms = PAUSE_FIRST_MS;
  int status = find_target(call, &target, err);
  for (int i = 1; status == SLUICE_OK; i++) {
    take_turn(call, &target, skew_s, out, &turn);
    if (succeeded(&turn, out)) {
      *issuer_now = turn.date;
      return SLUICE_OK;
    }
    bool clock = correct_clock(call, &turn, out, &skew_s);
    if (!clock && (i >= ATTEMPTS || !(is_away(&turn, out) || of_the_moment(out))))
      return give_up(call, &target, &turn, i, out, err);
    if (!clock) {
      status = world->pause(world->context, ask_jitter(pause_ms), err);
      pause_ms *= 2;
    }
  }
  return status;
}
