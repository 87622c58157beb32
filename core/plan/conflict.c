/* A column conflicts that is text in the merged schema, and something else in one of the files. */
#include "core/plan/conflict.h"
#include "core/base/text.h"

enum { DEPTH_MAX = 16, FILES_MAX = 4, TEXT_MAX = 4096 };

struct seeking {
  const struct conflict_file *files;
  conflict_fn *tell;
  void *context;
};

static const char *format_of(const struct ArrowSchema *field) {
  return field->dictionary ? field->dictionary->format : field->format;
}

static bool is_text(const struct ArrowSchema *field) {
  const char *format = format_of(field);
  return strcmp(format, "u") == 0 || strcmp(format, "U") == 0 || strcmp(format, "vu") == 0;
}

/* Nothing is known of it, so it gives way to any type. */
static bool is_vague(const struct ArrowSchema *field) {
  const char *format = format_of(field);
  return format[0] == 0 || strcmp(format, "n") == 0;
}

static const struct ArrowSchema *child(const struct ArrowSchema *parent, const char *name) {
  int64_t at = parent && strcmp(parent->format, "+s") == 0 ? sluice_schema_find(parent, name) : -1;
  return at < 0 ? NULL : parent->children[at];
}

static bool conflicts(const struct ArrowSchema *merged, const struct ArrowSchema *const *fields, size_t n) {
  bool other = false;
  for (size_t i = 0; i < n; i++)
    other = other || (fields[i] && !is_vague(fields[i]) && !is_text(fields[i]));
  return other && is_text(merged);
}

/* "int64 in a.csv, string in b.csv: it is read as string" */
static int describe(const struct seeking *s, const struct ArrowSchema *const *fields, size_t n, struct text *out,
                    size_t *other) {
  const struct ArrowSchema *first = NULL, *last = NULL;
  int code = SLUICE_OK;
  for (size_t i = 0; i < n && !code; i++) {
    char name[96];
    if (!fields[i] || is_vague(fields[i]) || (last && strcmp(format_of(last), format_of(fields[i])) == 0))
      continue;
    last = fields[i];
    *other = !first || (*other == 0 && strcmp(format_of(first), format_of(last)) != 0) ? i : *other;
    first = first ? first : last;
    sluice_type_name(format_of(last), name, sizeof name);
    code = text_printf(out, "%s%s in %s", out->size ? ", " : "", name[0] ? name : "another type", s->files[i].name);
  }
  return code ? code : text_add(out, ": it is read as string; a rule of `mapping` with a type settles it");
}

static int tell(const struct seeking *s, const char *column, const struct ArrowSchema *const *fields, size_t n) {
  struct text text = {.limit = TEXT_MAX};
  size_t other = 0;
  (void)describe(s, fields, n, &text, &other); /* the limit is a good enough end */
  int code = s->tell(s->context, s->files[other].name, column, text_get(&text), SLUICE_OK);
  text_finish(&text);
  return code;
}

static int seek(const struct seeking *s, const struct ArrowSchema *merged, const struct ArrowSchema *const *parents,
                size_t n, const char *path, int depth) {
  int code = SLUICE_OK;
  for (int64_t c = 0; c < merged->n_children && !code; c++) {
    const struct ArrowSchema *field = merged->children[c], *fields[FILES_MAX];
    struct text column = {0};
    for (size_t i = 0; i < n; i++)
      fields[i] = child(parents[i], field->name);
    code = text_printf(&column, "%s%s%s", path, path[0] ? "." : "", field->name);
    if (!code && conflicts(field, fields, n))
      code = tell(s, text_get(&column), fields, n);
    if (!code && strcmp(field->format, "+s") == 0 && depth < DEPTH_MAX)
      code = seek(s, field, fields, n, text_get(&column), depth + 1);
    text_finish(&column);
  }
  return code;
}

int conflict_each(const struct ArrowSchema *merged, const struct conflict_file *files, size_t n, conflict_fn *tell_one,
                  void *context) {
  struct seeking s = {files, tell_one, context};
  const struct ArrowSchema *parents[FILES_MAX];
  size_t used = n < FILES_MAX ? n : FILES_MAX;
  for (size_t i = 0; i < used; i++)
    parents[i] = &files[i].schema;
  return seek(&s, merged, parents, used, "", 0);
}
