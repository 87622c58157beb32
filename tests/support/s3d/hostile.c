/* Answers that no HTTP library writes: they are put on the wire byte by byte, without end, by threads of their own. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WRITERS_MOST = 64, POLL_MS = 50 };

#define A16 "aaaaaaaaaaaaaaaa"
#define A256 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16
#define A1024 A256 A256 A256 A256
#define CHUNKED "Content-Type: application/xml\r\nTransfer-Encoding: chunked\r\n\r\n"

/* What comes first, and what is repeated for ever; an empty unit ends the connection. */
static const struct kind {
  const char *name, *first, *unit;
} kinds[] = {
    {"headers", "HTTP/1.1 200 OK\r\n", "X-Filler: " A256 "\r\n"},
    {"header-line", "HTTP/1.1 200 OK\r\nX-Filler: ", A1024},
    {"interim", "", "HTTP/1.1 100 Continue\r\nX-Filler: " A16 "\r\n\r\n"},
    {"body", "HTTP/1.1 200 OK\r\n" CHUNKED "1a\r\n<ListBucketResult><Name>a\r\n", "400\r\n" A1024 "\r\n"},
    {"error-body", "HTTP/1.1 403 Forbidden\r\n" CHUNKED "10\r\n<Error><Message>\r\n", "400\r\n" A1024 "\r\n"},
    {"not-http", "\x15\x03\x01 this is no HTTP at all\r\n\r\n", ""},
};

struct writer {
  struct hostile *owner;
  struct MHD_Connection *connection;
  const struct kind *kind;
  pthread_t thread;
  int fd;
  bool used, done; /* under the lock; done: the thread has only to be joined */
};

struct hostile {
  pthread_mutex_t lock;
  atomic_bool stopping;
  struct writer writers[WRITERS_MOST];
};

static const struct kind *find(const char *name) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i].name, name) == 0)
      return &kinds[i];
  return NULL;
}

bool hostile_is_known(const char *kind) {
  return find(kind) != NULL;
}

/* false: the other side has gone, or the server ends. */
static bool write_all(struct writer *w, const char *text) {
  size_t n = strlen(text);
  while (n > 0) {
    struct pollfd p = {.fd = w->fd, .events = POLLOUT};
    if (atomic_load(&w->owner->stopping) || poll(&p, 1, POLL_MS) < 0 || p.revents & (POLLERR | POLLHUP))
      return false;
    ssize_t wrote = p.revents & POLLOUT ? send(w->fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
    if (wrote < 0 && errno != EAGAIN)
      return false;
    text += wrote > 0 ? wrote : 0;
    n -= wrote > 0 ? (size_t)wrote : 0;
  }
  return true;
}

static void *run(void *argument) {
  struct writer *w = argument;
  bool more = write_all(w, w->kind->first) && *w->kind->unit;
  while (more)
    more = write_all(w, w->kind->unit);
  shutdown(w->fd, SHUT_RDWR);
  close(w->fd);
  MHD_resume_connection(w->connection);
  pthread_mutex_lock(&w->owner->lock);
  w->done = true;
  pthread_mutex_unlock(&w->owner->lock);
  return NULL;
}

struct hostile *hostile_create(void) {
  struct hostile *h = calloc(1, sizeof *h);
  if (!h)
    return NULL;
  atomic_init(&h->stopping, false);
  pthread_mutex_init(&h->lock, NULL);
  return h;
}

/* A place for a writer, under the lock; one whose thread has ended is used again. */
static struct writer *find_place(struct hostile *h) {
  for (size_t i = 0; i < WRITERS_MOST; i++) {
    struct writer *w = &h->writers[i];
    if (w->used && w->done) {
      pthread_join(w->thread, NULL);
      w->used = false;
    }
    if (!w->used)
      return w;
  }
  return NULL;
}

static bool start_locked(struct hostile *h, struct MHD_Connection *connection, const struct kind *kind) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  struct writer *w = atomic_load(&h->stopping) ? NULL : find_place(h);
  int fd = w && info ? fcntl(info->connect_fd, F_DUPFD_CLOEXEC, 0) : -1;
  if (fd < 0)
    return false;
  *w = (struct writer){.owner = h, .connection = connection, .kind = kind, .fd = fd, .used = true};
  MHD_suspend_connection(connection);
  if (pthread_create(&w->thread, NULL, run, w) == 0)
    return true;
  w->used = false;
  close(fd);
  MHD_resume_connection(connection);
  return false;
}

bool hostile_start(struct hostile *h, struct MHD_Connection *connection, const char *kind) {
  pthread_mutex_lock(&h->lock);
  bool ok = start_locked(h, connection, find(kind));
  pthread_mutex_unlock(&h->lock);
  return ok;
}

void hostile_stop(struct hostile *h) {
  pthread_mutex_lock(&h->lock);
  atomic_store(&h->stopping, true);
  pthread_mutex_unlock(&h->lock);
  for (size_t i = 0; i < WRITERS_MOST; i++)
    if (h->writers[i].used) { /* nobody starts another now */
      pthread_join(h->writers[i].thread, NULL);
      h->writers[i].used = false;
    }
}

void hostile_destroy(struct hostile *h) {
  if (!h)
    return;
  pthread_mutex_destroy(&h->lock);
  free(h);
}
