/* The server: opens the port, takes requests, ends. */
#ifndef S3D_SERVER_H
#define S3D_SERVER_H
#include "request.h"

/* false: the error was printed. */
bool server_init(struct server *s, const struct options *options);
void server_finish(struct server *s);
/* Serves until SIGTERM or SIGINT; the exit status. Both signals must be blocked. */
int server_run(struct server *s);
#endif
