/* Statements and documents. */
#include "rights/policy_document.h"
#include "base/text.h"

struct building { /* of JSON: a failure sticks */
  const struct policy_plan *plan;
  bool failed;
};

static void set(struct building *b, json_t *object, const char *key, json_t *value) {
  if (json_object_set_new(object, key, value) != 0)
    b->failed = true;
}

static void append(struct building *b, json_t *array, json_t *value) {
  if (json_array_append_new(array, value) != 0)
    b->failed = true;
}

static void append_once(struct building *b, json_t *array, json_t *value) {
  json_t *item;
  size_t i;
  json_array_foreach(array, i, item) {
    if (value && json_equal(item, value)) {
      json_decref(value);
      return;
    }
  }
  append(b, array, value);
}

/* An array of one as its one item: what people write. */
static json_t *shortest(json_t *array) {
  if (json_array_size(array) != 1)
    return array;
  json_t *item = json_incref(json_array_get(array, 0));
  json_decref(array);
  return item;
}

static json_t *finish(const struct building *b, json_t *made) {
  if (!b->failed)
    return made;
  json_decref(made);
  return NULL;
}

static json_t *document(struct building *b, json_t *statements) {
  json_t *made = json_object();
  set(b, made, "Version", json_string("2012-10-17"));
  set(b, made, "Statement", statements);
  return finish(b, made);
}

/* ---- what a policy may match ---- */

/* A key as a policy says it: its wildcards and variables are to stand for themselves. */
static void put_literal(struct text *out, const char *key) {
  for (const char *at = key; *at; at++) {
    bool special = *at == '*' || *at == '?' || (*at == '$' && at[1] == '{');
    if (special)
      text_printf(out, "${%c}", *at);
    else
      text_add(out, at, 1);
  }
}

static void append_literal(struct building *b, json_t *array, const char *before, const char *key, const char *behind) {
  struct text text = {0};
  text_puts(&text, before);
  put_literal(&text, key);
  text_puts(&text, behind);
  b->failed |= text.failed;
  append_once(b, array, json_string(text_get(&text)));
  text_finish(&text);
}

static bool is_part(const struct policy_plan *plan, size_t i, size_t identity, size_t bucket) {
  return plan->places[i].identity == identity && plan->places[i].at_bucket == bucket;
}

/* A version id is of one object: path is its key. Else it is a prefix. */
static const char *open_end(const struct building *b) {
  return b->plan->options->version_id ? "" : "*";
}

typedef bool wants(const struct policy_place *);
static bool wants_objects(const struct policy_place *place) {
  (void)place;
  return true;
}
static bool wants_object_tags(const struct policy_place *place) {
  return place->options.object_tag;
}
static bool wants_bucket_tags(const struct policy_place *place) {
  return place->options.require_tag;
}

static json_t *object_arns(struct building *b, size_t identity, size_t bucket, wants *wanted) {
  const struct policy_plan *plan = b->plan;
  json_t *arns = json_array();
  for (size_t i = bucket; i < plan->count; i++)
    if (is_part(plan, i, identity, bucket) && wanted(&plan->places[i]))
      append_literal(b, arns, plan->places[i].object_arn, plan->places[i].key, open_end(b));
  return arns;
}

/* NULL: the whole bucket is listed, which needs no condition. */
static json_t *prefixes(struct building *b, size_t identity, size_t bucket) {
  const struct policy_plan *plan = b->plan;
  json_t *made = json_array();
  bool all = false;
  for (size_t i = bucket; i < plan->count; i++) {
    if (!is_part(plan, i, identity, bucket))
      continue;
    all |= !plan->places[i].key[0];
    append_literal(b, made, "", plan->places[i].key, "");
    if (!plan->options->version_id)
      append_literal(b, made, "", plan->places[i].key, "*");
  }
  if (!all)
    return made;
  json_decref(made);
  return NULL;
}

/* ---- statements ---- */

struct grant { /* to whom; goes into each statement */
  json_t *statements;
  const char *principal; /* NULL: whoever has the policy */
  size_t number;         /* makes the Sids of one document differ */
};

static void set_principal(struct building *b, json_t *statement, const char *principal) {
  bool anyone = strcmp(principal, "*") == 0;
  json_t *who = anyone ? json_string("*") : json_object();
  if (!anyone)
    set(b, who, "AWS", json_string(principal));
  set(b, statement, "Principal", who);
}

/* resources: NULL where the policy is a role's own. */
static json_t *add_statement(struct building *b, const struct grant *grant, const char *sid, json_t *actions,
                             json_t *resources) {
  json_t *made = json_object();
  char numbered[64];
  snprintf(numbered, sizeof numbered, grant->number ? "%s%zu" : "%s", sid, grant->number + 1);
  set(b, made, "Sid", json_string(numbered));
  set(b, made, "Effect", json_string("Allow"));
  if (grant->principal)
    set_principal(b, made, grant->principal);
  set(b, made, "Action", shortest(actions));
  if (resources)
    set(b, made, "Resource", shortest(resources));
  append(b, grant->statements, made);
  return made;
}

static json_t *one_text(struct building *b, const char *text) {
  json_t *made = json_array();
  append(b, made, json_string(text));
  return made;
}

static void set_condition(struct building *b, json_t *statement, const char *operator, const char * key,
                          json_t *value) {
  json_t *condition = json_object(), *test = json_object();
  set(b, test, key, value);
  set(b, condition, operator, test);
  set(b, statement, "Condition", condition);
}

static void add_listing(struct building *b, const struct grant *grant, size_t identity, size_t bucket) {
  json_t *actions = one_text(b, "s3:ListBucket");
  if (policy_by_version(b->plan))
    append(b, actions, json_string("s3:ListBucketVersions"));
  json_t *statement = add_statement(b, grant, "ListBucket", actions, one_text(b, b->plan->places[bucket].bucket_arn));
  json_t *values = prefixes(b, identity, bucket);
  if (values)
    set_condition(b, statement, "StringLike", "s3:prefix", shortest(values));
}

static bool any_wants(const struct policy_plan *plan, size_t identity, size_t bucket, wants *wanted) {
  for (size_t i = bucket; i < plan->count; i++)
    if (is_part(plan, i, identity, bucket) && wanted(&plan->places[i]))
      return true;
  return false;
}

/* An object whose version is "null" is read without its id, where the id comes from the listing. */
static json_t *by_version(struct building *b, const char *plain, const char *versioned) {
  bool versions = policy_by_version(b->plan);
  json_t *actions = one_text(b, versions ? versioned : plain);
  if (versions && !b->plan->options->version_id)
    append(b, actions, json_string(plain));
  return actions;
}

/* All that one identity does with one bucket. */
static void add_grants(struct building *b, const struct grant *grant, size_t identity, size_t bucket) {
  const struct policy_plan *plan = b->plan;
  add_listing(b, grant, identity, bucket);
  add_statement(b, grant, "ReadObjects", by_version(b, "s3:GetObject", "s3:GetObjectVersion"),
                object_arns(b, identity, bucket, wants_objects));
  if (any_wants(plan, identity, bucket, wants_bucket_tags))
    add_statement(b, grant, "ReadBucketTags", one_text(b, "s3:GetBucketTagging"),
                  one_text(b, plan->places[bucket].bucket_arn));
  if (any_wants(plan, identity, bucket, wants_object_tags))
    add_statement(b, grant, "ReadObjectTags", by_version(b, "s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
                  object_arns(b, identity, bucket, wants_object_tags));
}

/* First place of this bucket that this identity reads; count: none. */
static size_t find_pair(const struct policy_plan *plan, size_t identity, size_t bucket) {
  size_t i = bucket;
  while (i < plan->count && !is_part(plan, i, identity, bucket))
    i++;
  return i;
}

/* ---- documents ---- */

json_t *policy_identity(const struct policy_plan *plan, size_t first) {
  struct building b = {plan, false};
  struct grant grant = {json_array(), NULL, 0};
  for (size_t i = 0; i < plan->count; i++) {
    if (!policy_starts_bucket(plan, i) || find_pair(plan, first, i) == plan->count)
      continue;
    add_grants(&b, &grant, first, i);
    grant.number++;
  }
  return document(&b, grant.statements);
}

static const char *reader_of(const struct policy_plan *plan, size_t identity) {
  if (plan->options->anonymous)
    return "*";
  const char *role = plan->places[identity].options.role_arn;
  return role ? role : plan->principal;
}

json_t *policy_bucket(const struct policy_plan *plan, size_t first) {
  struct building b = {plan, false};
  struct grant grant = {json_array(), NULL, 0};
  for (size_t i = 0; i < plan->count; i++) {
    if (!policy_starts_identity(plan, i) || find_pair(plan, i, first) == plan->count)
      continue;
    grant.principal = reader_of(plan, i);
    add_grants(&b, &grant, i, first);
    grant.number++;
  }
  return document(&b, grant.statements);
}

json_t *policy_trust(const struct policy_plan *plan, size_t first) {
  struct building b = {plan, false};
  struct grant grant = {json_array(), plan->principal, 0};
  json_t *ids = json_array();
  for (size_t i = first; i < plan->count; i++)
    if (plan->places[i].identity == first && plan->places[i].options.external_id)
      append_once(&b, ids, json_string(plan->places[i].options.external_id));
  json_t *statement = add_statement(&b, &grant, "AssumeRole", one_text(&b, "sts:AssumeRole"), NULL);
  if (json_array_size(ids))
    set_condition(&b, statement, "StringEquals", "sts:ExternalId", shortest(ids));
  else
    json_decref(ids);
  return document(&b, grant.statements);
}

json_t *policy_caller(const struct policy_plan *plan, size_t first) {
  struct building b = {plan, false};
  struct grant grant = {json_array(), NULL, 0};
  json_t *roles = one_text(&b, plan->places[first].options.role_arn);
  add_statement(&b, &grant, "AssumeRole", one_text(&b, "sts:AssumeRole"), roles);
  return document(&b, grant.statements);
}

/* ---- keys of KMS ---- */

static void append_service(struct building *b, json_t *array, const struct policy_place *place) {
  char text[128];
  bool china = strcmp(place->partition, "aws-cn") == 0;
  snprintf(text, sizeof text, "s3.%s.amazonaws.com%s", place->region[0] ? place->region : "*", china ? ".cn" : "");
  append_once(b, array, json_string(text));
}

static void append_key(struct building *b, json_t *array, const struct policy_place *place) {
  char text[160];
  snprintf(text, sizeof text, "arn:%s:kms:%s:111122223333:key/KEY-ID", place->partition,
           place->region[0] ? place->region : "REGION");
  append_once(b, array, json_string(text));
}

json_t *policy_kms(const struct policy_plan *plan, size_t first) {
  struct building b = {plan, false};
  struct grant grant = {json_array(), NULL, 0};
  json_t *services = json_array(), *keys = json_array();
  for (size_t i = first; i < plan->count; i++) {
    if (plan->places[i].identity != first)
      continue;
    append_service(&b, services, &plan->places[i]);
    append_key(&b, keys, &plan->places[i]);
  }
  json_t *statement = add_statement(&b, &grant, "DecryptObjects", one_text(&b, "kms:Decrypt"), keys);
  set_condition(&b, statement, "StringLike", "kms:ViaService", shortest(services));
  return document(&b, grant.statements);
}

/* ---- tags ---- */

json_t *policy_tags(const struct policy_plan *plan, size_t first) {
  struct building b = {plan, false};
  json_t *made = json_object(), *tags = json_array();
  for (size_t i = first; i < plan->count; i++) {
    const struct s3_tag *tag = plan->places[i].options.require_tag;
    if (plan->places[i].at_bucket != first || !tag)
      continue;
    json_t *item = json_object();
    set(&b, item, "Key", json_string(tag->key));
    set(&b, item, "Value", json_string(tag->value));
    append_once(&b, tags, item);
  }
  set(&b, made, "TagSet", tags);
  return finish(&b, made);
}
