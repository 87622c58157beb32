/* Reading one of the shared files, line by line. */
#include "identity/profiles_table.h"
#include <ctype.h>
#include <stdlib.h>

#define BLANKS " \t"

struct reading {
  struct profiles *profiles;
  enum profiles_file which;
  const char *file;
  size_t line_number;
  bool in_section, in_property, nested; /* nested: the property's value is a block of sub-properties */
  struct section *section;              /* NULL: one that is left out */
  struct property *property;            /* NULL: one that is left out */
  struct sluice_error *err;
};

static int bad(const struct reading *r, const char *what) {
  return sluice_fail(r->err, SLUICE_ERR_DATA, r->file, "line %zu: %s", r->line_number, what);
}

static int no_room(const struct reading *r) {
  return bad(r, "there is no memory for it, or the file has too many sections or properties");
}

static char *trim(char *text) {
  text += strspn(text, BLANKS);
  size_t n = strlen(text);
  while (n && strchr(BLANKS, text[n - 1]))
    n--;
  text[n] = 0;
  return text;
}

/* Names are words; what is in quotes or has other characters is left out, as the other tools do. */
static bool name_valid(const char *name) {
  if (!*name)
    return false;
  for (; *name; name++)
    if (!isalnum((unsigned char)*name) && !strchr("-_/.%@:+", *name))
      return false;
  return true;
}

/* A comment in a line has a blank before it. */
static void cut_comment(char *line) {
  for (char *at = line; *at; at++)
    if (strchr(BLANKS, *at) && (at[1] == '#' || at[1] == ';')) {
      *at = 0;
      return;
    }
}

/* ---- sections ---- */

static bool strip_word(char **name, const char *word) {
  size_t n = strlen(word);
  if (strncmp(*name, word, n) != 0 || !(*name)[n] || !strchr(BLANKS, (*name)[n]))
    return false;
  *name = trim(*name + n);
  return true;
}

/* False: not a section that we know. */
static bool classify(const struct reading *r, char **name, enum profiles_kind *kind, bool *prefixed) {
  *kind = PROFILES_PROFILE;
  *prefixed = false;
  if (r->which == PROFILES_CREDENTIALS_FILE)
    return name_valid(*name);
  if (strip_word(name, "profile"))
    *prefixed = true;
  else if (strip_word(name, "sso-session"))
    *kind = PROFILES_SSO_SESSION;
  else if (strip_word(name, "services"))
    *kind = PROFILES_SERVICES;
  else
    return strcmp(*name, "default") == 0;
  return name_valid(*name);
}

static int enter(struct reading *r, enum profiles_kind kind, const char *name, bool prefixed) {
  const struct section *before = table_find(r->profiles, kind, name);
  if (r->which == PROFILES_CONFIG_FILE && before && before->prefixed && !prefixed)
    return SLUICE_OK; /* [profile default] hides [default] */
  bool hides = before && prefixed && !before->prefixed;
  r->section = table_section(r->profiles, kind, name);
  if (!r->section)
    return no_room(r);
  if (hides)
    table_clear(r->section);
  r->section->prefixed |= prefixed;
  return SLUICE_OK;
}

static int read_section(struct reading *r, char *line) {
  enum profiles_kind kind;
  bool prefixed;
  char *close = strchr(line, ']'), *rest = close ? close + 1 + strspn(close + 1, BLANKS) : NULL;
  if (!close || (*rest && *rest != '#' && *rest != ';'))
    return bad(r, "the name of a section does not end in ']'");
  *close = 0;
  char *name = trim(line + 1);
  r->in_section = true;
  r->in_property = r->nested = false;
  r->section = NULL;
  r->property = NULL;
  return classify(r, &name, &kind, &prefixed) ? enter(r, kind, name, prefixed) : SLUICE_OK;
}

/* ---- properties ---- */

static int split(const struct reading *r, char *line, char **name, char **value) {
  char *equals = strchr(line, '=');
  if (!equals)
    return bad(r, "an '=' is missing in a property");
  *equals = 0;
  *name = trim(line);
  *value = trim(equals + 1);
  return **name ? SLUICE_OK : bad(r, "a property has no name before '='");
}

static int read_property(struct reading *r, char *line) {
  char *name = NULL, *value = NULL;
  if (!r->in_section)
    return bad(r, "a property stands before the first [section]");
  cut_comment(line);
  int status = split(r, line, &name, &value);
  if (status != SLUICE_OK)
    return status;
  r->in_property = true;
  r->nested = !*value;
  r->property = NULL;
  for (char *at = name; *at; at++)
    *at = (char)tolower((unsigned char)*at);
  if (!r->section || !name_valid(name))
    return SLUICE_OK;
  r->property = table_set(r->section, name, value);
  return r->property ? SLUICE_OK : no_room(r);
}

static int check_nested(const struct reading *r, const char *line) {
  const char *equals = strchr(line, '=');
  if (!equals)
    return bad(r, "an '=' is missing in a nested property");
  return equals == line ? bad(r, "a nested property has no name before '='") : SLUICE_OK;
}

static int read_continuation(struct reading *r, char *line) {
  if (!r->in_section)
    return bad(r, "an indented line stands before the first [section]");
  if (!r->in_property)
    return bad(r, "an indented line goes on with no property");
  line = trim(line);
  int status = r->nested ? check_nested(r, line) : SLUICE_OK;
  if (status != SLUICE_OK || !r->property)
    return status;
  return table_append(r->property, line) ? SLUICE_OK : no_room(r);
}

/* ---- lines ---- */

static int read_line(struct reading *r, char *line) {
  size_t n = strlen(line);
  r->line_number++;
  if (n > PROFILES_LINE_MAX)
    return bad(r, "it is longer than 65536 bytes");
  if (n && line[n - 1] == '\r')
    line[n - 1] = 0;
  if (!line[strspn(line, BLANKS)] || *line == '#' || *line == ';')
    return SLUICE_OK;
  if (*line == '[')
    return read_section(r, line);
  return strchr(BLANKS, *line) ? read_continuation(r, line) : read_property(r, line);
}

int profiles_read(struct profiles *profiles, enum profiles_file which, const char *file, const char *text,
                  struct sluice_error *err) {
  struct reading r = {.profiles = profiles, .which = which, .file = file, .err = err};
  if (strlen(text) > PROFILES_FILE_MAX)
    return sluice_fail(err, SLUICE_ERR_DATA, file, "it is longer than %d bytes", PROFILES_FILE_MAX);
  char *copy = strdup(text), *next = copy;
  int status = SLUICE_OK;
  if (!copy)
    return sluice_fail(err, SLUICE_ERR_MEMORY, file, "no memory to read it");
  if (strncmp(next, "\xef\xbb\xbf", 3) == 0)
    next += 3;
  while (next && status == SLUICE_OK) {
    char *line = next;
    next = strchr(line, '\n');
    if (next)
      *next++ = 0;
    status = read_line(&r, line);
  }
  explicit_bzero(copy, strlen(text));
  free(copy);
  return status;
}
