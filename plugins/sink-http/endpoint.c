/* Checks URLs with libcurl's own parser. */
#include "endpoint.h"
#include <curl/curl.h>

const char *endpoint_method(enum http_method method) {
  static const char *const names[] = {"POST", "PUT", "PATCH", "DELETE"};
  return names[method];
}

static char *url_part(CURLU *url, CURLUPart part) {
  char *text = NULL;
  return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

bool endpoint_show(const char *text, char *out, size_t size) {
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

static int check_parsed(const struct endpoint *endpoint, const struct sluice_host *host,
                        const struct http_options *options, CURLU *url, struct sluice_error *err) {
  char *scheme = url_part(url, CURLUPART_SCHEME), *user = url_part(url, CURLUPART_USER);
  char *password = url_part(url, CURLUPART_PASSWORD), *server = url_part(url, CURLUPART_HOST);
  int status = SLUICE_OK;
  bool plain = scheme && strcmp(scheme, "http") == 0;
  if (!scheme || !server || (!plain && strcmp(scheme, "https") != 0))
    status =
        sluice_fail(err, SLUICE_ERR_CONFIG, endpoint->option, "%s is not an http:// or https:// URL", endpoint->name);
  else if (user || password)
    status = sluice_fail(err, SLUICE_ERR_CONFIG, endpoint->option,
                         "the URL holds a user; use username and password instead");
  else if (plain && !is_loopback(server) && (options->bearer.handle || options->password.handle))
    sluice_log(host, SLUICE_WARN, "%s: the secret is sent without encryption; use https", endpoint->name);
  curl_free(scheme);
  curl_free(user);
  curl_free(password);
  curl_free(server);
  return status;
}

int endpoint_init(struct endpoint *endpoint, const struct sluice_host *host, const struct http_options *options,
                  const char *option, const char *text, const char *method, struct sluice_error *err) {
  memset(endpoint, 0, sizeof *endpoint);
  endpoint->option = option;
  endpoint->method = method;
  CURLU *url = curl_url();
  if (!url)
    return sluice_fail(err, SLUICE_ERR_MEMORY, option, "no memory");
  int status;
  if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
      !endpoint_show(text, endpoint->name, sizeof endpoint->name))
    status = sluice_fail(err, SLUICE_ERR_CONFIG, option, "the text is not an absolute URL, such as https://host/path");
  else
    status = check_parsed(endpoint, host, options, url, err);
  curl_url_cleanup(url);
  return status == SLUICE_OK ? url_template_init(&endpoint->url, text, option, err) : status;
}

void endpoint_finish(struct endpoint *endpoint) {
  url_template_finish(&endpoint->url);
}
