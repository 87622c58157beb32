/* What must hold before a bucket is listed or read: its tag, and a role that is closed to others. */
#include "rights/gate.h"
#include "rights/tags.h"

static int refuse(const struct access *access, struct sluice_error *err, const char *what, const char *remedy) {
  const struct s3_tag *tag = access->place.require_tag;
  return sluice_fail(err, SLUICE_ERR_AUTH, "require_tag", "bucket \"%s\" %s \"%.128s\" that require_tag asks for; %s",
                     access->bucket.name, what, tag->key, remedy);
}

/* Values are not shown: who owns the bucket proves it by knowing one. */
static int judge_tag(const struct access *access, const struct tags *tags, struct sluice_error *err) {
  const struct s3_tag *wanted = access->place.require_tag;
  const char *value = tags_value(tags, wanted->key);
  if (!value)
    return refuse(access, err, "has tags, but not the tag", "add the tag to the bucket; until then nothing is read");
  if (strcmp(value, wanted->value) != 0)
    return refuse(access, err, "has another value in the tag",
                  "correct the tag of the bucket, or the value in the configuration; until then nothing is read");
  return SLUICE_OK;
}

static int judge_failure(const struct access *access, const struct tags *tags, int status, struct sluice_error *err) {
  const struct fault *fault = &tags->call.fault;
  if (strcmp(fault->code, "NoSuchTagSet") == 0)
    return refuse(access, err, "has no tags, so not the tag", "add the tag to the bucket; until then nothing is read");
  if (fault->kind == FAULT_AUTH && fault->http == 403)
    return sluice_fail(
        err, SLUICE_ERR_AUTH, "require_tag",
        "GetBucketTagging: bucket \"%s\": HTTP 403 %s: %s; its tag cannot be checked, so nothing is read: "
        "allow s3:GetBucketTagging on the bucket (`sluice policy` prints the rights a job needs)",
        access->bucket.name, fault->code, fault->message);
  call_copy_error(&tags->call, err);
  return status;
}

int gate_check_tag(struct access *access, struct engine *engine, struct sluice_error *err) {
  struct sluice_error own = {0};
  if (!access->place.require_tag)
    return SLUICE_OK;
  struct tags *tags = tags_create(&access->bucket, "", NULL);
  if (!tags)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the tags");
  engine_submit(engine, &tags->call);
  int status = engine_finish_call(engine, &tags->call, &own);
  if (status == SLUICE_OK)
    status = judge_tag(access, tags, err);
  else if (status == SLUICE_ERR_CANCELLED)
    sluice_fail(err, status, own.where, "%s", own.message);
  else
    status = judge_failure(access, tags, status, err);
  engine_abandon(engine, &tags->call);
  call_unref(&tags->call);
  return status;
}

int gate_check_role(struct access *access, struct sluice_error *err) {
  struct sluice_error own = {0};
  const struct s3_options *options = access->client->options;
  if (!options->forbid_open_role || !access->place.role_arn)
    return SLUICE_OK;
  int status = identity_try_open_role(access_identity(access), &own);
  if (status == SLUICE_ERR_AUTH)
    return SLUICE_OK; /* refused, as it should be */
  if (status != SLUICE_OK)
    return sluice_fail(err, status, own.where, "forbid_open_role: whether the role is open cannot be told: %s",
                       own.message);
  return sluice_fail(
      err, SLUICE_ERR_AUTH, "forbid_open_role",
      "role %s lets us in without its external ID: anybody who may assume roles could read through it. Add "
      "the condition StringEquals sts:ExternalId to its trust policy (`sluice policy` prints it)",
      access->place.role_arn);
}

int gate_check(struct access *access, struct engine *engine, struct sluice_error *err) {
  int status = gate_check_role(access, err);
  return status == SLUICE_OK ? gate_check_tag(access, engine, err) : status;
}

/* ---- when ---- */

static bool asks_for_something(const struct access *access) {
  return access->place.require_tag || access->client->options->forbid_open_role;
}

static bool same_question(const struct access *a, const struct access *b) {
  const struct s3_tag *x = a->place.require_tag, *y = b->place.require_tag;
  if (a->asker != b->asker || strcmp(a->bucket.name, b->bucket.name) != 0)
    return false;
  return x == y || (x && y && strcmp(x->key, y->key) == 0 && strcmp(x->value, y->value) == 0);
}

static bool asked_before(const struct client *client, size_t i) {
  for (size_t j = 0; j < i; j++)
    if (same_question(&client->accesses[j], &client->accesses[i]))
      return true;
  return false;
}

int gate_check_all(struct client *client, struct engine *engine, struct sluice_error *err) {
  int status = SLUICE_OK;
  for (size_t i = 0; i < client->n_accesses; i++)
    atomic_store(&client->accesses[i].gate_passed, false);
  for (size_t i = 0; status == SLUICE_OK && i < client->n_accesses; i++) {
    struct access *access = &client->accesses[i];
    if (asks_for_something(access) && !asked_before(client, i))
      status = gate_check(access, engine, err);
    atomic_store(&access->gate_passed, status == SLUICE_OK);
  }
  return status;
}

int gate_pass(struct access *access, struct engine *engine, struct sluice_error *err) {
  if (!asks_for_something(access) || atomic_load(&access->gate_passed))
    return SLUICE_OK;
  int status = gate_check(access, engine, err);
  if (status == SLUICE_OK)
    atomic_store(&access->gate_passed, true);
  return status;
}
