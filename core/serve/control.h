/* The control socket: its file, who is connected, and what they still have to be told. */
#ifndef SERVE_CONTROL_H
#define SERVE_CONTROL_H
#include "core/serve/lines.h"
#include "core/serve/polls.h"
#include "core/serve/request.h"
#include <sys/un.h>

enum { CONTROL_CLIENTS = 64 };
struct control_client {
  int fd;
  struct lines lines;
  bool waiting;   /* for the end of a reload */
  bool closing;   /* once all is written */
  int64_t active; /* monotonic ms: when it last said something */
  struct control *control;
};
/* Takes the request; the answer is a JSON object, or NULL: it comes later, by control_answer. */
typedef json_t *control_fn(void *context, const struct request *);
struct control {
  int fd; /* -1: none */
  struct sockaddr_un address;
  control_fn *take;
  void *context;
  struct control_client *clients[CONTROL_CLIENTS];
};
/* Mode 0600. A socket that nobody answers at is replaced. RETRY: somebody answers. CONFIG: it cannot be made there. */
int control_open(struct control *, const char *path, control_fn *take, void *context, struct sluice_error *err);
void control_poll(struct control *, struct polls *);
void control_sweep(struct control *); /* after a round: those that are gone, or silent for long */
void control_answer(struct control *, const json_t *answer); /* all that wait */
void control_close(struct control *); /* tells what is still to be told, and removes the socket */

json_t *control_refusal(const char *why); /* {"ok": false, "error": why} */
/* CONFIG: the path is too long for a socket. */
int control_address(const char *path, struct sockaddr_un *out, struct sluice_error *err);

#endif
