/* recv: an HTTP receiver on 127.0.0.1 that records every record with its idempotency key. See README.md. */
#include "serve.h"
#include "summary.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct arguments {
  unsigned port;
  const char *port_file, *out, *records, *table;
  struct state state;
  bool durable, summary;
};

static const char usage[] =
    "usage: recv [--port 0] [--port-file FILE] [--out FILE | --count-only] [--durable]\n"
    "            [--script FILE] [--fault LINE]... [--auth TOKEN] [--basic USER:PASSWORD]\n"
    "            [--key-header NAME] [--tls-cert FILE --tls-key FILE]\n"
    "            [--key COLUMN | --rows]   keeps a table of records by key, or of all: GET /_recv/table\n"
    "       recv --table FILE [--key COLUMN]  prints the table that was kept\n"
    "       recv --summary FILE...     checks recorded files; 0: each duplicate has its first body\n"
    "       recv --records FILE        prints the records of the first request of each key\n";

static bool parse_port(const char *text, unsigned *out) {
  char *end = NULL;
  errno = 0;
  unsigned long value = strtoul(text, &end, 10);
  if (errno || end == text || *end || value > 65535)
    return false;
  *out = (unsigned)value;
  return true;
}

static char *read_text(const char *path) {
  char *text = NULL;
  size_t room = 0;
  FILE *file = fopen(path, "r");
  if (!file || getdelim(&text, &room, 0, file) < 0) {
    fprintf(stderr, "recv: cannot read %s\n", path);
    free(text);
    text = NULL;
  }
  if (file)
    fclose(file);
  return text;
}

enum {
  PORT = 256,
  PORT_FILE,
  OUT,
  COUNT,
  DURABLE,
  SCRIPT,
  FAULT,
  AUTH,
  BASIC,
  KEY,
  CERT,
  CERT_KEY,
  SUMMARY,
  RECORDS,
  ROW_KEY,
  ROWS,
  TABLE
};

static const struct option options[] = {
    {"port", 1, NULL, PORT},        {"port-file", 1, NULL, PORT_FILE}, {"out", 1, NULL, OUT},
    {"count-only", 0, NULL, COUNT}, {"durable", 0, NULL, DURABLE},     {"script", 1, NULL, SCRIPT},
    {"fault", 1, NULL, FAULT},      {"auth", 1, NULL, AUTH},           {"basic", 1, NULL, BASIC},
    {"key-header", 1, NULL, KEY},   {"tls-cert", 1, NULL, CERT},       {"tls-key", 1, NULL, CERT_KEY},
    {"summary", 0, NULL, SUMMARY},  {"records", 1, NULL, RECORDS},     {"key", 1, NULL, ROW_KEY},
    {"rows", 0, NULL, ROWS},        {"table", 1, NULL, TABLE},         {NULL, 0, NULL, 0}};

static bool take_text(char **field, const char *path) {
  free(*field);
  *field = read_text(path);
  return *field != NULL;
}

static bool take(struct server *server, struct arguments *arguments, int option) {
  switch (option) {
  case PORT:
    return parse_port(optarg, &arguments->port);
  case PORT_FILE:
    arguments->port_file = optarg;
    return true;
  case OUT:
    arguments->out = optarg;
    return true;
  case COUNT:
    return server->count_only = true;
  case DURABLE:
    return arguments->durable = true;
  case SCRIPT:
    return faults_load(&server->faults, optarg);
  case FAULT:
    return faults_add(&server->faults, optarg);
  case AUTH:
    server->bearer = optarg;
    return true;
  case BASIC:
    server->basic = optarg;
    return true;
  case KEY:
    server->key_header = optarg;
    return true;
  case CERT:
    return take_text(&server->tls_cert, optarg);
  case CERT_KEY:
    return take_text(&server->tls_key, optarg);
  case SUMMARY:
    return arguments->summary = true;
  case RECORDS:
    arguments->records = optarg;
    return true;
  case ROW_KEY:
    arguments->state.key = optarg;
    return arguments->state.kept = true;
  case ROWS:
    return arguments->state.kept = true;
  case TABLE:
    arguments->table = optarg;
    return arguments->state.kept = true;
  default:
    return false;
  }
}

static bool parse(int argc, char **argv, struct server *server, struct arguments *arguments) {
  int option = getopt_long(argc, argv, "", options, NULL);
  while (option != -1) {
    if (!take(server, arguments, option))
      return false;
    option = getopt_long(argc, argv, "", options, NULL);
  }
  if (server->count_only && arguments->out)
    return false;
  if (arguments->state.kept && !arguments->out && !arguments->table)
    return false; /* the rows of the table are in the files */
  return (arguments->summary ? optind < argc : optind == argc) && !server->tls_cert == !server->tls_key;
}

/* In one step, so that whoever waits for the file never reads half of it. */
static bool write_port(const char *path, unsigned port) {
  char temporary[4096];
  int n = snprintf(temporary, sizeof temporary, "%s.new", path);
  if (n < 0 || (size_t)n >= sizeof temporary)
    return false;
  FILE *file = fopen(temporary, "w");
  if (!file)
    return false;
  bool ok = fprintf(file, "%u\n", port) > 0;
  ok = fclose(file) == 0 && ok;
  return ok && rename(temporary, path) == 0;
}

static int run(struct server *server, const struct arguments *arguments) {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, NULL);
  signal(SIGPIPE, SIG_IGN);
  if (!store_open(&server->store, arguments->out, arguments->durable, arguments->state))
    return 1;
  unsigned port = serve_start(server, arguments->port);
  int status = 1;
  if (port == 0)
    fprintf(stderr, "recv: cannot listen on 127.0.0.1:%u\n", arguments->port);
  else if (arguments->port_file && !write_port(arguments->port_file, port))
    fprintf(stderr, "recv: cannot write %s\n", arguments->port_file);
  else {
    printf("recv: http%s://127.0.0.1:%u\n", server->tls_cert ? "s" : "", port);
    fflush(stdout);
    int signal_number = 0;
    sigwait(&ending, &signal_number);
    status = 0;
  }
  serve_stop(server);
  store_close(&server->store);
  return status;
}

/* The files are those of a recv that has ended. */
static int print_table(const struct arguments *arguments) {
  struct store store;
  bool ok = access(arguments->table, R_OK) == 0 && store_open(&store, arguments->table, false, arguments->state);
  if (!ok)
    return 2;
  ok = store_table(&store, stdout) && fflush(stdout) == 0;
  store_close(&store);
  return ok ? 0 : 2;
}

int main(int argc, char **argv) {
  static struct server server = {.key_header = "Idempotency-Key"};
  struct arguments arguments = {0};
  faults_init(&server.faults);
  int status = 2;
  if (!parse(argc, argv, &server, &arguments))
    fputs(usage, stderr);
  else if (arguments.summary)
    status = summary_print(argv + optind, argc - optind);
  else if (arguments.records)
    status = summary_records(arguments.records);
  else if (arguments.table)
    status = print_table(&arguments);
  else
    status = run(&server, &arguments);
  faults_finish(&server.faults);
  free(server.tls_cert);
  free(server.tls_key);
  return status;
}
