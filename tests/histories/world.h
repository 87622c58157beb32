/* What the program and its plugin share: the bucket, and what shall go wrong in one run. It lies in memory that a child
 * shares, so what a child changed outlives it. */
#ifndef HISTORIES_WORLD_H
#define HISTORIES_WORLD_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { WORLD_PARTS = 12, WORLD_BYTES = 4096 };

struct world_part {  /* its name follows from its place: byte order */
  bool there, sized; /* sized: the listing says how large it is, so that it may be bundled */
  int serial;        /* its version */
  int64_t modified;
  int size;
  char bytes[WORLD_BYTES];
};
enum crash_where { CRASH_ANYWHERE, CRASH_AT_BOOK, CRASH_ELSEWHERE };
enum crash_how { CRASH_BEFORE, CRASH_TORN, CRASH_AFTER, CRASH_STOP /* no crash: the run is asked to stop */ };
struct world {
  struct world_part parts[WORLD_PARTS];
  char book[256];     /* the destination's file */
  atomic_int book_fd; /* of the run */
  /* Of one run; 0: never. */
  atomic_int crash_at; /* which durable operation, counted down */
  enum crash_where crash_where;
  enum crash_how crash_how;
  atomic_int read_fails_at;    /* which part that is opened */
  atomic_int deliver_fails_at; /* which delivery */
  atomic_int change_at;        /* before which part that is opened the bucket changes */
  int change_part;
  struct world_part change; /* to this */
  atomic_bool changed;      /* it did */
};

#endif
