/* Tries what a source needs, a finding at a time: who answers, tag, listing, reading. */
#include "rights/check.h"
#include "list/page.h"
#include "rights/gate.h"
#include "rights/tags.h"
#include "rights/try.h"

enum { GOOD = 1, BAD = 0, UNKNOWN = -1, SAMPLE_KEYS = 100 };

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

/* ---- the gate ---- */

static int check_gate(struct checking *c, struct access *access) {
  struct sluice_error error = {0};
  int status = SLUICE_OK;
  if (c->client->options->forbid_open_role && access->place.role_arn) {
    int code = gate_check_role(access, &error);
    status = put_result(c, "role", code, &error, "it refuses those who lack the external ID");
  }
  if (status != SLUICE_OK || !access->place.require_tag)
    return status;
  error = (struct sluice_error){.message = ""};
  return put_result(c, "s3:GetBucketTagging", gate_check_tag(access, c->engine, &error), &error,
                    "the bucket has the tag that require_tag asks for");
}

/* ---- objects ---- */

struct sample { /* an object to try reading with */
  char key[LOCATION_KEY_MAX + 1];
  int64_t size;
  bool found, listed;
};

static void choose_sample(const struct listing_page *page, struct sample *out) {
  for (size_t i = 0; i < page->count && !out->found; i++) {
    const struct listing_entry *entry = &page->entries[i];
    if (entry->size == 0 || entry->archived)
      continue;
    snprintf(out->key, sizeof out->key, "%s", listing_text(page, entry->key));
    out->size = entry->size;
    out->found = true;
  }
}

static int check_list(struct checking *c, struct access *access, struct sample *sample) {
  struct page_query query = {.prefix = access->prefix, .max_keys = SAMPLE_KEYS};
  struct page *page = page_create(&access->bucket, &query);
  struct sluice_error error = {0};
  char text[768], key[161] = "";
  if (!page)
    return sluice_fail(c->err, SLUICE_ERR_MEMORY, "", "no memory for a page of the listing");
  engine_submit(c->engine, &page->call);
  int code = engine_finish_call(c->engine, &page->call, &error);
  const struct listing_page *content = &page->content;
  if (code == SLUICE_OK && content->count)
    text_copy_line(key, sizeof key, listing_text(content, content->entries[0].key), content->entries[0].key_size);
  sample->listed = code == SLUICE_OK;
  if (code == SLUICE_OK) {
    snprintf(text, sizeof text, "bucket \"%s\" in region %.63s at %.200s: %s%s\"", access->bucket.name,
             page->call.sent.region, page->call.sent.host, content->count ? "first key \"" : "no key below \"",
             content->count ? key : access->prefix);
    choose_sample(content, sample);
  }
  engine_abandon(c->engine, &page->call);
  call_unref(&page->call);
  return put_result(c, "s3:ListBucket", code, &error, text);
}

static bool is_about_kms(const struct fault *fault) {
  return strncmp(fault->code, "KMS.", 4) == 0 || strstr(fault->message, "kms:") || strstr(fault->message, "KMS");
}

static int check_read(struct checking *c, struct access *access, const struct sample *sample) {
  struct sluice_error error = {0};
  struct fault fault;
  char text[512], shown[161];
  const char *right = c->client->options->pin == S3_PIN_VERSION ? "s3:GetObjectVersion" : "s3:GetObject";
  size_t got = 0;
  if (!sample->found)
    return put(c, UNKNOWN, right,
               sample->listed ? "there is no object with bytes to try" : "not tried, without the listing");
  int code = try_read(access, c->engine, sample->key, &got, &fault, &error);
  text_copy_line(shown, sizeof shown, sample->key, strlen(sample->key));
  snprintf(text, sizeof text, "read the first %zu bytes of \"%s\"", got, shown);
  bool kms = code != SLUICE_OK && is_about_kms(&fault);
  return put_result(c, kms ? "kms:Decrypt" : right, code, &error, text);
}

static int check_object_tags(struct checking *c, struct access *access, const struct sample *sample) {
  struct sluice_error error = {0};
  if (!access->place.object_tag || !sample->found)
    return SLUICE_OK;
  struct tags *tags = tags_create(&access->bucket, sample->key, NULL);
  if (!tags)
    return sluice_fail(c->err, SLUICE_ERR_MEMORY, "", "no memory for the tags");
  engine_submit(c->engine, &tags->call);
  int code = engine_finish_call(c->engine, &tags->call, &error);
  bool none = code == SLUICE_ERR_NOT_FOUND && strcmp(tags->call.fault.code, "NoSuchTagSet") == 0;
  const char *value = code == SLUICE_OK ? tags_value(tags, access->place.object_tag->key) : NULL;
  bool has = value && strcmp(value, access->place.object_tag->value) == 0;
  engine_abandon(c->engine, &tags->call);
  call_unref(&tags->call);
  return put_result(c, "s3:GetObjectTagging", none ? SLUICE_OK : code, &error,
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
  bool usable = true;
  int status = repeats(c->client, i) ? SLUICE_OK : check_identity(c, access, &usable);
  if (status != SLUICE_OK || !usable)
    return status;
  status = check_gate(c, access);
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
