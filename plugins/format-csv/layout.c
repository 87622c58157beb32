/* Which columns of the file become which columns of the output, and as what types. */
#include "layout.h"
#include <stdlib.h>

static int no_memory(struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the columns");
}

static uint32_t wanted_count(const struct sluice_scan *scan) {
  return scan->want ? (uint32_t)scan->want->n_children : 0;
}

/* Where a name is among the file's. Wanted columns mostly come in the file's order, so the search goes on from `near`.
 */
static int64_t find_name(const struct csv_names *names, const char *name, uint32_t near) {
  for (uint32_t i = 0; i < names->count; i++) {
    uint32_t at = (uint32_t)(((uint64_t)near + i) % names->count);
    if (strcmp(names->items[at], name) == 0)
      return at;
  }
  return -1;
}

/* Of dates the sample may show the order, though the type is known. */
static bool is_dated(const char *format) {
  return strncmp(format, "td", 2) == 0 || strncmp(format, "ts", 2) == 0;
}

static void match_wanted(struct csv_layout *l, const struct csv_names *names, const struct sluice_scan *scan,
                         bool *named, struct csv_guess *guesses) {
  uint32_t near = 0;
  for (uint32_t i = 0; i < wanted_count(scan); i++) {
    const struct ArrowSchema *field = scan->want->children[i];
    int64_t at = find_name(names, field->name ? field->name : "", near);
    l->sources[l->count++] = at;
    if (at < 0)
      continue;
    near = (uint32_t)at + 1;
    named[at] = true;
    if (!field->format || !field->format[0] || is_dated(field->format))
      guesses[at].wanted = true;
  }
}

int csv_layout_init(struct csv_layout *l, const struct csv_names *names, const struct sluice_scan *scan,
                    struct csv_guess *guesses, struct sluice_error *err) {
  *l = (struct csv_layout){0};
  size_t most = (size_t)wanted_count(scan) + names->count + 1;
  bool *named = calloc(names->count + 1, sizeof *named);
  l->sources = malloc(most * sizeof *l->sources);
  if (!named || !l->sources) {
    free(named);
    csv_layout_finish(l);
    return no_memory(err);
  }
  match_wanted(l, names, scan, named, guesses);
  for (uint32_t i = 0; (!scan->want || (scan->flags & SLUICE_SCAN_EXTRA)) && i < names->count; i++) {
    if (named[i])
      continue;
    guesses[i].wanted = true;
    l->sources[l->count++] = i;
  }
  free(named);
  return SLUICE_OK;
}

/* A field as wanted, its type included; where that is left open, with the type as found. */
static int settle_wanted(const struct ArrowSchema *want, const char *found, struct ArrowSchema *out) {
  if (want->format && want->format[0])
    return sluice_schema_copy(want, out);
  return sluice_schema_init(out, found, want->name, want->flags);
}

static bool is_type_wanted(const struct sluice_scan *scan, uint32_t i) {
  return i < wanted_count(scan) && scan->want->children[i]->format && scan->want->children[i]->format[0];
}

static int settle_field(struct csv_layout *l, uint32_t i, const struct csv_names *names, const struct sluice_scan *scan,
                        const struct csv_guess *guesses, const struct csv_format *format, struct sluice_error *err) {
  static const struct csv_guess none = {.wanted = false};
  int64_t at = l->sources[i];
  const struct csv_guess *guess = at < 0 ? &none : &guesses[at];
  struct ArrowSchema *field = l->schema.children[i];
  char found[CSV_FORMAT_MAX];
  csv_guess_format(guess, format->config->fractions == CSV_FRACTIONS_DECIMAL, found);
  int rc = i < wanted_count(scan) ? settle_wanted(scan->want->children[i], found, field)
                                  : sluice_schema_init(field, found, names->items[at], ARROW_FLAG_NULLABLE);
  if (rc)
    return no_memory(err);
  rc = csv_column_init(&l->columns[i], field, (int32_t)i, at, &format->values, csv_guess_order(guess, field->format),
                       err);
  if (!rc && !is_type_wanted(scan, i))
    csv_column_found(&l->columns[i]);
  return rc;
}

static int find_missing(const struct csv_layout *l, const char *part, struct sluice_error *err) {
  for (uint32_t i = 0; i < l->count; i++) {
    if (!l->columns[i].missing || l->columns[i].nullable)
      continue;
    return sluice_fail(
        err, SLUICE_ERR_DATA, part,
        "there is no column \"%s\", which must have values; check the header, or make the column optional",
        l->schema.children[i]->name);
  }
  return SLUICE_OK;
}

int csv_layout_settle(struct csv_layout *l, const struct csv_names *names, const struct sluice_scan *scan,
                      const struct csv_guess *guesses, const struct csv_format *format, struct sluice_error *err) {
  l->columns = calloc(l->count + 1, sizeof *l->columns);
  if (!l->columns)
    return no_memory(err);
  int rc = sluice_schema_nested(&l->schema, "+s", "", 0, l->count);
  if (rc)
    return no_memory(err);
  for (uint32_t i = 0; rc == SLUICE_OK && i < l->count; i++)
    rc = settle_field(l, i, names, scan, guesses, format, err);
  return rc || names->count == 0 ? rc : find_missing(l, scan->part, err);
}

void csv_layout_finish(struct csv_layout *l) {
  for (uint32_t i = 0; l->columns && i < l->count; i++)
    csv_column_finish(&l->columns[i]);
  free(l->columns);
  free(l->sources);
  sluice_schema_release(&l->schema);
  *l = (struct csv_layout){0};
}
