/* Who asks: refuses a request whose signature, keys, region or time are not right, in the words of S3 and STS. */
#include "clock.h"
#include "region.h"
#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(struct request *r, const char *code, const char *message) {
  answer_error(r, code, message);
  return false;
}

static bool refuse_region(struct request *r, const struct sigv4_refusal *why, const char *region) {
  bool by_fault = r->fault.action == FAULT_WRONG_REGION;
  char number[24];
  snprintf(number, sizeof number, "%lld", (long long)r->fault.number);
  region_refuse(r, by_fault ? number : r->settings.redirect, region, why->message);
  if (by_fault)
    request_fault_fired(r, region);
  return false;
}

static bool refuse_time(struct request *r, const struct sigv4_refusal *why) {
  char server[CLOCK_TEXT];
  clock_iso_plain(r->now, server);
  const struct error_field fields[] = {
      {"RequestTime", r->claim.date}, {"ServerTime", server}, {"MaxAllowedSkewMilliseconds", "900000"}};
  answer_error_with(r, r->service == SERVICE_STS ? "SignatureDoesNotMatch" : why->code, why->message, fields, 3);
  if (r->fault.action == FAULT_CLOCK_SKEW)
    request_fault_fired(r, "");
  return false;
}

static bool refuse_claim(struct request *r, const struct sigv4_rules *rules, const struct sigv4_refusal *why) {
  bool scope_read = r->claim.region[0] != '\0' && r->claim.time != 0;
  if (scope_read && rules->region && strcmp(r->claim.service, rules->service) == 0 &&
      strcmp(r->claim.region, rules->region) != 0 && strstr(why->message, "expecting '"))
    return refuse_region(r, why, rules->region);
  if (strcmp(why->code, "RequestTimeTooSkewed") == 0)
    return refuse_time(r, why);
  if (r->service == SERVICE_STS && strncmp(why->code, "Authorization", 13) == 0)
    return refuse(r, "SignatureDoesNotMatch", why->message);
  return refuse(r, why->code, why->message);
}

static bool refuse_signature(struct request *r, const struct text *canonical, const struct text *to_sign) {
  const struct error_field fields[] = {{"AWSAccessKeyId", r->claim.access_key},
                                       {"StringToSign", to_sign->data ? to_sign->data : ""},
                                       {"SignatureProvided", r->claim.signature},
                                       {"CanonicalRequest", canonical->data ? canonical->data : ""}};
  answer_error_with(r, "SignatureDoesNotMatch", NULL, fields, 4);
  return false;
}

static bool judge_credential(struct request *r) {
  bool sts = r->service == SERVICE_STS;
  if (r->credential == CREDENTIAL_EXPIRED && sts) {
    answer_error_status(r, 403, "ExpiredToken", "The security token included in the request is expired", NULL, 0);
    return false;
  }
  if (r->credential == CREDENTIAL_EXPIRED)
    return refuse(r, r->server->options.expired_as_ceph ? "InvalidAccessKeyId" : "ExpiredToken", NULL);
  if (r->credential == CREDENTIAL_BAD_TOKEN)
    return refuse(r, sts ? "InvalidClientTokenId" : "InvalidToken", NULL);
  return true;
}

/* Reads what the fault of the request says of the server's clock and region. */
static struct sigv4_rules make_rules(struct request *r) {
  bool s3 = r->service == SERVICE_S3;
  struct sigv4_rules rules = {.region = s3 ? r->server->options.region : NULL,
                              .service = s3 ? "s3" : "sts",
                              .s3 = s3,
                              .fold_path = !s3,
                              .now = r->now};
  if (*r->settings.region)
    rules.region = r->settings.region;
  if (r->fault.action == FAULT_WRONG_REGION)
    rules.region = r->fault.text;
  return rules;
}

bool request_authorize(struct request *r) {
  struct sigv4_refusal why = {0};
  struct text canonical = {0}, to_sign = {0};
  char secret[SESSION_SECRET], hash[HASH_SHA256_HEX] = SIGV4_EMPTY_HASH;
  bool sts = r->service == SERVICE_STS;
  struct sigv4_rules rules = make_rules(r);
  struct sigv4_request request = {r->method, r->target, r->headers, r->header_count, sts ? hash : NULL};
  if (sts && !hash_sha256(r->form.data ? r->form.data : "", r->form.len, hash))
    return refuse(r, "InternalError", NULL);
  if (!sigv4_read(&request, &rules, &r->claim, &why))
    return refuse_claim(r, &rules, &why);
  if (r->claim.form == SIGV4_NONE && request_is_public(r))
    return true;
  if (r->claim.form == SIGV4_NONE)
    return refuse(r, sts ? "MissingAuthenticationToken" : "AccessDenied", NULL);
  r->credential = sessions_find(r->server->sessions, r->claim.access_key, r->claim.token, r->now, secret);
  if (r->credential == CREDENTIAL_UNKNOWN) {
    const struct error_field field = {"AWSAccessKeyId", r->claim.access_key};
    answer_error_with(r, sts ? "InvalidClientTokenId" : "InvalidAccessKeyId", NULL, &field, 1);
    return false;
  }
  bool good = sigv4_check(&request, &rules, &r->claim, secret, &canonical, &to_sign) ||
              refuse_signature(r, &canonical, &to_sign);
  text_finish(&canonical);
  text_finish(&to_sign);
  return good && judge_credential(r) && request_gate(r);
}
