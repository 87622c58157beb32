/* Tries what a source needs, a finding at a time: who answers, tag, listing, reading. */
#include "rights/check.h"
#include "base/version.h"
#include "list/pager.h"
#include "rights/gate.h"
#include "rights/tags.h"
#include "rights/try.h"

enum { GOOD = 1, BAD = 0, UNKNOWN = -1, SAMPLE_KEYS = 100, SAMPLE_PAGES = 10 };

struct checking {
  struct client *client;
  struct engine *engine;
  struct sluice_findings *findings;
  struct sluice_error *err;
  int first_bad; /* code; OK: none */
};

/* ---- findings ---- */

static int put(struct checking *c, int state, const char *what, const char *text) {
  return c->findings->add(c->findings, state, what, text, c->err);
}

static int put_bad(struct checking *c, const char *what, int code, const struct sluice_error *error) {
  if (c->first_bad == SLUICE_OK)
    c->first_bad = code;
  return put(c, BAD, what, error->message);
}

/* A check that can only be passed or failed. */
static int put_result(struct checking *c, const char *what, int code, const struct sluice_error *error,
                      const char *good) {
  if (code == SLUICE_ERR_CANCELLED)
    return sluice_fail(c->err, code, error->where, "%s", error->message);
  return code == SLUICE_OK ? put(c, GOOD, what, good) : put_bad(c, what, code, error);
}

/* ---- who ---- */

/* Services other than AWS's often have no STS: that nobody says who we are is no fault then. */
static int check_caller(struct checking *c, const struct access *access) {
  struct sts_caller caller;
  struct sluice_error error = {0};
  char text[2400];
  const struct client *client = c->client;
  if (identity_anonymous(access_identity(access)))
    return SLUICE_OK;
  if (client->endpoint.custom && !client->options->sts_endpoint && !client->settings.sts_url[0])
    return SLUICE_OK;
  int code = identity_caller(access_identity(access), &caller, &error);
  if (code == SLUICE_ERR_CANCELLED)
    return sluice_fail(c->err, code, "", "%s", error.message);
  if (code != SLUICE_OK)
    return put(c, UNKNOWN, "caller", error.message);
  snprintf(text, sizeof text, "%.2048s", caller.arn);
  return put(c, GOOD, "caller", text);
}

static int check_identity(struct checking *c, const struct access *access, bool *usable) {
  struct credentials *with = NULL;
  struct sluice_error error = {0};
  char label[256], text[400];
  int code = identity_wait(access_identity(access), &with, &error);
  credentials_unref(with);
  identity_label(access_identity(access), label, sizeof label);
  snprintf(text, sizeof text, "%s",
           identity_anonymous(access_identity(access)) ? "none: requests are not signed" : label);
  *usable = code == SLUICE_OK;
  int status = put_result(c, "credentials", code, &error, text);
  return status == SLUICE_OK && *usable ? check_caller(c, access) : status;
}

/* ---- what a run would ask for ---- */

static bool lists_versions(const struct checking *c) {
  return c->client->options->pin == S3_PIN_VERSION || c->client->options->version_id;
}

static const char *listing_right(const struct checking *c) {
  return lists_versions(c) ? "s3:ListBucketVersions" : "s3:ListBucket";
}

static const char *reading_right(bool by_id) {
  return by_id ? "s3:GetObjectVersion" : "s3:GetObject";
}

static const char *tagging_right(bool by_id) {
  return by_id ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging";
}

/* ---- the gate ---- */

static const char closed[] = "not tried, the gate is closed";

static int check_role(struct checking *c, struct access *access, bool *open) {
  struct sluice_error error = {0};
  if (!c->client->options->forbid_open_role || !access->place.role_arn)
    return SLUICE_OK;
  int code = gate_check_role(access, &error);
  *open = code == SLUICE_OK;
  return put_result(c, "role", code, &error, "it refuses those who lack the external ID");
}

static int check_tag(struct checking *c, struct access *access, bool *open) {
  static const char right[] = "s3:GetBucketTagging";
  struct sluice_error error = {0};
  if (!access->place.require_tag)
    return SLUICE_OK;
  if (!*open)
    return put(c, UNKNOWN, right, closed);
  int code = gate_check_tag(access, c->engine, &error);
  *open = code == SLUICE_OK;
  return put_result(c, right, code, &error, "the bucket has the tag that require_tag asks for");
}

/* Behind a closed gate nothing is listed or read, as in a run. */
static int put_untried(struct checking *c, const struct access *access) {
  bool by_id = lists_versions(c);
  int status = put(c, UNKNOWN, listing_right(c), closed);
  if (status == SLUICE_OK)
    status = put(c, UNKNOWN, reading_right(by_id), closed);
  return status == SLUICE_OK && access->place.object_tag ? put(c, UNKNOWN, tagging_right(by_id), closed) : status;
}

/* ---- the listing ---- */

struct sample {                                  /* an object to try reading with */
  char key[LOCATION_KEY_MAX + 1], version[1001]; /* version "": it is read without an id */
  char first[161];                               /* key of the listing, for people */
  bool found, listed;
};

/* The version "null" may be written over: it is read without its id, unless it is asked for. */
static bool reads_by_id(const struct checking *c, const char *id) {
  return id[0] && (c->client->options->version_id || strcmp(id, "null") != 0);
}

static void consider(const struct checking *c, const struct pager_item *item, struct sample *out) {
  const struct listing_entry *entry = item->entry;
  const char *key = listing_text(item->page, entry->key), *id = listing_text(item->page, entry->version_id);
  if (!out->first[0])
    text_copy_line(out->first, sizeof out->first, key, entry->key_size);
  if (entry->kind != LISTING_OBJECT || entry->size == 0 || entry->archived || !version_fit(id))
    return;
  snprintf(out->key, sizeof out->key, "%s", key);
  snprintf(out->version, sizeof out->version, "%s", reads_by_id(c, id) ? id : "");
  out->found = true;
}

/* The pages are bounded, but where one version is looked for: a run looks for it too. */
static int find_sample(const struct checking *c, struct pager *pager, struct sample *out, struct sluice_error *err) {
  int status = SLUICE_OK;
  for (int seen = 0; status == SLUICE_OK && !out->found && seen < SAMPLE_KEYS; seen++) {
    struct pager_item item;
    if (!pager->only_version && pager->pages > SAMPLE_PAGES)
      break;
    status = pager_peek(pager, &item, err);
    if (status == SLUICE_OK) {
      consider(c, &item, out);
      pager_skip(pager);
    }
  }
  return status == SLUICE_END ? SLUICE_OK : status;
}

static int put_listed(struct checking *c, const struct access *access, const struct pager *pager,
                      const struct sample *sample) {
  const struct signed_request *sent = &pager->first->call.sent;
  char text[768];
  snprintf(text, sizeof text, "bucket \"%s\" in region %.63s at %.200s: %s \"%.160s\"", access->bucket.name,
           sent->region, sent->host, sample->first[0] ? "first key" : "no key below",
           sample->first[0] ? sample->first : access->prefix);
  return put(c, GOOD, listing_right(c), text);
}

/* A run ends where the version that is asked for is not there. */
static int check_version(struct checking *c, const struct sample *sample) {
  struct sluice_error error = {0};
  const char *id = c->client->options->version_id;
  if (!id || sample->first[0])
    return SLUICE_OK;
  int code = sluice_fail(&error, SLUICE_ERR_CONFIG, "version_id", "version \"%.160s\" of the object is not there", id);
  return put_bad(c, "version_id", code, &error);
}

static int check_list(struct checking *c, struct access *access, struct sample *sample) {
  struct pager_query query = {.engine = c->engine,
                              .bucket = &access->bucket,
                              .prefix = access->prefix,
                              .after = "",
                              .kind = lists_versions(c) ? PAGE_VERSIONS : PAGE_FLAT,
                              .max_keys = SAMPLE_KEYS,
                              .only_version = c->client->options->version_id};
  struct sluice_error error = {0};
  struct pager pager;
  int status = pager_open(&pager, &query, c->err);
  if (status != SLUICE_OK)
    return status;
  int code = find_sample(c, &pager, sample, &error);
  sample->listed = code == SLUICE_OK;
  if (sample->listed)
    status = put_listed(c, access, &pager, sample);
  else
    status = put_result(c, listing_right(c), code, &error, "");
  pager_close(&pager);
  return status == SLUICE_OK && sample->listed ? check_version(c, sample) : status;
}

/* ---- objects ---- */

static const char *version_of(const struct sample *sample) {
  return sample->version[0] ? sample->version : NULL;
}

static bool is_about_kms(const struct fault *fault) {
  return strncmp(fault->code, "KMS.", 4) == 0 || strstr(fault->message, "kms:") || strstr(fault->message, "KMS");
}

static int check_read(struct checking *c, struct access *access, const struct sample *sample) {
  struct sluice_error error = {0};
  struct fault fault;
  char text[512], shown[161];
  size_t got = 0;
  if (!sample->found)
    return put(c, UNKNOWN, reading_right(lists_versions(c)),
               sample->listed ? "there is no object with bytes to try" : "not tried, without the listing");
  int code = try_read(access, c->engine, sample->key, version_of(sample), &got, &fault, &error);
  text_copy_line(shown, sizeof shown, sample->key, strlen(sample->key));
  snprintf(text, sizeof text, "read the first %zu bytes of \"%s\"%s%.160s%s", got, shown,
           sample->version[0] ? ", version \"" : "", sample->version, sample->version[0] ? "\"" : "");
  bool kms = code != SLUICE_OK && is_about_kms(&fault);
  return put_result(c, kms ? "kms:Decrypt" : reading_right(version_of(sample)), code, &error, text);
}

static int check_object_tags(struct checking *c, struct access *access, const struct sample *sample) {
  struct sluice_error error = {0};
  if (!access->place.object_tag || !sample->found)
    return SLUICE_OK;
  struct tags *tags = tags_create(&access->bucket, sample->key, version_of(sample));
  if (!tags)
    return sluice_fail(c->err, SLUICE_ERR_MEMORY, "", "no memory for the tags");
  engine_submit(c->engine, &tags->call);
  int code = engine_finish_call(c->engine, &tags->call, &error);
  bool none = code == SLUICE_ERR_NOT_FOUND && strcmp(tags->call.fault.code, "NoSuchTagSet") == 0;
  const char *value = code == SLUICE_OK ? tags_value(tags, access->place.object_tag->key) : NULL;
  bool has = value && strcmp(value, access->place.object_tag->value) == 0;
  engine_abandon(c->engine, &tags->call);
  call_unref(&tags->call);
  return put_result(c, tagging_right(version_of(sample)), none ? SLUICE_OK : code, &error,
                    has ? "the object has the tag" : "the object tried does not have the tag that object_tag asks for");
}

/* ---- all ---- */

static bool repeats(const struct client *client, size_t i) {
  for (size_t j = 0; j < i; j++)
    if (client->accesses[j].asker == client->accesses[i].asker)
      return true;
  return false;
}

static int check_access(struct checking *c, size_t i) {
  struct access *access = &c->client->accesses[i];
  struct sample sample = {.found = false};
  bool usable = true, open = true;
  int status = repeats(c->client, i) ? SLUICE_OK : check_identity(c, access, &usable);
  if (status != SLUICE_OK || !usable)
    return status;
  status = check_role(c, access, &open);
  if (status == SLUICE_OK)
    status = check_tag(c, access, &open);
  if (status == SLUICE_OK && !open)
    return put_untried(c, access);
  if (status == SLUICE_OK)
    status = check_list(c, access, &sample);
  if (status == SLUICE_OK)
    status = check_read(c, access, &sample);
  return status == SLUICE_OK ? check_object_tags(c, access, &sample) : status;
}

int check_report(struct client *client, struct engine *engine, struct sluice_findings *findings,
                 struct sluice_error *err) {
  struct checking c = {.client = client, .engine = engine, .findings = findings, .err = err};
  int status = SLUICE_OK;
  for (size_t i = 0; status == SLUICE_OK && i < client->n_accesses; i++)
    status = check_access(&c, i);
  return status == SLUICE_OK ? c.first_bad : status;
}
