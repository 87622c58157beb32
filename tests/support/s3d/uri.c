/* Percent-encoding, and the pairs of a query or a form. */
#include "uri.h"

#include <stdlib.h>
#include <string.h>

enum { PAIRS_LIMIT = 256 };

static int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

static bool unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-_.~", c));
}

/* Reads one byte of the wire form at *i and moves past it; says whether it was written as %XX. */
static unsigned char next_byte(const char *raw, size_t n, size_t *i, enum uri_part part, bool *escaped) {
  size_t at = *i;
  *escaped = false;
  if (raw[at] == '%' && n - at >= 3 && hex_digit(raw[at + 1]) >= 0 && hex_digit(raw[at + 2]) >= 0) {
    *i = at + 3;
    *escaped = true;
    return (unsigned char)(hex_digit(raw[at + 1]) * 16 + hex_digit(raw[at + 2]));
  }
  *i = at + 1;
  return raw[at] == '+' && part == URI_QUERY ? ' ' : (unsigned char)raw[at];
}

static void put_escaped(struct text *out, unsigned char c) {
  static const char digits[] = "0123456789ABCDEF";
  const char three[3] = {'%', digits[c >> 4], digits[c & 15]};
  text_add(out, three, sizeof three);
}

bool uri_decode(struct text *out, const char *raw, size_t n, enum uri_part part) {
  text_add(out, "", 0);
  bool escaped = false;
  for (size_t i = 0; i < n;) {
    unsigned char c = next_byte(raw, n, &i, part, &escaped);
    if (!c)
      return false;
    text_putc(out, (char)c);
  }
  return !out->failed;
}

void uri_encode(struct text *out, const char *bytes, size_t n, enum uri_part part) {
  text_add(out, "", 0);
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)bytes[i];
    if (unreserved(c) || (c == '/' && part == URI_PATH))
      text_putc(out, (char)c);
    else
      put_escaped(out, c);
  }
}

void uri_canonical(struct text *out, const char *raw, size_t n, enum uri_part part) {
  text_add(out, "", 0);
  bool escaped = false;
  for (size_t i = 0; i < n;) {
    unsigned char c = next_byte(raw, n, &i, part, &escaped);
    if (unreserved(c) || (c == '/' && part == URI_PATH && !escaped))
      text_putc(out, (char)c);
    else
      put_escaped(out, c);
  }
}

static bool add_pair(struct uri_query *q, const char *raw, size_t n) {
  const char *equals = memchr(raw, '=', n);
  size_t name_len = equals ? (size_t)(equals - raw) : n;
  struct text name = {0}, value = {0};
  struct uri_pair *grown = q->count < PAIRS_LIMIT ? realloc(q->pairs, (q->count + 1) * sizeof *grown) : NULL;
  bool ok = grown && uri_decode(&name, raw, name_len, URI_QUERY) &&
            uri_decode(&value, equals ? equals + 1 : "", equals ? n - name_len - 1 : 0, URI_QUERY);
  if (grown)
    q->pairs = grown;
  if (ok) {
    q->pairs[q->count++] = (struct uri_pair){name.data, value.data};
    return true;
  }
  text_finish(&name);
  text_finish(&value);
  return false;
}

bool uri_query_init(struct uri_query *q, const char *raw, size_t n) {
  *q = (struct uri_query){0};
  for (size_t i = 0; i < n;) {
    const char *amp = memchr(raw + i, '&', n - i);
    size_t len = amp ? (size_t)(amp - raw) - i : n - i;
    if (len > 0 && !add_pair(q, raw + i, len)) {
      uri_query_finish(q);
      return false;
    }
    i += len + 1;
  }
  return true;
}

void uri_query_finish(struct uri_query *q) {
  for (size_t i = 0; i < q->count; i++) {
    free(q->pairs[i].name);
    free(q->pairs[i].value);
  }
  free(q->pairs);
  *q = (struct uri_query){0};
}

const char *uri_query_get(const struct uri_query *q, const char *name) {
  for (size_t i = 0; i < q->count; i++)
    if (strcmp(q->pairs[i].name, name) == 0)
      return q->pairs[i].value;
  return NULL;
}
