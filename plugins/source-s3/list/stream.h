/* The keys below one path, in order, page by page; the next page is fetched while one is read. */
#ifndef S3_STREAM_H
#define S3_STREAM_H
#include "address/location.h"
#include "list/page.h"
#include "request/engine.h"

struct stream_entry { /* borrowed until the next call */
  const char *key, *etag;
  int64_t size, modified;
  bool archived;
};

struct stream { /* zeroed, then location and place set */
  struct location location;
  size_t place; /* of the options */
  struct bucket *bucket;
  struct page *current, *next;
  size_t index;      /* of the entry to give in current */
  struct text last;  /* key given last, to check the order */
  struct text after; /* keys up to this one are dropped; "": none */
  int empty_pages;   /* in a row */
  bool open, probing, only_exact, started, ended, failed;
};

/* Starts over, behind `after` (a key, "" none); bucket is set. The first request is sent at once. */
int stream_open(struct stream *stream, struct engine *engine, const char *after, struct sluice_error *err);
/* END after the last. Peek gives the same entry until stream_skip. */
int stream_peek(struct stream *stream, struct engine *engine, struct stream_entry *out, struct sluice_error *err);
void stream_skip(struct stream *stream);
void stream_close(struct stream *stream, struct engine *engine); /* keeps location and place */

#endif
