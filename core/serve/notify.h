/* Telling systemd how the service is: the datagrams of sd_notify(3), and its watchdog. */
#ifndef SERVE_NOTIFY_H
#define SERVE_NOTIFY_H
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
  int fd; /* -1: nobody wants to know */
  struct sockaddr_un address;
  socklen_t size;
  int64_t watchdog_ms; /* how often it must hear of us; 0: it need not */
  int64_t last;        /* monotonic ms */
};
/* From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which are taken out of the environment: they are not for our
 * children. Without them, or if they are wrong, all that follows does nothing. */
void notify_open(struct notify *);
void notify_close(struct notify *);
void notify_ready(struct notify *, const char *status);
void notify_reloading(struct notify *);
void notify_stopping(struct notify *);
void notify_status(struct notify *, const char *status);
void notify_alive(struct notify *); /* call it in each round; it tells as often as is needed */

#endif
