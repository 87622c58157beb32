/* Checks the URL with libcurl's own parser and makes the constant headers. */
#include "target.h"
#include <stdlib.h>
#include <strings.h>

static char *url_part(CURLU *url, CURLUPart part) {
  char *text = NULL;
  return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

bool target_name(const char *text, char *out, size_t size) {
  CURLU *url = curl_url();
  bool ok = url && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;
  if (ok) {
    curl_url_set(url, CURLUPART_USER, NULL, 0);
    curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
    curl_url_set(url, CURLUPART_OPTIONS, NULL, 0);
    curl_url_set(url, CURLUPART_QUERY, NULL, 0);
    curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
    char *name = url_part(url, CURLUPART_URL);
    ok = name != NULL;
    snprintf(out, size, "%s", ok ? name : "");
    curl_free(name);
  }
  curl_url_cleanup(url);
  return ok;
}

static bool is_loopback(const char *host) {
  return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "[::1]") == 0;
}

static int check_parsed(const struct target *target, CURLU *url, struct sluice_error *err) {
  char *scheme = url_part(url, CURLUPART_SCHEME), *user = url_part(url, CURLUPART_USER);
  char *password = url_part(url, CURLUPART_PASSWORD), *host = url_part(url, CURLUPART_HOST);
  int status = SLUICE_OK;
  bool plain = scheme && strcmp(scheme, "http") == 0;
  if (!scheme || !host || (!plain && strcmp(scheme, "https") != 0))
    status = sluice_fail(err, SLUICE_ERR_CONFIG, "url", "%s is not an http:// or https:// URL", target->name);
  else if (user || password)
    status = sluice_fail(err, SLUICE_ERR_CONFIG, "url", "the URL holds a user; use username and password instead");
  else if (plain && !is_loopback(host) && (target->options->bearer.handle || target->options->password.handle))
    sluice_log(target->host, SLUICE_WARN, "%s: the secret is sent without encryption; use https", target->name);
  curl_free(scheme);
  curl_free(user);
  curl_free(password);
  curl_free(host);
  return status;
}

static int check_url(struct target *target, struct sluice_error *err) {
  CURLU *url = curl_url();
  if (!url)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "url", "no memory");
  int status;
  if (curl_url_set(url, CURLUPART_URL, target->options->url, 0) != CURLUE_OK ||
      !target_name(target->options->url, target->name, sizeof target->name))
    status = sluice_fail(err, SLUICE_ERR_CONFIG, "url", "the text is not an absolute URL, such as https://host/path");
  else
    status = check_parsed(target, url, err);
  curl_url_cleanup(url);
  return status;
}

static bool add_header(struct curl_slist **list, const char *name, const char *value) {
  size_t size = strlen(name) + strlen(value) + 3;
  char *line = malloc(size);
  if (!line)
    return false;
  if (*value)
    snprintf(line, size, "%s: %s", name, value);
  else
    snprintf(line, size, "%s;", name); /* libcurl's way to send a header without a value */
  struct curl_slist *longer = curl_slist_append(*list, line);
  free(line);
  if (longer)
    *list = longer;
  return longer != NULL;
}

static int add_headers(struct target *target, struct sluice_error *err) {
  const struct http_options *options = target->options;
  const char *type = options->body == HTTP_NDJSON ? "application/x-ndjson" : "application/json";
  bool typed = false;
  struct curl_slist *silent = curl_slist_append(NULL, "Expect:"); /* no 100-continue: it costs a round trip */
  bool ok = silent != NULL;
  target->headers = silent;
  for (size_t i = 0; ok && i < options->headers.count; i++) {
    const struct sluice_pair *header = &options->headers.items[i];
    typed = typed || strcasecmp(header->name, "Content-Type") == 0;
    ok = add_header(&target->headers, header->name, header->value);
  }
  ok = ok && (typed || add_header(&target->headers, "Content-Type", type));
  ok = ok && (!options->gzip || add_header(&target->headers, "Content-Encoding", "gzip"));
  return ok ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, "headers", "no memory");
}

int target_init(struct target *target, const struct sluice_host *host, const struct http_options *options,
                struct sluice_error *err) {
  memset(target, 0, sizeof *target);
  target->host = host;
  target->options = options;
  int status = http_options_check(options, err);
  if (status == SLUICE_OK)
    status = check_url(target, err);
  if (status == SLUICE_OK)
    status = add_headers(target, err);
  if (status != SLUICE_OK)
    target_finish(target);
  return status;
}

void target_finish(struct target *target) {
  curl_slist_free_all(target->headers);
  target->headers = NULL;
}

static void star_out(char *text, const char *hidden) {
  size_t n = strlen(hidden);
  if (n < 4)
    return; /* too short to be a secret; starring it would garble the message */
  for (char *found = strstr(text, hidden); found; found = strstr(found + n, hidden))
    memset(found, '*', n);
}

static void mask_secret(const struct target *target, struct sluice_secret secret, char *text) {
  char value[TARGET_SECRET_SIZE];
  if (secret.handle && target_secret(target, secret, "", value, NULL) == SLUICE_OK)
    star_out(text, value);
  explicit_bzero(value, sizeof value);
}

/* Basic authentication sends both as one text in base64, which a server may echo. */
static void mask_basic(const struct target *target, char *text) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char value[TARGET_SECRET_SIZE], pair[2 * TARGET_SECRET_SIZE], coded[4 * TARGET_SECRET_SIZE];
  const struct http_options *options = target->options;
  if (!options->password.handle || target_secret(target, options->password, "", value, NULL) != SLUICE_OK)
    return;
  snprintf(pair, sizeof pair, "%.1024s:%s", options->username ? options->username : "", value);
  size_t n = strlen(pair), out = 0;
  for (size_t i = 0; i + 2 < n; i += 3) { /* whole groups are enough to hide what matters */
    uint32_t group = (uint32_t)(uint8_t)pair[i] << 16 | (uint32_t)(uint8_t)pair[i + 1] << 8 | (uint8_t)pair[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6)
      coded[out++] = digits[group >> shift & 63];
  }
  coded[out] = 0;
  star_out(text, coded);
  explicit_bzero(value, sizeof value);
  explicit_bzero(pair, sizeof pair);
  explicit_bzero(coded, sizeof coded);
}

/* What stands behind the ? of the URL may be a key. */
static void mask_query(const struct target *target, char *text) {
  const char *url = target->options->url, *query = url ? strchr(url, '?') : NULL;
  if (query)
    star_out(text, query + 1);
}

void target_mask(const struct target *target, char *text) {
  const struct http_options *options = target->options;
  mask_basic(target, text);
  mask_query(target, text);
  mask_secret(target, options->bearer, text);
  mask_secret(target, options->password, text);
  for (size_t i = 0; i < options->headers.count; i++)
    star_out(text, options->headers.items[i].value);
}

int target_secret(const struct target *target, struct sluice_secret secret, const char *option,
                  char out[TARGET_SECRET_SIZE], struct sluice_error *err) {
  int status = target->host->secret(target->host, secret, out, TARGET_SECRET_SIZE, err);
  if (status != SLUICE_OK)
    return status;
  size_t n = strlen(out);
  while (n > 0 && strchr("\r\n", out[n - 1])) /* a file usually ends with a line break */
    out[--n] = 0;
  if (n > 0 && !strpbrk(out, "\r\n"))
    return SLUICE_OK;
  explicit_bzero(out, TARGET_SECRET_SIZE);
  return sluice_fail(err, SLUICE_ERR_CONFIG, option, "the secret is empty or has several lines");
}
