/* SHA-256 of several texts as one, in hex. Lengths are hashed too: ("ab", "c") and ("a", "bc") differ. */
#ifndef BASE_HASH_H
#define BASE_HASH_H
#include <stddef.h>

enum { HASH_SIZE = 65 }; /* 64 hex digits and a NUL */
/* A NULL text is told from an empty one. MEMORY: the library failed. */
int hash_texts(const char *const *texts, size_t n, char out[HASH_SIZE]);
int hash_bytes(const void *bytes, size_t n, char out[HASH_SIZE]);

#endif
