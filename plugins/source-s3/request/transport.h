/* How libcurl is set up for S3; idle handles are kept for the next request. */
#ifndef S3_TRANSPORT_H
#define S3_TRANSPORT_H
#include "request/call.h"

enum {
  TRANSPORT_CONNECTIONS_MAX = 512,
  TRANSPORT_IDLE_MAX = TRANSPORT_CONNECTIONS_MAX,
  TRANSPORT_SOCKETS_MAX = 2 * TRANSPORT_CONNECTIONS_MAX /* two are tried where a host has two kinds of address */
};
struct transport_socket {
  curl_socket_t fd;
  long port; /* of this side; 0: not asked for yet */
};
struct transport_pool {
  CURL *idle[TRANSPORT_IDLE_MAX];
  int count;
  struct transport_socket sockets[TRANSPORT_SOCKETS_MAX]; /* open connections */
  int n_sockets;
  int paused; /* transfers */
};

/* A handle ready for call->sent, whose answer goes to call_on_header and call_on_body. NULL: no memory. */
CURL *transport_get(struct transport_pool *pool, const struct s3_options *options, struct call *call);
void transport_put(struct transport_pool *pool, CURL *easy); /* takes NULL */
void transport_pool_finish(struct transport_pool *pool);

#endif
