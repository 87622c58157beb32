/* A stream of a job in work: its place in ledger and sink, its schema, and where its listing is. A job without streams
 * has one, "main". */
#ifndef RUN_STREAM_H
#define RUN_STREAM_H
#include "core/ledger/ledger.h"
#include "core/stream/naming.h"
#include <pthread.h>
#include <sluice/sdk.h>
#include <stdatomic.h>

struct job_schema { /* one numbered schema; all that a run has seen live until it ends */
  int64_t number;
  struct ArrowSchema schema;
  struct job_schema *older;
};
struct stream_ending { /* of the names that {stem} makes one stream: A.csv and A.csv.gz may well be the same records */
  char *part;          /* the first of them; NULL: none yet */
  bool mixed;          /* another had another ending */
};
/* MEMORY. *fresh: this is the first part with another ending than those before. */
int stream_ending_see(struct stream_ending *, const struct stream_name *, const char *part, bool *fresh);
void stream_ending_text(const struct stream_ending *, const char *stream, char *out, size_t size);
void stream_ending_finish(struct stream_ending *);

struct stream {
  char name[STREAM_NAME_SIZE];
  char delivery[400];             /* job/sink/stream: so sinks and reject lines have it */
  int64_t id, run;                /* of the delivery and the run, in the ledger */
  int64_t generation;             /* of the full refresh that goes on; 0: none */
  bool told, heard;               /* the sink was told of it in this run; or may have been, in an earlier one */
  bool ended;                     /* its full refresh is, for better or worse */
  char *failure;                  /* why it could not be put in place; NULL: it was, or is not over yet */
  int64_t first_schema;           /* the oldest that grew into today's; set before there is one */
  atomic_llong failed, rejects;   /* parts, and records behind checkpoints, in this run */
  struct ledger_counters carried; /* of runs that died, which the policy counts with this one */

  /* the lister's */
  char *folder; /* of its parts; NULL: not known yet */
  char *after;  /* the last name merged; NULL: none */
  struct stream_ending ending;
  bool seen;                /* a part of it is in this listing */
  struct ArrowSchema guess; /* by headers of files without records; released where there is none */
  bool guessed;             /* its schema is that: no records may go by it */

  pthread_mutex_t lock; /* guards what follows */
  struct job_schema *schema;
};
int stream_create(const char *job, const char *sink, const char *name, struct stream **out);
void stream_destroy(struct stream *);                    /* takes NULL */
const struct job_schema *stream_schema(struct stream *); /* [any] the newest; NULL: none yet */
/* [any] Puts a newer schema in place; takes it on OK. */
int stream_add_schema(struct stream *, int64_t number, struct ArrowSchema *schema);
/* [any] One of those that the run has seen; NULL: it has not. */
const struct job_schema *stream_find_schema(struct stream *, int64_t number);
/* [any] Keeps an older one beside the newest, unless it is there; takes it on OK. */
int stream_keep_schema(struct stream *, int64_t number, struct ArrowSchema *schema);

/* As naming_of, and the name is UTF-8, or that is CONFIG too. */
int stream_name_of(const struct naming *, const char *part, struct stream_name *out, struct sluice_error *err);

/* ---- all of a job ---- */

enum { STREAMS_MAX = 10000 };
struct streams { /* in byte order of their names; [any] but for init and finish */
  pthread_mutex_t lock;
  struct stream **items;
  size_t n, room;
};
void streams_init(struct streams *);
void streams_finish(struct streams *);
void streams_clear(struct streams *);
/* Takes the stream on OK. CONFIG: there are too many. */
int streams_add(struct streams *, struct stream *, struct sluice_error *err);
struct stream *streams_find(struct streams *, const char *name); /* NULL: none */
struct stream *streams_at(struct streams *, size_t i);           /* NULL: there are no more */
size_t streams_count(struct streams *);

#endif
