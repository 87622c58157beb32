/* A world of a test's own: its environment, files, programs, services and clock; what was asked and logged is kept. */
#ifndef FAKE_WORLD_H
#define FAKE_WORLD_H
#include "../check.h"
#include "identity/fetch.h"

enum { FAKE_MAX = 64 };
struct fake_file {
  char *path;
  char *bytes; /* NULL: it is there, but cannot be read */
};
struct fake_answer { /* status 0: no answer comes */
  int status;
  int64_t date; /* 0: none */
  const char *body;
};
struct fake_request {                  /* as it came; owned */
  char *method, *url, *headers, *body; /* headers: "name: value\n", names in lower case */
};

struct fake_world {
  struct world world;
  int64_t clock, paused_ms;
  int pauses;
  bool read_only; /* no file can be written */
  bool cancelled; /* a pause and a request say so */
  char *names[FAKE_MAX], *values[FAKE_MAX];
  size_t n_variables;
  struct fake_file files[FAKE_MAX];
  size_t n_files;
  /* Answers: a function of the test's, or a list whose last is repeated. */
  int (*send)(void *test, const struct fake_request *request, struct fake_answer *out);
  int (*run)(void *test, char *const *argv, struct program_end *out, struct sluice_error *err);
  void *test;
  const struct fake_answer *answers;
  size_t n_answers;
  struct fake_request requests[FAKE_MAX];
  size_t n_requests;
  struct text log;
};

void fake_init(struct fake_world *fake);
void fake_finish(struct fake_world *fake);
void fake_variable(struct fake_world *fake, const char *name, const char *value);
void fake_file(struct fake_world *fake, const char *path, const char *bytes);
const char *fake_read(const struct fake_world *fake, const char *path); /* NULL: none */
void fake_answers(struct fake_world *fake, const struct fake_answer *answers, size_t n);
/* The value of a header; NULL: it was not sent. The copy lives until the next call. */
const char *fake_header(const struct fake_request *request, const char *name);

void fake_forget(struct fake_world *fake); /* the requests */
void plan_put(char **text, const char *value);

/* A plan in a world, and what came of it. */
struct scene {
  struct fake_world fake;
  struct plan plan;
  struct fetcher fetcher;
  struct credentials *got;
  struct sluice_error err;
};
void scene_begin(struct scene *scene, enum plan_base base);
/* One fetch with these answers (the last is repeated); what was got before is dropped. Scans log and error for each of
 * secrets, ended by NULL. */
int scene_go(struct scene *scene, const struct fake_answer *answers, size_t n, const char *const *secrets);
void scene_end(struct scene *scene);
void assert_not_told(const struct fake_world *fake, const struct sluice_error *err, const char *const *secrets);
#define assert_says(err, part)                                                                                         \
  do {                                                                                                                 \
    if (!strstr((err)->message, part))                                                                                 \
      fail_msg("\"%s\" does not say \"%s\"", (err)->message, part);                                                    \
  } while (0)

const char *corpora(void);
char *read_whole(const char *path); /* NULL: there is none; free it */

#endif
