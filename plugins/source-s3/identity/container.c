/* Credentials of a container: ECS's endpoint, and EKS Pod Identity's with a token. */
#include "identity/ask.h"
#include "identity/json.h"
#include "identity/sources.h"
#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

static const char relative_name[] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
static const char full_name[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
static const char file_name[] = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
static const char token_name[] = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

enum { TOKEN_MAX = 32 << 10, ATTEMPTS = 3, PAUSE_MS = 1000, TIMEOUT_MS = 2000 };

static const char *variable(const struct world *world, const char *name) {
  return world->variable(world->context, name);
}

/* ---- where ---- */

static bool same_address(int family, const char *a, const char *b) {
  unsigned char x[16] = {0}, y[16] = {0};
  return inet_pton(family, a, x) == 1 && inet_pton(family, b, y) == 1 && memcmp(x, y, sizeof x) == 0;
}

/* Hosts whose answers, and the token that they are sent, nobody on the network can see. */
static bool trusted(const char *host) {
  unsigned char address[4];
  char bare[64] = "";
  if (strcmp(host, "localhost") == 0)
    return true;
  if (inet_pton(AF_INET, host, address) == 1)
    return address[0] == 127 || same_address(AF_INET, host, "169.254.170.2") ||
           same_address(AF_INET, host, "169.254.170.23");
  size_t n = strlen(host);
  if (n < 3 || n >= sizeof bare || host[0] != '[' || host[n - 1] != ']')
    return false;
  memcpy(bare, host + 1, n - 2);
  return same_address(AF_INET6, bare, "::1") || same_address(AF_INET6, bare, "fd00:ec2::23");
}

/* libcurl takes the URL apart here as it will when it asks, so that both see the same host. */
static int check_full(const char *url, struct sluice_error *err) {
  char *scheme = NULL, *host = NULL, *user = NULL;
  CURLU *parts = curl_url();
  bool ok = parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
            curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
            curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
            curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_NO_USER;
  bool https = ok && strcmp(scheme, "https") == 0, http = ok && strcmp(scheme, "http") == 0;
  int status = SLUICE_OK;
  if (!https && !http)
    status = sluice_fail(err, SLUICE_ERR_CONFIG, full_name, "%s is no http or https URL with a host", full_name);
  else if (http && !trusted(host))
    status = sluice_fail(err, SLUICE_ERR_CONFIG, full_name,
                         "%s: http is allowed to loopback and the addresses of ECS and EKS only, not to %.100s; use "
                         "https",
                         full_name, host);
  curl_free(scheme);
  curl_free(host);
  curl_free(user);
  curl_url_cleanup(parts);
  return status;
}

static int find_url(const struct world *world, struct text *url, struct sluice_error *err) {
  const char *relative = variable(world, relative_name), *full = variable(world, full_name);
  if (!relative && !full)
    return sluice_fail(err, SLUICE_ERR_CONFIG, full_name,
                       "container credentials are wanted, but neither %s nor %s is set; is this a container of ECS or "
                       "EKS with a role?",
                       relative_name, full_name);
  if (relative && (relative[0] != '/' || strpbrk(relative, " \r\n\t#@\\")))
    return sluice_fail(err, SLUICE_ERR_CONFIG, relative_name, "%s is no path that starts with a slash", relative_name);
  text_printf(url, "%s%s", relative ? "http://169.254.170.2" : "", relative ? relative : full);
  if (url->failed)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for credentials");
  return relative ? SLUICE_OK : check_full(full, err);
}

/* ---- the token ---- */

static int check_token(struct text *token, const char *where, struct sluice_error *err) {
  if (token->size && token->data[token->size - 1] == '\n')
    token->data[--token->size] = 0;
  if (token->size && token->data[token->size - 1] == '\r')
    token->data[--token->size] = 0;
  if (token->size == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: the token for container credentials is empty", where);
  for (size_t i = 0; i < token->size; i++)
    if ((unsigned char)token->data[i] < 0x20 || token->data[i] == 0x7f)
      return sluice_fail(err, SLUICE_ERR_CONFIG, where,
                         "%s: the token for container credentials has a line end or another control character", where);
  return SLUICE_OK;
}

/* Read each time: the file's content changes while we run. */
static int find_token(const struct world *world, struct text *token, struct sluice_error *err) {
  const char *file = variable(world, file_name), *value = variable(world, token_name);
  struct sluice_error own = {.message = ""};
  token->limit = TOKEN_MAX;
  if (!file && !value)
    return SLUICE_OK;
  if (!file) {
    text_puts(token, value);
    return token->failed ? sluice_fail(err, SLUICE_ERR_CONFIG, token_name, "%s is too long", token_name)
                         : check_token(token, token_name, err);
  }
  int status = world->read_file(world->context, file, token, &own);
  if (status == SLUICE_OK && !token->failed)
    return check_token(token, file_name, err);
  if (status == SLUICE_ERR_CANCELLED)
    return sluice_fail(err, status, own.where, "%s", own.message);
  return sluice_fail(err, SLUICE_ERR_CONFIG, file_name, "%s: %s", file_name,
                     own.message[0] ? own.message : "the token is too long");
}

/* ---- the answer ---- */

static int read_answer(const struct world *world, const struct ask *ask, const struct http_answer *answer,
                       struct credentials **out, struct sluice_error *err) {
  char reason[JSON_REASON_SIZE], complaint[300];
  struct json_issuer issuer = {.where = ask->step, .now = ask_issuer_now(world, answer)};
  if (answer->status != 200)
    return ask_refused(ask, answer, SLUICE_ERR_AUTH, "check the container's task role or pod identity association",
                       err);
  json_t *root = json_read(text_get(&answer->body), answer->body.size, reason);
  if (!root)
    return sluice_fail(err, SLUICE_ERR_RETRY, "", "%s: the answer cannot be read: %s", ask->step, reason);
  json_complaint(text_get(&answer->body), answer->body.size, complaint, sizeof complaint);
  int status = SLUICE_OK;
  if (!json_object_get(root, "AccessKeyId") && complaint[0])
    status = sluice_fail(err, SLUICE_ERR_AUTH, "", "%s: there are no credentials: %s", ask->step, complaint);
  else
    status = json_credentials(root, JSON_SERVICE, &issuer, out, err);
  json_finish(root);
  return status;
}

int source_container(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err) {
  const struct world *world = fetcher->world;
  struct text url = {0}, token = {0};
  struct http_answer answer = {.date = -1};
  char step[300];
  int status = find_url(world, &url, err);
  if (status == SLUICE_OK)
    status = find_token(world, &token, err);
  if (status == SLUICE_OK) {
    snprintf(step, sizeof step, "container credentials from %.*s", (int)strcspn(text_get(&url), "?"), text_get(&url));
    struct ask ask = {step, ATTEMPTS, PAUSE_MS, TIMEOUT_MS, TIMEOUT_MS, {text_get(&token)}};
    struct http_header headers[] = {{"Accept", "application/json"}, {"Authorization", text_get(&token)}};
    struct http_request request = {
        .method = "GET", .url = text_get(&url), .headers = headers, .n_headers = token.size ? 2 : 1, .no_proxy = true};
    status = ask_send(world, &ask, &request, &answer, err);
    if (status == SLUICE_OK)
      status = read_answer(world, &ask, &answer, out, err);
  }
  http_answer_finish(&answer);
  text_finish(&url);
  text_finish(&token);
  return status;
}
