/* The idempotency keys seen so far, each with the hash of its first body. */
#ifndef RECV_KEYS_H
#define RECV_KEYS_H
#include "body.h"

struct keys {
  void *tree;
};
enum key_state { KEY_NEW, KEY_SAME, KEY_OTHER, KEY_FAILED }; /* other: seen with another body */

enum key_state keys_look(const struct keys *, const char *key, const char *sha256);
/* Remembers a new key; KEY_FAILED: no memory. */
enum key_state keys_add(struct keys *, const char *key, const char *sha256);
void keys_finish(struct keys *);

#endif
