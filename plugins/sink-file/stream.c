/* Writing to a pipe, terminal or device, where a reader may be slow or gone. */
#include "disk.h"
#include "output.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { PIECE = 4096 /* what a pipe that polls as writable takes without blocking (PIPE_BUF) */ };

static int wait_writable(const struct output *o, struct sluice_error *err) {
  struct pollfd fds[] = {{.fd = o->fd, .events = POLLOUT}, {.fd = o->host->cancel_fd(o->host), .events = POLLIN}};
  while (!o->host->cancelled(o->host)) {
    int rc = poll(fds, 2, 500);
    if (rc < 0 && errno != EINTR)
      return disk_fail(err, o->path, "wait for", errno);
    if (rc > 0 && fds[0].revents)
      return SLUICE_OK;
  }
  return sluice_fail(err, SLUICE_ERR_CANCELLED, o->path, "cancelled while its reader did not read");
}

int stream_write(const struct output *o, const void *bytes, size_t n, struct sluice_error *err) {
  const char *at = bytes;
  while (n > 0) {
    int rc = wait_writable(o, err);
    if (rc != SLUICE_OK)
      return rc;
    ssize_t part = disk_quiet_write(o->fd, at, n < PIECE ? n : PIECE);
    if (part < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (part < 0 && errno == EPIPE)
      return sluice_fail(err, SLUICE_ERR_CONFIG, "path",
                         "the reader of %s has gone; the records from here on were not taken", o->path);
    if (part < 0) {
      disk_fail(err, o->path, "write", errno);
      return SLUICE_ERR_CONFIG; /* never RETRY: part of a record may be out */
    }
    at += part;
    n -= (size_t)part;
  }
  return SLUICE_OK;
}
