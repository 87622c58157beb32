/* STS: AssumeRole and GetCallerIdentity. */
#include "clock.h"
#include "request.h"
#include "xml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_SECONDS = 900, MOST_SECONDS = 43200, CHAINED_SECONDS = 3600 };

struct role {
  char arn[SESSION_ARN], external_id[1225], trusted[SESSION_ARN]; /* trusted: who may assume it, "-" anybody */
  long long longest;
};

/* Finds the role of an ARN in the roles file, which is read each time, so that tests may change it. */
static bool find_role(const char *path, const char *arn, struct role *out) {
  char line[2048];
  FILE *file = path ? fopen(path, "r") : NULL;
  bool found = false;
  while (file && !found && fgets(line, sizeof line, file)) {
    struct role role = {.longest = CHAINED_SECONDS, .trusted = "-"};
    if (sscanf(line, "%639s %1224s %lld %639s", role.arn, role.external_id, &role.longest, role.trusted) >= 2 &&
        strcmp(role.arn, arn) == 0) {
      *out = role;
      found = true;
    }
  }
  if (file)
    fclose(file);
  return found;
}

__attribute__((format(printf, 3, 4))) static bool refuse(struct request *r, const char *code, const char *format, ...) {
  char message[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  answer_error(r, code, message);
  return false;
}

static bool one_of(const char *text, size_t least, size_t most, const char *also) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  size_t n = strlen(text);
  for (size_t i = 0; i < n; i++)
    if (!strchr(letters, text[i]) && !strchr(also, text[i]))
      return false;
  return n >= least && n <= most;
}

static bool check_names(struct request *r, const char *arn, const char *name, const char *external_id) {
  static const char lead[] = "1 validation error detected: Value";
  if (!arn || strlen(arn) < 20 || strlen(arn) >= SESSION_ARN)
    return refuse(r, "ValidationError",
                  "%s '%.200s' at 'roleArn' failed to satisfy constraint: Member must have "
                  "length greater than or equal to 20",
                  lead, arn ? arn : "");
  if (!name || !one_of(name, 2, 64, "+=,.@-"))
    return refuse(r, "ValidationError",
                  "%s '%.200s' at 'roleSessionName' failed to satisfy constraint: Member must "
                  "satisfy regular expression pattern: [\\w+=,.@-]*",
                  lead, name ? name : "");
  if (external_id && !one_of(external_id, 2, 1224, "+=,.@:/-"))
    return refuse(r, "ValidationError",
                  "%s '%.200s' at 'externalId' failed to satisfy constraint: Member must satisfy "
                  "regular expression pattern: [\\w+=,.@:\\/-]*",
                  lead, external_id);
  return true;
}

static bool read_duration(struct request *r, const char *text, const struct role *role, int64_t *seconds) {
  static const char lead[] = "1 validation error detected: Value";
  char *end = NULL;
  long long n = text ? strtoll(text, &end, 10) : (role->longest < CHAINED_SECONDS ? role->longest : CHAINED_SECONDS);
  if (text && (end == text || *end))
    return refuse(r, "MalformedInput", "%s '%.40s' at 'durationSeconds' is not a number", lead, text);
  if (text && n < LEAST_SECONDS)
    return refuse(r, "ValidationError",
                  "%s '%lld' at 'durationSeconds' failed to satisfy constraint: Member must have "
                  "value greater than or equal to 900",
                  lead, n);
  if (n > MOST_SECONDS)
    return refuse(r, "ValidationError",
                  "%s '%lld' at 'durationSeconds' failed to satisfy constraint: Member must have "
                  "value less than or equal to 43200",
                  lead, n);
  if (r->credential == CREDENTIAL_SESSION && n > CHAINED_SECONDS)
    return refuse(r, "ValidationError",
                  "The requested DurationSeconds exceeds the 1 hour session limit for roles "
                  "assumed by role chaining.");
  if (n > role->longest)
    return refuse(r, "ValidationError",
                  "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  *seconds = r->server->options.session_seconds ? r->server->options.session_seconds : n;
  return true;
}

static bool is_trusted(struct request *r, const struct role *role) {
  char caller[SESSION_ARN];
  if (strcmp(role->trusted, "-") == 0)
    return true;
  if (!sessions_role(r->server->sessions, r->claim.access_key, caller))
    text_copy(caller, sizeof caller, SESSION_USER);
  return strcmp(role->trusted, caller) == 0;
}

static void end_document(struct request *r, struct xml *x) {
  size_t len = 0;
  xml_end(x); /* the result */
  xml_start(x, "ResponseMetadata");
  xml_text(x, "RequestId", r->id);
  xml_end(x);
  xml_end(x);
  char *text = xml_take(x, &len);
  answer_text(r, 200, "text/xml", text, len);
}

static void answer_session(struct request *r, const struct session *s) {
  struct xml x;
  char until[CLOCK_TEXT], assumed[SESSION_ARN], id[SESSION_NAME + 24];
  clock_iso_plain(s->expires, until);
  session_assumed_arn(s, assumed);
  snprintf(id, sizeof id, "AROA3S3DSERVERTESTROLE:%s", s->name);
  xml_init(&x, "AssumeRoleResponse", XML_STS);
  xml_start(&x, "AssumeRoleResult");
  xml_start(&x, "AssumedRoleUser");
  xml_text(&x, "AssumedRoleId", id);
  xml_text(&x, "Arn", assumed);
  xml_end(&x);
  xml_start(&x, "Credentials");
  xml_text(&x, "AccessKeyId", s->access_key);
  xml_text(&x, "SecretAccessKey", s->secret);
  xml_text(&x, "SessionToken", s->token);
  xml_text(&x, "Expiration", until);
  xml_end(&x);
  end_document(r, &x);
}

static void assume_role(struct request *r, const struct uri_query *form) {
  const char *arn = uri_query_get(form, "RoleArn"), *name = uri_query_get(form, "RoleSessionName");
  const char *external_id = uri_query_get(form, "ExternalId");
  char caller[SESSION_ARN];
  struct role role;
  struct session session;
  int64_t seconds = 0;
  if (!check_names(r, arn, name, external_id))
    return;
  bool allowed = find_role(r->server->options.roles, arn, &role) && is_trusted(r, &role) &&
                 (strcmp(role.external_id, "-") == 0 || (external_id && strcmp(role.external_id, external_id) == 0));
  sessions_caller(r->server->sessions, r->claim.access_key, caller);
  if (!allowed)
    refuse(r, "AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %.400s", caller, arn);
  else if (!read_duration(r, uri_query_get(form, "DurationSeconds"), &role, &seconds))
    return;
  else if (!sessions_add(r->server->sessions, arn, name, r->now + seconds, &session))
    answer_error(r, "InternalError", NULL);
  else
    answer_session(r, &session);
}

static void caller_identity(struct request *r) {
  struct xml x;
  char arn[SESSION_ARN];
  sessions_caller(r->server->sessions, r->claim.access_key, arn);
  xml_init(&x, "GetCallerIdentityResponse", XML_STS);
  xml_start(&x, "GetCallerIdentityResult");
  xml_text(&x, "Arn", arn);
  xml_text(&x, "UserId", r->claim.access_key);
  xml_text(&x, "Account", SESSION_ACCOUNT);
  end_document(r, &x);
}

void request_sts(struct request *r) {
  struct uri_query form;
  if (!uri_query_init(&form, r->form.data ? r->form.data : "", r->form.len)) {
    answer_error(r, "MalformedInput", "The form in the body cannot be read.");
    return;
  }
  const char *action = uri_query_get(&form, "Action"), *version = uri_query_get(&form, "Version");
  if (!action || !version || strcmp(version, "2011-06-15") != 0)
    refuse(r, "InvalidAction", "Could not find operation %.60s for version %.20s", action ? action : "",
           version ? version : "NO_VERSION_SPECIFIED");
  else if (strcmp(action, "AssumeRole") == 0)
    assume_role(r, &form);
  else if (strcmp(action, "GetCallerIdentity") == 0)
    caller_identity(r);
  else
    refuse(r, "InvalidAction", "s3d's STS knows AssumeRole and GetCallerIdentity, not %.60s", action);
  uri_query_finish(&form);
}
