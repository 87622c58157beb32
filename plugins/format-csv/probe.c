/* Tells whether the head of a part looks like delimited text. */
#include "csv.h"
#include "walk.h"
#include <strings.h>

enum { LINES = 64, SHORT = 16, BY_NAME = 30, BY_CONTENT = 60 };

bool csv_has_suffix(const char *name, const char *suffix) {
  static const char *const packed[] = {"", ".gz", ".zst", ".bz2", ".xz", ".lz4"};
  size_t n = strlen(name), m = strlen(suffix);
  for (size_t i = 0; i < sizeof packed / sizeof *packed; i++) {
    size_t k = strlen(packed[i]);
    if (n < m + k || strcasecmp(name + n - k, packed[i]) != 0)
      continue;
    if (strncasecmp(name + n - k - m, suffix, m) == 0)
      return true;
  }
  return false;
}

/* Control characters that text does not have: all but white space, delimiters, and the end mark of DOS. */
static size_t count_controls(const uint8_t *p, size_t size) {
  size_t controls = 0;
  for (size_t i = 0; i < size; i++)
    controls += (p[i] < 0x20 && !memchr("\t\n\r\f\x01\x1f\x1a", p[i], 7)) || p[i] == 0x7f;
  return controls;
}

/* Bytes that are not UTF-8. The head may end within a character, so its last bytes do not count. */
static size_t count_invalid(const uint8_t *p, size_t size) {
  size_t invalid = 0;
  for (size_t at = sluice_utf8_valid(p, size); at + 3 < size; at += sluice_utf8_valid(p + at, size - at)) {
    invalid++;
    at++;
  }
  return invalid;
}

/* Fields of each whole record are the same number, at least two, in at least two records. */
static bool is_regular(const uint8_t *p, size_t size, uint8_t delimiter) {
  const struct csv_dialect d = {.delimiter = delimiter, .quote = '"', .escape = -1};
  uint64_t first = 0;
  int lines = 0;
  for (size_t at = 0; at < size && lines < LINES;) {
    struct csv_walk walk = {.state = CSV_WALK_START};
    size_t n = csv_walk(&walk, &d, p + at, size - at);
    if (walk.state != CSV_WALK_DONE)
      break;
    at += n;
    if (n <= 2 && walk.delimiters == 0)
      continue; /* a blank line */
    if (walk.delimiters == 0 || (lines > 0 && walk.delimiters != first))
      return false;
    first = walk.delimiters;
    lines++;
  }
  return lines >= 2;
}

/* Text of JSON and XML has commas too, but is never CSV. */
static bool is_markup(const uint8_t *p, size_t size) {
  size_t i = 0;
  while (i < size && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
    i++;
  return i < size && (p[i] == '{' || p[i] == '[' || p[i] == '<');
}

static bool is_named(const char *name) {
  return name && (csv_has_suffix(name, ".csv") || csv_has_suffix(name, ".tsv"));
}

/* The byte order marks of UTF-16, and of UTF-32, which begins as one of those. */
static bool is_wide(const uint8_t *p, size_t size) {
  return size >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0);
}

int csv_probe(const void *head, size_t size, const char *name) {
  const uint8_t *p = head;
  if (is_wide(p, size))
    return is_named(name) ? BY_NAME : 0;
  if (size >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
    p += 3;
    size -= 3;
  }
  size_t controls = count_controls(p, size);
  bool sound = controls == 0 && count_invalid(p, size) == 0 && !is_markup(p, size);
  bool separated = memchr(p, 1, size) || memchr(p, 0x1f, size); /* then by these */
  for (const char *delimiter = separated ? "\x01\x1f" : ",\t;|"; sound && *delimiter; delimiter++)
    if (is_regular(p, size, (uint8_t)*delimiter))
      return BY_CONTENT;
  if (controls > size / 16 && (controls > 1 || size < 2 * SHORT))
    return 0; /* a few may be of broken records, which are rejected one by one */
  return is_named(name) ? BY_NAME : 0;
}
