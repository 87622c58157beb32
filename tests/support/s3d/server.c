/* The server: opens the port, takes requests, ends. */
#include "server.h"
#include "exchange.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { CONNECTION_MEMORY = 96 * 1024, THREADS = 2, IDLE_SECONDS = 60 };

static bool complain(const char *what, const char *name) {
  fprintf(stderr, "s3d: %s %s: %s\n", what, name, strerror(errno));
  return false;
}

/* The text of a PEM file, of malloc; NULL: the error was printed. */
static char *read_pem(const char *option, const char *path) {
  struct text pem = {0};
  char block[4096];
  FILE *file = fopen(path, "re");
  for (size_t n = file ? fread(block, 1, sizeof block, file) : 0; n > 0; n = fread(block, 1, sizeof block, file))
    text_add(&pem, block, n);
  if (!pem.data || pem.failed)
    complain(option, path);
  if (file)
    fclose(file);
  return pem.data;
}

static bool read_tls(struct server *s) {
  if (!s->options.tls_certificate)
    return true;
  s->tls_certificate = read_pem("--tls-cert", s->options.tls_certificate);
  s->tls_key = read_pem("--tls-key", s->options.tls_key);
  return s->tls_certificate && s->tls_key;
}

bool server_init(struct server *s, const struct options *options) {
  char message[512];
  *s = (struct server){.options = *options};
  s->root = open(options->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (s->root < 0)
    return complain("--root", options->root);
  s->journal = journal_create(options->log);
  if (!s->journal)
    return complain("--log", options->log ? options->log : "");
  s->faults = faults_create(options->script, message, sizeof message);
  if (!s->faults) {
    fprintf(stderr, "s3d: --script %s\n", message);
    return false;
  }
  s->listings = listings_create(s->root, options->cache_listing);
  s->objects = objects_create(s->root, options->synthetic_count, options->synthetic_size);
  s->sessions = sessions_create(options->access_key, options->secret_key, options->session_token);
  s->waits = waits_create();
  s->hostile = hostile_create();
  errno = ENOMEM;
  if (!read_tls(s))
    return false;
  return (s->listings && s->objects && s->sessions && s->waits && s->hostile) || complain("start", options->root);
}

void server_finish(struct server *s) {
  free(s->tls_certificate);
  free(s->tls_key);
  hostile_destroy(s->hostile);
  waits_destroy(s->waits);
  sessions_destroy(s->sessions);
  objects_destroy(s->objects);
  listings_destroy(s->listings);
  faults_destroy(s->faults);
  journal_destroy(s->journal);
  if (s->root >= 0)
    close(s->root);
}

static void raise_file_limit(uint64_t connections) {
  struct rlimit limit;
  rlim_t need = (rlim_t)(2 * connections + 64);
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= need)
    return;
  limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static struct MHD_Daemon *open_port(struct server *s) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(s->options.port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  raise_file_limit(s->options.connections);
  const struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, s->tls_certificate},
                                       {MHD_OPTION_HTTPS_MEM_KEY, 0, s->tls_key},
                                       {MHD_OPTION_END, 0, NULL}};
  const struct MHD_OptionItem *extra = s->tls_key ? tls : tls + 2;
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | (s->tls_key ? MHD_USE_TLS : 0);
  return MHD_start_daemon(flags, 0, NULL, NULL, exchange_handle, s, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
                          MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS, MHD_OPTION_CONNECTION_LIMIT,
                          (unsigned)s->options.connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                          (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
                          MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, s, MHD_OPTION_NOTIFY_COMPLETED,
                          exchange_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, exchange_connection, NULL,
                          MHD_OPTION_ARRAY, extra, MHD_OPTION_END);
}

/* The port appears in its file whole: written beside it, then renamed. */
static bool write_port_file(const char *path, unsigned port) {
  char temporary[PATH_MAX];
  int n = snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
  FILE *file = n > 0 && (size_t)n < sizeof temporary ? fopen(temporary, "we") : NULL;
  bool ok = file && fprintf(file, "%u\n", port) > 0;
  if (file && fclose(file) != 0)
    ok = false;
  if (ok && rename(temporary, path) == 0)
    return true;
  complain("--port-file", path);
  if (file)
    unlink(temporary);
  return false;
}

static void wait_for_end(void) {
  sigset_t set;
  int number = 0;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigwait(&set, &number);
}

int server_run(struct server *s) {
  struct MHD_Daemon *daemon = open_port(s);
  int status = 0;
  if (!daemon) {
    fprintf(stderr, "s3d: cannot listen on 127.0.0.1:%u: %s; is the port taken? --port 0 finds a free one\n",
            s->options.port, strerror(errno));
    waits_stop(s->waits);
    return 1;
  }
  unsigned port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
  fprintf(stderr, "s3d: serving %s on http%s://127.0.0.1:%u (access key %s, region %s); Ctrl-C ends it\n",
          s->options.root, s->tls_key ? "s" : "", port, s->options.access_key, s->options.region);
  if (s->options.port_file && !write_port_file(s->options.port_file, port))
    status = 1;
  else
    wait_for_end();
  waits_stop(s->waits);
  hostile_stop(s->hostile);
  MHD_stop_daemon(daemon);
  return status;
}
