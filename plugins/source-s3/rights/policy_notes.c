/* What people have to know before they put a policy in place. */
#include "base/text.h"
#include "rights/policy_document.h"

/* Characters that IAM and S3 take: all policies within a role, or within a user; one policy of its own; a bucket's. */
enum { ROLE_LIMIT = 10240, USER_LIMIT = 2048, MANAGED_LIMIT = 6144, BUCKET_LIMIT = 20480 };

struct noting {
  json_t *notes;
  bool failed;
};

__attribute__((format(printf, 2, 3))) static void note(struct noting *n, const char *format, ...) {
  va_list args;
  va_start(args, format);
  json_t *text = json_vsprintf(format, args);
  va_end(args);
  if (json_array_append_new(n->notes, text) != 0)
    n->failed = true;
}

static void note_reader(struct noting *n, const struct policy_plan *plan) {
  if (plan->options->anonymous)
    note(n, "anonymous = true: the bucket policy lets everybody in the world read these objects.");
  else if (!plan->principal_known)
    note(n,
         "Replace %s by who reads: `aws sts get-caller-identity` shows it, and sluice policy --principal ARN puts it "
         "in.",
         plan->placeholder);
}

static bool same_role(const struct policy_plan *plan, size_t a, size_t b) {
  return plan->places[a].identity == plan->places[b].identity;
}

/* The trust policy asks for an external ID as soon as one path gives one. */
static void note_external_ids(struct noting *n, const struct policy_plan *plan, size_t first) {
  bool with = false, without = false;
  for (size_t i = first; i < plan->count; i++) {
    const char *id = plan->places[i].options.external_id;
    with |= same_role(plan, first, i) && id;
    without |= same_role(plan, first, i) && !id;
  }
  if (with && without)
    note(n, "Some paths with role %s have no external_id: its trust policy would refuse them.",
         plan->places[first].options.role_arn);
  else if (without)
    note(n,
         "Role %s is assumed without an external ID. Where its bucket and who reads belong to different owners, agree "
         "on one and set external_id.",
         plan->places[first].options.role_arn);
}

static void note_role(struct noting *n, const struct policy_plan *plan, size_t i) {
  const struct s3_place *place = &plan->places[i].options;
  note_external_ids(n, plan, i);
  if (place->duration > 3600000)
    note(n, "Role %s needs a longest session of at least %lld seconds (MaxSessionDuration; the default is 3600).",
         place->role_arn, (long long)((place->duration + 999) / 1000));
}

static size_t length(json_t *document) {
  size_t n = document ? json_dumpb(document, NULL, 0, JSON_COMPACT) : 0;
  json_decref(document);
  return n;
}

static void note_identity(struct noting *n, const struct policy_plan *plan, size_t i) {
  size_t size = length(policy_identity(plan, i));
  bool role = plan->places[i].options.role_arn;
  if (role)
    note_role(n, plan, i);
  if (role && size > ROLE_LIMIT)
    note(n, "The identity policy has %zu characters, and IAM takes %d in a role: use a common prefix for the paths.",
         size, ROLE_LIMIT);
  if (!role && size > MANAGED_LIMIT)
    note(n, "The identity policy has %zu characters, and IAM takes %d in a policy: use a common prefix for the paths.",
         size, MANAGED_LIMIT);
  else if (!role && size > USER_LIMIT)
    note(n,
         "The identity policy has %zu characters, and IAM takes %d within a user: make it a policy of its own (create-"
         "policy, attach-user-policy), which may have %d.",
         size, USER_LIMIT, MANAGED_LIMIT);
}

static bool is_alias(const char *bucket) {
  static const char end[] = "-s3alias";
  size_t n = strlen(bucket);
  return n > sizeof end - 1 && strcmp(bucket + n - (sizeof end - 1), end) == 0;
}

/* A tag has one value. */
static void note_tags(struct noting *n, const struct policy_plan *plan, size_t first) {
  const struct s3_tag *earlier = NULL;
  for (size_t i = first; i < plan->count; i++) {
    const struct s3_tag *tag = plan->places[i].options.require_tag;
    if (plan->places[i].at_bucket != first || !tag)
      continue;
    if (earlier && strcmp(earlier->key, tag->key) == 0 && strcmp(earlier->value, tag->value) != 0)
      note(n, "Two paths want the tag %s of %s with different values: only one of them can be read.", tag->key,
           plan->places[first].bucket);
    earlier = tag;
  }
}

static void note_bucket(struct noting *n, const struct policy_plan *plan, size_t i) {
  const struct policy_place *place = &plan->places[i];
  size_t size = length(policy_bucket(plan, i));
  if (place->access_point)
    note(n, "The bucket behind %s must allow the same, or delegate it (s3:DataAccessPointArn).", place->bucket_arn);
  if (is_alias(place->bucket))
    note(n,
         "%s is the alias of an access point: policies want the access point's ARN in its place, "
         "arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME and .../object/KEY.",
         place->bucket);
  if (size > BUCKET_LIMIT)
    note(n, "The policy of %s has %zu characters, and S3 takes %d: use a common prefix for the paths.", place->bucket,
         size, BUCKET_LIMIT);
}

static void note_path(struct noting *n, const struct policy_plan *plan, size_t i) {
  const struct policy_place *place = &plan->places[i];
  size_t size = strlen(place->key);
  if (size && place->key[size - 1] != '/' && !plan->options->version_id)
    note(n, "%s has no slash at its end: it is every key that begins so, and so is what the policies allow.",
         place->options.path);
}

static bool wants_tag(const struct policy_plan *plan) {
  for (size_t i = 0; i < plan->count; i++)
    if (plan->places[i].options.require_tag)
      return true;
  return false;
}

static void note_all(struct noting *n, const struct policy_plan *plan) {
  const struct s3_options *options = plan->options;
  note(n, "bucket_policy is needed where a bucket belongs to another account than its reader. A bucket has one policy: "
          "add the statements to those that are there.");
  if (wants_tag(plan))
    note(n, "A bucket's tags are set as a whole: add these to those that are there.");
  if (!options->sse_customer_key.handle)
    note(n,
         "kms_policy_if_encrypted is for objects that are encrypted with a KMS key: put the key's ARN in, and let the "
         "key's own policy allow the same.");
  if (options->requester_pays)
    note(n, "requester_pays = true: the account of who reads pays for requests and transfer.");
  if (options->endpoint)
    note(n, "endpoint names another service than AWS: which of these policies it knows is in its own documentation.");
}

json_t *policy_notes(const struct policy_plan *plan) {
  struct noting n = {json_array(), false};
  note_reader(&n, plan);
  note_all(&n, plan);
  for (size_t i = 0; i < plan->count; i++) {
    if (policy_starts_identity(plan, i))
      note_identity(&n, plan, i);
    if (policy_starts_bucket(plan, i)) {
      note_bucket(&n, plan, i);
      note_tags(&n, plan, i);
    }
    note_path(&n, plan, i);
  }
  if (!n.failed)
    return n.notes;
  json_decref(n.notes);
  return NULL;
}
