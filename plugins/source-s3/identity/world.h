/* What finding credentials needs of the world outside: environment, files, programs, HTTP and time. Tests bring their
 * own; the product has one (system_world.c). */
#ifndef S3_WORLD_H
#define S3_WORLD_H
#include "base/text.h"
#include <sluice/sdk.h>
#include <sluice/services.h>

enum { HTTP_BODY_MAX = 1 << 20, FILE_MAX = 4 << 20 };

struct http_header {
  const char *name, *value;
};
struct http_request { /* borrowed for the call */
  const char *method, *url;
  const struct http_header *headers;
  size_t n_headers;
  const char *body; /* NULL: none */
  size_t body_size;
  int64_t connect_timeout_ms, timeout_ms; /* timeout: of the whole exchange */
  bool no_proxy;                          /* metadata services are asked directly */
};
struct http_answer { /* zeroed is empty */
  int status;
  int64_t date; /* of the Date header, seconds since 1970; -1: none */
  struct text body;
};
void http_answer_finish(struct http_answer *answer);

struct program_end { /* zeroed is empty */
  int exit_status;   /* 128 + the signal where one ended it */
  struct text out, err;
};
void program_end_finish(struct program_end *end);

struct world { /* all [any] */
  void *context;
  const char *(*variable)(void *context, const char *name); /* NULL: not set, or blank */
  /* Appends the file's bytes. NOT_FOUND: there is none. DATA: it cannot be read, or is larger than FILE_MAX. */
  int (*read_file)(void *context, const char *path, struct text *out, struct sluice_error *err);
  /* Replaces the file whole or not at all; mode 0600. */
  int (*write_file)(void *context, const char *path, const char *bytes, size_t n, struct sluice_error *err);
  /* Runs a program, found by PATH, without a shell. RETRY: it did not end in time, and was ended. */
  int (*run)(void *context, char *const *argv, int64_t timeout_ms, struct program_end *out, struct sluice_error *err);
  /* One HTTP exchange; redirects are not followed. OK: an answer came, of any status. RETRY: none came. */
  int (*send)(void *context, const struct http_request *request, struct http_answer *out, struct sluice_error *err);
  int64_t (*now)(void *context); /* seconds since 1970, of this machine */
  int (*pause)(void *context, int64_t milliseconds,
               struct sluice_error *err); /* CANCELLED: the host wants us to stop */
  void (*log)(void *context, int level, const char *line);
};

/* The real one: borrows the host. ca_file NULL: the system's. */
struct system_world;
int system_world_create(const struct sluice_host *host, const char *ca_file, struct system_world **out,
                        struct sluice_error *err);
/* Each exchange of HTTP is counted there; before the first one. */
void system_world_count(struct system_world *world, struct sluice_counter requests);
void system_world_destroy(struct system_world *world); /* takes NULL */
const struct world *system_world_get(const struct system_world *world);

#endif
