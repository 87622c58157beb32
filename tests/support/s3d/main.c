/* s3d: an S3 server over a folder, for tests and for trying things out. */
#include "server.h"

#include <libxml/parser.h>
#include <signal.h>

int main(int argc, char **argv) {
  struct options options;
  struct server server;
  sigset_t set;
  enum options_result read = options_read(argc, argv, &options);
  if (read != OPTIONS_RUN)
    return read == OPTIONS_DONE ? 0 : 2;
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, NULL); /* before any thread, so that all of them inherit it */
  int status = 1;
  xmlInitParser();
  if (server_init(&server, &options))
    status = server_run(&server);
  else if (server.waits)
    waits_stop(server.waits);
  server_finish(&server);
  xmlCleanupParser();
  return status;
}
