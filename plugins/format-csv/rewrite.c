/* Reads records byte by byte in any dialect, and writes them down anew as the converters read them. */
#include "rewrite.h"
#include "walk.h"
#include <stdlib.h>

enum { BLOCK_BYTES = 128 * 1024 };
enum { RUNNING = -1, NOTHING = -1 };
enum ending { AT_DELIMITER, AT_END };
enum { IN_PLAIN = 1, IN_QUOTES = 2 };

struct pass {
  struct csv_index *ix;
  const struct csv_dialect *d;
  const struct csv_bounds *bounds;
  const uint8_t *data;
  struct sluice_buffer *out;
  size_t record, at; /* where the record begins; what is read next */
  uint32_t fields;
  enum csv_fault_code fault;
  bool starved, failed; /* it ended behind what is at hand; there was no memory */
  int stop;
  uint8_t special[256]; /* IN_PLAIN, IN_QUOTES: bytes that may be more than text there */
};

/* The byte at a position; NOTHING behind the last. */
static int peek(struct pass *p, size_t at) {
  if (at < p->bounds->size)
    return p->data[at];
  p->starved |= !p->bounds->final;
  return NOTHING;
}

static bool is_mark(struct pass *p, const struct csv_mark *mark, size_t at) {
  for (size_t i = 0; i < mark->size; i++)
    if (peek(p, at + i) != mark->text[i])
      return false;
  return mark->size > 0;
}

/* Bytes of the line end here; 0: there is none. */
static size_t line_end(struct pass *p, size_t at) {
  int c = peek(p, at);
  uint8_t ends = p->d->ends;
  if (c == '\n')
    return ends == CSV_ENDS_ANY || ends == CSV_ENDS_LF;
  if (c != '\r' || ends == CSV_ENDS_LF)
    return 0;
  if (ends == CSV_ENDS_CR)
    return 1;
  if (peek(p, at + 1) == '\n')
    return 2;
  return ends == CSV_ENDS_ANY;
}

static bool ends_field(struct pass *p, size_t at) {
  return is_mark(p, &p->d->separator, at) || line_end(p, at) || peek(p, at) == NOTHING;
}

static size_t skip_spaces(struct pass *p, size_t at) {
  while (peek(p, at) == ' ' || (peek(p, at) == '\t' && p->d->delimiter != '\t'))
    at++;
  return at;
}

static void note(struct pass *p, enum csv_fault_code code) {
  if (p->fault == CSV_FAULT_NONE)
    p->fault = code;
}

/* ---- writing ---- */

static void put(struct pass *p, const void *bytes, size_t n) {
  if (!p->failed && sluice_buffer_reserve(p->out, n + CSV_PADDING) != SLUICE_OK)
    p->failed = true;
  if (p->failed)
    return;
  memcpy(p->out->data + p->out->size, bytes, n);
  p->out->size += n;
}

static void put_byte(struct pass *p, int c) {
  uint8_t byte = (uint8_t)c;
  put(p, &byte, 1);
}

/* Text as it stands, but for bytes that are not UTF-8 where these are replaced. */
static void put_text(struct pass *p, size_t from, size_t to) {
  while (p->d->replace && from < to) {
    size_t valid = sluice_utf8_valid(p->data + from, to - from);
    put(p, p->data + from, valid);
    from += valid;
    if (from < to) {
      put(p, "\xef\xbf\xbd", 3);
      from++;
    }
  }
  if (from < to)
    put(p, p->data + from, to - from);
}

/* Puts what was written from `start` on into quotes, for it begins with one. */
static void put_into_quotes(struct pass *p, size_t start) {
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

static size_t skip_text(struct pass *p, uint8_t where) {
  size_t at = p->at;
  while (at < p->bounds->size && !(p->special[p->data[at]] & where))
    at++;
  return at;
}

/* An escape and what it guards. Before what means nothing it is text: \n stays as it is, and so does \N, which may be a
 * null token. */
static void read_escaped(struct pass *p, bool quoted) {
  int c = peek(p, p->at + 1);
  bool guards = c >= 0 && (p->special[c] || (p->d->comment.size && c == p->d->comment.text[0]));
  put_byte(p, guards ? c : p->d->escape);
  if (quoted && guards && c == p->d->quote)
    put_byte(p, c);
  p->at += guards ? 2 : 1;
}

static void drop_spaces(struct pass *p, size_t start) {
  while (!p->failed && p->out->size > start &&
         (p->out->data[p->out->size - 1] == ' ' || p->out->data[p->out->size - 1] == '\t'))
    p->out->size--;
}

static void read_plain(struct pass *p) {
  size_t run = p->at, out = p->out->size;
  for (;;) {
    p->at = skip_text(p, IN_PLAIN);
    int c = peek(p, p->at);
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
static bool opens_field(const struct pass *p, size_t first, size_t at) {
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
static enum after judge_quote(struct pass *p, size_t first) {
  if (peek(p, p->at + 1) == p->d->quote)
    return DOUBLED;
  if (ends_field(p, p->at + 1))
    return CLOSES;
  if ((p->d->trim || p->d->lenient) && ends_field(p, skip_spaces(p, p->at + 1)))
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
static bool go_back(struct pass *p, const struct perhaps *end, size_t first, size_t out) {
  bool closed = end->at > 0;
  if (!p->failed)
    p->out->size = closed ? end->out : out;
  p->at = closed ? end->at : first - 1;
  return closed;
}

/* The text behind the opening quote; false: that quote was text, and nothing is written. */
static bool read_quoted(struct pass *p) {
  size_t first = ++p->at, run = first, out = p->out->size;
  enum after after = IS_TEXT;
  struct perhaps end = {0, 0};
  put_byte(p, p->d->quote);
  while (after != CLOSES && after != HAS_TEXT_BEHIND && after != WAS_OPENED_WRONGLY) {
    p->at = skip_text(p, IN_QUOTES);
    int c = peek(p, p->at);
    if (c == NOTHING || (p->d->single && line_end(p, p->at))) {
      note(p, p->d->lenient ? CSV_FAULT_NONE : c == NOTHING ? CSV_FAULT_OPEN_QUOTE : CSV_FAULT_QUOTED_END);
      after = p->d->lenient ? WAS_OPENED_WRONGLY : CLOSES;
      put_text(p, run, p->at);
    } else if (c == p->d->quote) {
      put_text(p, run, p->at);
      after = judge_quote(p, first);
      p->at += after == DOUBLED ? 2 : 1;
      run = p->at;
      if (after == DOUBLED || after == IS_TEXT)
        put(p, (uint8_t[]){(uint8_t)c, (uint8_t)c}, 2);
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
static void leave_quotes(struct pass *p) {
  for (;;) {
    p->at = skip_text(p, IN_PLAIN);
    if (ends_field(p, p->at))
      return;
    p->at++;
  }
}

static enum ending read_field(struct pass *p) {
  if (p->d->trim)
    p->at = skip_spaces(p, p->at);
  if (p->d->quote >= 0 && peek(p, p->at) == p->d->quote && read_quoted(p))
    leave_quotes(p);
  else
    read_plain(p);
  if (!is_mark(p, &p->d->separator, p->at))
    return AT_END;
  p->at += p->d->separator.size;
  return AT_DELIMITER;
}

/* ---- records ---- */

static void add_field(struct pass *p, size_t start) {
  struct csv_index *ix = p->ix;
  if (p->fields < ix->columns)
    ix->ends[(size_t)ix->rows * ix->columns + p->fields] = (uint32_t)p->out->size;
  else if (!p->failed)
    p->out->size = start; /* it is not counted on */
  p->fields++;
  put_byte(p, '\n'); /* converters expect one byte between fields */
}

static bool complete(struct pass *p) {
  struct csv_index *ix = p->ix;
  for (uint32_t i = p->fields; i < ix->columns && p->bounds->pad; i++)
    ix->ends[(size_t)ix->rows * ix->columns + i] = (uint32_t)p->out->size - 1; /* begins behind its end: missing */
  return p->fields == ix->columns || (p->fields < ix->columns ? p->bounds->pad : p->bounds->cut);
}

static void keep(struct pass *p, size_t start, size_t end) {
  struct csv_index *ix = p->ix;
  ix->starts[ix->rows] = (uint32_t)start;
  ix->made->spans[ix->seen] = (struct csv_span){(uint32_t)p->record, (uint32_t)end};
  ix->ordinals[ix->rows++] = ix->seen;
}

static void refuse(struct pass *p, size_t end) {
  struct csv_index *ix = p->ix;
  ix->hit[ix->seen] = 1;
  ix->faults[ix->n_faults++] = (struct csv_fault){.ordinal = ix->seen,
                                                  .start = (uint32_t)p->record,
                                                  .end = (uint32_t)end,
                                                  .detail = p->fields,
                                                  .column = -1,
                                                  .code = p->fault};
}

/* The record goes from p->record to `end`, and was written from `start` on; the next begins at `next`. */
static void end_record(struct pass *p, size_t start, size_t end, size_t next) {
  struct csv_index *ix = p->ix;
  const struct csv_bounds *b = p->bounds;
  int64_t size = p->fault == CSV_FAULT_LONG ? 0 : (int64_t)(next - p->record);
  if (size > b->bytes - ix->bytes && !(b->fresh && ix->seen == 0)) {
    p->stop = CSV_STOP_BYTES;
    return;
  }
  if (p->fault == CSV_FAULT_NONE && !complete(p))
    p->fault = CSV_FAULT_RAGGED;
  if (p->fault == CSV_FAULT_NONE && !p->d->zeros && memchr(p->data + p->record, 0, end - p->record))
    p->fault = CSV_FAULT_ZERO_BYTE;
  if (p->fault == CSV_FAULT_NONE)
    keep(p, start, end);
  else {
    p->out->size = start;
    refuse(p, end);
  }
  ix->seen++;
  ix->bytes += size;
  p->record = next;
  if (ix->seen >= b->rows)
    p->stop = CSV_STOP_ROWS;
  else if (ix->seen == ix->max_rows || next >= BLOCK_BYTES)
    p->stop = CSV_STOP_FULL;
}

/* A record over the limit: the walk says where it ends. */
static void end_long(struct pass *p, size_t start) {
  struct csv_walk walk = {.state = CSV_WALK_START};
  size_t n = csv_walk(&walk, p->d, p->data + p->record, p->bounds->size - p->record);
  if (walk.state != CSV_WALK_DONE && !p->bounds->final) {
    p->stop = CSV_STOP_MORE;
    return;
  }
  p->fields = p->starved ? walk.state == CSV_WALK_QUOTED : p->fault == CSV_FAULT_OPEN_QUOTE;
  p->fault = CSV_FAULT_LONG;
  end_record(p, start, p->record + n - walk.ending, p->record + n);
}

/* A line that is no record: blank, where there are several columns, or a comment. */
static bool skip_line(struct pass *p) {
  size_t at = p->d->trim ? skip_spaces(p, p->record) : p->record;
  bool comment = is_mark(p, &p->d->comment, at);
  while (comment && !line_end(p, at) && peek(p, at) != NOTHING)
    at++;
  size_t n = line_end(p, at);
  if (!(comment || (n && p->ix->columns > 1)) || p->starved)
    return false;
  p->record = at + n;
  return true;
}

static void read_record(struct pass *p) {
  size_t start = p->out->size;
  p->at = p->record;
  p->fields = 0;
  p->fault = CSV_FAULT_NONE;
  for (enum ending ending = AT_DELIMITER; ending == AT_DELIMITER && !p->failed;) {
    size_t field = p->out->size;
    ending = read_field(p);
    add_field(p, field);
  }
  size_t end = p->at;
  size_t next = end + line_end(p, end);
  if (p->failed)
    p->stop = CSV_STOP_MEMORY;
  else if (p->starved ? p->bounds->size - p->record > p->bounds->max_line + 2 : end - p->record > p->bounds->max_line)
    end_long(p, start);
  else if (p->starved)
    p->stop = CSV_STOP_MORE;
  else
    end_record(p, start, end, next);
}

static void mark_special(struct pass *p) {
  const struct csv_dialect *d = p->d;
  p->special[d->delimiter] = IN_PLAIN;
  p->special['\n'] = p->special['\r'] = IN_PLAIN | (d->single ? IN_QUOTES : 0);
  if (d->quote >= 0)
    p->special[d->quote] = IN_PLAIN | IN_QUOTES;
  if (d->escape >= 0)
    p->special[d->escape] = IN_PLAIN | IN_QUOTES;
}

static bool make_room(struct csv_index *ix) {
  if (ix->made)
    return true;
  ix->made = calloc(1, sizeof *ix->made);
  struct csv_span *spans = ix->made ? malloc(ix->max_rows * sizeof *spans) : NULL;
  if (ix->made)
    ix->made->spans = spans;
  if (spans)
    return true;
  csv_rewritten_destroy(ix->made);
  ix->made = NULL;
  return false;
}

void csv_rewritten_destroy(struct csv_rewritten *made) {
  if (!made)
    return;
  sluice_buffer_free(&made->text);
  free(made->spans);
  free(made);
}

enum csv_stop csv_rewrite_block(struct csv_index *ix, const struct csv_dialect *dialect, const uint8_t *data,
                                const struct csv_bounds *bounds) {
  struct pass p = {.ix = ix, .d = dialect, .bounds = bounds, .data = data, .stop = RUNNING};
  ix->rows = ix->seen = ix->n_faults = 0;
  ix->bytes = 0;
  ix->next = ix->used = 0;
  memset(ix->hit, 0, ix->max_rows);
  if (!make_room(ix))
    return CSV_STOP_MEMORY;
  p.out = &ix->made->text;
  p.out->size = 0;
  mark_special(&p);
  put(&p, "", 0); /* so that there is padding, even of nothing */
  while (p.stop == RUNNING) {
    if (p.record >= bounds->stop || (bounds->final && p.record >= bounds->size))
      p.stop = CSV_STOP_END;
    else if (p.record >= bounds->size)
      p.stop = CSV_STOP_MORE;
    else if (!skip_line(&p))
      read_record(&p);
  }
  ix->data = p.out->data;
  ix->used = p.out->size;
  ix->source = data;
  ix->next = p.record;
  ix->ascii = false;
  return (enum csv_stop)p.stop;
}
