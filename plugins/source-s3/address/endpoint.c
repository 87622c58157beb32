/* Which host and path a bucket is reached at. */
#include "address/endpoint.h"
#include "address/access_point.h"
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

/* The path is encoded for each request, so that it must not be encoded yet. */
static int parse_base(const char *url, const char *where, const char *path, struct endpoint *out,
                      struct sluice_error *err) {
  size_t n = strlen(path);
  while (n && path[n - 1] == '/')
    n--;
  if (n >= sizeof out->base)
    return refuse(err, where, url, "has too long a path");
  for (size_t i = 0; i < n; i++)
    if (path[i] <= ' ' || path[i] > '~' || path[i] == '%')
      return refuse(err, where, url, "has a path with blanks, escapes or other than ASCII");
  memcpy(out->base, path, n);
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
  if (strpbrk(authority + n, "?#"))
    return refuse(err, where, url, "must not hold a query");
  int status = parse_authority(url, where, authority, n, &endpoint, err);
  if (status == SLUICE_OK)
    status = parse_base(url, where, authority + n, &endpoint, err);
  if (status != SLUICE_OK)
    return status;
  if (endpoint.numeric && addressing == ADDRESSING_VIRTUAL)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "addressing",
                       "virtual addressing puts the bucket before the host's name, but endpoint \"%.200s\" is an IP "
                       "address; use addressing = \"path\"",
                       url);
  *out = endpoint;
  return SLUICE_OK;
}

int endpoint_check(const struct endpoint *endpoint, struct sluice_error *err) {
  if (!endpoint->custom || (!endpoint->fips && !endpoint->dualstack))
    return SLUICE_OK;
  const char *what = endpoint->fips ? "FIPS" : "dual-stack";
  return sluice_fail(err, SLUICE_ERR_CONFIG, endpoint->fips ? "fips" : "dualstack",
                     "%s is a choice between the endpoints of AWS, but the endpoint is given as %s; leave one of the "
                     "two out",
                     what, endpoint->host);
}

/* ---- hosts ---- */

/* Dots: as of several labels. */
static bool can_be_host(const char *bucket, bool dots) {
  size_t n = strlen(bucket);
  unsigned char bits[4];
  if (n < 3 || n > 63 || strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-.") != n)
    return false;
  if (!dots && strchr(bucket, '.'))
    return false;
  for (const char *label = bucket; label;) {
    size_t size = strcspn(label, ".");
    if (size == 0 || label[0] == '-' || label[size - 1] == '-')
      return false;
    label = label[size] ? label + size + 1 : NULL;
  }
  return inet_pton(AF_INET, bucket, bits) != 1;
}

static int refuse_virtual(const char *bucket, struct sluice_error *err) {
  if (can_be_host(bucket, true))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "addressing",
                       "bucket \"%.80s\" has dots, which no TLS certificate covers with virtual addressing; use "
                       "addressing = \"path\"",
                       bucket);
  return sluice_fail(err, SLUICE_ERR_CONFIG, "addressing",
                     "bucket \"%.80s\" cannot be part of a host's name, as virtual addressing would have it; use "
                     "addressing = \"path\"",
                     bucket);
}

static int aws_host(const struct endpoint *endpoint, const char *service, const char *region, char *out, size_t size,
                    struct sluice_error *err) {
  const struct partition *partition = region_partition(region);
  bool plain = !endpoint->fips && !endpoint->dualstack;
  if (endpoint->fips && !partition->s3_fips)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "fips", "S3 has no FIPS endpoints in partition %s (region %s)",
                       partition->name, region);
  if (region_is_global(region) && plain)
    snprintf(out, size, "%s.%s", service, partition->suffix);
  else
    snprintf(out, size, "%s%s%s.%s.%s", service, endpoint->fips ? "-fips" : "", endpoint->dualstack ? ".dualstack" : "",
             region_is_global(region) ? "us-east-1" : region, partition->suffix);
  return SLUICE_OK;
}

/* The host that a bucket's own host begins before. */
static int base_host(const struct endpoint *endpoint, const char *service, const char *region, char *out, size_t size,
                     struct sluice_error *err) {
  if (!endpoint->custom)
    return aws_host(endpoint, service, region, out, size, err);
  snprintf(out, size, "%s%s", endpoint->host, endpoint->port);
  return SLUICE_OK;
}

/* ---- addresses ---- */

static void address_virtual(const struct endpoint *endpoint, const char *label, const char *host, const char *region,
                            struct address *out) {
  out->https = endpoint->https;
  snprintf(out->host, sizeof out->host, "%s.%s", label, host);
  snprintf(out->root, sizeof out->root, "%s", endpoint->base);
  snprintf(out->signing_region, sizeof out->signing_region, "%s", region_is_global(region) ? "us-east-1" : region);
}

static void address_path(const struct endpoint *endpoint, const char *bucket, const char *host, const char *region,
                         struct address *out) {
  out->https = endpoint->https;
  snprintf(out->host, sizeof out->host, "%s", host);
  snprintf(out->root, sizeof out->root, "%s/%s", endpoint->base, bucket);
  snprintf(out->signing_region, sizeof out->signing_region, "%s", region_is_global(region) ? "us-east-1" : region);
}

/* Keys of the region's partition are not valid in another one. */
static int check_access_point(const struct endpoint *endpoint, const char *arn, const struct access_point *point,
                              const char *region, struct sluice_error *err) {
  const struct partition *ours = region_partition(region), *its = region_partition(point->region);
  if (ours != its)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "region",
                       "\"%.200s\" is in partition %s, but region %s is in %s; set region = \"%s\"", arn, its->name,
                       region, ours->name, point->region);
  if (endpoint->addressing == ADDRESSING_PATH || endpoint->numeric)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "addressing",
                       "access point \"%.200s\" is part of the host's name and is not to be had with path addressing "
                       "or at an IP address; give the bucket, or use addressing = \"auto\"",
                       arn);
  return SLUICE_OK;
}

static int address_access_point(const struct endpoint *endpoint, const char *arn, const char *region,
                                struct address *out, struct sluice_error *err) {
  struct access_point point;
  char host[sizeof endpoint->host + sizeof endpoint->port + 64];
  int status = access_point_parse(arn, "path", &point, err);
  if (status == SLUICE_OK)
    status = check_access_point(endpoint, arn, &point, region, err);
  if (status == SLUICE_OK)
    status = base_host(endpoint, "s3-accesspoint", point.region, host, sizeof host, err);
  if (status == SLUICE_OK)
    address_virtual(endpoint, point.host, host, point.region, out);
  return status;
}

int endpoint_address(const struct endpoint *endpoint, const char *bucket, const char *region, struct address *out,
                     struct sluice_error *err) {
  if (access_point_is_arn(bucket))
    return address_access_point(endpoint, bucket, region, out, err);
  bool wanted = endpoint->addressing == ADDRESSING_VIRTUAL;
  bool can = can_be_host(bucket, wanted && !endpoint->https); /* TLS certificates cover one label */
  char host[sizeof endpoint->host + sizeof endpoint->port + 64];
  if (wanted && !can)
    return refuse_virtual(bucket, err);
  int status = base_host(endpoint, "s3", region, host, sizeof host, err);
  if (status != SLUICE_OK)
    return status;
  if (wanted || (can && !endpoint->custom && endpoint->addressing == ADDRESSING_AUTO))
    address_virtual(endpoint, bucket, host, region, out);
  else
    address_path(endpoint, bucket, host, region, out);
  return SLUICE_OK;
}
