/* Any JSON object as text. Nothing here knows a format: a plugin that the host has never seen looks as well. */
#include "core/cli/inspect_text.h"
#include "core/cli/report.h"
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 16, ROWS_SHOWN = 40, CELL_MAX = 60, NAME_WIDTH = 10, DEPTH_MAX = 6 };

/* ---- one value ---- */

/* As it stands, texts without quotes; what is nested as JSON. Cut at CELL_MAX bytes, within no character. */
static void cell_text(const json_t *value, char out[CELL_MAX + 8]) {
  char *made = json_is_string(value) || !value ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
  const char *text = json_is_string(value) ? json_string_value(value) : made ? made : "";
  if (json_is_boolean(value))
    text = json_is_true(value) ? "yes" : "no";
  size_t n = strlen(text);
  if (json_is_null(value))
    n = 0;
  if (n <= CELL_MAX) {
    memcpy(out, text, n);
    out[n] = 0;
  } else {
    for (n = CELL_MAX; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
      n--;
    memcpy(out, text, n);
    memcpy(out + n, "...", 4);
  }
  free(made);
}

/* Characters, near enough for columns to stand under each other. */
static int width_of(const char *text) {
  int n = 0;
  for (; *text; text++)
    n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

static void print_padded(FILE *file, const char *text, int width) {
  print_safe(file, text);
  for (int i = width_of(text); i < width; i++)
    fputc(' ', file);
}

static void indent(FILE *file, int depth) {
  for (int i = 0; i < depth; i++)
    fputs("  ", file);
}

/* ---- tables ---- */

struct table {
  const char *names[COLUMNS_MAX];
  int widths[COLUMNS_MAX];
  size_t n;
};

static void learn_row(struct table *t, const json_t *row) {
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)row, name, value) {
    size_t i = 0;
    char cell[CELL_MAX + 8];
    while (i < t->n && strcmp(t->names[i], name) != 0)
      i++;
    if (i == COLUMNS_MAX)
      continue;
    if (i == t->n) {
      t->names[t->n] = name;
      t->widths[t->n++] = width_of(name);
    }
    cell_text(value, cell);
    if (width_of(cell) > t->widths[i])
      t->widths[i] = width_of(cell);
  }
}

static void print_row(FILE *file, const struct table *t, const json_t *row, int depth) {
  indent(file, depth);
  for (size_t i = 0; i < t->n; i++) {
    char cell[CELL_MAX + 8];
    if (row)
      cell_text(json_object_get(row, t->names[i]), cell);
    else
      cell_text(NULL, cell);
    print_padded(file, row ? cell : t->names[i], i + 1 < t->n ? t->widths[i] + 2 : 0);
  }
  fputc('\n', file);
}

static void print_table(FILE *file, const json_t *rows, int depth) {
  struct table t = {.n = 0};
  size_t n = json_array_size(rows), shown = n < ROWS_SHOWN ? n : ROWS_SHOWN;
  for (size_t i = 0; i < shown; i++)
    learn_row(&t, json_array_get(rows, i));
  print_row(file, &t, NULL, depth);
  for (size_t i = 0; i < shown; i++)
    print_row(file, &t, json_array_get(rows, i), depth);
  if (shown < n) {
    indent(file, depth);
    fprintf(file, "... and %zu more: --json shows all\n", n - shown);
  }
}

/* ---- members ---- */

static bool is_table(const json_t *value) {
  return json_is_array(value) && json_array_size(value) > 0 && json_is_object(json_array_get(value, 0));
}

/* Of the members that are printed as lines, the longest name. */
static int names_width(const json_t *object) {
  const char *name;
  json_t *value;
  int most = NAME_WIDTH;
  json_object_foreach((json_t *)(uintptr_t)object, name, value) {
    bool line = !is_table(value) && !json_object_size(value);
    if (line && width_of(name) > most && width_of(name) <= CELL_MAX)
      most = width_of(name);
  }
  return most;
}

static void print_line(FILE *file, const char *name, const json_t *value, int width) {
  char cell[CELL_MAX + 8];
  bool empty = (json_is_array(value) && !json_array_size(value)) || (json_is_object(value) && !json_object_size(value));
  print_padded(file, name, width);
  fputc(' ', file);
  if (json_is_string(value)) {
    print_safe(file, json_string_value(value));
  } else {
    cell_text(value, cell);
    print_safe(file, empty ? "none" : cell);
  }
  fputc('\n', file);
}

static void print_members(FILE *file, const json_t *object, int depth) {
  int width = names_width(object);
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)object, name, value) {
    bool nested = json_is_object(value) && json_object_size(value) > 0 && depth < DEPTH_MAX;
    indent(file, depth);
    if (!nested && !is_table(value)) {
      print_line(file, name, value, width);
      continue;
    }
    print_safe(file, name);
    fputc('\n', file);
    if (nested)
      print_members(file, value, depth + 1);
    else
      print_table(file, value, depth + 1);
  }
}

void inspect_print(FILE *file, const json_t *object) {
  print_members(file, object, 1);
}
