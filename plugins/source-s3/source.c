/* The s3 source of the contract. */
#include "base/version.h"
#include "list/lister.h"
#include "read/input.h"
#include "rights/check.h"
#include "rights/gate.h"
#include "rights/gone.h"
#include "rights/object_tags.h"
#include "rights/policy.h"
#include <sluice/services.h>
#include <stdlib.h>

struct source {
  struct system_world *world;
  struct client client;
  struct engines engines;
  struct lister lister;
  struct object_tags tags;
  bool by_tag; /* some path asks for a tag of its objects */
};

/* ---- life ---- */

static void init_curl(void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void close_source(void *self) {
  struct source *source = self;
  if (!source)
    return;
  object_tags_clear(&source->tags);
  lister_finish(&source->lister);
  engines_destroy(&source->engines);
  client_finish(&source->client);
  engines_finish(&source->engines);
  system_world_destroy(source->world);
  free(source);
}

static int check_options(const struct s3_options *options, struct sluice_error *err) {
  const char *owner = options->expected_bucket_owner;
  if (options->window < options->range_size)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "window", "window (%lld bytes) must be at least range_size (%lld bytes)",
                       (long long)options->window, (long long)options->range_size);
  if (owner && (strlen(owner) != 12 || strspn(owner, "0123456789") != 12))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "expected_bucket_owner", "\"%.40s\" is no account id: 12 digits", owner);
  return SLUICE_OK;
}

static int start(struct source *source, const struct sluice_host *host, const struct s3_options *options,
                 struct sluice_error *err) {
  int status = system_world_create(host, options->ca_file, &source->world, err);
  if (status == SLUICE_OK)
    system_world_count(source->world, sluice_counter_get(host, "credential_requests"));
  if (status == SLUICE_OK)
    status = client_init(&source->client, host, options, system_world_get(source->world), err);
  source->client.requests = sluice_counter_get(host, "requests");
  source->client.retries = sluice_counter_get(host, "retries");
  if (status == SLUICE_OK)
    status = lister_init(&source->lister, &source->client, NULL, options, err);
  if (status == SLUICE_OK)
    status = engines_create(&source->engines, &source->client, err);
  if (status != SLUICE_OK)
    return status;
  source->lister.engine = source->engines.items[0];
  source->tags.lister = &source->lister;
  source->tags.client = &source->client;
  source->tags.engine = source->engines.items[0];
  source->by_tag = object_tags_wanted(&source->client);
  return SLUICE_OK;
}

static int open_source(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  int status = check_options(config, err);
  if (status != SLUICE_OK)
    return status;
  pthread_once(&once, init_curl);
  struct source *source = calloc(1, sizeof *source);
  if (!source)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the s3 source");
  status = start(source, host, config, err);
  if (status == SLUICE_OK)
    *self = source;
  else
    close_source(source);
  return status;
}

static struct engine *first_engine(const struct source *source) {
  return source->engines.items[0];
}

/* ---- parts ---- */

/* A listing from the start is a new run: what guards the buckets is checked anew, before the first request. */
static int list(void *self, const char *after, struct sluice_error *err) {
  struct source *source = self;
  int status = SLUICE_OK;
  object_tags_clear(&source->tags);
  if (!after)
    status = gate_check_all(&source->client, first_engine(source), err);
  for (size_t i = 0; status == SLUICE_OK && after && i < source->client.n_accesses; i++)
    status = gate_pass(&source->client.accesses[i], first_engine(source), err);
  return status == SLUICE_OK ? lister_start(&source->lister, after, err) : status;
}

static int next_part(void *self, struct sluice_part *out, struct sluice_error *err) {
  struct source *source = self;
  return source->by_tag ? object_tags_next(&source->tags, out, err) : lister_next(&source->lister, out, err);
}

static int open_part(void *self, const struct sluice_part *part, struct sluice_part *opened, struct sluice_input *out,
                     struct sluice_error *err) {
  struct source *source = self;
  struct location location;
  int status = location_parse(part->name, "part", &location, err);
  if (status != SLUICE_OK)
    return status;
  struct access *access = client_access(&source->client, &location);
  if (!access)
    return sluice_fail(err, SLUICE_ERR_NOT_FOUND, part->name, "no path of this source holds the object any more");
  status = gate_pass(access, first_engine(source), err);
  if (status != SLUICE_OK)
    return status;
  struct sluice_error own = {0};
  status = input_open(access, &source->engines, part, opened, out, &own);
  if (status == SLUICE_OK)
    return gone_guard(access, first_engine(source), part, out, err);
  const char *id = NULL;
  version_is_id(part->version ? part->version : "", &id);
  return gone_judge_read(access, first_engine(source), location.key, id, status, &own, err);
}

/* ---- check and policy ---- */

static int report(void *self, struct sluice_findings *findings, struct sluice_error *err) {
  struct source *source = self;
  return check_report(&source->client, first_engine(source), findings, err);
}

struct one_line {
  struct text text;
  struct sluice_error *first; /* bad finding */
};

static int add_to_line(struct sluice_findings *findings, int state, const char *what, const char *text,
                       struct sluice_error *err) {
  struct one_line *line = findings->private_data;
  (void)err;
  text_printf(&line->text, "%s%s: %s", line->text.size ? "; " : "", what, text);
  if (state == 0)
    sluice_fail(line->first, SLUICE_ERR_AUTH, what, "%s: %s", what, text);
  return SLUICE_OK;
}

static int check(void *self, char *found, size_t size, struct sluice_error *err) {
  struct one_line line = {.first = err};
  struct sluice_findings findings = {add_to_line, &line};
  int status = report(self, &findings, err);
  if (status == SLUICE_OK && size)
    text_copy_line(found, size, text_get(&line.text), line.text.size);
  text_finish(&line.text);
  return status;
}

static int write_policy(void *self, const char *form, const char *principal, struct sluice_text_out *out,
                        struct sluice_error *err) {
  const struct source *source = self;
  return s3_policy_write(source->client.options, source->client.host->job, form, principal, out, err);
}

static const void *extension(const char *id) {
  static const struct sluice_check checks = {.struct_size = sizeof checks, .check = check, .report = report};
  static const struct sluice_policy policies = {.struct_size = sizeof policies, .write = write_policy};
  if (strcmp(id, SLUICE_POLICY) == 0)
    return &policies;
  return strcmp(id, SLUICE_CHECK) == 0 ? &checks : NULL;
}

/* ---- component ---- */

static const char *const schemes[] = {"s3", "s3a", "s3n", NULL};
static const struct sluice_base base = {.struct_size = sizeof base,
                                        .kind = SLUICE_SOURCE,
                                        .name = "s3",
                                        .version = "1.1.0",
                                        .help = "Objects of S3 and of services that speak its protocol.",
                                        .options = &s3_option_table,
                                        .names = schemes,
                                        .extension = extension};
static const struct sluice_source component = {.struct_size = sizeof component,
                                               .flags = SLUICE_SOURCE_ORDERED,
                                               .base = &base,
                                               .open = open_source,
                                               .close = close_source,
                                               .list = list,
                                               .next_part = next_part,
                                               .open_part = open_part};

SLUICE_PLUGIN(SLUICE_SOURCE, "source s3 1.1.0\n", &component)
