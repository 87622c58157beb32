/* Records first, then the index line: what the index does not name is cut off at the next start. */
#include "store.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool write_all(int fd, const char *data, size_t n) {
  while (n > 0) {
    ssize_t put = write(fd, data, n);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return false;
    data += put;
    n -= (size_t)put;
  }
  return true;
}

static bool load_line(struct store *store, const char *line, size_t n) {
  json_t *entry = json_loadb(line, n, 0, NULL);
  const char *key = NULL, *sha = NULL;
  json_int_t offset = 0, size = 0, records = 0, bytes = 0;
  bool ok = entry && json_unpack(entry, "{s:s, s:s, s:I, s:I, s:I, s:I}", "key", &key, "sha256", &sha, "offset",
                                 &offset, "size", &size, "records", &records, "bytes", &bytes) == 0;
  if (ok) {
    enum key_state state = *key ? keys_add(&store->keys, key, sha) : KEY_NEW;
    store->stats.duplicates_same_body += state == KEY_SAME;
    store->stats.duplicates_other_body += state == KEY_OTHER;
    store->stats.without_key += !*key;
    store->stats.requests++;
    store->stats.records += records;
    store->stats.bytes += bytes;
    store->offset = offset + size;
    ok = state != KEY_FAILED;
  }
  json_decref(entry);
  return ok;
}

/* Reads the index of an earlier run and cuts a line, or records, that a kill left half written. */
static bool load(struct store *store, const char *path) {
  FILE *file = fopen(path, "r");
  if (!file)
    return false;
  char *line = NULL;
  size_t room = 0;
  off_t whole = 0;
  bool ok = true;
  ssize_t n = getline(&line, &room, file);
  while (ok && n > 0 && line[n - 1] == '\n') {
    ok = load_line(store, line, (size_t)n);
    whole += n;
    n = getline(&line, &room, file);
  }
  free(line);
  fclose(file);
  if (!ok)
    fprintf(stderr, "recv: %s: the line at byte %lld is not an index line\n", path, (long long)whole);
  return ok && ftruncate(store->index_fd, whole) == 0 && ftruncate(store->records_fd, (off_t)store->offset) == 0;
}

bool store_open(struct store *store, const char *out, bool durable) {
  memset(store, 0, sizeof *store);
  pthread_mutex_init(&store->lock, NULL);
  store->durable = durable;
  store->index_fd = store->records_fd = -1;
  if (!out)
    return true;
  char records[4096];
  int n = snprintf(records, sizeof records, "%s.records", out);
  if (n < 0 || (size_t)n >= sizeof records)
    return false;
  store->index_fd = open(out, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  store->records_fd = open(records, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (store->index_fd >= 0 && store->records_fd >= 0 && load(store, out))
    return true;
  fprintf(stderr, "recv: cannot use %s: %s\n", out, strerror(errno));
  return false;
}

static const char *state_name(enum key_state state) {
  return state == KEY_SAME ? "same" : state == KEY_OTHER ? "other" : "no";
}

static char *index_line(const struct store *store, const char *method, const char *path, const char *key,
                        const struct body *body, enum key_state state) {
  json_t *entry =
      json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s}", "key", key, "method", method, "path", path, "sha256",
                body->sha256, "records", (json_int_t)body->scan.records, "bytes", (json_int_t)body->bytes, "offset",
                (json_int_t)store->offset, "size", (json_int_t)body->lines.size, "duplicate", state_name(state));
  char *text = entry ? json_dumps(entry, JSON_COMPACT) : NULL;
  json_decref(entry);
  if (!text)
    return NULL;
  size_t n = strlen(text);
  char *line = realloc(text, n + 2);
  if (!line) {
    free(text);
    return NULL;
  }
  memcpy(line + n, "\n", 2);
  return line;
}

static bool write_both(struct store *store, const char *line, const struct body *body) {
  if (store->index_fd < 0)
    return true;
  if (!write_all(store->records_fd, body->lines.data, body->lines.size))
    return false;
  if (store->durable && fdatasync(store->records_fd) != 0)
    return false;
  if (!write_all(store->index_fd, line, strlen(line)))
    return false;
  store->offset += (int64_t)body->lines.size;
  return !store->durable || fdatasync(store->index_fd) == 0;
}

static bool add_stored(struct store *store, const char *method, const char *path, const char *key,
                       const struct body *body) {
  enum key_state state = *key ? keys_look(&store->keys, key, body->sha256) : KEY_NEW;
  char *line = state == KEY_FAILED ? NULL : index_line(store, method, path, key, body, state);
  bool ok = line && write_both(store, line, body);
  free(line);
  if (!ok)
    return false;
  if (state == KEY_NEW && *key && keys_add(&store->keys, key, body->sha256) == KEY_FAILED)
    return false;
  store->stats.duplicates_same_body += state == KEY_SAME;
  store->stats.duplicates_other_body += state == KEY_OTHER;
  return true;
}

bool store_add(struct store *store, const char *method, const char *path, const char *key, const struct body *body) {
  pthread_mutex_lock(&store->lock);
  bool ok = !body->keep || add_stored(store, method, path, key, body);
  if (ok) {
    store->stats.requests++;
    store->stats.records += body->scan.records;
    store->stats.bytes += body->bytes;
    store->stats.without_key += !*key;
  }
  pthread_mutex_unlock(&store->lock);
  return ok;
}

void store_fault(struct store *store) {
  pthread_mutex_lock(&store->lock);
  store->stats.faults++;
  pthread_mutex_unlock(&store->lock);
}

void store_refused(struct store *store) {
  pthread_mutex_lock(&store->lock);
  store->stats.refused++;
  pthread_mutex_unlock(&store->lock);
}

char *store_stats(struct store *store) {
  pthread_mutex_lock(&store->lock);
  struct stats s = store->stats;
  pthread_mutex_unlock(&store->lock);
  json_t *all = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "requests", (json_int_t)s.requests, "records",
                          (json_int_t)s.records, "bytes", (json_int_t)s.bytes, "duplicates_same_body",
                          (json_int_t)s.duplicates_same_body, "duplicates_other_body",
                          (json_int_t)s.duplicates_other_body, "without_key", (json_int_t)s.without_key, "faults",
                          (json_int_t)s.faults, "refused", (json_int_t)s.refused);
  char *text = all ? json_dumps(all, 0) : NULL;
  json_decref(all);
  return text;
}

void store_close(struct store *store) {
  if (store->index_fd >= 0)
    close(store->index_fd);
  if (store->records_fd >= 0)
    close(store->records_fd);
  keys_finish(&store->keys);
  pthread_mutex_destroy(&store->lock);
}
