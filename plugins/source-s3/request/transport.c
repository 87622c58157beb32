/* How libcurl is set up for S3; idle handles are kept for the next request. */
#include "request/transport.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_LARGE = 256 << 10, BUFFER_SMALL = 32 << 10 };

/* ---- sockets ---- */

static curl_socket_t on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
  struct transport_pool *pool = user;
  (void)purpose;
  curl_socket_t fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd != CURL_SOCKET_BAD && pool->n_sockets < TRANSPORT_SOCKETS_MAX)
    pool->sockets[pool->n_sockets++] = (struct transport_socket){.fd = fd};
  return fd;
}

static int on_close(void *user, curl_socket_t fd) {
  struct transport_pool *pool = user;
  for (int i = 0; i < pool->n_sockets; i++)
    if (pool->sockets[i].fd == fd) {
      pool->sockets[i] = pool->sockets[--pool->n_sockets];
      break;
    }
  return close(fd);
}

static long port_of(curl_socket_t fd) {
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &size))
    return 0;
  if (address.ss_family == AF_INET6)
    return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
  return address.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&address)->sin_port) : 0;
}

/* A server that sends head and body apart and waits for the first to be acknowledged (Ceph's does) would cost the 40 ms
 * of a delayed acknowledgement with each small object. Which socket it is libcurl tells only by its port here. */
static void acknowledge(struct transport_pool *pool, CURL *easy) {
  int on = 1;
  long port = 0;
  curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &port);
  for (int i = 0; i < pool->n_sockets; i++) {
    struct transport_socket *it = &pool->sockets[i];
    if (it->port == 0)
      it->port = port_of(it->fd);
    if (port <= 0 || it->port == port)
      setsockopt(it->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  }
}

/* ---- answers ---- */

static size_t on_header(char *bytes, size_t size, size_t n, void *user) {
  struct call *call = user;
  bool ended = call->head.ended;
  size_t taken = call_on_header(call, bytes, size * n);
  if (!ended && call->head.ended)
    acknowledge(call->pool, call->easy);
  return taken;
}
static size_t on_body(char *bytes, size_t size, size_t n, void *user) {
  return call_on_body(user, bytes, size * n);
}

/* ---- settings ---- */

static bool large(const struct request *request) {
  return request->last - request->first > BUFFER_SMALL;
}

static void set_http(CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* a proxy's answer is not the object's */
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "sluice-s3/1.0");
}

static void set_sockets(CURL *easy, struct transport_pool *pool) {
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, pool);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, pool);
}

static void set_connection(CURL *easy, const struct s3_options *options) {
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, 20L);
  curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 60L);
  curl_easy_setopt(easy, CURLOPT_DNS_SHUFFLE_ADDRESSES, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a close does not wait for a name server */
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)((options->stall_timeout + 999) / 1000));
  if (options->ca_file)
    curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file);
}

static bool set_request(CURL *easy, struct call *call) {
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)(large(&call->request) ? BUFFER_LARGE : BUFFER_SMALL));
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->curl_text);
  if (call->probing)
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->sent.headers) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_URL, text_get(&call->sent.url)) == CURLE_OK;
}

CURL *transport_get(struct transport_pool *pool, const struct s3_options *options, struct call *call) {
  CURL *easy = pool->count ? pool->idle[--pool->count] : curl_easy_init();
  if (!easy)
    return NULL;
  call->curl_text[0] = 0;
  call->pool = pool;
  set_http(easy);
  set_sockets(easy, pool);
  set_connection(easy, options);
  if (set_request(easy, call))
    return easy;
  curl_easy_cleanup(easy);
  return NULL;
}

void transport_put(struct transport_pool *pool, CURL *easy) {
  if (!easy)
    return;
  curl_easy_reset(easy); /* forgets the call; connections are kept by the multi handle */
  if (pool->count < TRANSPORT_IDLE_MAX)
    pool->idle[pool->count++] = easy;
  else
    curl_easy_cleanup(easy);
}

void transport_pool_finish(struct transport_pool *pool) {
  while (pool->count)
    curl_easy_cleanup(pool->idle[--pool->count]);
}
