/* Reading "127.0.0.1:9464", "[::1]:9464", "localhost:9464" and ":9464". */
#include "core/config/address.h"
#include "core/base/quantity.h"
#include <arpa/inet.h>
#include <string.h>

static bool parse_port(const char *text, uint16_t *out) {
  int64_t port;
  if (!quantity_int(text, &port) || port < 0 || port > 65535)
    return false;
  *out = htons((uint16_t)port);
  return true;
}

static bool parse_host(char *host, uint16_t port, struct sockaddr_storage *out) {
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = port};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = port};
  size_t n = strlen(host);
  memset(out, 0, sizeof *out);
  if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
    host[n - 1] = 0;
    memcpy(out, &v6, sizeof v6);
    return inet_pton(AF_INET6, host + 1, &((struct sockaddr_in6 *)out)->sin6_addr) == 1;
  }
  memcpy(out, &v4, sizeof v4);
  return inet_pton(AF_INET, n && strcmp(host, "localhost") != 0 ? host : "127.0.0.1",
                   &((struct sockaddr_in *)out)->sin_addr) == 1;
}

bool address_parse(const char *text, struct sockaddr_storage *out) {
  char host[64];
  uint16_t port = 0;
  const char *colon = strrchr(text, ':');
  size_t n = colon ? (size_t)(colon - text) : sizeof host;
  if (n >= sizeof host || !parse_port(colon + 1, &port))
    return false;
  memcpy(host, text, n);
  host[n] = 0;
  return parse_host(host, port, out);
}
