/* What all requests of one source share: who asks for each path, endpoint, and the clock. */
#include "request/client.h"
#include "request/asker.h"
#include <openssl/crypto.h>
#include <stdlib.h>

enum { PATHS_MAX = 10000 };

/* ---- configuration ---- */

/* Files that cannot be read matter only where something in them may be needed. */
int client_load_profiles(const struct client *client, struct profiles **out, struct sluice_error *err) {
  const struct s3_options *options = client->options;
  struct sluice_error why = {0};
  int status = profiles_load(client->world, out, &why);
  if (status == SLUICE_OK)
    return status;
  if (!options->access_key_id && !options->anonymous)
    return sluice_fail(err, status == SLUICE_ERR_DATA ? SLUICE_ERR_CONFIG : status, why.where, "%s", why.message);
  sluice_log(client->host, SLUICE_WARN, "s3: %s: %s; it is left out", why.where, why.message);
  return profiles_parse(NULL, NULL, out, err);
}

static int read_settings(struct client *client, struct sluice_error *err) {
  struct profiles *profiles = NULL;
  bool chosen;
  int status = client_load_profiles(client, &profiles, err);
  if (status != SLUICE_OK)
    return status;
  const char *profile = client->options->profile ? client->options->profile : profiles_selected(client->world, &chosen);
  status = settings_read(client->world, profiles, profile, &client->settings, err);
  profiles_destroy(profiles);
  return status;
}

static bool switched(int32_t option, bool configured) {
  return option == S3_SWITCH_AUTO ? configured : option == S3_SWITCH_ON;
}

static int choose_endpoint(struct client *client, struct sluice_error *err) {
  const struct s3_options *options = client->options;
  const char *url = options->endpoint ? options->endpoint : client->settings.s3_url;
  const char *where = options->endpoint ? "endpoint" : client->settings.s3_url_from;
  int status = endpoint_parse(url, where, (enum addressing)options->addressing, &client->endpoint, err);
  if (status != SLUICE_OK)
    return status;
  client->endpoint.fips = switched(options->fips, client->settings.fips);
  client->endpoint.dualstack = switched(options->dualstack, client->settings.dualstack);
  status = endpoint_check(&client->endpoint, err);
  if (status == SLUICE_OK && options->sse_customer_key.handle && !client->endpoint.https)
    status = sluice_fail(err, SLUICE_ERR_CONFIG, "sse_customer_key",
                         "the key of SSE-C objects travels with each request; use an https endpoint");
  return status;
}

static int choose_region(const struct client *client, const struct s3_place *place, char out[64],
                         struct sluice_error *err) {
  const char *configured = client->settings.region[0] ? client->settings.region : "us-east-1";
  const char *region = place->region ? place->region : configured;
  if (!region_valid(region))
    return sluice_fail(err, SLUICE_ERR_CONFIG, place->region ? "region" : client->settings.region_from,
                       "\"%.80s\" is no region; write one such as eu-west-3", region);
  snprintf(out, 64, "%s", region);
  return SLUICE_OK;
}

/* ---- paths ---- */

static int fill_access(struct client *client, size_t i, struct sluice_error *err) {
  struct access *access = &client->accesses[i];
  size_t group = client->options->place.path ? i - 1 : i;
  struct location location;
  access->client = client;
  access->place = s3_place_at(client->options, i);
  access->bucket.access = access;
  if (i == 0 && client->options->place.path)
    snprintf(access->where, sizeof access->where, "path");
  else
    snprintf(access->where, sizeof access->where, "paths[%zu].path", group);
  int status = location_parse(access->place.path, access->where, &location, err);
  if (status != SLUICE_OK)
    return status;
  snprintf(access->bucket.name, sizeof access->bucket.name, "%s", location.bucket);
  access->prefix = access->place.path + strlen(access->place.path) - strlen(location.key);
  return choose_region(client, &access->place, access->bucket.region, err);
}

static int fill_accesses(struct client *client, struct sluice_error *err) {
  size_t count = s3_place_count(client->options);
  int status = SLUICE_OK;
  if (count == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "path", "no path is given; write path = \"s3://BUCKET/PREFIX/\"");
  if (count > PATHS_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "paths", "there are more than %d paths; use a common prefix", PATHS_MAX);
  client->accesses = calloc(count, sizeof *client->accesses);
  if (!client->accesses)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the paths");
  client->n_accesses = count;
  for (size_t i = 0; status == SLUICE_OK && i < count; i++)
    status = fill_access(client, i, err);
  return status;
}

struct access *client_access(struct client *client, const struct location *object) {
  struct access *best = NULL;
  size_t best_size = 0;
  for (size_t i = 0; i < client->n_accesses; i++) {
    struct access *access = &client->accesses[i];
    size_t n = strlen(access->prefix);
    if (strcmp(access->bucket.name, object->bucket) != 0 || strncmp(object->key, access->prefix, n) != 0)
      continue;
    if (!best || n > best_size) {
      best = access;
      best_size = n;
    }
  }
  return best;
}

struct identity *access_identity(const struct access *access) {
  return access->asker->identity;
}

/* ---- life ---- */

int client_init(struct client *client, const struct sluice_host *host, const struct s3_options *options,
                const struct world *world, struct sluice_error *err) {
  memset(client, 0, sizeof *client);
  client->host = host;
  client->options = options;
  client->world = world;
  if (pthread_mutex_init(&client->lock, NULL) != 0)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the s3 source");
  int status = read_settings(client, err);
  if (status == SLUICE_OK)
    status = choose_endpoint(client, err);
  if (status == SLUICE_OK)
    status = fill_accesses(client, err);
  if (status == SLUICE_OK)
    status = askers_init(client, err);
  if (status != SLUICE_OK)
    client_finish(client);
  return status;
}

void client_finish(struct client *client) {
  if (!client->host)
    return;
  askers_finish(client);
  for (size_t i = 0; i < client->n_accesses; i++)
    credentials_unref(client->accesses[i].bucket.key_of);
  if (client->accesses)
    OPENSSL_cleanse(client->accesses, client->n_accesses * sizeof *client->accesses);
  free(client->accesses);
  pthread_mutex_destroy(&client->lock);
  memset(client, 0, sizeof *client);
}

/* ---- regions ---- */

void client_region(struct client *client, const struct bucket *bucket, char out[64]) {
  pthread_mutex_lock(&client->lock);
  memcpy(out, bucket->region, sizeof bucket->region);
  pthread_mutex_unlock(&client->lock);
}

/* All paths of a bucket learn from one answer. */
bool client_move_bucket(struct client *client, struct bucket *bucket, const char *region) {
  char old[64];
  if (!region_valid(region))
    return false;
  pthread_mutex_lock(&client->lock);
  memcpy(old, bucket->region, sizeof old);
  for (size_t i = 0; i < client->n_accesses; i++)
    if (strcmp(client->accesses[i].bucket.name, bucket->name) == 0)
      snprintf(client->accesses[i].bucket.region, sizeof bucket->region, "%s", region);
  pthread_mutex_unlock(&client->lock);
  if (strcmp(old, region) == 0)
    return false;
  sluice_log(client->host, SLUICE_WARN, "bucket \"%s\" is in region %s, not %s; set region = \"%s\" to save a request",
             bucket->name, region, old, region);
  return true;
}

/* ---- clock ---- */

static int64_t local_now(const struct client *client) {
  return client->world->now(client->world->context);
}

int64_t client_now(struct client *client) {
  pthread_mutex_lock(&client->lock);
  int64_t now = local_now(client) + client->skew_s;
  pthread_mutex_unlock(&client->lock);
  return now;
}

int64_t client_clock_error(struct client *client, int64_t server_now) {
  return server_now - client_now(client);
}

int64_t client_set_clock(struct client *client, int64_t server_now) {
  int64_t error = client_clock_error(client, server_now);
  pthread_mutex_lock(&client->lock);
  client->skew_s = server_now - local_now(client);
  pthread_mutex_unlock(&client->lock);
  if (error > 60 || error < -60)
    sluice_log(client->host, SLUICE_WARN,
               "this machine's clock is off by %lld s against the S3 endpoint's; corrected for signing",
               (long long)-error);
  return error;
}
