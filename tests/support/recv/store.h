/* What was received, in files that only grow: FILE has a JSON line a request, FILE.records a line a record, FILE.steps
 * a line a step of a generation. From them the state is made again. */
#ifndef RECV_STORE_H
#define RECV_STORE_H
#include "keys.h"
#include "state.h"
#include <pthread.h>

struct stats {
  int64_t requests, records, bytes; /* stored or counted, duplicates included */
  int64_t duplicates_same_body, duplicates_other_body, without_key;
  int64_t steps;           /* of generations, repeats included */
  int64_t faults, refused; /* answered by the script; by ourselves (401, 415, 400) */
};
struct store {
  pthread_mutex_t lock;
  int index_fd, records_fd, steps_fd; /* -1: no files */
  bool durable;
  int64_t offset; /* size of the records file */
  struct keys keys;
  struct stats stats;
  struct state state;
};
struct arrived {                               /* what a request of records says beside its body */
  const char *method, *path, *key, *operation; /* "" where there is none */
  int64_t generation;
};

/* out NULL: no files. Opens or goes on with the files of an earlier run; prints and returns false where it cannot.
 * state says if a table is kept, and by which key. */
bool store_open(struct store *, const char *out, bool durable, struct state state);
/* Stores the request; only after it may be answered. False: it was not stored, and *why says if it never will be. */
bool store_add(struct store *, const struct arrived *, const struct body *, const char **why);
/* Takes a step ("begin", "commit" or "abort") that the JSON text tells of. NULL: it is durable; else why not. */
const char *store_step(struct store *, const char *step, const char *json, size_t n);
int64_t store_current(struct store *, const char *delivery);
/* Prints the table. */
bool store_table(struct store *, FILE *to);
void store_fault(struct store *);
void store_refused(struct store *);
/* The statistics as a JSON object; free() it. NULL: no memory. */
char *store_stats(struct store *);
void store_close(struct store *);

#endif
