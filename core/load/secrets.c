/* The secrets of all open components, by handle. */
#include "core/load/secrets.h"
#include "core/base/text.h"
#include "core/config/expand.h"
#include "core/log/log.h"
#include <pthread.h>
#include <stdlib.h>

struct entry {
  uint64_t handle;
  char *template, *where;
};
enum { ENTRY_LIMIT = 100000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *entries;
static size_t count, capacity;
static uint64_t last_handle;

static int grow(void) {
  if (count < capacity)
    return SLUICE_OK;
  if (count >= ENTRY_LIMIT)
    return SLUICE_ERR_MEMORY;
  size_t larger = capacity ? capacity * 2 : 16;
  struct entry *moved = realloc(entries, larger * sizeof *moved);
  if (!moved)
    return SLUICE_ERR_MEMORY;
  entries = moved;
  capacity = larger;
  return SLUICE_OK;
}

static void drop(struct entry *entry) {
  if (entry->template)
    explicit_bzero(entry->template, strlen(entry->template));
  free(entry->template);
  free(entry->where);
}

/* Takes the entry on OK. */
static int keep(struct entry *entry) {
  pthread_mutex_lock(&lock);
  int status = grow();
  if (status == SLUICE_OK) {
    entry->handle = ++last_handle;
    entries[count++] = *entry;
  }
  pthread_mutex_unlock(&lock);
  return status;
}

int secrets_add(const char *template, const char *where, struct sluice_secret *out, struct sluice_error *err) {
  struct entry entry = {0, strdup(template), strdup(where)};
  int status = entry.template && entry.where ? keep(&entry) : SLUICE_ERR_MEMORY;
  if (status != SLUICE_OK) {
    drop(&entry);
    return sluice_fail(err, status, where, "no memory for another secret");
  }
  out->handle = entry.handle;
  return SLUICE_OK;
}

static struct entry *find(uint64_t handle) {
  for (size_t i = 0; i < count; i++)
    if (entries[i].handle == handle)
      return &entries[i];
  return NULL;
}

void secrets_remove(struct sluice_secret secret) {
  pthread_mutex_lock(&lock);
  struct entry *entry = find(secret.handle);
  if (entry) {
    drop(entry);
    *entry = entries[--count];
  }
  if (count == 0) {
    free(entries);
    entries = NULL;
    capacity = 0;
  }
  pthread_mutex_unlock(&lock);
}

static int copy_entry(uint64_t handle, struct entry *copy, struct sluice_error *err) {
  pthread_mutex_lock(&lock);
  const struct entry *entry = find(handle);
  bool found = entry;
  if (found)
    *copy = (struct entry){handle, strdup(entry->template), strdup(entry->where)};
  pthread_mutex_unlock(&lock);
  if (!found)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "there is no such secret: the option was not given");
  if (copy->template && copy->where)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for a secret");
}

static int give(const struct text *value, const char *where, char *buf, size_t size, struct sluice_error *err) {
  log_add_secret(text_get(value));
  if (value->size >= size)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "the secret is longer than the %zu bytes allowed here",
                       size ? size - 1 : 0);
  memcpy(buf, text_get(value), value->size + 1);
  return SLUICE_OK;
}

/* Files are read outside the lock: a slow one delays nobody else. */
int secrets_read(struct sluice_secret secret, char *buf, size_t size, struct sluice_error *err) {
  struct entry copy = {0};
  struct text value = {0};
  int status = copy_entry(secret.handle, &copy, err);
  if (status == SLUICE_OK)
    status = expand_text(copy.template, copy.where, &value, err);
  if (status == SLUICE_OK)
    status = give(&value, copy.where, buf, size, err);
  if (value.data)
    explicit_bzero(value.data, value.capacity);
  text_finish(&value);
  drop(&copy);
  return status;
}
