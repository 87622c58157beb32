/* Who asks: from a path's options to an identity; paths with the same role share one. */
#include "request/asker.h"
#include <openssl/crypto.h>
#include <stdlib.h>

/* ---- the pair that the options name ---- */

static bool has_own_keys(const struct s3_options *options) {
  return options->access_key_id || options->secret_access_key.handle || options->session_token.handle;
}

static int check_own_keys(const struct s3_options *options, struct sluice_error *err) {
  if (!options->access_key_id)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "access_key_id",
                       "%s is given without access_key_id; give the pair, or neither",
                       options->secret_access_key.handle ? "secret_access_key" : "session_token");
  if (!options->secret_access_key.handle)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "secret_access_key",
                       "access_key_id is given without secret_access_key; give the pair, or neither");
  if (options->profile)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile", "profile and access_key_id exclude each other; give one");
  return SLUICE_OK;
}

static int check_choice(const struct s3_options *options, struct sluice_error *err) {
  if (options->anonymous && has_own_keys(options))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "anonymous", "anonymous = true and a key pair exclude each other");
  if (options->anonymous && options->profile)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "anonymous", "anonymous = true and a profile exclude each other");
  return has_own_keys(options) ? check_own_keys(options, err) : SLUICE_OK;
}

/* Read at each use, so that secrets may rotate. */
static int own_keys(void *context, struct credentials **out, struct sluice_error *err) {
  const struct asker *asker = context;
  const struct sluice_host *host = asker->client->host;
  const struct s3_options *options = asker->client->options;
  enum { SECRET_SIZE = 512, TOKEN_SIZE = 32 << 10 };
  char *room = calloc(1, SECRET_SIZE + TOKEN_SIZE), *secret = room, *token = room ? room + SECRET_SIZE : NULL;
  if (!room)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for credentials");
  int status = host->secret(host, options->secret_access_key, secret, SECRET_SIZE, err);
  if (status == SLUICE_OK && options->session_token.handle)
    status = host->secret(host, options->session_token, token, TOKEN_SIZE, err);
  static const struct credentials_text places = {"access_key_id", "secret_access_key", "session_token", ""};
  struct credentials_text text = {options->access_key_id, secret, token, NULL};
  if (status == SLUICE_OK)
    status = credentials_create_at(&text, CREDENTIALS_NEVER, 0, &places, out, err);
  OPENSSL_cleanse(room, SECRET_SIZE + TOKEN_SIZE);
  free(room);
  return status;
}

/* ---- plans ---- */

static int resolve(void *context, struct plan *out, struct sluice_error *err) {
  const struct asker *asker = context;
  const struct client *client = asker->client;
  struct profiles *profiles = NULL;
  struct plan_request request = {.anonymous = client->options->anonymous != 0,
                                 .own_keys = has_own_keys(client->options),
                                 .profile = client->options->profile,
                                 .region = asker->region,
                                 .sts_endpoint = client->options->sts_endpoint,
                                 .role = asker->role.arn[0] ? &asker->role : NULL};
  int status = client_load_profiles(client, &profiles, err);
  if (status == SLUICE_OK)
    status = plan_resolve(client->world, profiles, &request, out, err);
  profiles_destroy(profiles);
  return status;
}

static void on_ready(void *context) {
  const struct asker *asker = context;
  if (asker->client->ready)
    asker->client->ready(asker->client->ready_context);
}

/* ---- roles ---- */

static char *copy_text(const char *text) {
  return strdup(text ? text : "");
}

static bool same(const char *a, const char *b) {
  return strcmp(a, b ? b : "") == 0;
}

static bool asks_as(const struct asker *asker, const struct s3_place *place, const char *region) {
  const struct plan_role *role = &asker->role;
  if (!same(role->arn, place->role_arn))
    return false;
  if (!role->arn[0])
    return true; /* without a role the region matters to nobody */
  return same(role->external_id, place->external_id) && role->duration_s == place->duration / 1000 &&
         (!place->role_session_name || same(role->session_name, place->role_session_name)) &&
         strcmp(asker->region, region) == 0;
}

static int check_role(const struct access *access, const struct s3_options *options, struct sluice_error *err) {
  const struct s3_place *place = &access->place;
  const char *lonely = place->external_id ? "external_id" : place->role_session_name ? "role_session_name" : NULL;
  if (!place->role_arn && place->duration)
    lonely = "duration";
  if (!place->role_arn && lonely)
    return sluice_fail(err, SLUICE_ERR_CONFIG, lonely, "%s is given without role_arn; it belongs to a role", lonely);
  if (place->role_arn && options->anonymous)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "anonymous",
                       "anonymous = true and role_arn exclude each other: a role is assumed with credentials");
  if (options->forbid_open_role && place->role_arn && !place->external_id)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "forbid_open_role",
                       "forbid_open_role needs an external_id: it checks that the role refuses those who lack it");
  return SLUICE_OK;
}

static int name_session(const struct client *client, const struct s3_place *place, char out[65]) {
  char wish[256];
  out[0] = 0;
  if (place->role_session_name)
    snprintf(wish, sizeof wish, "%s", place->role_session_name);
  else if (client->host->job && client->host->job[0])
    snprintf(wish, sizeof wish, "sluice-%s", client->host->job);
  else
    return SLUICE_OK; /* the plan has a name of its own */
  plan_session_name(wish, out);
  return SLUICE_OK;
}

static int fill(struct asker *asker, struct client *client, const struct access *access, struct sluice_error *err) {
  const struct s3_place *place = &access->place;
  char session[65];
  name_session(client, place, session);
  asker->client = client;
  snprintf(asker->region, sizeof asker->region, "%s", access->bucket.region);
  asker->role = (struct plan_role){.arn = copy_text(place->role_arn),
                                   .external_id = copy_text(place->external_id),
                                   .session_name = copy_text(session),
                                   .region = copy_text(access->bucket.region),
                                   .duration_s = place->duration / 1000};
  if (!asker->role.arn || !asker->role.external_id || !asker->role.session_name || !asker->role.region)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a role");
  struct identity_settings settings = {.world = client->world,
                                       .resolve = resolve,
                                       .own_keys = own_keys,
                                       .context = asker,
                                       .level = client->host->job && client->host->job[0] ? SLUICE_INFO : SLUICE_DEBUG,
                                       .ready = on_ready,
                                       .ready_context = asker};
  return identity_create(&settings, &asker->identity, err);
}

static struct asker *find(const struct client *client, const struct access *access) {
  for (size_t i = 0; i < client->n_askers; i++)
    if (asks_as(&client->askers[i], &access->place, access->bucket.region))
      return &client->askers[i];
  return NULL;
}

static int add(struct client *client, struct access *access, struct sluice_error *err) {
  int status = check_role(access, client->options, err);
  if (status != SLUICE_OK)
    return status;
  access->asker = find(client, access);
  if (access->asker)
    return SLUICE_OK;
  access->asker = &client->askers[client->n_askers++];
  return fill(access->asker, client, access, err);
}

int askers_init(struct client *client, struct sluice_error *err) {
  int status = check_choice(client->options, err);
  client->askers = calloc(client->n_accesses, sizeof *client->askers); /* never moved: identities point here */
  if (status == SLUICE_OK && !client->askers)
    status = sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for credentials");
  for (size_t i = 0; status == SLUICE_OK && i < client->n_accesses; i++)
    status = add(client, &client->accesses[i], err);
  return status;
}

void askers_finish(struct client *client) {
  for (size_t i = 0; i < client->n_askers; i++) {
    struct asker *asker = &client->askers[i];
    identity_destroy(asker->identity);
    free(asker->role.arn);
    free(asker->role.external_id);
    free(asker->role.session_name);
    free(asker->role.region);
  }
  free(client->askers);
  client->askers = NULL;
  client->n_askers = 0;
}
