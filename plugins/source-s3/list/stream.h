/* The objects of one path, in order: the one that it names exactly, or all below it. */
#ifndef S3_STREAM_H
#define S3_STREAM_H
#include "address/location.h"
#include "list/entry.h"
#include "list/walk.h"
#include "request/engine.h"

struct stream { /* zeroed, then what is set once */
  /* set once */
  struct location location;
  size_t place;           /* of the options */
  bool versions;          /* list them, and give the latest of each key */
  const char *version_id; /* this one of the object that the path names; NULL: the latest */
  size_t list_requests;
  struct bucket *bucket; /* set before stream_open */

  struct pager probe; /* asks whether the path names an object */
  struct walk walk;
  struct text after; /* where the stream began; "": at the start */
  bool open, probing, started, only_exact, ended;
};

/* Starts over, behind `after` (a key, "" none). The first request is sent at once. */
int stream_open(struct stream *stream, struct engine *engine, const char *after, struct sluice_error *err);
/* END after the last. Peek gives the same entry until stream_skip. */
int stream_peek(struct stream *stream, struct engine *engine, struct stream_entry *out, struct sluice_error *err);
void stream_skip(struct stream *stream);
void stream_close(struct stream *stream); /* keeps what is set once */

#endif
