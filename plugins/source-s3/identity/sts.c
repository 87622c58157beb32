/* The calls of AWS Security Token Service: what is asked, and what comes back. */
#include "identity/sts.h"
#include "identity/json.h"
#include "identity/sts_call.h"
#include <stdlib.h>

/* ---- answers ---- */

/* arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION */
static void account_of(const char *arn, char out[32]) {
  out[0] = 0;
  for (int colons = 0; *arn && colons < 4; arn++)
    colons += *arn == ':';
  size_t n = strspn(arn, "0123456789");
  if (n && n < 32 && arn[n] == ':')
    snprintf(out, 32, "%.*s", (int)n, arn);
}

static int take_credentials(const struct world *world, const struct sts_fields *fields, int64_t issuer_now,
                            const char *step, struct credentials **out, struct sluice_error *err) {
  int64_t expires = 0;
  char account[32];
  const char *when = text_get(&fields->expiration);
  if (!fields->access_key_id.size || !fields->secret.size || !fields->token.size || !json_time(when, &expires))
    return sluice_fail(err, SLUICE_ERR_DATA, "sts",
                       "%s: the answer has no AccessKeyId, SecretAccessKey, SessionToken or "
                       "Expiration; is this an STS endpoint?",
                       step);
  account_of(text_get(&fields->arn), account);
  struct credentials_text text = {text_get(&fields->access_key_id), text_get(&fields->secret), text_get(&fields->token),
                                  account};
  if (issuer_now < 0)
    issuer_now = world->now(world->context);
  return credentials_create(&text, expires, issuer_now, step, out, err);
}

/* ---- requests ---- */

static void add_role(struct text *body, const struct world *world, const struct plan_role *role, const char *action) {
  char name[65];
  snprintf(name, sizeof name, "sluice-%lld", (long long)world->now(world->context));
  if (role->session_name[0])
    plan_session_name(role->session_name, name);
  sts_add(body, "Action", action);
  sts_add(body, "Version", "2011-06-15");
  sts_add(body, "RoleArn", role->arn);
  sts_add(body, "RoleSessionName", name);
  if (role->duration_s)
    text_printf(body, "&DurationSeconds=%lld", (long long)role->duration_s);
}

static int call_for_credentials(const struct sts_call *call, struct credentials **out, struct sluice_error *err) {
  struct sts_fields fields = {.code = {0}};
  int64_t issuer_now = -1;
  int status = sts_send(call, &fields, &issuer_now, err);
  if (status == SLUICE_OK)
    status = take_credentials(call->world, &fields, issuer_now, call->step, out, err);
  sts_fields_finish(&fields);
  return status;
}

/* What both ways to assume a role with credentials share. */
struct assuming {
  struct text body;
  char step[300];
  struct sts_call call;
};

static void begin_assuming(const struct world *world, const struct plan *plan, const struct plan_role *role,
                           const char *external_id, const struct credentials *with, struct assuming *out) {
  *out = (struct assuming){.step = ""};
  snprintf(out->step, sizeof out->step, "assuming role %.200s", role->arn);
  add_role(&out->body, world, role, "AssumeRole");
  if (external_id[0])
    sts_add(&out->body, "ExternalId", external_id);
  out->call = (struct sts_call){
      .world = world,
      .plan = plan,
      .region = role->region,
      .with = with,
      .body = &out->body,
      .step = out->step,
      .keys = "keys that the role is assumed with",
      .advice = external_id[0] ? "check the role's trust policy: does it name who we are, and this external ID?"
                               : "check the role's trust policy: does it name who we are, and ask for an "
                                 "external ID (option external_id)?"};
}

int sts_assume_role(const struct world *world, const struct plan *plan, const struct plan_role *role,
                    const struct credentials *with, struct credentials **out, struct sluice_error *err) {
  struct assuming assuming;
  begin_assuming(world, plan, role, role->external_id, with, &assuming);
  int status = call_for_credentials(&assuming.call, out, err);
  text_finish(&assuming.body);
  return status;
}

/* Only a plain no counts: anything else says nothing of the role. */
int sts_try_open_role(const struct world *world, const struct plan *plan, const struct plan_role *role,
                      const struct credentials *with, struct sluice_error *err) {
  struct assuming assuming;
  struct sts_fields fields = {.code = {0}};
  int64_t issuer_now;
  begin_assuming(world, plan, role, "", with, &assuming);
  int status = sts_send(&assuming.call, &fields, &issuer_now, err);
  if (status == SLUICE_ERR_AUTH && strncmp(text_get(&fields.code), "AccessDenied", 12) != 0)
    status = SLUICE_ERR_CONFIG;
  sts_fields_finish(&fields);
  text_finish(&assuming.body);
  return status;
}

int sts_assume_role_with_web_identity(const struct world *world, const struct plan *plan, const struct plan_role *role,
                                      const char *token, struct credentials **out, struct sluice_error *err) {
  char step[300];
  struct text body = {0};
  snprintf(step, sizeof step, "assuming role %.200s with a web identity", role->arn);
  add_role(&body, world, role, "AssumeRoleWithWebIdentity");
  sts_add(&body, "WebIdentityToken", token);
  struct sts_call call = {.world = world,
                          .plan = plan,
                          .region = role->region,
                          .body = &body,
                          .step = step,
                          .keys = "web identity token",
                          .advice = "check the token file, and the role's trust policy for its issuer, subject and "
                                    "audience"};
  int status = call_for_credentials(&call, out, err);
  text_finish(&body);
  return status;
}

int sts_get_caller_identity(const struct world *world, const struct plan *plan, const struct credentials *with,
                            struct sts_caller *out, struct sluice_error *err) {
  struct sts_fields fields = {.code = {0}};
  struct text body = {0};
  int64_t issuer_now;
  const char *region = plan->n_roles ? plan->roles[plan->n_roles - 1].region : "";
  sts_add(&body, "Action", "GetCallerIdentity");
  sts_add(&body, "Version", "2011-06-15");
  struct sts_call call = {.world = world,
                          .plan = plan,
                          .region = region,
                          .with = with,
                          .body = &body,
                          .step = "asking who we are (GetCallerIdentity)",
                          .keys = "keys that we sign with",
                          .advice = "check the keys that we sign with"};
  int status = sts_send(&call, &fields, &issuer_now, err);
  if (status == SLUICE_OK && (!fields.arn.size || fields.arn.size >= sizeof out->arn))
    status = sluice_fail(err, SLUICE_ERR_DATA, "sts", "asking who we are (GetCallerIdentity): the answer has no ARN");
  if (status == SLUICE_OK) {
    text_copy_line(out->arn, sizeof out->arn, text_get(&fields.arn), fields.arn.size);
    text_copy_line(out->account, sizeof out->account, text_get(&fields.account), fields.account.size);
  }
  sts_fields_finish(&fields);
  text_finish(&body);
  return status;
}
