/* A loopback server that sends what it is told, byte for byte, and keeps what it was sent. */
#ifndef RAW_SERVER_H
#define RAW_SERVER_H
#include <stddef.h>
#include <stdint.h>

enum raw_then { RAW_CLOSE, RAW_HANG, RAW_REPEAT_BODY, RAW_REPEAT_HEADER };
struct raw_server;
struct raw_server *raw_server_start(const char *answer, enum raw_then then); /* one connection after another */
int raw_server_port(const struct raw_server *server);
int raw_server_connections(const struct raw_server *server);
void raw_server_stop(struct raw_server *server, char *request, size_t size); /* request: the last one; may be NULL */

#endif
