/* Reads a field byte by byte, in any dialect, and writes it down anew as the converters read it. */
#include "pass.h"

int csv_pass_peek(struct csv_pass *p, size_t at) {
  if (at < p->bounds->size)
    return p->data[at];
  p->starved |= !p->bounds->final;
  return CSV_PASS_END;
}

bool csv_pass_is_mark(struct csv_pass *p, const struct csv_mark *mark, size_t at) {
  for (size_t i = 0; i < mark->size; i++)
    if (csv_pass_peek(p, at + i) != mark->text[i])
      return false;
  return mark->size > 0;
}

size_t csv_pass_line_end(struct csv_pass *p, size_t at) {
  int c = csv_pass_peek(p, at);
  uint8_t ends = p->d->ends;
  if (c == '\n')
    return ends == CSV_ENDS_ANY || ends == CSV_ENDS_LF;
  if (c != '\r' || ends == CSV_ENDS_LF)
    return 0;
  if (ends == CSV_ENDS_CR)
    return 1;
  if (csv_pass_peek(p, at + 1) == '\n')
    return 2;
  return ends == CSV_ENDS_ANY;
}

static bool ends_field(struct csv_pass *p, size_t at) {
  return csv_pass_is_mark(p, &p->d->separator, at) || csv_pass_line_end(p, at) || csv_pass_peek(p, at) == CSV_PASS_END;
}

size_t csv_pass_skip_spaces(struct csv_pass *p, size_t at) {
  while (csv_pass_peek(p, at) == ' ' || (csv_pass_peek(p, at) == '\t' && p->d->delimiter != '\t'))
    at++;
  return at;
}

static void note(struct csv_pass *p, enum csv_fault_code code) {
  if (p->fault == CSV_FAULT_NONE)
    p->fault = code;
}

/* ---- writing ---- */

void csv_pass_put(struct csv_pass *p, const void *bytes, size_t n) {
  if (!p->failed && sluice_buffer_reserve(p->out, n + CSV_PADDING) != SLUICE_OK)
    p->failed = true;
  if (p->failed)
    return;
  memcpy(p->out->data + p->out->size, bytes, n);
  p->out->size += n;
}

static void put_byte(struct csv_pass *p, int c) {
  uint8_t byte = (uint8_t)c;
  csv_pass_put(p, &byte, 1);
}

/* Text as it stands, but for bytes that are not UTF-8 where these are replaced. */
static void put_text(struct csv_pass *p, size_t from, size_t to) {
  while (p->d->replace && from < to) {
    size_t valid = sluice_utf8_valid(p->data + from, to - from);
    csv_pass_put(p, p->data + from, valid);
    from += valid;
    if (from < to) {
      csv_pass_put(p, "\xef\xbf\xbd", 3);
      from++;
    }
  }
  if (from < to)
    csv_pass_put(p, p->data + from, to - from);
}

/* Puts what was written from `start` on into quotes, for it begins with one. */
static void put_into_quotes(struct csv_pass *p, size_t start) {
  size_t n = p->out->size - start, quotes = 0;
  uint8_t quote = (uint8_t)p->d->quote;
  for (size_t i = 0; i < n; i++)
    quotes += p->out->data[start + i] == quote;
  if (sluice_buffer_reserve(p->out, quotes + 2 + CSV_PADDING) != SLUICE_OK) {
    p->failed = true;
    return;
  }
  uint8_t *from = p->out->data + start + n, *to = from + quotes + 2;
  p->out->size += quotes + 2;
  *--to = quote;
  while (n-- > 0) {
    *--to = *--from;
    if (*to == quote)
      *--to = quote;
  }
  *--to = quote;
}

/* ---- fields ---- */

static size_t skip_text(struct csv_pass *p, uint8_t where) {
  size_t at = p->at;
  while (at < p->bounds->size && !(p->special[p->data[at]] & where))
    at++;
  return at;
}

/* An escape and what it guards. Before what means nothing it is text: \n stays as it is, and so does \N, which may be a
 * null token. */
static void read_escaped(struct csv_pass *p, bool quoted) {
  int c = csv_pass_peek(p, p->at + 1);
  bool guards = c >= 0 && (p->special[c] || (p->d->comment.size && c == p->d->comment.text[0]));
  put_byte(p, guards ? c : p->d->escape);
  if (quoted && guards && c == p->d->quote)
    put_byte(p, c);
  p->at += guards ? 2 : 1;
}

static void drop_spaces(struct csv_pass *p, size_t start) {
  while (!p->failed && p->out->size > start &&
         (p->out->data[p->out->size - 1] == ' ' || p->out->data[p->out->size - 1] == '\t'))
    p->out->size--;
}

static void read_plain(struct csv_pass *p) {
  size_t run = p->at, out = p->out->size;
  for (;;) {
    p->at = skip_text(p, CSV_IN_PLAIN);
    int c = csv_pass_peek(p, p->at);
    if (ends_field(p, p->at))
      break;
    if (c == p->d->escape) {
      put_text(p, run, p->at);
      read_escaped(p, false);
      run = p->at;
      continue;
    }
    if (c == p->d->quote && !p->d->lenient)
      note(p, CSV_FAULT_STRAY_QUOTE);
    p->at++;
  }
  put_text(p, run, p->at);
  if (p->d->trim)
    drop_spaces(p, out);
  if (!p->failed && p->out->size > out && p->out->data[out] == p->d->quote)
    put_into_quotes(p, out);
}

/* Whether a quote stands where a field begins: behind a delimiter or a line end. */
static bool opens_field(const struct csv_pass *p, size_t first, size_t at) {
  size_t n = p->d->separator.size;
  while (p->d->trim && at > first && p->data[at - 1] == ' ')
    at--;
  if (at <= first)
    return false;
  if (p->data[at - 1] == '\n' || p->data[at - 1] == '\r')
    return true;
  return at - first >= n && memcmp(p->data + at - n, p->d->separator.text, n) == 0;
}

enum after { CLOSES, DOUBLED, IS_TEXT, WAS_OPENED_WRONGLY, HAS_TEXT_BEHIND };

/* What a quote within quotes is; first: of the text. */
static enum after judge_quote(struct csv_pass *p, size_t first) {
  if (csv_pass_peek(p, p->at + 1) == p->d->quote)
    return DOUBLED;
  if (ends_field(p, p->at + 1))
    return CLOSES;
  if ((p->d->trim || p->d->lenient) && ends_field(p, csv_pass_skip_spaces(p, p->at + 1)))
    return CLOSES;
  if (!p->d->lenient)
    return HAS_TEXT_BEHIND;
  return opens_field(p, first, p->at) ? WAS_OPENED_WRONGLY : IS_TEXT;
}

/* Where a field may have ended: two quotes and then its end, which are a quote in the text, or one as text and the
 * other to close. */
struct perhaps {
  size_t at, out; /* at 0: nowhere */
};

/* The quote that opened the field, or one behind it, was not what it seemed; false: all of the field is plain. */
static bool go_back(struct csv_pass *p, const struct perhaps *end, size_t first, size_t out) {
  bool closed = end->at > 0;
  if (!p->failed)
    p->out->size = closed ? end->out : out;
  p->at = closed ? end->at : first - 1;
  return closed;
}

/* The text behind the opening quote; false: that quote was text, and nothing is written. */
static bool read_quoted(struct csv_pass *p) {
  size_t first = ++p->at, run = first, out = p->out->size;
  enum after after = IS_TEXT;
  struct perhaps end = {0, 0};
  put_byte(p, p->d->quote);
  while (after != CLOSES && after != HAS_TEXT_BEHIND && after != WAS_OPENED_WRONGLY) {
    p->at = skip_text(p, CSV_IN_QUOTES);
    int c = csv_pass_peek(p, p->at);
    if (c == CSV_PASS_END || (p->d->single && csv_pass_line_end(p, p->at))) {
      note(p, p->d->lenient ? CSV_FAULT_NONE : c == CSV_PASS_END ? CSV_FAULT_OPEN_QUOTE : CSV_FAULT_QUOTED_END);
      after = p->d->lenient ? WAS_OPENED_WRONGLY : CLOSES;
      put_text(p, run, p->at);
    } else if (c == p->d->quote) {
      put_text(p, run, p->at);
      after = judge_quote(p, first);
      p->at += after == DOUBLED ? 2 : 1;
      run = p->at;
      if (after == DOUBLED || after == IS_TEXT)
        csv_pass_put(p, (uint8_t[]){(uint8_t)c, (uint8_t)c}, 2);
      if (after == DOUBLED && p->d->lenient && p->at > first + 2 && ends_field(p, p->at))
        end = (struct perhaps){p->at, p->out->size};
    } else if (c == p->d->escape) {
      put_text(p, run, p->at);
      read_escaped(p, true);
      run = p->at;
    } else {
      p->at++;
    }
  }
  if (after == WAS_OPENED_WRONGLY && !go_back(p, &end, first, out))
    return false;
  put_byte(p, p->d->quote);
  if (after == HAS_TEXT_BEHIND)
    note(p, CSV_FAULT_AFTER_QUOTE);
  return true;
}

/* The closing quote is behind us: only spaces, or what is a fault, stand before the end of the field. */
static void leave_quotes(struct csv_pass *p) {
  for (;;) {
    p->at = skip_text(p, CSV_IN_PLAIN);
    if (ends_field(p, p->at))
      return;
    p->at++;
  }
}

enum csv_ending csv_pass_read_field(struct csv_pass *p) {
  if (p->d->trim)
    p->at = csv_pass_skip_spaces(p, p->at);
  if (p->d->quote >= 0 && csv_pass_peek(p, p->at) == p->d->quote && read_quoted(p))
    leave_quotes(p);
  else
    read_plain(p);
  if (!csv_pass_is_mark(p, &p->d->separator, p->at))
    return CSV_AT_END;
  p->at += p->d->separator.size;
  return CSV_AT_DELIMITER;
}
