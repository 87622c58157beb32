/* Applies operations and steps of generations. */
#include "state.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum operation operation_of(const char *header, const char *method) {
  static const char *const names[] = {"insert", "update", "delete"};
  for (int i = OPERATION_INSERT; i <= OPERATION_DELETE; i++)
    if (strcmp(header, names[i]) == 0)
      return (enum operation)i;
  if (strcmp(method, "DELETE") == 0)
    return OPERATION_DELETE;
  return strcmp(method, "PATCH") == 0 ? OPERATION_UPDATE : OPERATION_INSERT;
}

/* ---- records ---- */

static void apply_row(struct state *state, struct table *table, enum operation operation, const char *key,
                      const struct row *place, bool *ok) {
  bool there = table_find(table, key) != NULL;
  if (operation == OPERATION_DELETE) {
    state->deletes++;
    state->deletes_missing += !there;
    table_drop(table, key);
    return;
  }
  state->inserts += operation == OPERATION_INSERT;
  state->updates += operation == OPERATION_UPDATE;
  state->inserts_there += operation == OPERATION_INSERT && there;
  state->updates_missing += operation == OPERATION_UPDATE && !there;
  *ok = table_put(table, key, place->offset, place->size);
}

static int digit(char c) {
  static const char digits[] = "0123456789abcdef";
  const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
  return found ? (int)(found - digits) : -1;
}

char *url_decode(const char *text) {
  char *out = strdup(text), *to = out;
  for (const char *at = text; out && *at; at++) {
    bool coded = *at == '%' && digit(at[1]) >= 0 && digit(at[2]) >= 0;
    *to++ = coded ? (char)(digit(at[1]) * 16 + digit(at[2])) : *at;
    at += coded ? 2 : 0;
  }
  if (out)
    *to = 0;
  return out;
}

/* The key's text; 7 and "7" are the same key, as a URL cannot tell them apart. free() it. NULL: no memory. */
static char *key_text(struct state *state, const char *path, const char *line, size_t n) {
  json_t *record = state->key && n > 0 ? json_loadb(line, n, JSON_DECODE_ANY, NULL) : NULL;
  json_t *value = json_object_get(record, state->key ? state->key : "");
  const char *segment = strrchr(path, '/');
  char *text = NULL;
  if (json_is_string(value))
    text = strdup(json_string_value(value));
  else if (value)
    text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
  else if (state->key)
    text = url_decode(segment ? segment + 1 : path);
  else if (asprintf(&text, "%015lld", (long long)state->unnamed++) < 0)
    text = NULL;
  json_decref(record);
  return text;
}

static bool apply_line(struct state *state, struct table *table, const struct change *change, size_t at, size_t n) {
  struct row place = {.offset = change->offset + (int64_t)at, .size = (int64_t)n};
  char *key = key_text(state, change->path, change->lines + at, n);
  bool ok = key != NULL;
  if (ok)
    apply_row(state, table, change->operation, key, &place, &ok);
  free(key);
  return ok;
}

static struct generation *find(const struct state *state, int64_t number) {
  struct generation *generation = state->open;
  while (generation && generation->number != number)
    generation = generation->next;
  return generation;
}

const char *state_refuses(const struct state *state, int64_t generation) {
  return generation == 0 || find(state, generation) ? NULL : "this generation is not open";
}

bool state_apply(struct state *state, const struct change *change) {
  struct generation *generation = find(state, change->generation);
  struct table *table = generation ? &generation->table : &state->table;
  bool ok = true;
  if (!state->kept)
    return true;
  if (change->size == 0 && change->operation == OPERATION_DELETE)
    return apply_line(state, table, change, 0, 0);
  for (size_t at = 0; ok && at < change->size;) {
    const char *end = memchr(change->lines + at, '\n', change->size - at);
    size_t n = end ? (size_t)(end - change->lines) + 1 - at : change->size - at;
    ok = apply_line(state, table, change, at, n);
    at += n;
  }
  return ok;
}

/* ---- generations ---- */

static void drop(struct state *state, struct generation *generation) {
  struct generation **link = &state->open;
  while (*link != generation)
    link = &(*link)->next;
  *link = generation->next;
  table_finish(&generation->table);
  free(generation);
}

static struct current *find_current(const struct state *state, const char *delivery) {
  struct current *current = state->currents;
  while (current && strcmp(current->delivery, delivery) != 0)
    current = current->next;
  return current;
}

int64_t state_current(const struct state *state, const char *delivery) {
  const struct current *current = find_current(state, delivery);
  return current ? current->number : 0;
}

static void drop_others(struct state *state, const char *delivery, int64_t number) {
  for (struct generation *one = state->open, *next = NULL; one; one = next) {
    next = one->next;
    if (one->number != number && strcmp(one->delivery, delivery) == 0)
      drop(state, one);
  }
}

const char *state_begin(struct state *state, const char *delivery, int64_t number) {
  if (number <= state_current(state, delivery))
    return "this generation, or a later one, is committed";
  drop_others(state, delivery, number);
  const struct generation *known = find(state, number);
  if (known)
    return strcmp(known->delivery, delivery) == 0 ? NULL : "another delivery has a generation of this number open";
  size_t size = strlen(delivery) + 1;
  struct generation *generation = calloc(1, sizeof *generation + size);
  if (!generation)
    return "no memory";
  memcpy(generation->delivery, delivery, size);
  generation->number = number;
  generation->next = state->open;
  state->open = generation;
  return NULL;
}

static struct current *make_current(struct state *state, const char *delivery) {
  struct current *current = find_current(state, delivery);
  size_t size = strlen(delivery) + 1;
  if (current)
    return current;
  current = calloc(1, sizeof *current + size);
  if (!current)
    return NULL;
  memcpy(current->delivery, delivery, size);
  current->next = state->currents;
  state->currents = current;
  return current;
}

const char *state_commit(struct state *state, const char *delivery, int64_t number) {
  if (state_current(state, delivery) == number)
    return NULL;
  struct generation *generation = find(state, number);
  if (!generation || strcmp(generation->delivery, delivery) != 0)
    return "this generation is not open";
  struct current *current = make_current(state, delivery);
  if (!current)
    return "no memory";
  current->number = number;
  table_finish(&state->table);
  state->table = generation->table;
  generation->table = (struct table){.tree = NULL};
  drop(state, generation);
  return NULL;
}

const char *state_abort(struct state *state, const char *delivery, int64_t number) {
  if (state_current(state, delivery) == number)
    return "this generation is committed";
  struct generation *generation = find(state, number);
  if (generation && strcmp(generation->delivery, delivery) == 0)
    drop(state, generation);
  return NULL;
}

const char *state_step(struct state *state, const char *step, const char *delivery, int64_t number) {
  if (strcmp(step, "begin") == 0)
    return state_begin(state, delivery, number);
  if (strcmp(step, "commit") == 0)
    return state_commit(state, delivery, number);
  return strcmp(step, "abort") == 0 ? state_abort(state, delivery, number) : "there is no such step";
}

void state_finish(struct state *state) {
  table_finish(&state->table);
  while (state->open)
    drop(state, state->open);
  while (state->currents) {
    struct current *current = state->currents;
    state->currents = current->next;
    free(current);
  }
}
