/* Types, found from a sample: each value widens what was found, and nothing ever loses a digit. */
#include "guess.h"
#include "guess_scalar.h"
#include <stdlib.h>

enum { CROWD = 1000 }; /* names of a nested object; with more they are data */

void json_guess_destroy(struct json_guess *g) {
  if (!g)
    return;
  for (uint32_t i = 0; i < g->count; i++) {
    json_guess_destroy(g->members[i].guess);
    free(g->members[i].name);
  }
  json_guess_destroy(g->item);
  free(g->members);
  free(g->sorted);
  free(g);
}

/* ---- members ---- */

static int order(const struct json_guess_member *m, const char *name, size_t size) {
  if (m->size != size)
    return m->size < size ? -1 : 1;
  return memcmp(m->name, name, size);
}

static uint32_t place_of(const struct json_guess *g, const char *name, size_t size, bool *found) {
  uint32_t low = 0, high = g->count;
  *found = false;
  while (low < high && !*found) {
    uint32_t middle = low + (high - low) / 2;
    int way = order(&g->members[g->sorted[middle]], name, size);
    *found = way == 0;
    if (way < 0)
      low = middle + 1;
    else if (way > 0)
      high = middle;
    else
      low = middle;
  }
  return low;
}

const struct json_guess *json_guess_member_of(const struct json_guess *g, const char *name) {
  bool found;
  uint32_t at = g ? place_of(g, name, strlen(name), &found) : 0;
  return g && found ? g->members[g->sorted[at]].guess : NULL;
}

static bool make_room(struct json_guess *g) {
  if (g->count < g->room)
    return true;
  uint32_t room = g->room ? g->room * 2 : 8;
  void *members = realloc(g->members, room * sizeof *g->members);
  g->members = members ? members : g->members;
  void *sorted = members ? realloc(g->sorted, room * sizeof *g->sorted) : NULL;
  g->sorted = sorted ? sorted : g->sorted;
  g->room = sorted ? room : g->room;
  return sorted;
}

static int add_member(struct json_guess *g, const char *name, size_t size, uint32_t at, struct json_guess **out) {
  struct json_guess_member m = {.size = size};
  if (!make_room(g))
    return SLUICE_ERR_MEMORY;
  m.name = malloc(size + 1);
  m.guess = calloc(1, sizeof *m.guess);
  if (!m.name || !m.guess) {
    free(m.name);
    free(m.guess);
    return SLUICE_ERR_MEMORY;
  }
  memcpy(m.name, name, size);
  m.name[size] = 0;
  memmove(g->sorted + at + 1, g->sorted + at, (g->count - at) * sizeof *g->sorted);
  g->sorted[at] = g->count;
  g->members[g->count++] = m;
  *out = m.guess;
  return SLUICE_OK;
}

/* The guess of a member; mostly that behind the one before. NULL in *out: no column can have this name, or there are
 * too many. */
static int find_member(struct json_guessing *s, struct json_guess *g, const char *name, size_t size, bool top,
                       struct json_guess **out) {
  bool found;
  *out = NULL;
  if (g->near < g->count && order(&g->members[g->near], name, size) == 0) {
    *out = g->members[g->near++].guess;
    return SLUICE_OK;
  }
  if (memchr(name, 0, size))
    return SLUICE_OK;
  uint32_t at = place_of(g, name, size, &found);
  if (found) {
    g->near = g->sorted[at] + 1;
    *out = g->members[g->sorted[at]].guess;
    return SLUICE_OK;
  }
  g->crowded = g->crowded || s->columns >= JSON_MAX_COLUMNS || (!top && g->count >= CROWD);
  if (g->crowded)
    return SLUICE_OK;
  s->columns++;
  g->near = g->count + 1;
  return add_member(g, name, size, at, out);
}

/* ---- values ---- */

static int look_at_value(struct json_guessing *s, struct json_guess *g, const struct ArrowSchema *want,
                         const uint8_t *p, int depth, const uint8_t **end);

/* want: NULL: all members; else those that need a guess. */
static const struct ArrowSchema *wanted_member(const struct ArrowSchema *want, const char *name, bool *skip) {
  *skip = false;
  if (!want)
    return NULL;
  for (int64_t i = 0; i < want->n_children; i++)
    if (strcmp(want->children[i]->name ? want->children[i]->name : "", name) == 0) {
      const struct ArrowSchema *child = want->children[i];
      *skip = !json_guess_needed(child);
      return child->format && strcmp(child->format, "+s") == 0 ? child : NULL;
    }
  *skip = true;
  return NULL;
}

static int look_at_member(struct json_guessing *s, struct json_guess *g, const struct ArrowSchema *want,
                          const uint8_t **p, int depth) {
  struct json_token name;
  struct json_guess *member = NULL;
  char text[256];
  bool skip = false;
  int code = json_read_token(s->run, *p, &name) ? SLUICE_OK : SLUICE_ERR_MEMORY;
  if (code)
    return code;
  if (want) {
    snprintf(text, sizeof text, "%.*s", (int)(name.size < 255 ? name.size : 255), name.text);
    want = wanted_member(want, text, &skip);
  }
  if (!skip)
    code = find_member(s, g, name.text, name.size, depth == 0, &member);
  if (code)
    return code;
  *p = json_skip_space(s->run, name.end);
  *p = json_skip_space(s->run, *p + 1);
  if (member)
    return look_at_value(s, member, want, *p, depth + 1, p);
  *p = json_check_value(s->run, *p);
  return *p ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

static int look_at_object(struct json_guessing *s, struct json_guess *g, const struct ArrowSchema *want,
                          const uint8_t *p, int depth, const uint8_t **end) {
  int code = SLUICE_OK;
  g->seen |= JSON_SEEN_OBJECT;
  g->near = 0;
  p = json_skip_space(s->run, p + 1);
  while (!code && *p == '"') {
    code = look_at_member(s, g, want, &p, depth);
    if (code)
      return code;
    p = json_skip_space(s->run, p);
    if (*p == ',')
      p = json_skip_space(s->run, p + 1);
  }
  *end = p + 1;
  return code;
}

static int look_at_list(struct json_guessing *s, struct json_guess *g, const uint8_t *p, int depth,
                        const uint8_t **end) {
  int code = SLUICE_OK;
  g->seen |= JSON_SEEN_LIST;
  if (!g->item) {
    g->item = calloc(1, sizeof *g->item);
    s->columns++;
  }
  if (!g->item)
    return SLUICE_ERR_MEMORY;
  p = json_skip_space(s->run, p + 1);
  while (!code && *p != ']') {
    code = look_at_value(s, g->item, NULL, p, depth + 1, &p);
    if (code)
      return code;
    p = json_skip_space(s->run, p);
    if (*p == ',')
      p = json_skip_space(s->run, p + 1);
  }
  *end = p + 1;
  return code;
}

/* A value that was proved to be JSON. */
static int look_at_value(struct json_guessing *s, struct json_guess *g, const struct ArrowSchema *want,
                         const uint8_t *p, int depth, const uint8_t **end) {
  static const uint8_t kinds[] = {
      [JSON_KIND_NULL] = JSON_SEEN_NULL, [JSON_KIND_TRUE] = JSON_SEEN_BOOL,    [JSON_KIND_FALSE] = JSON_SEEN_BOOL,
      [JSON_KIND_WORD] = JSON_SEEN_REAL, [JSON_KIND_OBJECT] = JSON_SEEN_OTHER, [JSON_KIND_LIST] = JSON_SEEN_OTHER};
  struct json_token t;
  bool nested = depth < JSON_MAX_NESTED && s->columns < 2 * JSON_MAX_COLUMNS;
  if (*p == '{' && nested)
    return look_at_object(s, g, want, p, depth, end);
  if (*p == '[' && nested)
    return look_at_list(s, g, p, depth, end);
  if (!json_read_token(s->run, p, &t))
    return SLUICE_ERR_MEMORY;
  *end = t.end;
  if (t.kind == JSON_KIND_NUMBER)
    json_guess_number(g, t.text, t.size);
  else if (t.kind == JSON_KIND_STRING)
    json_guess_text(g, s->config, t.text, t.size);
  else
    g->seen |= kinds[t.kind];
  g->words |= t.kind == JSON_KIND_WORD;
  return SLUICE_OK;
}

int json_guess_record(struct json_guessing *s, struct json_guess *g, const struct ArrowSchema *want, bool *looked) {
  struct json_run *r = s->run;
  const uint8_t *p = json_skip_space(r, r->base), *end = NULL;
  r->fault.code = JSON_FAULT_NONE;
  *looked = false;
  if (p >= r->end || *p != '{')
    return SLUICE_OK;
  end = json_check_value(r, p);
  if (end && json_skip_spaces(r, end) == r->end) {
    *looked = true;
    return look_at_object(s, g, want, p, 0, &end);
  }
  return r->fault.code == JSON_FAULT_MEMORY ? SLUICE_ERR_MEMORY : SLUICE_OK;
}

/* ---- what was found ---- */

bool json_guess_needed(const struct ArrowSchema *want) {
  if (!want->format || !want->format[0])
    return true;
  for (int64_t i = 0; i < want->n_children; i++)
    if (json_guess_needed(want->children[i]))
      return true;
  return false;
}

/* Texts beside numbers or truth values: all of them are texts then, each as it stands, for people mean that by it. */
static bool is_mixed(const struct json_guess *g) {
  const unsigned nested = JSON_SEEN_OBJECT | JSON_SEEN_LIST | JSON_SEEN_OTHER;
  return g->seen & JSON_SEEN_TEXT && g->seen & (JSON_SEEN_BOOL | JSON_SEEN_WHOLE | JSON_SEEN_REAL) &&
         !(g->seen & nested);
}

bool json_guess_is_loose(const struct json_guess *g) {
  return !g || !(g->seen & ~JSON_SEEN_NULL) || is_mixed(g);
}

void json_guess_format(const struct json_guess *g, const struct json_config *config, char out[32]) {
  const char *format = "";
  switch (g ? g->seen & ~JSON_SEEN_NULL : 0) {
  case 0:
    format = "u";
    break;
  case JSON_SEEN_BOOL:
    format = "b";
    break;
  case JSON_SEEN_WHOLE:
    format = json_guess_whole_format(g);
    break;
  case JSON_SEEN_REAL:
  case JSON_SEEN_WHOLE | JSON_SEEN_REAL:
    json_guess_real_format(g, config, out);
    return;
  case JSON_SEEN_TEXT:
    format = json_guess_text_format(g);
    break;
  case JSON_SEEN_OBJECT:
    format = g->crowded || g->count == 0 ? "" : "+s";
    break;
  case JSON_SEEN_LIST:
    format = "+l";
    break;
  default:
    format = is_mixed(g) ? "u" : "";
    break;
  }
  snprintf(out, 32, "%s", format);
}
