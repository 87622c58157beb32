/* Who waits for which descriptor. */
#ifndef SERVE_POLLS_H
#define SERVE_POLLS_H
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

typedef void polls_fn(void *context, short events);
struct polls { /* zeroed is empty */
  struct pollfd *fds;
  struct polls_handler {
    polls_fn *call;
    void *context;
  } * handlers;
  size_t n, room;
};
void polls_clear(struct polls *);
/* fd below 0: nothing. Without memory it is left out of this round. */
void polls_add(struct polls *, int fd, short events, polls_fn *call, void *context);
/* Waits that long at most, and calls whom it concerns. Contexts stay until it returns. */
void polls_wait(struct polls *, int ms);
void polls_finish(struct polls *);

#endif
