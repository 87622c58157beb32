/* From a request to what is sent: URL, headers and signature. */
#include "request/client.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { HEADERS_MAX = 12 };

struct outgoing { /* headers to be signed; values borrowed */
  struct sigv4_pair headers[HEADERS_MAX];
  size_t count;
  char sse_key[64], sse_hash[32]; /* base64 */
};

static void put(struct outgoing *out, const char *name, const char *value) {
  out->headers[out->count++] = (struct sigv4_pair){slice_of(name), slice_of(value)};
}

/* Four HMACs a request are saved by keeping the day's key. */
static bool signing_key(struct client *client, struct bucket *bucket, struct credentials *with,
                        const struct sigv4_scope *scope, uint8_t out[SIGV4_KEY_SIZE]) {
  bool ok = true;
  pthread_mutex_lock(&client->lock);
  if (bucket->key_of != with || strncmp(bucket->key_date, scope->date, 8) != 0 ||
      strcmp(bucket->key_region, scope->region) != 0) {
    ok = sigv4_key(with->secret, scope, bucket->key);
    credentials_unref(bucket->key_of);
    bucket->key_of = ok ? credentials_ref(with) : NULL;
    snprintf(bucket->key_date, sizeof bucket->key_date, "%.8s", scope->date);
    snprintf(bucket->key_region, sizeof bucket->key_region, "%s", scope->region);
  }
  memcpy(out, bucket->key, SIGV4_KEY_SIZE);
  pthread_mutex_unlock(&client->lock);
  return ok;
}

/* ---- SSE-C ---- */

static int read_customer_key(const struct client *client, struct outgoing *out, struct sluice_error *err) {
  const struct sluice_host *host = client->host;
  unsigned char raw[48], hash[EVP_MAX_MD_SIZE];
  int status = host->secret(host, client->options->sse_customer_key, out->sse_key, sizeof out->sse_key, err);
  if (status != SLUICE_OK)
    return status;
  size_t n = strlen(out->sse_key);
  bool good = n == 44 && out->sse_key[43] == '=' && out->sse_key[42] != '=' &&
              EVP_DecodeBlock(raw, (const unsigned char *)out->sse_key, (int)n) == 33;
  if (good)
    good = EVP_Digest(raw, 32, hash, NULL, EVP_md5(), NULL) == 1;
  if (good)
    EVP_EncodeBlock((unsigned char *)out->sse_hash, hash, 16);
  OPENSSL_cleanse(raw, sizeof raw);
  if (!good)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "sse_customer_key", "it is not 32 bytes in base64 (44 characters)");
  return SLUICE_OK;
}

static int put_options(const struct client *client, const struct request *request, struct outgoing *out,
                       struct sluice_error *err) {
  const struct s3_options *options = client->options;
  if (options->requester_pays)
    put(out, "x-amz-request-payer", "requester");
  if (options->expected_bucket_owner)
    put(out, "x-amz-expected-bucket-owner", options->expected_bucket_owner);
  if (request->checksum)
    put(out, "x-amz-checksum-mode", "ENABLED");
  if (!request->object_data || !options->sse_customer_key.handle)
    return SLUICE_OK;
  int status = read_customer_key(client, out, err);
  if (status != SLUICE_OK)
    return status;
  put(out, "x-amz-server-side-encryption-customer-algorithm", "AES256");
  put(out, "x-amz-server-side-encryption-customer-key", out->sse_key);
  put(out, "x-amz-server-side-encryption-customer-key-MD5", out->sse_hash);
  return SLUICE_OK;
}

/* ---- headers ---- */

static bool add_header(struct signed_request *out, const char *name, const char *value) {
  struct text line = {0};
  text_printf(&line, "%s: %s", name, value);
  struct curl_slist *more = line.failed ? NULL : curl_slist_append(out->headers, text_get(&line));
  if (more)
    out->headers = more;
  text_finish(&line);
  return more != NULL;
}

static bool add_signed(struct signed_request *out, const struct outgoing *outgoing) {
  bool ok = true;
  for (size_t i = 0; ok && i < outgoing->count; i++)
    ok = add_header(out, outgoing->headers[i].name.data, outgoing->headers[i].value.data);
  return ok;
}

static bool authorize(struct client *client, const struct request *request, struct credentials *with,
                      const char *raw_path, struct outgoing *outgoing, struct signed_request *out) {
  char date[SIGV4_DATE_SIZE];
  sigv4_date(client_now(client), date);
  put(outgoing, "x-amz-content-sha256", SIGV4_EMPTY_HASH);
  put(outgoing, "x-amz-date", date);
  if (with->token[0])
    put(outgoing, "x-amz-security-token", with->token);
  struct sigv4_request whole = {.method = request->head ? "HEAD" : "GET",
                                .path = slice_of(raw_path),
                                .query = request->query,
                                .n_query = request->n_query,
                                .headers = outgoing->headers,
                                .n_headers = outgoing->count,
                                .payload_hash = SIGV4_EMPTY_HASH};
  struct sigv4_scope scope = {date, out->region, "s3"};
  struct sigv4_signer signer = {.access_key_id = with->access_key_id};
  struct text value = {0};
  bool ok = signing_key(client, request->bucket, with, &scope, signer.key) &&
            sigv4_authorize(&whole, &scope, &signer, &value, out->canonical_hash) &&
            add_header(out, "Authorization", text_get(&value)) && add_signed(out, outgoing);
  text_finish(&value);
  OPENSSL_cleanse(&signer, sizeof signer);
  return ok;
}

/* Range and If-Match stay unsigned: proxies may touch them, and a wrong answer is found by what comes back. */
static bool add_plain_headers(const struct request *request, struct signed_request *out) {
  char range[64];
  struct text pin = {0};
  bool ok = true;
  snprintf(range, sizeof range, "bytes=%lld-%lld", (long long)request->first, (long long)request->last);
  if (request->first >= 0)
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

static int build(struct client *client, const struct request *request, struct credentials *with,
                 const struct address *address, struct signed_request *out, struct sluice_error *err) {
  struct outgoing outgoing = {.count = 0};
  struct text path = {0};
  put(&outgoing, "Host", out->host);
  int status = put_options(client, request, &outgoing, err);
  text_printf(&path, "%s/%s", address->root, request->key);
  bool ok = status == SLUICE_OK && !path.failed && make_url(address, request, text_get(&path), &out->url) &&
            add_plain_headers(request, out);
  if (ok && with)
    ok = authorize(client, request, with, text_get(&path), &outgoing, out);
  else if (ok)
    ok = add_signed(out, &outgoing);
  OPENSSL_cleanse(&outgoing, sizeof outgoing);
  text_finish(&path);
  if (status == SLUICE_OK && !ok)
    status = sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory to sign a request");
  return status;
}

int client_sign(struct client *client, const struct request *request, struct credentials *with,
                struct signed_request *out, struct sluice_error *err) {
  struct signed_request made = {.headers = NULL};
  struct address address;
  client_region(client, request->bucket, made.region);
  int status = endpoint_address(&client->endpoint, request->bucket->name, made.region, &address, err);
  if (status != SLUICE_OK)
    return status;
  snprintf(made.host, sizeof made.host, "%s", address.host);
  if (address.signing_region[0])
    snprintf(made.region, sizeof made.region, "%s", address.signing_region);
  status = build(client, request, with, &address, &made, err);
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
