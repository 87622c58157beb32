/* Messages to systemd. */
#include "core/serve/notify.h"
#include "core/base/clock.h"
#include "core/base/quantity.h"
#include "core/log/log.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "/path" or "@abstract". */
static bool parse_address(const char *text, struct sockaddr_un *out, socklen_t *size) {
  size_t n = strlen(text);
  if ((text[0] != '/' && text[0] != '@') || n < 2 || n >= sizeof out->sun_path)
    return false;
  *out = (struct sockaddr_un){.sun_family = AF_UNIX};
  memcpy(out->sun_path, text, n);
  if (text[0] == '@')
    out->sun_path[0] = 0;
  *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (text[0] == '/'));
  return true;
}

/* Twice as often as asked for. */
static int64_t parse_watchdog(const char *usec, const char *pid) {
  int64_t us = 0, number = 0;
  if (!usec || !quantity_int(usec, &us) || us < 2000)
    return 0;
  if (pid && (!quantity_int(pid, &number) || number != getpid()))
    return 0;
  return us / 2000;
}

void notify_open(struct notify *notify) {
  const char *address = getenv("NOTIFY_SOCKET");
  *notify = (struct notify){.fd = -1};
  if (address && parse_address(address, &notify->address, &notify->size)) {
    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    notify->watchdog_ms = parse_watchdog(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"));
  } else if (address) {
    log_write(SLUICE_WARN, NULL, "NOTIFY_SOCKET is no path of a socket; systemd is not told anything");
  }
  unsetenv("NOTIFY_SOCKET");
  unsetenv("WATCHDOG_USEC");
  unsetenv("WATCHDOG_PID");
}

void notify_close(struct notify *notify) {
  if (notify->fd >= 0)
    close(notify->fd);
  notify->fd = -1;
}

static void tell(struct notify *notify, const char *text) {
  if (notify->fd >= 0 &&
      sendto(notify->fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&notify->address, notify->size) < 0)
    log_write(SLUICE_DEBUG, NULL, "systemd cannot be told: %s", strerror(errno));
}

/* A status is one line: what would end it is taken out. */
static void tell_with_status(struct notify *notify, const char *before, const char *status) {
  char text[512];
  int n = snprintf(text, sizeof text, "%sSTATUS=", before);
  for (; *status && n > 0 && (size_t)n + 2 < sizeof text; status++)
    text[n++] = (unsigned char)*status < ' ' ? ' ' : *status;
  text[n++] = '\n';
  text[n] = 0;
  tell(notify, text);
}

void notify_ready(struct notify *notify, const char *status) {
  tell_with_status(notify, "READY=1\n", status);
}
void notify_status(struct notify *notify, const char *status) {
  tell_with_status(notify, "", status);
}

void notify_reloading(struct notify *notify) {
  char text[96];
  snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%lld\n", (long long)clock_monotonic_us());
  tell(notify, text);
}

void notify_stopping(struct notify *notify) {
  tell_with_status(notify, "STOPPING=1\n", "runs end at their next checkpoint");
}

void notify_alive(struct notify *notify) {
  int64_t now = clock_monotonic_ms();
  if (!notify->watchdog_ms || now - notify->last < notify->watchdog_ms / 2)
    return;
  notify->last = now;
  tell(notify, "WATCHDOG=1\n");
}
