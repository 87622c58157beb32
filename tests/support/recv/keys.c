/* Keys in a balanced tree of the C library. */
#include "keys.h"
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct known {
  char sha256[SHA_TEXT];
  char key[];
};

static int compare(const void *a, const void *b) {
  return strcmp(((const struct known *)a)->key, ((const struct known *)b)->key);
}

static struct known *entry_create(const char *key, const char *sha256) {
  size_t size = strlen(key) + 1;
  struct known *entry = malloc(sizeof *entry + size);
  if (!entry)
    return NULL;
  memcpy(entry->key, key, size);
  memset(entry->sha256, 0, sizeof entry->sha256);
  memcpy(entry->sha256, sha256, strnlen(sha256, SHA_TEXT - 1));
  return entry;
}

enum key_state keys_look(const struct keys *keys, const char *key, const char *sha256) {
  struct known *wanted = entry_create(key, sha256);
  if (!wanted)
    return KEY_FAILED;
  struct known *const *found = tfind(wanted, &keys->tree, compare);
  enum key_state state = !found ? KEY_NEW : strcmp((*found)->sha256, sha256) == 0 ? KEY_SAME : KEY_OTHER;
  free(wanted);
  return state;
}

enum key_state keys_add(struct keys *keys, const char *key, const char *sha256) {
  enum key_state state = keys_look(keys, key, sha256);
  if (state != KEY_NEW)
    return state;
  struct known *entry = entry_create(key, sha256);
  if (!entry)
    return KEY_FAILED;
  if (tsearch(entry, &keys->tree, compare))
    return KEY_NEW;
  free(entry);
  return KEY_FAILED;
}

void keys_finish(struct keys *keys) {
  tdestroy(keys->tree, free);
  keys->tree = NULL;
}
