/* Who may do what with a bucket: the rules of its settings, once the signature is known to be right. */
#include "request.h"
#include "sse.h"

#include <stdio.h>
#include <string.h>

static bool refuse(struct request *r, const char *message) {
  answer_error(r, "AccessDenied", message);
  return false;
}

static const char *action_name(const struct request *r) {
  bool version = uri_query_get(&r->query, "versionId") != NULL;
  switch (r->op) {
  case OP_LIST:
    return "ListBucket";
  case OP_VERSIONS:
    return "ListBucketVersions";
  case OP_HEAD:
  case OP_GET:
    if (!*r->key)
      return "ListBucket";
    return version ? "GetObjectVersion" : "GetObject";
  case OP_TAGS:
    if (!*r->key)
      return "GetBucketTagging";
    return version ? "GetObjectVersionTagging" : "GetObjectTagging";
  case OP_PUT:
    return "PutObject";
  case OP_DELETE:
    return "DeleteObject";
  default:
    return "GetBucketLocation";
  }
}

/* The line of the caller, or NULL; a bucket without such lines lets everyone in. */
static const struct bucket_caller *find_caller(struct request *r) {
  const struct bucket_settings *s = &r->settings;
  char role[SESSION_ARN];
  const char *arn = sessions_role(r->server->sessions, r->claim.access_key, role) ? role : SESSION_USER;
  for (size_t i = 0; i < s->caller_count; i++)
    if (strcmp(s->callers[i].arn, arn) == 0)
      return &s->callers[i];
  return NULL;
}

static bool caller_may(struct request *r) {
  char message[SESSION_ARN + BUCKET_SIZE + 256], arn[SESSION_ARN];
  if (r->settings.caller_count == 0)
    return true;
  const struct bucket_caller *caller = find_caller(r);
  if (caller && (caller->operations == 0 || caller->operations & 1u << r->op))
    return true;
  sessions_caller(r->server->sessions, r->claim.access_key, arn);
  snprintf(message, sizeof message,
           "User: %s is not authorized to perform: s3:%s on resource: \"arn:aws:s3:::%s%s\" because no identity-based "
           "policy allows the s3:%s action",
           arn, action_name(r), r->bucket, *r->key ? "/*" : "", action_name(r));
  return refuse(r, message);
}

static bool owner_is_expected(struct request *r) {
  const char *expected = request_header(r, "x-amz-expected-bucket-owner");
  const char *owner = *r->settings.owner ? r->settings.owner : SESSION_ACCOUNT;
  return !expected || strcmp(expected, owner) == 0 || refuse(r, NULL);
}

static bool someone_pays(struct request *r) {
  const char *payer = request_header(r, "x-amz-request-payer");
  return !r->settings.requester_pays || (payer && strcmp(payer, "requester") == 0) || refuse(r, NULL);
}

bool request_gate(struct request *r) {
  if (r->service != SERVICE_S3 || !*r->bucket)
    return true;
  return caller_may(r) && owner_is_expected(r) && someone_pays(r) && sse_allows(r);
}

bool request_is_public(const struct request *r) {
  bool reads = r->op == OP_GET || r->op == OP_HEAD || r->op == OP_LIST || r->op == OP_VERSIONS || r->op == OP_TAGS;
  return r->service == SERVICE_S3 && r->settings.open && reads;
}
