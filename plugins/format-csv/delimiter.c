/* Delimiters of several characters: what always stands around one of the usual ones. */
#include "delimiter.h"
#include <strings.h>

static bool is_usual(uint8_t c) {
  static const bool usual[256] = {
      [' '] = true, [','] = true, [';'] = true, ['|'] = true, ['^'] = true, ['~'] = true, [':'] = true};
  return usual[c];
}

enum { FEW = 5 }; /* of this many, one may be text */

/* Two commas or semicolons are mostly a field without anything in it. */
static bool may_repeat(uint8_t delimiter) {
  return delimiter == '|' || delimiter == '^' || delimiter == '~' || delimiter == ':';
}

struct run {
  const uint8_t *at;
  size_t size;
};

static struct run run_at(const struct csv_sample *s, size_t i) {
  struct run r = {s->data + i, 0};
  while (i + r.size < s->size && is_usual(r.at[r.size]))
    r.size++;
  return r;
}

/* The shortest run that has the delimiter and something else in it; of size 0: there is none, or the delimiter is too
 * often alone. */
static struct run find_shortest(const struct csv_sample *s, uint8_t delimiter) {
  struct run shortest = {NULL, 0};
  uint32_t alone = 0, together = 0;
  bool quoted = false;
  for (size_t i = 0; i < s->size; i++) {
    quoted ^= s->data[i] == '"';
    if (quoted || !is_usual(s->data[i]))
      continue;
    struct run r = run_at(s, i);
    i += r.size - 1;
    if (!memchr(r.at, delimiter, r.size))
      continue;
    alone += r.size == 1;
    together += r.size > 1;
    if (r.size > 1 && (shortest.size == 0 || r.size < shortest.size))
      shortest = r;
  }
  return alone * FEW > together ? (struct run){NULL, 0} : shortest;
}

bool csv_delimiter_grow(const struct csv_sample *s, uint8_t delimiter, struct csv_mark *out) {
  if (delimiter == ' ' || !is_usual(delimiter))
    return false;
  struct run r = find_shortest(s, delimiter);
  size_t others = 0;
  for (size_t i = 0; i < r.size; i++)
    others += r.at[i] != ' ';
  if (r.size < 2 || r.size > CSV_MARK_MAX || (others > 1 && !may_repeat(delimiter)))
    return false;
  *out = (struct csv_mark){.size = (uint8_t)r.size};
  memcpy(out->text, r.at, r.size);
  return true;
}

bool csv_delimiter_is_said(const struct csv_sample *s, struct csv_mark *out) {
  static const char key[] = "sep=";
  enum { KEY = sizeof key - 1 };
  bool quoted = s->size > 0 && s->data[0] == '"';
  const uint8_t *p = s->data + quoted;
  size_t need = quoted + KEY + 1u + quoted + 1; /* the line end too */
  if (s->size < need || strncasecmp((const char *)p, key, KEY) != 0)
    return false;
  uint8_t said = p[KEY], behind = p[KEY + 1 + quoted];
  if ((quoted && p[KEY + 1] != '"') || (behind != '\n' && behind != '\r') || said >= 0x80 || said == '"' ||
      said == '\n' || said == '\r')
    return false;
  *out = (struct csv_mark){1, {said}};
  return true;
}
