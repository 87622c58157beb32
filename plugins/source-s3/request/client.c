/* What all requests of one source share, and how a request is signed. */
#include "request/client.h"
#include "base/uri.h"
#include <openssl/crypto.h>
#include <stdlib.h>
#include <time.h>

static const char *environment(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

/* ---- configuration ---- */

static int choose_region(struct client *client, struct sluice_error *err) {
  const char *names[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
  const char *region = client->options->region, *where = "region";
  for (size_t i = 0; !region && i < 2; i++) {
    region = environment(names[i]);
    where = names[i];
  }
  if (!region)
    region = "us-east-1";
  if (!region_valid(region))
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "\"%.80s\" is no region; write one such as eu-west-3", region);
  snprintf(client->region, sizeof client->region, "%s", region);
  return SLUICE_OK;
}

static int choose_endpoint(struct client *client, struct sluice_error *err) {
  const char *names[] = {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"};
  const char *url = client->options->endpoint, *where = "endpoint";
  for (size_t i = 0; !url && i < 2; i++) {
    url = environment(names[i]);
    where = names[i];
  }
  return endpoint_parse(url, where, (enum addressing)client->options->addressing, &client->endpoint, err);
}

int client_init(struct client *client, const struct sluice_host *host, const struct s3_options *options,
                struct sluice_error *err) {
  memset(client, 0, sizeof *client);
  client->host = host;
  client->options = options;
  int status = choose_region(client, err);
  if (status == SLUICE_OK)
    status = choose_endpoint(client, err);
  if (status == SLUICE_OK)
    status = credentials_choose(host, options, &client->credentials, err);
  if (status == SLUICE_OK && pthread_mutex_init(&client->lock, NULL) != 0)
    status = sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the s3 source");
  return status;
}

void client_finish(struct client *client) {
  while (client->buckets) {
    struct bucket *next = client->buckets->next;
    free(client->buckets);
    client->buckets = next;
  }
  pthread_mutex_destroy(&client->lock);
  OPENSSL_cleanse(client, sizeof *client);
}

/* ---- buckets and their regions ---- */

struct bucket *client_bucket(struct client *client, const char *name) {
  pthread_mutex_lock(&client->lock);
  struct bucket *bucket = client->buckets;
  while (bucket && strcmp(bucket->name, name) != 0)
    bucket = bucket->next;
  if (!bucket)
    bucket = calloc(1, sizeof *bucket);
  if (bucket && !bucket->name[0]) {
    snprintf(bucket->name, sizeof bucket->name, "%s", name);
    memcpy(bucket->region, client->region, sizeof bucket->region);
    bucket->next = client->buckets;
    client->buckets = bucket;
  }
  pthread_mutex_unlock(&client->lock);
  return bucket;
}

void client_region(struct client *client, const struct bucket *bucket, char out[64]) {
  pthread_mutex_lock(&client->lock);
  memcpy(out, bucket->region, sizeof bucket->region);
  pthread_mutex_unlock(&client->lock);
}

bool client_move_bucket(struct client *client, struct bucket *bucket, const char *region) {
  char old[64];
  if (!region_valid(region))
    return false;
  pthread_mutex_lock(&client->lock);
  memcpy(old, bucket->region, sizeof old);
  snprintf(bucket->region, sizeof bucket->region, "%s", region);
  pthread_mutex_unlock(&client->lock);
  if (strcmp(old, region) == 0)
    return false;
  sluice_log(client->host, SLUICE_WARN, "bucket \"%s\" is in region %s, not %s; set region = \"%s\" to save a request",
             bucket->name, region, old, region);
  return true;
}

/* ---- clock ---- */

static int64_t local_now(void) {
  return (int64_t)time(NULL);
}

int64_t client_clock_error(struct client *client, int64_t server_now) {
  pthread_mutex_lock(&client->lock);
  int64_t error = server_now - local_now() - client->skew_s;
  pthread_mutex_unlock(&client->lock);
  return error;
}

int64_t client_set_clock(struct client *client, int64_t server_now) {
  int64_t error = client_clock_error(client, server_now);
  pthread_mutex_lock(&client->lock);
  client->skew_s = server_now - local_now();
  pthread_mutex_unlock(&client->lock);
  if (error > 60 || error < -60)
    sluice_log(client->host, SLUICE_WARN,
               "this machine's clock is off by %lld s against the S3 endpoint's; corrected for signing",
               (long long)-error);
  return error;
}

static int64_t server_clock(struct client *client) {
  pthread_mutex_lock(&client->lock);
  int64_t now = local_now() + client->skew_s;
  pthread_mutex_unlock(&client->lock);
  return now;
}

/* ---- signing ---- */

/* Four HMACs a request are saved by keeping the day's key. */
static bool signing_key(struct client *client, const char *secret, const struct sigv4_scope *scope,
                        uint8_t out[SIGV4_KEY_SIZE]) {
  char hash[SIGV4_HEX_SIZE];
  bool ok = true;
  sigv4_hash(secret, strlen(secret), hash);
  pthread_mutex_lock(&client->lock);
  if (strncmp(client->key_date, scope->date, 8) != 0 || strcmp(client->key_region, scope->region) != 0 ||
      strcmp(client->key_secret, hash) != 0) {
    ok = sigv4_key(secret, scope, client->key);
    snprintf(client->key_date, sizeof client->key_date, "%.8s", ok ? scope->date : "");
    snprintf(client->key_region, sizeof client->key_region, "%s", scope->region);
    memcpy(client->key_secret, hash, sizeof hash);
  }
  memcpy(out, client->key, SIGV4_KEY_SIZE);
  pthread_mutex_unlock(&client->lock);
  OPENSSL_cleanse(hash, sizeof hash);
  return ok;
}

static bool add_header(struct signed_request *out, const char *name, const char *value) {
  struct text line = {0};
  text_printf(&line, "%s: %s", name, value);
  struct curl_slist *more = line.failed ? NULL : curl_slist_append(out->headers, text_get(&line));
  if (more)
    out->headers = more;
  text_finish(&line);
  return more != NULL;
}

static bool add_authorization(struct client *client, const struct request *request,
                              const struct credentials *credentials, const char *raw_path, struct signed_request *out) {
  char date[SIGV4_DATE_SIZE];
  sigv4_date(server_clock(client), date);
  struct sigv4_pair headers[4] = {{slice_of("host"), slice_of(out->host)},
                                  {slice_of("x-amz-content-sha256"), slice_of(SIGV4_EMPTY_HASH)},
                                  {slice_of("x-amz-date"), slice_of(date)},
                                  {slice_of("x-amz-security-token"), slice_of(credentials->token)}};
  struct sigv4_request whole = {.method = "GET",
                                .path = slice_of(raw_path),
                                .query = request->query,
                                .n_query = request->n_query,
                                .headers = headers,
                                .n_headers = credentials->token[0] ? 4 : 3,
                                .payload_hash = SIGV4_EMPTY_HASH};
  struct sigv4_scope scope = {date, out->region, "s3"};
  struct sigv4_signer signer = {.access_key_id = credentials->access_key_id};
  struct text value = {0};
  bool ok = signing_key(client, credentials->secret, &scope, signer.key) &&
            sigv4_authorize(&whole, &scope, &signer, &value, out->canonical_hash) &&
            add_header(out, "Authorization", text_get(&value)) && add_header(out, "x-amz-date", date) &&
            add_header(out, "x-amz-content-sha256", SIGV4_EMPTY_HASH) &&
            (!credentials->token[0] || add_header(out, "x-amz-security-token", credentials->token));
  text_finish(&value);
  OPENSSL_cleanse(&signer, sizeof signer);
  return ok;
}

/* Range and If-Match stay unsigned: proxies may touch them, and a wrong answer is found by what comes back. */
static bool add_plain_headers(const struct request *request, struct signed_request *out) {
  char range[64];
  struct text pin = {0};
  bool ok = add_header(out, "Host", out->host);
  snprintf(range, sizeof range, "bytes=%lld-%lld", (long long)request->first, (long long)request->last);
  if (ok && request->first >= 0)
    ok = add_header(out, "Range", range);
  if (ok && request->if_match && request->if_match[0]) {
    text_printf(&pin, "\"%s\"", request->if_match);
    ok = !pin.failed && add_header(out, "If-Match", text_get(&pin));
  }
  text_finish(&pin);
  return ok;
}

static bool make_url(const struct address *address, const struct request *request, const char *raw_path,
                     struct text *url) {
  text_printf(url, "%s://%s", address->https ? "https" : "http", address->host);
  bool ok = sigv4_canonical_path(slice_of(raw_path), false, url);
  if (request->n_query)
    text_puts(url, "?");
  return ok && (!request->n_query || sigv4_canonical_query(request->query, request->n_query, url)) && !url->failed;
}

int client_sign(struct client *client, const struct request *request, struct signed_request *out,
                struct sluice_error *err) {
  struct signed_request made = {.headers = NULL};
  struct credentials credentials;
  struct address address;
  struct text path = {0};
  int status = credentials_get(&client->credentials, &credentials, err);
  if (status != SLUICE_OK)
    return status;
  client_region(client, request->bucket, made.region);
  status = endpoint_address(&client->endpoint, request->bucket->name, made.region, &address, err);
  if (status != SLUICE_OK)
    goto out;
  snprintf(made.host, sizeof made.host, "%s", address.host);
  text_printf(&path, "%s/%s", address.root, request->key);
  bool ok =
      !path.failed && make_url(&address, request, text_get(&path), &made.url) && add_plain_headers(request, &made);
  if (ok && client->credentials.origin != CREDENTIALS_ANONYMOUS)
    ok = add_authorization(client, request, &credentials, text_get(&path), &made);
  if (!ok)
    status = sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory to sign a request");
out:
  credentials_wipe(&credentials);
  text_finish(&path);
  if (status == SLUICE_OK)
    *out = made;
  else
    signed_request_finish(&made);
  return status;
}

void signed_request_finish(struct signed_request *request) {
  text_finish(&request->url);
  for (struct curl_slist *line = request->headers; line; line = line->next)
    OPENSSL_cleanse(line->data, strlen(line->data));
  curl_slist_free_all(request->headers);
  memset(request, 0, sizeof *request);
}
