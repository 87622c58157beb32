/* One small HTTP exchange on libcurl, for services that give credentials. */
#include "identity/system_world.h"
#include <curl/curl.h>

enum { HEADERS_MAX = 64 << 10 };

struct exchange {
  const struct sluice_host *host;
  struct http_answer answer;
  size_t header_bytes;
  bool too_large;
  char text[CURL_ERROR_SIZE];
};

static size_t on_body(char *bytes, size_t size, size_t n, void *user) {
  struct exchange *exchange = user;
  n *= size;
  if (n > HTTP_BODY_MAX - exchange->answer.body.size) {
    exchange->too_large = true;
    return 0;
  }
  text_add(&exchange->answer.body, bytes, n);
  return exchange->answer.body.failed ? 0 : n;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *user) {
  struct exchange *exchange = user;
  static const char date[] = "date:";
  char value[80];
  n *= size;
  exchange->header_bytes += n;
  exchange->too_large |= exchange->header_bytes > HEADERS_MAX;
  if (n > sizeof date && curl_strnequal(bytes, date, sizeof date - 1)) {
    text_copy_line(value, sizeof value, bytes + sizeof date - 1, n - (sizeof date - 1));
    exchange->answer.date = (int64_t)curl_getdate(value, NULL);
  }
  return exchange->too_large ? 0 : n;
}

static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
  const struct exchange *exchange = user;
  (void)a, (void)b, (void)c, (void)d;
  return exchange->host->cancelled(exchange->host);
}

static bool add_headers(const struct http_request *request, struct curl_slist **out) {
  for (size_t i = 0; i < request->n_headers; i++) {
    struct text line = {0};
    text_printf(&line, "%s: %s", request->headers[i].name, request->headers[i].value);
    struct curl_slist *more = line.failed ? NULL : curl_slist_append(*out, text_get(&line));
    text_finish(&line);
    if (!more)
      return false;
    *out = more;
  }
  struct curl_slist *more = curl_slist_append(*out, "Expect:");
  if (more)
    *out = more;
  return more != NULL;
}

static void set_limits(CURL *easy, const struct http_request *request, struct exchange *exchange) {
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, exchange);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  if (request->no_proxy)
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
}

static void set_sinks(CURL *easy, struct exchange *exchange) {
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->text);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "sluice-s3/1.0");
}

static CURLcode perform(CURL *easy, const struct system_world *world, const struct http_request *request,
                        struct curl_slist *headers, struct exchange *exchange) {
  set_limits(easy, request, exchange);
  set_sinks(easy, exchange);
  if (world->ca_file)
    curl_easy_setopt(easy, CURLOPT_CAINFO, world->ca_file);
  if (request->body) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_URL, request->url);
  return curl_easy_perform(easy);
}

/* The URL without its query, which may hold what nobody shall read. */
static int report(const struct http_request *request, const struct exchange *exchange, CURLcode code,
                  struct sluice_error *err) {
  int shown = (int)strcspn(request->url, "?#");
  const char *why = exchange->text[0] ? exchange->text : curl_easy_strerror(code);
  if (code == CURLE_ABORTED_BY_CALLBACK)
    return sluice_fail(err, SLUICE_ERR_CANCELLED, "", "cancelled while getting credentials");
  if (exchange->too_large)
    return sluice_fail(err, SLUICE_ERR_DATA, "", "%.*s: the answer is too large", shown, request->url);
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "", "%.*s: %s", shown, request->url, why);
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "", "%.*s: %s; set ca_file if it has its own certificate authority",
                       shown, request->url, why);
  return sluice_fail(err, SLUICE_ERR_RETRY, "", "%.*s: %s", shown, request->url, why);
}

int system_http_send(void *context, const struct http_request *request, struct http_answer *out,
                     struct sluice_error *err) {
  const struct system_world *world = context;
  struct exchange exchange = {.host = world->host, .answer = {.date = -1, .body = {.limit = HTTP_BODY_MAX}}};
  struct curl_slist *headers = NULL;
  long http = 0;
  CURL *easy = curl_easy_init();
  int status = SLUICE_OK;
  if (!easy || !add_headers(request, &headers)) {
    status = sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a request");
    goto out;
  }
  sluice_count(world->requests, 1);
  CURLcode code = perform(easy, world, request, headers, &exchange);
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &http);
  exchange.answer.status = (int)http;
  if (code != CURLE_OK)
    status = report(request, &exchange, code, err);
out:
  curl_easy_cleanup(easy);
  curl_slist_free_all(headers);
  if (status == SLUICE_OK)
    *out = exchange.answer;
  else
    http_answer_finish(&exchange.answer);
  return status;
}
