/* Faults by script: a line is `MATCH ACTION [name=value ...]`. */
#ifndef RECV_FAULT_H
#define RECV_FAULT_H
#include "body.h"
#include <pthread.h>

enum fault_action {
  FAULT_STATUS,          /* a number: that status, the record is not stored */
  FAULT_HANG,            /* read all, never answer */
  FAULT_CUT,             /* read all, close without an answer */
  FAULT_CUT_BEFORE,      /* close when the header was read */
  FAULT_CUT_AFTER_STORE, /* store, then close without an answer */
  FAULT_SLOW,            /* store, answer after ms= */
  FAULT_MAX_BODY,        /* 413 where the decoded body is larger than bytes= */
  FAULT_MAX_RECORDS,     /* 413 where it has more records than n= */
  FAULT_BAD_RECORD       /* status= where a record contains text= */
};
struct fault {
  char match[256]; /* a glob for the path */
  enum fault_action action;
  int status;
  int64_t times, skip, every, limit, ms; /* times 0: always; every 0: each */
  char retry_after[64], text[256];
  int64_t seen, done;
};
struct faults {
  pthread_mutex_t lock;
  struct fault *items;
  size_t count;
};

void faults_init(struct faults *);
/* Adds one line; empty lines and # comments are nothing. Prints what is wrong and returns false. */
bool faults_add(struct faults *, const char *line);
bool faults_load(struct faults *, const char *path);
/* The first fault that applies to this request, copied to out. At the header: body is NULL. */
bool faults_take(struct faults *, const char *path, const struct body *, struct fault *out);
void faults_finish(struct faults *);

#endif
