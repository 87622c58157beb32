/* Reading the destination's file. */
#include "book.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum { BOOK_MAX = 64 << 20 };

static char *read_all(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  size_t room = 1 << 16, n = 0;
  char *text = malloc(room);
  while (file && text && room < BOOK_MAX) {
    n += fread(text + n, 1, room - n - 1, file);
    if (n < room - 1)
      break;
    char *grown = realloc(text, room *= 2);
    if (!grown)
      free(text);
    text = grown;
  }
  if (file)
    fclose(file);
  if (text)
    text[n] = 0;
  *size = n;
  return text;
}

/* Whole lines; with `exact`, up to the last that is no record. */
static size_t counted(const char *text, size_t size, bool exact) {
  size_t end = 0;
  for (size_t at = 0; at < size;) {
    const char *newline = memchr(text + at, '\n', size - at);
    if (!newline)
      break;
    size_t next = (size_t)(newline - text) + 1;
    if (!exact || text[at] != 'R')
      end = next;
    at = next;
  }
  return end;
}

static bool add(void **items, size_t *n, size_t size, const void *item) {
  if ((*n & (*n - 1)) == 0) { /* at each power of two */
    void *grown = realloc(*items, (*n ? *n * 2 : 1) * size);
    if (!grown)
      return false;
    *items = grown;
  }
  memcpy((char *)*items + (*n)++ * size, item, size);
  return true;
}

static bool parse_record(const char *line, struct book_content *out) {
  struct book_record r = {.id = INT64_MIN};
  int used = 0;
  if (sscanf(line, "R %" SCNd64 " %16s %" SCNd64 " %" SCNd64 " %" SCNd64 " %d %n", &r.generation, r.unit, &r.first,
             &r.last, &r.ordinal, &r.op, &used) != 6)
    return false;
  char end = 0;
  if (sscanf(line + used, "{\"id\":%" SCNd64 ",\"v\":\"%31[^\"]\"%c", &r.id, r.value, &end) != 3 || end != '}')
    return false;
  return add((void **)&out->records, &out->n_records, sizeof r, &r);
}

static bool parse_mark(const char *line, struct book_content *out) {
  struct book_mark m = {0};
  return sscanf(line, "C %" SCNd64 " %16s %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64, &m.generation, m.unit,
                &m.end.row, &m.end.offset, &m.end.detail[0], &m.end.detail[1]) == 6 &&
         add((void **)&out->marks, &out->n_marks, sizeof m, &m);
}

static bool forget(const char *line, struct book_content *out) {
  char unit[BOOK_UNIT + 1];
  if (sscanf(line, "F %16s", unit) != 1)
    return false;
  size_t kept = 0;
  for (size_t i = 0; i < out->n_marks; i++)
    if (strcmp(out->marks[i].unit, unit) != 0)
      out->marks[kept++] = out->marks[i];
  for (size_t i = kept; i < out->n_marks; i++) /* the count stays, for it says how much room there is */
    out->marks[i].unit[0] = 0;
  return true;
}

static void drop_generation(struct book_content *out, int64_t generation) {
  for (size_t i = 0; i < out->n_records; i++)
    if (out->records[i].generation == generation)
      out->records[i].unit[0] = 0;
  for (size_t i = 0; i < out->n_marks; i++)
    if (out->marks[i].generation == generation)
      out->marks[i].unit[0] = 0;
}

static bool parse_generation(const char *line, struct book_content *out) {
  int64_t generation = 0;
  if (sscanf(line + 1, " %" SCNd64, &generation) != 1 || generation < 1)
    return false;
  if (line[0] == 'B')
    out->begun = generation;
  else if (line[0] == 'K')
    out->current = generation;
  else
    drop_generation(out, generation);
  return true;
}

static bool parse(const char *line, struct book_content *out) {
  switch (line[0]) {
  case 'R':
    return parse_record(line, out);
  case 'C':
    return parse_mark(line, out);
  case 'F':
    return forget(line, out);
  case 'B':
  case 'K':
  case 'A':
    return parse_generation(line, out);
  default:
    return false;
  }
}

static void leave_out_dropped(struct book_content *out) {
  size_t kept = 0;
  for (size_t i = 0; i < out->n_records; i++)
    if (out->records[i].unit[0])
      out->records[kept++] = out->records[i];
  out->n_records = kept;
}

bool book_load(const char *path, bool exact, struct book_content *out, char *wrong, size_t wrong_size) {
  struct book_content made = {0};
  size_t size = 0;
  char *text = read_all(path, &size);
  bool good = text != NULL;
  snprintf(wrong, wrong_size, "no memory");
  if (good)
    made.size = counted(text, size, exact);
  for (size_t at = 0; good && at < made.size;) {
    char *newline = strchr(text + at, '\n');
    *newline = 0;
    good = parse(text + at, &made);
    if (!good)
      snprintf(wrong, wrong_size, "a line of the destination is not what its sink writes: %s", text + at);
    at = (size_t)(newline - text) + 1;
  }
  free(text);
  if (!good) {
    book_free(&made);
    return false;
  }
  leave_out_dropped(&made);
  *out = made;
  return true;
}

void book_free(struct book_content *content) {
  free(content->records);
  free(content->marks);
  memset(content, 0, sizeof *content);
}
