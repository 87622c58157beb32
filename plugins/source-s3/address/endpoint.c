/* Which host and path a bucket is reached at. */
#include "address/endpoint.h"
#include <arpa/inet.h>
#include <stdlib.h>

static int refuse(struct sluice_error *err, const char *where, const char *url, const char *why) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, where, "endpoint \"%.200s\" %s; write https://HOST[:PORT]", url, why);
}

static bool host_chars(const char *host) {
  size_t n = strlen(host);
  if (host[0] == '[') { /* IPv6 */
    char inner[64];
    unsigned char bits[16];
    if (n < 4 || n > 60 || host[n - 1] != ']')
      return false;
    snprintf(inner, sizeof inner, "%.*s", (int)(n - 2), host + 1);
    return inet_pton(AF_INET6, inner, bits) == 1;
  }
  return n && strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == n;
}

static bool parse_port(const char *port, bool https, char out[8]) {
  char *end;
  if (port[0] < '0' || port[0] > '9' || strlen(port) > 5)
    return false;
  long value = strtol(port, &end, 10);
  if (*end || value < 1 || value > 65535)
    return false;
  if (value == (https ? 443 : 80))
    out[0] = 0;
  else
    snprintf(out, 8, ":%ld", value);
  return true;
}

static int parse_authority(const char *url, const char *where, const char *authority, size_t n, struct endpoint *out,
                           struct sluice_error *err) {
  char text[sizeof out->host + 8];
  unsigned char bits[4];
  if (n >= sizeof text)
    return refuse(err, where, url, "has too long a host");
  snprintf(text, sizeof text, "%.*s", (int)n, authority);
  if (strchr(text, '@'))
    return refuse(err, where, "", "must not hold a user or password");
  char *bracket = strrchr(text, ']');
  char *colon = strchr(bracket ? bracket : text, ':');
  if (colon)
    *colon = 0;
  if (colon && !parse_port(colon + 1, out->https, out->port))
    return refuse(err, where, url, "has no valid port");
  if (!host_chars(text) || strlen(text) >= sizeof out->host)
    return refuse(err, where, url, "has no valid host");
  memcpy(out->host, text, strlen(text) + 1);
  out->numeric = text[0] == '[' || inet_pton(AF_INET, text, bits) == 1;
  return SLUICE_OK;
}

int endpoint_parse(const char *url, const char *where, enum addressing addressing, struct endpoint *out,
                   struct sluice_error *err) {
  struct endpoint endpoint = {.https = true, .addressing = addressing};
  if (!url || !*url) {
    *out = endpoint;
    return SLUICE_OK;
  }
  endpoint.custom = true;
  endpoint.https = strncmp(url, "https://", 8) == 0;
  if (!endpoint.https && strncmp(url, "http://", 7) != 0)
    return refuse(err, where, url, "is no http or https URL");
  const char *authority = url + (endpoint.https ? 8 : 7);
  size_t n = strcspn(authority, "/?#");
  const char *path = authority + n;
  if (strpbrk(path, "?#"))
    return refuse(err, where, url, "must not hold a query");
  int status = parse_authority(url, where, authority, n, &endpoint, err);
  if (status != SLUICE_OK)
    return status;
  size_t base = strlen(path);
  while (base && path[base - 1] == '/')
    base--;
  if (base >= sizeof endpoint.base)
    return refuse(err, where, url, "has too long a path");
  memcpy(endpoint.base, path, base);
  if (endpoint.numeric && addressing == ADDRESSING_VIRTUAL)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "addressing",
                       "virtual addressing puts the bucket before the host's name, but endpoint \"%.200s\" is an IP "
                       "address; use addressing = \"path\"",
                       url);
  *out = endpoint;
  return SLUICE_OK;
}

static bool dns_label(const char *bucket) {
  size_t n = strlen(bucket);
  return n >= 3 && n <= 63 && strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") == n && bucket[0] != '-' &&
         bucket[n - 1] != '-';
}

static int want_virtual(const struct endpoint *endpoint, const char *bucket, bool *out, struct sluice_error *err) {
  switch (endpoint->addressing) {
  case ADDRESSING_PATH:
    *out = false;
    break;
  case ADDRESSING_AUTO:
    *out = !endpoint->custom && dns_label(bucket);
    break;
  case ADDRESSING_VIRTUAL:
    if (endpoint->https && strchr(bucket, '.'))
      return sluice_fail(err, SLUICE_ERR_CONFIG, "addressing",
                         "bucket \"%s\" has dots, which no TLS certificate covers with virtual addressing; use "
                         "addressing = \"path\"",
                         bucket);
    *out = true;
    break;
  }
  return SLUICE_OK;
}

int endpoint_address(const struct endpoint *endpoint, const char *bucket, const char *region, struct address *out,
                     struct sluice_error *err) {
  bool virtual_host = false;
  int status = want_virtual(endpoint, bucket, &virtual_host, err);
  if (status != SLUICE_OK)
    return status;
  char host[sizeof endpoint->host + 64];
  if (endpoint->custom)
    snprintf(host, sizeof host, "%s%s", endpoint->host, endpoint->port);
  else
    snprintf(host, sizeof host, "s3.%s.amazonaws.com%s", region, strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
  out->https = endpoint->https;
  if (virtual_host) {
    snprintf(out->host, sizeof out->host, "%s.%s", bucket, host);
    snprintf(out->root, sizeof out->root, "%s", endpoint->base);
  } else {
    snprintf(out->host, sizeof out->host, "%s", host);
    snprintf(out->root, sizeof out->root, "%s/%s", endpoint->base, bucket);
  }
  return SLUICE_OK;
}
