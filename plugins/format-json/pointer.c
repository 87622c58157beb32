/* The way to the array of records inside a part, by a JSON pointer (RFC 6901); byte by byte, for what is before it may
 * be long. */
#include "head.h"

enum { TOKEN = 256 };

struct search {
  struct json_input *w;
  const char *part;
  struct sluice_error *err;
};

static int fail(const struct search *s, const char *what) {
  return sluice_fail(s->err, SLUICE_ERR_DATA, s->part, "the option records leads nowhere: at byte %lld %s",
                     (long long)s->w->offset, what);
}

/* The byte at hand, not taken; 0: the part has ended. */
static int peek(const struct search *s, uint8_t *c) {
  int code = json_input_size(s->w) ? SLUICE_OK : json_input_need(s->w, 1, s->err);
  *c = json_input_size(s->w) ? *json_input_bytes(s->w) : 0;
  return code;
}

static int next_token(const struct search *s, uint8_t *c) {
  int code = peek(s, c);
  while (!code && json_is_space(*c)) {
    json_input_skip(s->w, 1);
    code = peek(s, c);
  }
  return code;
}

static int expect(const struct search *s, uint8_t wanted, const char *what) {
  uint8_t c;
  int code = next_token(s, &c);
  if (!code && c != wanted)
    return fail(s, what);
  json_input_skip(s->w, code ? 0 : 1);
  return code;
}

/* Over a string, behind its first quote; *same: it is `name` as it stands, without escapes. */
static int read_string(const struct search *s, const char *name, bool *same) {
  size_t i = 0, n = strlen(name);
  bool escaped = false;
  *same = true;
  for (;;) {
    uint8_t c;
    int code = peek(s, &c);
    if (code)
      return code;
    if (json_input_size(s->w) == 0)
      return fail(s, "a string is not closed");
    json_input_skip(s->w, 1);
    if (c == '"' && !escaped) {
      *same = *same && i == n;
      return SLUICE_OK;
    }
    escaped = c == '\\' && !escaped;
    *same = *same && i < n && (uint8_t)name[i] == c;
    i++;
  }
}

static int skip_value(const struct search *s) {
  int64_t depth = 0;
  for (;;) {
    uint8_t c;
    bool same;
    int code = next_token(s, &c);
    if (code)
      return code;
    if (json_input_size(s->w) == 0)
      return fail(s, "the part ends");
    if (depth == 0 && (c == ',' || c == '}' || c == ']'))
      return SLUICE_OK;
    json_input_skip(s->w, 1);
    if (c == '"')
      code = read_string(s, "", &same);
    depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    if (code)
      return code;
  }
}

/* To the value of the member of this name, or the item of this number. */
static int enter(const struct search *s, const char *token) {
  uint8_t c;
  int code = next_token(s, &c);
  if (code)
    return code;
  if (c != '{' && c != '[')
    return fail(s, "there is no object or array");
  bool object = c == '{', same = false;
  char number[24];
  for (int64_t i = 0; !code; i++) {
    json_input_skip(s->w, 1); /* the bracket, or a comma */
    snprintf(number, sizeof number, "%lld", (long long)i);
    if (object) {
      code = expect(s, '"', "there is no member of that name");
      if (!code)
        code = read_string(s, token, &same);
      if (!code)
        code = expect(s, ':', "there is no colon");
    } else {
      same = strcmp(token, number) == 0;
    }
    if (code || same)
      return code;
    code = skip_value(s);
    if (!code)
      code = next_token(s, &c);
    if (!code && c != ',')
      return fail(s, "the object or array ends, without what the option names");
  }
  return code;
}

/* "~1" is a slash and "~0" a tilde. False: too long. */
static bool read_part(const char **pointer, char out[TOKEN]) {
  const char *p = *pointer + 1;
  size_t n = 0;
  for (; *p && *p != '/' && n < TOKEN - 1; p++) {
    bool escape = *p == '~' && (p[1] == '0' || p[1] == '1');
    p += escape;
    out[n++] = !escape ? *p : *p == '0' ? '~' : '/';
  }
  out[n] = 0;
  *pointer = p;
  return !*p || *p == '/';
}

int json_pointer_find(const char *pointer, struct json_input *w, const char *part, struct sluice_error *err) {
  const struct search s = {w, part, err};
  char token[TOKEN];
  uint8_t c;
  int code = SLUICE_OK;
  while (*pointer && !code) {
    if (!read_part(&pointer, token))
      return sluice_fail(err, SLUICE_ERR_CONFIG, "records", "a name in the option records is over %d bytes", TOKEN - 1);
    code = enter(&s, token);
  }
  if (!code)
    code = next_token(&s, &c);
  return code || c == '[' ? code : fail(&s, "there is no array");
}
