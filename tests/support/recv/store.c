/* Records first, then the index line: what the index does not name is cut off at the next start. */
#include "store.h"
#include "load.h"
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

static bool open_files(struct store *store, const char *out) {
  char records[4096], steps[4096];
  int n = snprintf(records, sizeof records, "%s.records", out), m = snprintf(steps, sizeof steps, "%s.steps", out);
  if (n < 0 || (size_t)n >= sizeof records || m < 0 || (size_t)m >= sizeof steps)
    return false;
  store->index_fd = open(out, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  store->records_fd = open(records, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  store->steps_fd = open(steps, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  return store->index_fd >= 0 && store->records_fd >= 0 && store->steps_fd >= 0 && load_all(store, out, steps);
}

bool store_open(struct store *store, const char *out, bool durable, struct state state) {
  memset(store, 0, sizeof *store);
  pthread_mutex_init(&store->lock, NULL);
  store->durable = durable;
  store->state = state;
  store->index_fd = store->records_fd = store->steps_fd = -1;
  if (!out || open_files(store, out))
    return true;
  fprintf(stderr, "recv: cannot use %s: %s\n", out, strerror(errno));
  return false;
}

static const char *state_name(enum key_state state) {
  return state == KEY_SAME ? "same" : state == KEY_OTHER ? "other" : "no";
}

/* With a line break at its end; free() it. NULL: no memory. */
static char *dump_line(json_t *entry) {
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

static char *index_line(const struct store *store, const struct arrived *arrived, const struct body *body,
                        enum key_state state) {
  return dump_line(json_pack(
      "{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:I}", "key", arrived->key, "method", arrived->method, "path",
      arrived->path, "sha256", body->sha256, "records", (json_int_t)body->scan.records, "bytes",
      (json_int_t)body->bytes, "offset", (json_int_t)store->offset, "size", (json_int_t)body->lines.size, "duplicate",
      state_name(state), "operation", arrived->operation, "generation", (json_int_t)arrived->generation));
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

/* A request whose key was seen is not applied again: it may be older than what came since. */
static bool apply(struct store *store, const struct arrived *arrived, const struct body *body) {
  struct change change = {.operation = operation_of(arrived->operation, arrived->method),
                          .generation = arrived->generation,
                          .path = arrived->path,
                          .lines = body->lines.data,
                          .size = body->lines.size,
                          .offset = store->offset - (int64_t)body->lines.size};
  return state_apply(&store->state, &change);
}

static bool add_stored(struct store *store, const struct arrived *arrived, const struct body *body) {
  const char *key = arrived->key;
  enum key_state state = *key ? keys_look(&store->keys, key, body->sha256) : KEY_NEW;
  char *line = state == KEY_FAILED ? NULL : index_line(store, arrived, body, state);
  bool ok = line && write_both(store, line, body);
  free(line);
  if (!ok)
    return false;
  if (state == KEY_NEW && *key && keys_add(&store->keys, key, body->sha256) == KEY_FAILED)
    return false;
  store->stats.duplicates_same_body += state == KEY_SAME;
  store->stats.duplicates_other_body += state == KEY_OTHER;
  return state != KEY_NEW || apply(store, arrived, body);
}

bool store_add(struct store *store, const struct arrived *arrived, const struct body *body, const char **why) {
  pthread_mutex_lock(&store->lock);
  *why = state_refuses(&store->state, arrived->generation);
  bool ok = !*why && (!body->keep || add_stored(store, arrived, body));
  if (ok) {
    store->stats.requests++;
    store->stats.records += body->scan.records;
    store->stats.bytes += body->bytes;
    store->stats.without_key += !*arrived->key;
  }
  pthread_mutex_unlock(&store->lock);
  return ok;
}

/* ---- generations ---- */

static bool write_step(struct store *store, const char *step, const char *delivery, json_int_t number) {
  if (store->steps_fd < 0)
    return true;
  char *line = dump_line(json_pack("{s:s, s:s, s:I, s:I}", "step", step, "delivery", delivery, "generation", number,
                                   "after", (json_int_t)store->stats.requests));
  bool ok = line && write_all(store->steps_fd, line, strlen(line));
  free(line);
  return ok && (!store->durable || fdatasync(store->steps_fd) == 0);
}

const char *store_step(struct store *store, const char *step, const char *text, size_t n) {
  json_t *object = json_loadb(text ? text : "", n, 0, NULL);
  const char *delivery = NULL, *why = "the body must be {\"delivery\": TEXT, \"generation\": NUMBER}";
  json_int_t number = 0;
  if (json_unpack(object, "{s:s, s:I}", "delivery", &delivery, "generation", &number) == 0 && number > 0) {
    pthread_mutex_lock(&store->lock);
    why = state_step(&store->state, step, delivery, number);
    if (!why && !write_step(store, step, delivery, number))
      why = "cannot store the step";
    store->stats.steps += !why;
    pthread_mutex_unlock(&store->lock);
  }
  json_decref(object);
  return why;
}

int64_t store_current(struct store *store, const char *delivery) {
  pthread_mutex_lock(&store->lock);
  int64_t number = state_current(&store->state, delivery);
  pthread_mutex_unlock(&store->lock);
  return number;
}

bool store_table(struct store *store, FILE *to) {
  pthread_mutex_lock(&store->lock);
  bool ok = table_print(&store->state.table, store->records_fd, to);
  pthread_mutex_unlock(&store->lock);
  return ok;
}

/* ---- counts ---- */

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
  struct state state = store->state; /* for its counts only */
  pthread_mutex_unlock(&store->lock);
  json_t *all = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "requests", (json_int_t)s.requests,
                          "records", (json_int_t)s.records, "bytes", (json_int_t)s.bytes, "duplicates_same_body",
                          (json_int_t)s.duplicates_same_body, "duplicates_other_body",
                          (json_int_t)s.duplicates_other_body, "without_key", (json_int_t)s.without_key, "faults",
                          (json_int_t)s.faults, "refused", (json_int_t)s.refused, "steps", (json_int_t)s.steps);
  json_t *table =
      json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "rows", (json_int_t)state.table.rows, "inserts",
                (json_int_t)state.inserts, "updates", (json_int_t)state.updates, "deletes", (json_int_t)state.deletes,
                "inserts_there", (json_int_t)state.inserts_there, "updates_missing", (json_int_t)state.updates_missing,
                "deletes_missing", (json_int_t)state.deletes_missing);
  if (all && table)
    json_object_update(all, table);
  json_decref(table);
  char *text = all ? json_dumps(all, 0) : NULL;
  json_decref(all);
  return text;
}

void store_close(struct store *store) {
  if (store->index_fd >= 0)
    close(store->index_fd);
  if (store->records_fd >= 0)
    close(store->records_fd);
  if (store->steps_fd >= 0)
    close(store->steps_fd);
  state_finish(&store->state);
  keys_finish(&store->keys);
  pthread_mutex_destroy(&store->lock);
}
