/* Tokens of JSON, strictly as RFC 8259 has them, and values that are passed over. */
#include "numbers.h"
#include "run.h"

const uint8_t *json_fail(struct json_run *r, enum json_fault_code code, const uint8_t *p, const char *what) {
  size_t left = p < r->end ? (size_t)(r->end - p) : 0;
  r->fault = (struct json_fault){.code = code, .what = what, .text = p, .size = left < 16 ? left : 16};
  r->fault.at = p > r->base ? (size_t)(p - r->base) : 0;
  return NULL;
}

const uint8_t *json_misfit(struct json_run *r, const struct json_column *c, enum json_fault_code code,
                           const uint8_t *value, size_t n) {
  json_fail(r, code, value, NULL);
  r->fault.column = c;
  r->fault.size = n;
  return NULL;
}

const uint8_t *json_skip_spaces(const struct json_run *r, const uint8_t *p) {
  while (p < r->end && json_is_space(*p))
    p++;
  return p;
}

bool json_has_escapes_far(const struct json_run *r, const uint8_t *p, const uint8_t *end) {
  size_t from = (size_t)(p - r->base), to = (size_t)(end - r->base);
  if (r->blocks[from >> 6].escapes & (~0ull << (from & 63)))
    return true;
  for (size_t i = (from >> 6) + 1; i < to >> 6; i++)
    if (r->blocks[i].escapes)
      return true;
  return r->blocks[to >> 6].escapes & ((1ull << (to & 63)) - 1);
}

/* ---- numbers and words ---- */

static const uint8_t *digits(const uint8_t *p) {
  while ((uint8_t)(*p - '0') <= 9)
    p++;
  return p;
}

/* Behind a number; NULL: it is none. */
static const uint8_t *number_end(const uint8_t *p) {
  p += *p == '-';
  const uint8_t *start = p;
  p = digits(p);
  if (p == start || (*start == '0' && p - start > 1))
    return NULL;
  if (*p == '.') {
    start = ++p;
    p = digits(p);
    if (p == start)
      return NULL;
  }
  if ((*p | 0x20) == 'e') {
    p++;
    p += *p == '+' || *p == '-';
    start = p;
    p = digits(p);
    if (p == start)
      return NULL;
  }
  return p;
}

static bool is_word(const struct json_run *r, const uint8_t *p, const char *word, size_t n) {
  return (size_t)(r->end - p) >= n && memcmp(p, word, n) == 0;
}

/* Behind null, true, false, a number or a word for one that JSON does not have. */
static const uint8_t *scalar_end(struct json_run *r, const uint8_t *p, enum json_kind *kind) {
  static const struct {
    const char *text;
    size_t size;
    enum json_kind kind;
  } words[] = {{"null", 4, JSON_KIND_NULL}, {"true", 4, JSON_KIND_TRUE},     {"false", 5, JSON_KIND_FALSE},
               {"NaN", 3, JSON_KIND_WORD},  {"Infinity", 8, JSON_KIND_WORD}, {"-Infinity", 9, JSON_KIND_WORD}};
  if (p >= r->end)
    return json_fail(r, JSON_FAULT_SYNTAX, p, "a value");
  *kind = JSON_KIND_NUMBER;
  const uint8_t *end = number_end(p);
  for (size_t i = 0; !end && i < 6; i++)
    if ((words[i].kind != JSON_KIND_WORD || r->config->nan) && is_word(r, p, words[i].text, words[i].size)) {
      *kind = words[i].kind;
      end = p + words[i].size;
    }
  if (end && end <= r->end && (end == r->end || json_ends_number(*end)))
    return end;
  return json_fail(r, JSON_FAULT_SYNTAX, p, "a value");
}

/* ---- strings ---- */

static bool hex4(const uint8_t *p, uint32_t *out) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) {
    uint8_t c = p[i], letter = (uint8_t)((c | 0x20) - 'a');
    if ((uint8_t)(c - '0') <= 9)
      value = value << 4 | (uint32_t)(c - '0');
    else if (letter < 6)
      value = value << 4 | (uint32_t)(letter + 10);
    else
      return false;
  }
  *out = value;
  return true;
}

static size_t put_utf8(uint32_t c, uint8_t *out) {
  if (c < 0x80) {
    out[0] = (uint8_t)c;
    return 1;
  }
  size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = n; i-- > 1; c >>= 6)
    out[i] = (uint8_t)(0x80 | (c & 0x3f));
  out[0] = (uint8_t)(0xf00 >> n | c);
  return n;
}

/* \u at p, perhaps a pair. Returns what is behind it. */
static const uint8_t *unescape_unicode(struct json_run *r, const uint8_t *p, const uint8_t *to, uint32_t *out) {
  uint32_t low;
  if (to - p < 6 || !hex4(p + 2, out))
    return json_fail(r, JSON_FAULT_SYNTAX, p, "four hexadecimal digits behind \\u");
  if (*out < 0xd800 || *out > 0xdfff)
    return p + 6;
  if (*out < 0xdc00 && to - p >= 12 && p[6] == '\\' && p[7] == 'u' && hex4(p + 8, &low) && low >= 0xdc00 &&
      low <= 0xdfff) {
    *out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
    return p + 12;
  }
  if (r->config->bad_text != JSON_BAD_TEXT_REPLACE)
    return json_fail(r, JSON_FAULT_SURROGATE, p, NULL);
  *out = 0xfffd;
  return p + 6;
}

static const uint8_t *unescape_one(struct json_run *r, const uint8_t *p, const uint8_t *to, uint32_t *out) {
  static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  if (p[1] == 'u')
    return unescape_unicode(r, p, to, out);
  const char *at = p[1] ? strchr(letters, p[1]) : NULL;
  if (!at)
    return json_fail(r, JSON_FAULT_SYNTAX, p, "an escape that JSON has");
  *out = (uint8_t)values[at - letters];
  return p + 2;
}

/* What is written is never longer than what is read. */
bool json_unescape(struct json_run *r, const uint8_t *from, const uint8_t *to) {
  if (sluice_buffer_reserve(&r->scratch, (size_t)(to - from) + 1) != SLUICE_OK)
    return json_no_memory(r, from);
  uint8_t *out = r->scratch.data + r->scratch.size;
  while (from < to) {
    const uint8_t *next = memchr(from, '\\', (size_t)(to - from));
    size_t n = (size_t)((next ? next : to) - from);
    memcpy(out, from, n);
    out += n;
    from += n;
    if (from == to)
      break;
    uint32_t c;
    from = unescape_one(r, from, to, &c);
    if (!from)
      return false;
    out += put_utf8(c, out);
  }
  r->scratch.size = (size_t)(out - r->scratch.data);
  return true;
}

static bool read_string(struct json_run *r, const uint8_t *p, struct json_token *out) {
  const uint8_t *end = json_find_quote(r, p + 1);
  out->kind = JSON_KIND_STRING;
  out->end = end + 1;
  out->text = (const char *)p + 1;
  out->size = (size_t)(end - p) - 1;
  if (!json_has_escapes(r, p + 1, end))
    return true;
  r->scratch.size = 0;
  if (!json_unescape(r, p + 1, end))
    return false;
  out->text = (const char *)r->scratch.data;
  out->size = r->scratch.size;
  return true;
}

bool json_read_token(struct json_run *r, const uint8_t *p, struct json_token *out) {
  out->raw = p;
  if (*p == '"')
    return read_string(r, p, out);
  bool nested = *p == '{' || *p == '[';
  out->kind = *p == '{' ? JSON_KIND_OBJECT : JSON_KIND_LIST;
  out->end = nested ? json_check_value(r, p) : scalar_end(r, p, &out->kind);
  if (!out->end)
    return false;
  out->text = (const char *)p;
  out->size = (size_t)(out->end - p);
  return true;
}

/* ---- values that are passed over, or only proved ---- */

static const uint8_t *check_string(struct json_run *r, const uint8_t *p) {
  const uint8_t *end = json_find_quote(r, p + 1);
  if (!json_has_escapes(r, p + 1, end))
    return end + 1;
  r->scratch.size = 0;
  return json_unescape(r, p + 1, end) ? end + 1 : NULL;
}

/* Which kind each open bracket is, a bit each: 1 is an object. */
struct levels {
  uint64_t bits[JSON_MAX_DEPTH / 64];
  uint32_t depth;
};

static bool push(struct json_run *r, struct levels *l, const uint8_t *p) {
  if (l->depth >= JSON_MAX_DEPTH)
    return json_fail(r, JSON_FAULT_DEEP, p, NULL);
  uint64_t bit = 1ull << (l->depth & 63), *word = &l->bits[l->depth >> 6];
  *word = *p == '{' ? *word | bit : *word & ~bit;
  l->depth++;
  return true;
}

static bool in_object(const struct levels *l) {
  return l->bits[(l->depth - 1) >> 6] >> ((l->depth - 1) & 63) & 1;
}

/* The name of a member and its colon; p is where it must begin. */
static const uint8_t *check_name(struct json_run *r, const uint8_t *p) {
  if (*p != '"')
    return json_fail(r, JSON_FAULT_SYNTAX, p, "a name in quotes");
  p = check_string(r, p);
  if (!p)
    return NULL;
  p = json_skip_space(r, p);
  return *p == ':' ? json_skip_space(r, p + 1) : json_fail(r, JSON_FAULT_SYNTAX, p, "a colon");
}

/* Behind a value: closes what ends there, and goes to where the next value begins, or to the end of all. */
static const uint8_t *check_behind(struct json_run *r, struct levels *l, const uint8_t *p) {
  while (l->depth) {
    bool object = in_object(l);
    p = json_skip_space(r, p);
    if (*p == ',') {
      p = json_skip_space(r, p + 1);
      return object ? check_name(r, p) : p;
    }
    if (*p != (object ? '}' : ']'))
      return json_fail(r, JSON_FAULT_SYNTAX, p, object ? "a comma or }" : "a comma or ]");
    l->depth--;
    p++;
  }
  return p;
}

const uint8_t *json_check_value(struct json_run *r, const uint8_t *p) {
  struct levels levels;
  enum json_kind kind;
  levels.depth = 0;
  do {
    if (*p == '{' || *p == '[') {
      if (!push(r, &levels, p))
        return NULL;
      bool object = *p == '{';
      p = json_skip_space(r, p + 1);
      if (*p == (object ? '}' : ']')) {
        levels.depth--;
        p++;
      } else {
        p = object ? check_name(r, p) : p;
        if (!p)
          return NULL;
        continue; /* the first value within */
      }
    } else {
      p = *p == '"' ? check_string(r, p) : scalar_end(r, p, &kind);
    }
    if (p)
      p = check_behind(r, &levels, p);
    if (!p)
      return NULL;
  } while (levels.depth);
  return p;
}

/* The next bracket or comma that is outside of strings, from p on. */
static const uint8_t *find_mark(const struct json_run *r, const uint8_t *p) {
  size_t at = (size_t)(p - r->base), i = at >> 6;
  uint64_t mask = r->blocks[i].marks >> (at & 63);
  if (mask)
    return p + __builtin_ctzll(mask);
  do
    mask = r->blocks[++i].marks;
  while (!mask);
  return r->base + 64 * i + (size_t)__builtin_ctzll(mask);
}

static const uint8_t *skip_nested(struct json_run *r, const uint8_t *p) {
  struct levels levels;
  levels.depth = 0;
  do {
    if (*p == '{' || *p == '[') {
      if (!push(r, &levels, p))
        return NULL;
    } else if (*p != ',') {
      if (*p != (in_object(&levels) ? '}' : ']'))
        return json_fail(r, JSON_FAULT_SYNTAX, p, "the bracket that closes");
      levels.depth--;
    }
    p = levels.depth ? find_mark(r, p + 1) : p + 1;
    if (levels.depth && p >= r->end)
      return json_fail(r, JSON_FAULT_SYNTAX, r->end, "the bracket that closes");
  } while (levels.depth);
  return p;
}

const uint8_t *json_skip_value(struct json_run *r, const uint8_t *p) {
  enum json_kind kind;
  if (*p == '"')
    return json_find_quote(r, p + 1) + 1;
  return *p == '{' || *p == '[' ? skip_nested(r, p) : scalar_end(r, p, &kind);
}
