/* What a destination would hold: a table that operations change, and generations of it that are not committed yet. */
#ifndef RECV_STATE_H
#define RECV_STATE_H
#include "table.h"

enum operation { OPERATION_INSERT, OPERATION_UPDATE, OPERATION_DELETE };

struct generation {
  struct generation *next;
  int64_t number;
  struct table table;
  char delivery[];
};
struct current { /* the generation that a delivery committed last */
  struct current *next;
  int64_t number;
  char delivery[];
};
struct state {
  bool kept;       /* a table is kept */
  const char *key; /* the column that tells records apart; NULL: each record is a row of its own */
  struct table table;
  struct generation *open;
  struct current *currents;
  int64_t unnamed;                                         /* rows so far that have no key */
  int64_t inserts, updates, deletes;                       /* applied */
  int64_t inserts_there, updates_missing, deletes_missing; /* of them: the key was there, or was not */
};

struct change { /* one request of records */
  enum operation operation;
  int64_t generation; /* 0: none */
  const char *path;   /* as sent; its last segment is the key of a request without records */
  const char *lines;
  size_t size;
  int64_t offset; /* of the lines in the records file */
};

/* By the header, or where it is "" by the method. */
enum operation operation_of(const char *header, const char *method);
/* NULL: a request of this generation may come; else why not. */
const char *state_refuses(const struct state *, int64_t generation);
/* False: no memory. */
bool state_apply(struct state *, const struct change *);

/* ---- generations: each NULL, or why not; a repeated step changes nothing */

/* Other generations of the delivery that are not committed are gone. */
const char *state_begin(struct state *, const char *delivery, int64_t number);
/* The generation's table takes the place of the table. */
const char *state_commit(struct state *, const char *delivery, int64_t number);
const char *state_abort(struct state *, const char *delivery, int64_t number);
/* One of the three by its name. */
const char *state_step(struct state *, const char *step, const char *delivery, int64_t number);
int64_t state_current(const struct state *, const char *delivery); /* 0: none yet */

void state_finish(struct state *);

/* A part of a URL without its percent signs; free() it. NULL: no memory. */
char *url_decode(const char *text);

#endif
