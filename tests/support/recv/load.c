/* Reads requests and steps of generations in the order in which they came. */
#include "load.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lines_of { /* a file of JSON lines, of which a torn last one does not count */
  FILE *file;
  char *line;
  size_t room;
  off_t whole; /* bytes of whole lines so far */
};

/* The next line; NULL: there is none. *bad: it is not JSON. */
static json_t *next_line(struct lines_of *lines, bool *bad) {
  ssize_t n = getline(&lines->line, &lines->room, lines->file);
  if (n <= 0 || lines->line[n - 1] != '\n')
    return NULL;
  json_t *entry = json_loadb(lines->line, (size_t)n, 0, NULL);
  *bad = !entry;
  if (entry)
    lines->whole += n;
  return entry;
}

static bool apply(struct store *store, const struct change *change) {
  struct change with = *change;
  char *text = malloc(change->size + 1);
  bool ok = text && pread(store->records_fd, text, change->size, (off_t)change->offset) == (ssize_t)change->size;
  with.lines = text;
  ok = ok && state_apply(&store->state, &with);
  free(text);
  return ok;
}

static bool load_request(struct store *store, json_t *entry) {
  const char *key = NULL, *sha = NULL, *method = "", *path = "", *operation = "";
  json_int_t offset = 0, size = 0, records = 0, bytes = 0, generation = 0;
  if (json_unpack(entry, "{s:s, s:s, s:I, s:I, s:I, s:I, s?s, s?s, s?s, s?I}", "key", &key, "sha256", &sha, "offset",
                  &offset, "size", &size, "records", &records, "bytes", &bytes, "method", &method, "path", &path,
                  "operation", &operation, "generation", &generation) != 0)
    return false;
  enum key_state state = *key ? keys_add(&store->keys, key, sha) : KEY_NEW;
  store->stats.duplicates_same_body += state == KEY_SAME;
  store->stats.duplicates_other_body += state == KEY_OTHER;
  store->stats.without_key += !*key;
  store->stats.requests++;
  store->stats.records += records;
  store->stats.bytes += bytes;
  store->offset = offset + size;
  struct change change = {.operation = operation_of(operation, method),
                          .generation = generation,
                          .path = path,
                          .size = (size_t)size,
                          .offset = offset};
  bool applied = state == KEY_NEW && store->state.kept;
  return state != KEY_FAILED && (!applied || apply(store, &change));
}

static bool load_step(struct store *store, json_t *entry, bool *later) {
  const char *step = NULL, *delivery = NULL;
  json_int_t number = 0, after = 0;
  if (json_unpack(entry, "{s:s, s:s, s:I, s:I}", "step", &step, "delivery", &delivery, "generation", &number, "after",
                  &after) != 0)
    return false;
  *later = after > store->stats.requests;
  if (*later)
    return true;
  store->stats.steps++;
  return state_step(&store->state, step, delivery, number) == NULL;
}

/* Takes the steps that came before the next request; *waiting is the first one behind it. */
static bool load_steps(struct store *store, struct lines_of *steps, json_t **waiting) {
  bool bad = false, later = false, ok = true;
  for (json_t *entry = *waiting ? *waiting : next_line(steps, &bad); ok && entry;) {
    ok = load_step(store, entry, &later);
    *waiting = later ? entry : NULL;
    if (later)
      return true;
    json_decref(entry);
    entry = ok ? next_line(steps, &bad) : NULL;
  }
  return ok && !bad;
}

static bool load_files(struct store *store, struct lines_of *index, struct lines_of *steps) {
  json_t *waiting = NULL;
  bool bad = false, ok = load_steps(store, steps, &waiting);
  for (json_t *entry = next_line(index, &bad); ok && entry;) {
    ok = load_request(store, entry) && load_steps(store, steps, &waiting);
    json_decref(entry);
    entry = ok ? next_line(index, &bad) : NULL;
  }
  ok = ok && !bad && !waiting;
  json_decref(waiting);
  return ok;
}

bool load_all(struct store *store, const char *index_path, const char *steps_path) {
  struct lines_of index = {.file = fopen(index_path, "r")}, steps = {.file = fopen(steps_path, "r")};
  bool ok = index.file && steps.file && load_files(store, &index, &steps);
  if (index.file && steps.file && !ok)
    fprintf(stderr, "recv: damaged: %s after byte %lld, or %s after byte %lld\n", index_path, (long long)index.whole,
            steps_path, (long long)steps.whole);
  ok = ok && ftruncate(store->index_fd, index.whole) == 0 && ftruncate(store->steps_fd, steps.whole) == 0 &&
       ftruncate(store->records_fd, (off_t)store->offset) == 0;
  free(index.line);
  free(steps.line);
  if (index.file)
    fclose(index.file);
  if (steps.file)
    fclose(steps.file);
  return ok;
}
