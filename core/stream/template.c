/* Templates such as "{stem}": checked once, filled for each part. */
#include "core/stream/template.h"
#include "core/input/input.h"
#include <ctype.h>

enum field { FIELD_NAME, FIELD_STEM, FIELD_FOLDER, FIELD_PATH, FIELD_GROUP };

/* ---- a template as a row of pieces ---- */

struct piece { /* a text, or a field */
  const char *text;
  size_t size;
  bool is_field;
  enum field field;
  size_t group;
};

static bool read_field(const char *name, size_t size, struct piece *out) {
  static const char *const names[] = {"name", "stem", "folder", "path"};
  out->is_field = true;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0) {
      out->field = (enum field)i;
      return true;
    }
  out->field = FIELD_GROUP;
  out->group = size == 1 && isdigit((unsigned char)name[0]) ? (size_t)(name[0] - '0') : 0;
  return out->group > 0;
}

/* The next piece at *at; false: the end, or `out->text` NULL: it is no template there. */
static bool next_piece(const char **at, struct piece *out) {
  const char *text = *at;
  *out = (struct piece){.text = text};
  if (!text[0])
    return false;
  if ((text[0] == '{' || text[0] == '}') && text[1] == text[0]) {
    out->size = 1;
    *at = text + 2;
    return true;
  }
  if (text[0] == '}') {
    out->text = NULL;
    return true;
  }
  out->size = strcspn(text, "{}");
  *at = text + out->size;
  if (text[0] != '{')
    return true;
  size_t size = strcspn(text + 1, "}");
  if (!text[1 + size] || !read_field(text + 1, size, out))
    out->text = NULL;
  *at = text + size + 2;
  return true;
}

int template_check(const char *template, size_t groups, bool *fixed, struct sluice_error *err) {
  const char *at = template;
  struct piece piece;
  bool any = false;
  while (next_piece(&at, &piece)) {
    if (!piece.text)
      return sluice_fail(err, SLUICE_ERR_CONFIG, "name",
                         "\"%.100s\" is no template for a stream's name: it may have {name}, {stem}, {folder}, {path}, "
                         "and {1} to {9} for groups of `match`; {{ and }} are braces",
                         template);
    any = any || piece.is_field;
    if (piece.is_field && piece.field == FIELD_GROUP && piece.group > groups)
      return sluice_fail(err, SLUICE_ERR_CONFIG, "name", "\"%.100s\" has {%zu}, but `match` has %zu group%s", template,
                         piece.group, groups, groups == 1 ? "" : "s");
  }
  if (at == template)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "name", "a stream needs a name");
  *fixed = !any;
  return SLUICE_OK;
}

/* ---- filling ---- */

struct filling {
  const char *template, *part;
  char *out;
  size_t used;
  bool full;
};

static void put(struct filling *f, const char *text, size_t size) {
  if (size >= STREAM_NAME_SIZE - f->used) {
    f->full = true;
    return;
  }
  memcpy(f->out + f->used, text, size);
  f->used += size;
}

/* Behind "scheme://host/", or behind the first "/". */
static const char *below_root(const char *part) {
  const char *scheme = strstr(part, "://");
  const char *path = scheme ? strchr(scheme + 3, '/') : NULL;
  if (scheme)
    return path ? path + 1 : part;
  return part + strspn(part, "/");
}

static const char *file_of(const char *part) {
  const char *slash = strrchr(part, '/');
  return slash ? slash + 1 : part;
}

static void put_path(struct filling *f) {
  const char *at = below_root(f->part), *end = file_of(f->part);
  while (at < end) {
    size_t n = strcspn(at, "/");
    if (f->used && n)
      put(f, ".", 1);
    put(f, at, n);
    at += n + 1;
  }
}

static void put_folder(struct filling *f) {
  const char *end = file_of(f->part), *root = below_root(f->part);
  const char *start = end > root ? end - 1 : end;
  while (start > root && start[-1] != '/')
    start--;
  if (start < end)
    put(f, start, (size_t)(end - 1 - start));
}

/* A first "." is no suffix: ".profile" is all name. */
static size_t without_suffix(const char *name, size_t size) {
  for (size_t i = size; i > 1; i--)
    if (name[i - 1] == '.')
      return i - 1;
  return size;
}

static size_t stem_size(const char *name) {
  size_t size = strlen(name), cut = without_suffix(name, size);
  return input_is_packed(name + cut, size - cut) ? without_suffix(name, cut) : cut;
}

static void put_stem(struct filling *f) {
  const char *name = file_of(f->part);
  put(f, name, stem_size(name));
}

size_t template_ending(const char *template, const char *part) {
  bool by_stem = false;
  struct piece piece;
  for (const char *at = template; next_piece(&at, &piece);) {
    if (piece.is_field && piece.field == FIELD_NAME)
      return 0;
    by_stem = by_stem || (piece.is_field && piece.field == FIELD_STEM);
  }
  const char *name = file_of(part);
  return by_stem ? (size_t)(name - part) + stem_size(name) : 0;
}

static void put_piece(struct filling *f, const struct piece *piece, const regmatch_t *groups) {
  const regmatch_t *group = piece->field == FIELD_GROUP ? &groups[piece->group] : NULL;
  if (!piece->is_field)
    put(f, piece->text, piece->size);
  else if (group && group->rm_so >= 0)
    put(f, f->part + group->rm_so, (size_t)(group->rm_eo - group->rm_so));
  else if (piece->field == FIELD_NAME)
    put(f, file_of(f->part), strlen(file_of(f->part)));
  else if (piece->field == FIELD_STEM)
    put_stem(f);
  else if (piece->field == FIELD_FOLDER)
    put_folder(f);
  else if (piece->field == FIELD_PATH)
    put_path(f);
}

/* The name stands in keys, URLs and names of tables. "*" is the job as a whole. */
static const char *mistake_in(const char *name, size_t size) {
  if (size == 0)
    return "is empty";
  if (strcmp(name, "*") == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
    return "is not allowed";
  for (size_t i = 0; i < size; i++)
    if (name[i] == '/' || (unsigned char)name[i] < ' ' || name[i] == 127)
      return "has a \"/\" or a control character";
  return NULL;
}

int template_fill(const char *template, const char *part, const regmatch_t *groups, char out[STREAM_NAME_SIZE],
                  struct sluice_error *err) {
  char name[STREAM_NAME_SIZE];
  struct filling f = {template, part, name, 0, false};
  struct piece piece;
  for (const char *at = template; next_piece(&at, &piece);)
    put_piece(&f, &piece, groups);
  name[f.used] = 0;
  const char *mistake = f.full ? "is longer than 127 bytes" : mistake_in(name, f.used);
  if (mistake)
    return sluice_fail(err, SLUICE_ERR_CONFIG, part, "the name of its stream, by \"%.60s\", %s", template, mistake);
  memcpy(out, name, f.used + 1);
  return SLUICE_OK;
}
