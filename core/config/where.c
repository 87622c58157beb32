/* Reading a filter: column comparison literal, joined by `and`. */
#include "core/config/where.h"
#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>

struct where {
  struct sluice_where tests;
  struct sluice_test *items;
  const char **names; /* of columns, one behind the other */
  char *texts;        /* names and literals, each with a NUL */
};
enum token { TOKEN_END, TOKEN_NAME, TOKEN_QUOTED_NAME, TOKEN_TEXT, TOKEN_NUMBER, TOKEN_SIGN, TOKEN_OTHER };
struct parser {
  struct where *where;
  const char *start, *at; /* at: behind the token */
  enum token token;
  const char *from; /* where the token begins */
  const char *text; /* what it means */
  char *room;       /* where the next text goes */
  size_t n_names;
  bool open; /* a quote without its end */
};

/* ---- tokens ---- */

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
static bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* Up to the closing quote; a doubled one is one of the text. */
static enum token read_quoted(struct parser *p, char quote) {
  const char *at = p->at + 1;
  while (*at && (*at != quote || at[1] == quote)) {
    at += *at == quote;
    *p->room++ = *at++;
  }
  p->open = *at == 0;
  p->at = at + !p->open;
  if (p->open)
    return TOKEN_OTHER;
  return quote == '"' ? TOKEN_QUOTED_NAME : TOKEN_TEXT;
}

static void take(struct parser *p, size_t n) {
  memcpy(p->room, p->at, n);
  p->room += n;
  p->at += n;
}

static enum token read_number(struct parser *p) {
  size_t n = p->at[0] == '-' || p->at[0] == '+';
  while (is_digit(p->at[n]) || begins_name(p->at[n]) || p->at[n] == '.' ||
         ((p->at[n] == '-' || p->at[n] == '+') && (p->at[n - 1] | 0x20) == 'e'))
    n++;
  take(p, n);
  return TOKEN_NUMBER;
}

static enum token read_name(struct parser *p) {
  size_t n = 0;
  while (begins_name(p->at[n]) || is_digit(p->at[n]))
    n++;
  take(p, n);
  return TOKEN_NAME;
}

static enum token read_sign(struct parser *p) {
  size_t n = 1;
  if (strchr("<>=!", p->at[0]) && (p->at[1] == '=' || (p->at[0] == '<' && p->at[1] == '>')))
    n = 2;
  take(p, n);
  return TOKEN_SIGN;
}

static enum token read_token(struct parser *p) {
  char c = *p->at, next = c ? p->at[1] : 0;
  if (!c)
    return TOKEN_END;
  if (c == '"' || c == '\'')
    return read_quoted(p, c);
  if (is_digit(c) || ((c == '-' || c == '+' || c == '.') && (is_digit(next) || next == '.')))
    return read_number(p);
  if ((c == '-' || c == '+') && begins_name(next))
    return read_number(p); /* -inf */
  return begins_name(c) ? read_name(p) : read_sign(p);
}

static void advance(struct parser *p) {
  while (is_space(*p->at))
    p->at++;
  p->from = p->at;
  p->text = p->room;
  p->token = read_token(p);
  *p->room++ = 0;
}

static bool is_word(const struct parser *p, const char *word) {
  return p->token == TOKEN_NAME && strcasecmp(p->text, word) == 0;
}

static bool is_sign(const struct parser *p, const char *sign) {
  return p->token == TOKEN_SIGN && strcmp(p->text, sign) == 0;
}

static int expected(const struct parser *p, const char *what, struct sluice_error *err) {
  size_t at = (size_t)(p->from - p->start) + 1;
  if (p->open)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "where, character %zu: the quote is not closed", at);
  if (p->token == TOKEN_END)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "where, character %zu: %s is missing at the end", at, what);
  return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "where, character %zu: '%.40s' stands where %s is expected", at,
                     p->text, what);
}

/* ---- tests ---- */

static int read_column(struct parser *p, struct sluice_list *out, struct sluice_error *err) {
  const char **names = p->where->names + p->n_names;
  size_t n = 0;
  for (bool more = true; more;) {
    if (p->token != TOKEN_NAME && p->token != TOKEN_QUOTED_NAME)
      return expected(p, n ? "the name of a field" : "the name of a column", err);
    if (n == WHERE_DEPTH_MAX)
      return expected(p, "a column that is not so deep in others", err);
    names[n++] = p->text;
    advance(p);
    more = is_sign(p, ".");
    if (more)
      advance(p);
  }
  p->n_names += n;
  *out = (struct sluice_list){names, n};
  return SLUICE_OK;
}

static bool read_comparison(struct parser *p, int32_t *out) {
  static const struct {
    const char *sign;
    enum sluice_compare compare;
  } signs[] = {{"=", SLUICE_EQUAL}, {"==", SLUICE_EQUAL},      {"!=", SLUICE_NOT_EQUAL}, {"<>", SLUICE_NOT_EQUAL},
               {"<", SLUICE_LESS},  {"<=", SLUICE_LESS_EQUAL}, {">", SLUICE_GREATER},    {">=", SLUICE_GREATER_EQUAL}};
  for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
    if (is_sign(p, signs[i].sign)) {
      *out = (int32_t)signs[i].compare;
      return true;
    }
  return false;
}

static int read_literal(struct parser *p, const char **out, struct sluice_error *err) {
  bool word = is_word(p, "true") || is_word(p, "false") || is_word(p, "nan") || is_word(p, "inf");
  if (is_word(p, "null"))
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL,
                       "where, character %zu: nothing is equal to null: write `is null` or `is not null`",
                       (size_t)(p->from - p->start) + 1);
  if (p->token != TOKEN_TEXT && p->token != TOKEN_NUMBER && !word)
    return expected(p,
                    p->token == TOKEN_QUOTED_NAME || p->token == TOKEN_NAME
                        ? "a literal (texts are in single quotes: 'text')"
                        : "a literal",
                    err);
  *out = p->text;
  advance(p);
  return SLUICE_OK;
}

static int read_null_test(struct parser *p, struct sluice_test *out, struct sluice_error *err) {
  advance(p);
  bool negated = is_word(p, "not");
  if (negated)
    advance(p);
  if (!is_word(p, "null"))
    return expected(p, negated ? "`null`" : "`null` or `not null`", err);
  advance(p);
  out->compare = negated ? SLUICE_IS_NOT_NULL : SLUICE_IS_NULL;
  return SLUICE_OK;
}

static int read_test(struct parser *p, struct sluice_test *out, struct sluice_error *err) {
  int code = read_column(p, &out->column, err);
  if (code)
    return code;
  if (is_word(p, "is"))
    return read_null_test(p, out, err);
  if (!read_comparison(p, &out->compare))
    return expected(p, "one of = != < <= > >= `is null` `is not null`", err);
  advance(p);
  return read_literal(p, &out->literal, err);
}

static int read_all(struct parser *p, struct sluice_error *err) {
  struct where *w = p->where;
  advance(p);
  for (;;) {
    int code = read_test(p, &w->items[w->tests.count], err);
    if (code)
      return code;
    w->tests.count++;
    if (p->token == TOKEN_END)
      return SLUICE_OK;
    if (!is_word(p, "and"))
      return expected(p, "`and`", err);
    advance(p);
  }
}

/* A text of n bytes has no more than n tokens; a test needs three bytes, a name one. */
static int make_room(struct where *w, size_t n) {
  w->items = calloc(n / 3 + 2, sizeof *w->items);
  w->names = calloc(n + 2, sizeof *w->names);
  w->texts = calloc(2 * n + 4, 1);
  w->tests.tests = w->items;
  return w->items && w->names && w->texts ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

int where_parse(const char *text, struct where **out, struct sluice_error *err) {
  size_t n = strlen(text);
  if (n > WHERE_TEXT_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "where: it is longer than %d bytes", WHERE_TEXT_MAX);
  struct where *w = calloc(1, sizeof *w);
  int code = w ? make_room(w, n) : SLUICE_ERR_MEMORY;
  if (!code) {
    struct parser p = {.where = w, .start = text, .at = text, .room = w->texts};
    code = read_all(&p, err);
  }
  if (code) {
    where_destroy(w);
    return sluice_fail(err, code, NULL, "where: no memory for the filter");
  }
  *out = w;
  return SLUICE_OK;
}

void where_destroy(struct where *w) {
  if (!w)
    return;
  free(w->items);
  free((void *)w->names);
  free(w->texts);
  free(w);
}

const struct sluice_where *where_tests(const struct where *w) {
  return w ? &w->tests : NULL;
}
