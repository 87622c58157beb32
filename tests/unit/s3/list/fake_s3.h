/* A bucket in memory behind the engine's functions: answers pages of a listing by its own, simple rules. */
#ifndef FAKE_S3_H
#define FAKE_S3_H
#include "request/engine.h"

struct fake_key {
  char *key;
  const char *version_id; /* NULL: the bucket has no versions */
  bool deleted, latest;
  size_t number;             /* of its adding */
  const char *storage_class; /* NULL: STANDARD */
};
enum fake_quirk {                           /* or'ed */
                  FAKE_SLOW = 1,            /* a request is answered only when it is waited for */
                  FAKE_MOODY = 2,           /* or at a moment of chance */
                  FAKE_IGNORES_START = 4,   /* start-after */
                  FAKE_SHOWS_START = 8,     /* gives the common prefix that start-after names again */
                  FAKE_NO_DELIMITER = 16,   /* ignores it */
                  FAKE_DENIES_FOLDERS = 32, /* AccessDenied for any prefix but the allowed one, */
                  FAKE_DENIES_DELIMITER = 64,
                  FAKE_SORTS_KINDS = 128, /* delete markers come after all versions of a page */
                  FAKE_EMPTY_PAGES = 256  /* now and then a page has no keys and is not the last */
};
struct fake {
  struct fake_key *keys; /* sorted; versions of a key: the newest first */
  size_t count;
  size_t page; /* most keys in one */
  int quirks;  /* of enum fake_quirk */
  const char *allowed;
  const char *body; /* not NULL: each answer is this */
  int fail_every;   /* one in so many requests ends with RETRY; 0: none */
  unsigned random;
  size_t requests, in_flight, most_in_flight, pages, most_pages;
};
extern struct fake fake;

void fake_clear(void);
void fake_add(const char *key);
void fake_add_version(const char *key, const char *id, bool deleted, bool latest);
void fake_sort(void); /* by key; keeps the order of a key's versions */
unsigned fake_random(unsigned below);

#endif
