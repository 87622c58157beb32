/* What was received, in two files that only grow: FILE has a JSON line a request, FILE.records a line a record. */
#ifndef RECV_STORE_H
#define RECV_STORE_H
#include "keys.h"
#include <pthread.h>

struct stats {
  int64_t requests, records, bytes; /* stored or counted, duplicates included */
  int64_t duplicates_same_body, duplicates_other_body, without_key;
  int64_t faults, refused; /* answered by the script; by ourselves (401, 415, 400) */
};
struct store {
  pthread_mutex_t lock;
  int index_fd, records_fd; /* -1: no files */
  bool durable;
  int64_t offset; /* size of the records file */
  struct keys keys;
  struct stats stats;
};

/* out NULL: no files. Opens or goes on with the files of an earlier run; prints and returns false where it cannot. */
bool store_open(struct store *, const char *out, bool durable);
/* Stores the request; only after it may be answered. False: it was not stored. */
bool store_add(struct store *, const char *method, const char *path, const char *key, const struct body *);
void store_fault(struct store *);
void store_refused(struct store *);
/* The statistics as a JSON object; free() it. NULL: no memory. */
char *store_stats(struct store *);
void store_close(struct store *);

#endif
