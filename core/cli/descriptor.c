/* Writing to a file descriptor, which may not be ready. */
#include "core/cli/descriptor.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

static int wait_until_writable(const struct descriptor *out, struct sluice_error *err) {
  struct pollfd fds[] = {{.fd = out->fd, .events = POLLOUT}, {.fd = out->stop->drain_fd, .events = POLLIN}};
  if (poll(fds, 2, -1) < 0 && errno != EINTR)
    return sluice_fail(err, SLUICE_ERR_DATA, NULL, "the output cannot be waited for: %s", strerror(errno));
  return SLUICE_OK;
}

static int failed_write(struct descriptor *out, struct sluice_error *err) {
  if (errno == EINTR)
    return SLUICE_OK;
  if (errno == EAGAIN)
    return wait_until_writable(out, err);
  out->closed = errno == EPIPE;
  return sluice_fail(err, SLUICE_ERR_DATA, NULL, "the output cannot be written: %s", strerror(errno));
}

int descriptor_write(struct descriptor *out, const void *bytes, size_t n, struct sluice_error *err) {
  const char *at = bytes;
  int code = SLUICE_OK;
  while (n > 0 && code == SLUICE_OK) {
    if (stop_at(out->stop, STOP_DRAIN))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "interrupted");
    ssize_t done = write(out->fd, at, n);
    if (done < 0) {
      code = failed_write(out, err);
    } else {
      at += done;
      n -= (size_t)done;
    }
  }
  return code;
}
