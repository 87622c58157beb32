/* The reject file against the model: each record that was refused of a part as it is now is there once. */
#include "history.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int counts[MODEL_ROWS];

static bool count_line(struct history *h, const char *line, counts *of) {
  json_t *object = json_loads(line, 0, NULL);
  const char *part = json_string_value(json_object_get(object, "part"));
  const char *version = json_string_value(json_object_get(object, "version"));
  json_int_t row = json_integer_value(json_object_get(object, "row"));
  int at = -1, number = -1;
  bool good = part && version && sscanf(part, "bucket:p%d.csv", &at) == 1 && sscanf(version, "v%d", &number) == 1 &&
              number >= 0 && number < h->model.n_versions && h->model.versions[number].part == at && row >= 0 &&
              row < h->model.versions[number].n_rows;
  json_decref(object);
  if (!good)
    return history_wrong(h, "a line of the reject file is of no record: %.500s", line);
  of[number][row]++;
  return true;
}

static bool count_lines(struct history *h, counts *of) {
  char path[300], line[8192];
  snprintf(path, sizeof path, "%s/ledger/j.rejects.ndjson", h->folder);
  FILE *file = fopen(path, "r");
  bool good = true;
  while (good && file && fgets(line, sizeof line, file))
    good = count_line(h, line, of);
  if (file)
    fclose(file);
  return good;
}

static bool judge_row(struct history *h, const struct version *v, int i, int found) {
  enum row_kind kind = v->rows[i].kind;
  bool by_row = is_by_row(h->model.mode);
  bool over =
      model_now(&h->model, v->part) != v; /* another version is read since, or will be: these rejects go with it */
  bool hidden = by_row && (kind == ROW_REFUSED || kind == ROW_TWICE); /* if a later part has its key */
  bool must = v->certain && kind != ROW_GOOD && !hidden && !over;
  int most = kind == ROW_GOOD ? 0 : 1;
  if (found < must)
    return history_wrong(h, "row %d of part %d, v%d, is not in the reject file", i, v->part, v->serial);
  if (found > most)
    return history_wrong(h, "row %d of part %d, v%d, is in the reject file %d times, at most %d", i, v->part, v->serial,
                         found, most);
  return true;
}

bool check_rejects(struct history *h) {
  counts *of = calloc((size_t)h->model.n_versions + 1, sizeof *of);
  if (!of)
    return history_wrong(h, "no memory");
  bool good = count_lines(h, of);
  for (int v = 0; v < h->model.n_versions && good; v++)
    for (int i = 0; i < h->model.versions[v].n_rows && good; i++)
      good = judge_row(h, &h->model.versions[v], i, of[v][i]);
  free(of);
  return good;
}
