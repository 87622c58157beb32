/* Hashes of the keys of a request's records: to know if two requests hold the same record. */
#ifndef SINK_HTTP_KEYSET_H
#define SINK_HTTP_KEYSET_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keyset { /* zeroed is empty */
  uint64_t *slots;
  size_t count, room; /* room: a power of two, or 0 */
};

/* The start of a hash, to be gone on with by keyset_hash. */
#define KEYSET_START UINT64_C(0xcbf29ce484222325)
/* The same bytes always give the same hash, on any machine: where requests are cut depends on it. */
uint64_t keyset_hash(uint64_t hash, const void *bytes, size_t n);

bool keyset_add(struct keyset *, uint64_t hash); /* false: no memory */
bool keyset_has(const struct keyset *, uint64_t hash);
bool keyset_meets(const struct keyset *, const struct keyset *); /* one hash is in both */
bool keyset_copy(const struct keyset *from, struct keyset *to);  /* false: no memory */
void keyset_clear(struct keyset *);                              /* memory is kept */
void keyset_finish(struct keyset *);

#endif
