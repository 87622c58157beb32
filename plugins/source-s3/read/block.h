/* A call that reads a stretch of an object into memory. It is shared by reference with the views into it. */
#ifndef S3_BLOCK_H
#define S3_BLOCK_H
#include "request/engine.h"

struct object_name { /* shared by an input and its blocks */
  atomic_int references;
  const char *version_id; /* NULL: none; in the same memory as key */
  char key[];
};
struct object_name *object_name_create(const char *key, const char *version_id); /* NULL: no memory */
void object_name_unref(struct object_name *name);

struct block {
  struct call call; /* first: a block is a call */
  struct engine *engine;
  struct buffers *buffers; /* where `data` comes from: so many bytes */
  size_t taken;
  struct object_name *name;
  int64_t offset;
  size_t capacity;          /* bytes of `data` */
  int64_t known_size;       /* of the object, as the request assumes; -1 unknown */
  bool whole;               /* without a Range: the whole object */
  char pin[1001];           /* ETag; "": not known when it was started */
  int64_t skip;             /* bytes still to pass over: a server that ignores ranges */
  bool verify;              /* ask for a checksum */
  struct checksum checksum; /* of the whole object: bytes are shown only when it is proven */
  size_t received;          /* bytes of `data`, shown or not */
  struct sigv4_pair query[1];
  bool late; /* it was started without memory */
  /* under the engine's lock */
  uint8_t *data;       /* bytes up to `filled` never change again */
  size_t size, filled; /* size: wanted; smaller than capacity where the object ends before */
  size_t awaited;      /* the reader sleeps until so many bytes are there; 0: it does not sleep */
  bool learned;        /* the head came: what follows is known */
  bool dropped;        /* only views may be left */
  int64_t object_size;
  char etag[1001];
  /* the input's */
  bool waits;     /* it has no memory yet */
  uint64_t used;  /* when it was read last */
  int64_t needed; /* bytes that will_need asked for in it; -1: not by will_need */
};

struct block_plan {
  struct engine *engine;
  struct buffers *buffers; /* NULL: memory is not kept */
  struct bucket *bucket;
  struct object_name *name;
  const char *pin;
  int64_t offset, size, object_size; /* object_size -1: unknown */
  bool whole, verify;
  bool late; /* without memory: the transfer pauses at its first byte, so that the way there is behind it */
};
/* Starts reading. NULL: no memory. */
struct block *block_start(const struct block_plan *plan);
/* Gives memory to one that was started without. False: there is none, or it has failed: it is to be dropped, and
 * started anew where it is needed. */
bool block_grant(struct block *block);
void block_end_view(struct block *block); /* gives up the reference of a view; any thread */
/* Starts it no further if it is not done, and gives the caller's reference up; takes NULL. */
void block_drop(struct block *block);

#endif
