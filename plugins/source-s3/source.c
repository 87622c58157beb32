/* The s3 source of the contract. */
#include "read/input.h"
#include "list/lister.h"
#include <sluice/services.h>
#include <stdlib.h>

struct source {
  struct client client;
  struct engine *engine;
  struct lister lister;
};

/* ---- life ---- */

static void init_curl(void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void close_source(void *self) {
  struct source *source = self;
  if (!source)
    return;
  lister_finish(&source->lister);
  engine_destroy(source->engine);
  client_finish(&source->client);
  free(source);
}

static int check_options(const struct s3_options *options, struct sluice_error *err) {
  if (options->window < options->range_size)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "window", "window (%lld bytes) must be at least range_size (%lld bytes)",
                       (long long)options->window, (long long)options->range_size);
  return SLUICE_OK;
}

static int open_source(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  const struct s3_options *options = config;
  int status = check_options(options, err);
  if (status != SLUICE_OK)
    return status;
  pthread_once(&once, init_curl);
  struct source *source = calloc(1, sizeof *source);
  if (!source)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the s3 source");
  status = client_init(&source->client, host, options, err);
  if (status != SLUICE_OK) {
    free(source);
    return status;
  }
  status = lister_init(&source->lister, &source->client, NULL, options, err);
  if (status == SLUICE_OK)
    status = engine_create(&source->client, &source->engine, err);
  if (status != SLUICE_OK) {
    close_source(source);
    return status;
  }
  source->lister.engine = source->engine;
  sluice_log(host, SLUICE_DEBUG, "s3: credentials from %s", credentials_origin_name(&source->client.credentials));
  *self = source;
  return SLUICE_OK;
}

/* ---- parts ---- */

static int list(void *self, const char *after, struct sluice_error *err) {
  struct source *source = self;
  return lister_start(&source->lister, after, err);
}

static int next_part(void *self, struct sluice_part *out, struct sluice_error *err) {
  struct source *source = self;
  return lister_next(&source->lister, out, err);
}

static int open_part(void *self, const struct sluice_part *part, struct sluice_part *opened, struct sluice_input *out,
                     struct sluice_error *err) {
  struct source *source = self;
  return input_open(&source->client, source->engine, part, opened, out, err);
}

/* ---- check ---- */

static int check_path(struct source *source, const struct location *location, struct text *found,
                      struct sluice_error *err) {
  struct page_query query = {location->key, NULL, NULL, 1};
  struct bucket *bucket = client_bucket(&source->client, location->bucket);
  struct page *page = bucket ? page_create(bucket, &query) : NULL;
  if (!page)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a page of the listing");
  engine_submit(source->engine, &page->call);
  int status = engine_finish_call(source->engine, &page->call, err);
  if (status == SLUICE_OK) {
    const struct listing_page *content = &page->content;
    char key[161] = "";
    if (content->count)
      text_copy_line(key, sizeof key, listing_text(content, content->entries[0].key), content->entries[0].key_size);
    text_printf(found, "%sbucket \"%s\" in region %s at %s can be listed: %s%s%s", found->size ? "; " : "",
                bucket->name, page->call.sent.region, page->call.sent.host,
                content->count ? "first key \"" : "no key below \"", content->count ? key : location->key, "\"");
  }
  call_unref(&page->call);
  return status;
}

static int check(void *self, char *found, size_t size, struct sluice_error *err) {
  struct source *source = self;
  struct text all = {0};
  int status = SLUICE_OK;
  for (size_t i = 0; status == SLUICE_OK && i < source->lister.count; i++)
    status = check_path(source, &source->lister.streams[i].location, &all, err);
  if (status == SLUICE_OK && size)
    text_copy_line(found, size, text_get(&all), all.size);
  text_finish(&all);
  return status;
}

static const void *extension(const char *id) {
  static const struct sluice_check powers = {.struct_size = sizeof powers, .check = check};
  return strcmp(id, SLUICE_CHECK) == 0 ? &powers : NULL;
}

/* ---- component ---- */

static const char *const schemes[] = {"s3", "s3a", "s3n", NULL};
static const struct sluice_base base = {.struct_size = sizeof base,
                                        .kind = SLUICE_SOURCE,
                                        .name = "s3",
                                        .version = "1.0.0",
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

SLUICE_PLUGIN(SLUICE_SOURCE, "source s3 1.0.0\n", &component)
