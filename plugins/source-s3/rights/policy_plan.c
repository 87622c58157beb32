/* Reading the paths for the policy writer. */
#include "rights/policy_plan.h"
#include "address/location.h"
#include "base/text.h"
#include <jansson.h>
#include <stdlib.h>

enum { ARN_MAX = 2048 };

static int no_memory(struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the policy");
}

/* ---- texts ---- */

static int check_text(const char *what, const char *text, struct sluice_error *err) {
  json_t *value = text ? json_string(text) : NULL;
  bool fine = !text || value;
  json_decref(value);
  return fine ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_CONFIG, what, "%s is not UTF-8: no policy can name it", what);
}

static int check_tag(const char *what, const struct s3_tag *tag, struct sluice_error *err) {
  int code = tag ? check_text(what, tag->key, err) : SLUICE_OK;
  return tag && code == SLUICE_OK ? check_text(what, tag->value, err) : code;
}

static int check_texts(const struct s3_place *place, struct sluice_error *err) {
  int code = check_text("path", place->path, err);
  if (code == SLUICE_OK)
    code = check_text("role_arn", place->role_arn, err);
  if (code == SLUICE_OK)
    code = check_text("external_id", place->external_id, err);
  if (code == SLUICE_OK)
    code = check_tag("require_tag", place->require_tag, err);
  return code == SLUICE_OK ? check_tag("object_tag", place->object_tag, err) : code;
}

/* ---- ARNs ---- */

/* Copies what is before the next ':' and gives what is behind it; NULL: it does not fit or there is none. */
static const char *take_field(const char *arn, char *out, size_t size) {
  size_t n = strcspn(arn, ":");
  bool plain = strspn(arn, "abcdefghijklmnopqrstuvwxyz0123456789-") >= n;
  if (!plain || n >= size || !arn[n])
    return NULL;
  memcpy(out, arn, n);
  out[n] = 0;
  return arn + n + 1;
}

static void guess_partition(const char *region, const char *role_arn, char out[16]) {
  static const struct {
    const char *start, *partition;
  } known[] = {{"cn-", "aws-cn"},         {"us-gov-", "aws-us-gov"}, {"us-isob-", "aws-iso-b"},
               {"us-isof-", "aws-iso-f"}, {"eu-isoe-", "aws-iso-e"}, {"us-iso-", "aws-iso"}};
  snprintf(out, 16, "aws");
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strncmp(region, known[i].start, strlen(known[i].start)) == 0)
      snprintf(out, 16, "%s", known[i].partition);
  if (!*region && role_arn && strncmp(role_arn, "arn:", 4) == 0 && (!take_field(role_arn + 4, out, 16) || !*out))
    snprintf(out, 16, "aws");
}

static const char *behind_scheme(const char *path) {
  const char *at = path ? strstr(path, "://") : NULL;
  return at ? at + 3 : "";
}

/* arn:aws:s3:eu-west-3:111122223333:accesspoint/NAME/KEY; the slash before the name may be a colon. */
static int read_access_point(struct policy_place *place, const char *arn, struct sluice_error *err) {
  static const char kind[] = "accesspoint";
  char service[16], account[16];
  const char *at = take_field(arn + 4, place->partition, sizeof place->partition);
  at = at ? take_field(at, service, sizeof service) : NULL;
  at = at ? take_field(at, place->region, sizeof place->region) : NULL;
  at = at ? take_field(at, account, sizeof account) : NULL;
  bool point = at && strcmp(service, "s3") == 0 && *place->region && strncmp(at, kind, sizeof kind - 1) == 0 &&
               strchr("/:", at[sizeof kind - 1]);
  const char *name = point ? at + sizeof kind : "";
  size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
  if (!n || n > 63 || (name[n] && name[n] != '/'))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "path", "\"%.300s\" is no access point that a policy can name", arn);
  struct text text = {0};
  text_printf(&text, "arn:%s:s3:%s:%s:accesspoint/%.*s", place->partition, place->region, account, (int)n, name);
  place->access_point = true;
  place->bucket = strdup(text_get(&text));
  place->key = strdup(name[n] ? name + n + 1 : "");
  text_finish(&text);
  return SLUICE_OK;
}

static int read_bucket(struct policy_place *place, struct sluice_error *err) {
  struct location location;
  int code = location_parse(place->options.path, "path", &location, err);
  if (code != SLUICE_OK)
    return code;
  snprintf(place->region, sizeof place->region, "%s", place->options.region ? place->options.region : "");
  guess_partition(place->region, place->options.role_arn, place->partition);
  place->bucket = strdup(location.bucket);
  place->key = strdup(location.key);
  return SLUICE_OK;
}

static int make_arns(struct policy_place *place, struct sluice_error *err) {
  struct text text = {.limit = ARN_MAX};
  if (!place->bucket || !place->key)
    return no_memory(err);
  if (place->access_point)
    text_puts(&text, place->bucket);
  else
    text_printf(&text, "arn:%s:s3:::%s", place->partition, place->bucket);
  place->bucket_arn = strdup(text_get(&text));
  text_puts(&text, place->access_point ? "/object/" : "/");
  place->object_arn = strdup(text_get(&text));
  bool whole = !text.failed && place->bucket_arn && place->object_arn;
  text_finish(&text);
  return whole ? SLUICE_OK : no_memory(err);
}

static int read_place(struct policy_place *place, struct sluice_error *err) {
  int code = check_texts(&place->options, err);
  const char *rest = behind_scheme(place->options.path);
  if (code == SLUICE_OK)
    code = strncmp(rest, "arn:", 4) == 0 ? read_access_point(place, rest, err) : read_bucket(place, err);
  return code == SLUICE_OK ? make_arns(place, err) : code;
}

/* ---- all paths ---- */

static bool same(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

static void find_firsts(struct policy_plan *plan, size_t i) {
  struct policy_place *place = &plan->places[i];
  place->identity = place->at_bucket = i;
  for (size_t k = i; k-- > 0;) {
    const struct policy_place *earlier = &plan->places[k];
    if (same(earlier->options.role_arn, place->options.role_arn))
      place->identity = earlier->identity;
    if (strcmp(earlier->bucket_arn, place->bucket_arn) == 0)
      place->at_bucket = earlier->at_bucket;
  }
}

static int read_places(struct policy_plan *plan, struct sluice_error *err) {
  size_t n = s3_place_count(plan->options);
  if (n == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "path", "no path is given; write path = \"s3://BUCKET/PREFIX/\"");
  plan->places = calloc(n, sizeof *plan->places);
  if (!plan->places)
    return no_memory(err);
  int code = SLUICE_OK;
  for (; plan->count < n && code == SLUICE_OK; plan->count++) {
    plan->places[plan->count].options = s3_place_at(plan->options, plan->count);
    code = read_place(&plan->places[plan->count], err);
    if (code == SLUICE_OK)
      find_firsts(plan, plan->count);
  }
  return code;
}

int policy_plan_init(struct policy_plan *plan, const struct s3_options *options, const char *job, const char *principal,
                     struct sluice_error *err) {
  plan->options = options;
  plan->job = job && *job ? job : "job";
  plan->principal_known = principal && *principal;
  int code = check_text("principal", principal, err);
  if (code == SLUICE_OK)
    code = check_text("job", plan->job, err);
  if (code == SLUICE_OK)
    code = read_places(plan, err);
  if (code != SLUICE_OK) {
    policy_plan_finish(plan);
    return code;
  }
  snprintf(plan->placeholder, sizeof plan->placeholder, "arn:%s:iam::111122223333:role/READER",
           plan->places[0].partition);
  plan->principal = plan->principal_known ? principal : plan->placeholder;
  return SLUICE_OK;
}

void policy_plan_finish(struct policy_plan *plan) {
  for (size_t i = 0; i < plan->count; i++) {
    free(plan->places[i].bucket);
    free(plan->places[i].key);
    free(plan->places[i].bucket_arn);
    free(plan->places[i].object_arn);
  }
  free(plan->places);
  *plan = (struct policy_plan){0};
}
