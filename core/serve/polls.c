/* One poll(2) for all. */
#include "core/serve/polls.h"
#include <stdlib.h>
#include <unistd.h>

void polls_clear(struct polls *polls) {
  polls->n = 0;
}

static bool grow(struct polls *polls) {
  size_t room = polls->room ? polls->room * 2 : 64;
  struct pollfd *fds = realloc(polls->fds, room * sizeof *fds);
  if (fds)
    polls->fds = fds;
  struct polls_handler *handlers = realloc(polls->handlers, room * sizeof *handlers);
  if (handlers)
    polls->handlers = handlers;
  if (!fds || !handlers)
    return false;
  polls->room = room;
  return true;
}

void polls_add(struct polls *polls, int fd, short events, polls_fn *call, void *context) {
  if (fd < 0 || (polls->n == polls->room && !grow(polls)))
    return;
  polls->fds[polls->n] = (struct pollfd){.fd = fd, .events = events};
  polls->handlers[polls->n++] = (struct polls_handler){call, context};
}

void polls_wait(struct polls *polls, int ms) {
  if (poll(polls->fds, polls->n, ms) <= 0)
    return;
  for (size_t i = 0; i < polls->n; i++)
    if (polls->fds[i].revents)
      polls->handlers[i].call(polls->handlers[i].context, polls->fds[i].revents);
}

void polls_finish(struct polls *polls) {
  free(polls->fds);
  free(polls->handlers);
  *polls = (struct polls){0};
}
