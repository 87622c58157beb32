/* The rejects to be sent again, by part and row. */
#include "core/retry/internal.h"
#include <fnmatch.h>
#include <jansson.h>
#include <search.h>
#include <stdlib.h>

enum { LINES_MAX = 4 << 20 };

struct selecting {
  const char *delivery;
  const struct retry_question *question;
  struct retry_selection *out;
};

static int by_name(const void *a, const void *b) {
  const struct retry_part *one = a, *other = b;
  int order = strcmp(one->name, other->name);
  if (!order)
    order = strcmp(one->version, other->version);
  return order ? order : (one->piece > other->piece) - (one->piece < other->piece);
}

static int by_name_in_array(const void *a, const void *b) {
  return by_name(*(struct retry_part *const *)a, *(struct retry_part *const *)b);
}

static int by_part_and_row(const void *a, const void *b) {
  const struct retry_line *one = a, *other = b;
  if (one->part != other->part)
    return one->part->rank < other->part->rank ? -1 : 1;
  return (one->row > other->row) - (one->row < other->row);
}

static void part_destroy(struct retry_part *part) {
  free(part->name);
  free(part->version);
  free(part);
}

static struct retry_part *part_create(const char *name, const char *version, int64_t piece) {
  struct retry_part *part = calloc(1, sizeof *part);
  if (!part)
    return NULL;
  part->name = strdup(name);
  part->version = strdup(version);
  part->piece = piece;
  if (part->name && part->version)
    return part;
  part_destroy(part);
  return NULL;
}

static int keep_part(struct retry_selection *s, struct retry_part *part) {
  if (s->n_parts == s->part_room) {
    size_t room = s->part_room ? s->part_room * 2 : 64;
    struct retry_part **grown = realloc(s->parts, room * sizeof *grown);
    if (!grown)
      return SLUICE_ERR_MEMORY;
    s->parts = grown;
    s->part_room = room;
  }
  if (!tsearch(part, &s->tree, by_name))
    return SLUICE_ERR_MEMORY;
  s->parts[s->n_parts++] = part;
  return SLUICE_OK;
}

static struct retry_part *find_part(struct retry_selection *s, const char *name, const char *version, int64_t piece) {
  struct retry_part key = {.name = (char *)(uintptr_t)name, .version = (char *)(uintptr_t)version, .piece = piece};
  void *found = tfind(&key, &s->tree, by_name);
  if (found)
    return *(struct retry_part **)found;
  struct retry_part *part = part_create(name, version, piece);
  if (!part || keep_part(s, part) == SLUICE_OK)
    return part;
  part_destroy(part);
  return NULL;
}

static int keep_line(struct retry_selection *s, const struct retry_line *line, struct sluice_error *err) {
  if (s->n == s->room) {
    size_t room = s->room ? s->room * 2 : 256;
    struct retry_line *grown = s->n < LINES_MAX ? realloc(s->lines, room * sizeof *grown) : NULL;
    if (!grown && s->n >= LINES_MAX)
      return sluice_fail(err, SLUICE_ERR_CONFIG, "rejects", "more than %d rejected records: name some files by --part",
                         LINES_MAX);
    if (!grown)
      return SLUICE_ERR_MEMORY;
    s->lines = grown;
    s->room = room;
  }
  s->lines[s->n++] = *line;
  return SLUICE_OK;
}

static const char *text_of(const json_t *line, const char *name) {
  const char *text = json_string_value(json_object_get(line, name));
  return text ? text : "";
}

static bool is_wanted(const struct retry_question *q, const json_t *line) {
  return (!q->stage || strcmp(q->stage, text_of(line, "stage")) == 0) &&
         (!q->id || strcmp(q->id, text_of(line, "id")) == 0);
}

/* A line that is none of ours, such as one that a person wrote, stays as it is. */
static bool is_of_delivery(const struct selecting *s, const json_t *line) {
  const char *name = text_of(line, "part"), *match = s->question->part;
  const json_t *row = json_object_get(line, "row");
  return strcmp(text_of(line, "delivery"), s->delivery) == 0 && name[0] && json_is_integer(row) &&
         json_integer_value(row) >= 0 &&
         (!match || strcmp(match, name) == 0 || fnmatch(match, name, FNM_NOESCAPE) == 0);
}

static int take(struct selecting *s, const json_t *line, const struct ledger_line *place, struct sluice_error *err) {
  json_int_t attempts = json_integer_value(json_object_get(line, "attempts"));
  struct retry_line kept = {.part = find_part(s->out, text_of(line, "part"), text_of(line, "version"),
                                              json_integer_value(json_object_get(line, "piece"))),
                            .row = json_integer_value(json_object_get(line, "row")),
                            .at = place->at,
                            .size = (uint32_t)place->size,
                            .attempts = attempts > 0 && attempts < INT32_MAX ? (uint32_t)attempts : 1,
                            .wanted = is_wanted(s->question, line)};
  return kept.part ? keep_line(s->out, &kept, err) : SLUICE_ERR_MEMORY;
}

static int on_line(void *context, const char *text, size_t n, const struct ledger_line *place,
                   struct sluice_error *err) {
  struct selecting *s = context;
  json_t *line = place->undone ? NULL : json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
  int code = line && is_of_delivery(s, line) ? take(s, line, place, err) : SLUICE_OK;
  json_decref(line);
  return sluice_fail(err, code, "rejects", "no memory for the rejected records");
}

/* In the order of names, so that what a dead try had under way comes in the same pieces again. */
static void arrange(struct retry_selection *s) {
  if (s->n_parts)
    qsort(s->parts, s->n_parts, sizeof *s->parts, by_name_in_array);
  for (size_t i = 0; i < s->n_parts; i++)
    s->parts[i]->rank = i;
  if (s->n)
    qsort(s->lines, s->n, sizeof *s->lines, by_part_and_row);
  for (size_t i = s->n; i > 0; i--) {
    s->lines[i - 1].part->first = i - 1;
    s->lines[i - 1].part->n++;
  }
}

int retry_select(const char *dir, const char *job, const char *delivery, const struct retry_question *question,
                 struct retry_selection *out, struct sluice_error *err) {
  struct selecting s = {delivery, question, out};
  int code = ledger_read_rejects(dir, job, on_line, &s, err);
  if (!code)
    arrange(out);
  return code;
}

static void keep_node(void *node) {
  (void)node; /* the array owns the parts */
}

void retry_selection_finish(struct retry_selection *s) {
  tdestroy(s->tree, keep_node);
  for (size_t i = 0; i < s->n_parts; i++)
    part_destroy(s->parts[i]);
  free(s->parts);
  free(s->lines);
  memset(s, 0, sizeof *s);
}
