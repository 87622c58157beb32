/* The policies of a job in the form that is asked for. */
#include "rights/policy.h"
#include "rights/policy_document.h"
#include "rights/policy_terraform.h"

enum { POLICY_LIMIT = 8 << 20 };

/* A member of the object that is printed; false: there is no memory. */
static bool set(json_t *object, const char *key, json_t *value) {
  return json_object_set_new(object, key, value) == 0;
}

static bool set_identity(json_t *object, const struct policy_plan *plan, size_t first) {
  bool fine = set(object, "identity_policy", policy_identity(plan, first));
  if (!plan->options->sse_customer_key.handle)
    fine &= set(object, "kms_policy_if_encrypted", policy_kms(plan, first));
  if (!plan->places[first].options.role_arn)
    return fine;
  fine &= set(object, "trust_policy", policy_trust(plan, first));
  return fine && set(object, "caller_policy", policy_caller(plan, first));
}

static json_t *named_identity(const struct policy_plan *plan, size_t first) {
  const char *role = plan->places[first].options.role_arn;
  json_t *object = json_object();
  if (set(object, "role_arn", role ? json_string(role) : json_null()) && set_identity(object, plan, first))
    return object;
  json_decref(object);
  return NULL;
}

static bool set_identities(json_t *object, const struct policy_plan *plan) {
  size_t count = 0;
  bool fine = true;
  for (size_t i = 0; i < plan->count; i++)
    count += policy_starts_identity(plan, i);
  if (plan->options->anonymous)
    return true;
  if (count == 1)
    return set_identity(object, plan, 0);
  json_t *array = json_array();
  for (size_t i = 0; i < plan->count && fine; i++)
    if (policy_starts_identity(plan, i))
      fine = json_array_append_new(array, named_identity(plan, i)) == 0;
  return set(object, "identities", array) && fine;
}

static bool set_bucket(json_t *policies, json_t *tags, const struct policy_plan *plan, size_t first) {
  const char *bucket = plan->places[first].bucket;
  json_t *set_of_tags = policy_tags(plan, first);
  bool fine = set_of_tags && set(policies, bucket, policy_bucket(plan, first));
  if (fine && json_array_size(json_object_get(set_of_tags, "TagSet")))
    return set(tags, bucket, set_of_tags);
  json_decref(set_of_tags);
  return fine;
}

static bool set_buckets(json_t *object, const struct policy_plan *plan) {
  json_t *policies = json_object(), *tags = json_object();
  bool fine = true;
  for (size_t i = 0; i < plan->count && fine; i++)
    if (policy_starts_bucket(plan, i))
      fine = set_bucket(policies, tags, plan, i);
  bool kept = set(object, "bucket_policy", policies);
  return set(object, "tags", tags) && kept && fine;
}

struct printing {
  struct sluice_text_out *out;
  struct sluice_error *err;
  int code;
};

static int print(const char *bytes, size_t n, void *context) {
  struct printing *printing = context;
  printing->code = printing->out->put(printing->out, bytes, n, printing->err);
  return printing->code == SLUICE_OK ? 0 : -1;
}

static int no_memory(struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the policy");
}

static int write_json(const struct policy_plan *plan, struct sluice_text_out *out, struct sluice_error *err) {
  json_t *object = json_object();
  struct printing printing = {out, err, SLUICE_OK};
  bool made = set_identities(object, plan) && set_buckets(object, plan) && set(object, "notes", policy_notes(plan));
  bool printed = made && json_dump_callback(object, print, &printing, JSON_INDENT(2)) == 0;
  json_decref(object);
  if (printed)
    return out->put(out, "\n", 1, err);
  return printing.code == SLUICE_OK ? no_memory(err) : printing.code;
}

static int write_terraform(const struct policy_plan *plan, struct sluice_text_out *out, struct sluice_error *err) {
  struct text text = {.limit = POLICY_LIMIT};
  int code = policy_terraform(plan, &text, err);
  if (code == SLUICE_OK)
    code = out->put(out, text_get(&text), text.size, err);
  text_finish(&text);
  return code;
}

int s3_policy_write(const struct s3_options *options, const char *job, const char *form, const char *principal,
                    struct sluice_text_out *out, struct sluice_error *err) {
  struct policy_plan plan = {0};
  bool json = strcmp(form, "json") == 0;
  if (!json && strcmp(form, "terraform") != 0)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, "", "policies are written as json or terraform, not as '%s'", form);
  int code = policy_plan_init(&plan, options, job, principal, err);
  if (code == SLUICE_OK)
    code = json ? write_json(&plan, out, err) : write_terraform(&plan, out, err);
  policy_plan_finish(&plan);
  return code;
}
