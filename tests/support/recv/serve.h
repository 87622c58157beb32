/* The HTTP side of recv. */
#ifndef RECV_SERVE_H
#define RECV_SERVE_H
#include "fault.h"
#include "store.h"
#include <microhttpd.h>
#include <stdatomic.h>

struct server {
  struct store store;
  struct faults faults;
  bool count_only;
  const char *bearer, *basic; /* NULL: anyone may send; basic is USER:PASSWORD */
  const char *key_header;
  char *tls_cert, *tls_key; /* PEM texts; NULL: plain HTTP */
  atomic_bool stopping;
  struct MHD_Daemon *daemon;
};

/* Listens on 127.0.0.1; port 0 takes a free one. Returns the port; 0: it cannot. */
unsigned serve_start(struct server *, unsigned port);
void serve_stop(struct server *);

#endif
