/* Whether a record has names for the columns below it: by what it has that the records behind it do not. */
#include "naming.h"
#include "sniff.h"
#include <strings.h>

enum { ROWS = 200, YEAR_FIRST = 1900, YEAR_LAST = 2100, SURE = 3, HEADER_BELOW = 2 };

struct text {
  const char *data;
  size_t size;
};
struct column { /* what the records behind the first have in it */
  uint32_t looks[CSV_LOOKS], filled;
  uint32_t years, repeats; /* numbers that may be years; cells that are the same as the first record's */
  size_t shortest, longest;
};

static struct text cell(const struct csv_grid *g, int quote, uint32_t row, uint32_t column) {
  struct text t;
  csv_grid_cell(g, quote, row, column, &t.data, &t.size);
  return t;
}

static enum csv_look look_of(struct text t) {
  return csv_cell_look(t.data, t.size);
}

/* A number of at most 9 digits and nothing else; -1: it is none. */
static int64_t whole(struct text t) {
  int64_t value = 0;
  if (t.size == 0 || t.size > 9)
    return -1;
  for (size_t i = 0; i < t.size; i++) {
    if (t.data[i] < '0' || t.data[i] > '9')
      return -1;
    value = value * 10 + (t.data[i] - '0');
  }
  return value;
}

static bool is_year(struct text t) {
  int64_t value = whole(t);
  return t.size == 4 && value >= YEAR_FIRST && value <= YEAR_LAST;
}

static bool is_same(struct text a, struct text b) {
  return a.size == b.size && a.size > 0 && memcmp(a.data, b.data, a.size) == 0;
}

static struct column look_at(const struct csv_grid *g, int quote, uint32_t head, uint32_t column) {
  struct column c = {.shortest = SIZE_MAX};
  struct text first = cell(g, quote, head, column);
  for (uint32_t row = head + 1; row < g->cells.rows && row <= head + ROWS; row++) {
    struct text t = cell(g, quote, row, column);
    enum csv_look look = look_of(t);
    c.looks[look]++;
    if (look == CSV_LOOK_EMPTY)
      continue;
    c.filled++;
    c.years += is_year(t);
    c.repeats += is_same(first, t);
    c.shortest = t.size < c.shortest ? t.size : c.shortest;
    c.longest = t.size > c.longest ? t.size : c.longest;
  }
  return c;
}

/* Is the first cell a name for what is below it? 1: surely; -1: surely not. */
static double vote(const struct column *c, struct text first) {
  enum csv_look look = look_of(first);
  bool is_text = look >= CSV_LOOK_WORD;
  uint32_t most = c->filled - c->filled / 10;
  if (c->filled == 0 || look == CSV_LOOK_EMPTY)
    return 0;
  if (c->looks[CSV_LOOK_NUMBER] >= most || c->looks[CSV_LOOK_TIME] >= most) {
    bool same = c->looks[look] >= most;
    if (is_text || !same)
      return is_text ? 1 : 0.3;
    return is_year(first) && c->years < c->filled / 2 ? 0.5 : -1;
  }
  if (!is_text)
    return -0.3;
  if (c->repeats)
    return -0.5;
  if (c->filled < 3 || c->shortest != c->longest || c->shortest < 2)
    return 0;
  return first.size != c->shortest ? 0.3 : -0.05;
}

/* Names such as 0, 1, 2: they count the columns. */
static bool is_sequence(const struct csv_grid *g, int quote, uint32_t row) {
  int64_t first = whole(cell(g, quote, row, 0));
  bool same = g->columns >= 3 && (first == 0 || first == 1);
  for (uint32_t i = 1; same && i < g->columns; i++)
    same = whole(cell(g, quote, row, i)) == first + i;
  return same;
}

/* Most cells are texts, the others are empty, and no two are the same. */
static bool is_naming(const struct csv_grid *g, int quote, uint32_t row) {
  uint32_t n = g->columns < ROWS ? g->columns : ROWS, empty = 0;
  for (uint32_t i = 0; i < n; i++) {
    struct text t = cell(g, quote, row, i);
    empty += t.size == 0;
    if (t.size && look_of(t) < CSV_LOOK_WORD)
      return false;
    for (uint32_t k = 0; k < i; k++)
      if (is_same(t, cell(g, quote, row, k)))
        return false;
  }
  return 2 * empty < n;
}

double csv_naming_votes(const struct csv_grid *g, int quote, uint32_t row) {
  double sum = 0;
  for (uint32_t i = 0; i < g->columns; i++) {
    struct column c = look_at(g, quote, row, i);
    sum += vote(&c, cell(g, quote, row, i));
  }
  return sum;
}

bool csv_naming_is_header(const struct csv_grid *g, int quote, uint32_t row, char *doubt) {
  if (row + 1 < g->cells.rows && is_sequence(g, quote, row) && !is_sequence(g, quote, row + 1))
    return true;
  double sum = csv_naming_votes(g, quote, row);
  if (sum > 0.2 || sum < -0.2) {
    if (sum < 0 && g->columns == 1 && whole(cell(g, quote, row, 0)) == 0 && !doubt[0])
      snprintf(doubt, CSV_DOUBT_MAX, "the first record, \"0\", was taken for a value, and may be a header");
    return sum > 0;
  }
  bool naming = is_naming(g, quote, row);
  if (!naming && row + 1 < g->cells.rows && !doubt[0])
    snprintf(doubt, CSV_DOUBT_MAX, "the first record was taken for values, and may be a header");
  return naming;
}

/* Words that stand where a value is missing, beside those that csv_cell_look knows. */
static bool is_gap(struct text t) {
  static const char *const words[] = {"missing", "unknown",   "nil",     "n.a.",     "tbd",        "not available",
                                      "error",   "invalid",   "pending", "redacted", "suppressed", "withheld",
                                      "empty",   "not known", "no data", "undefined"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen(words[i]) == t.size && strncasecmp(words[i], t.data, t.size) == 0)
      return true;
  return false;
}

/* Text of its own kind: neither a value nor a sign that one is missing. */
static bool is_label(struct text t) {
  if (is_gap(t))
    return false;
  for (size_t i = 0; i < t.size; i++) {
    uint8_t c = (uint8_t)t.data[i];
    if (((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0x80)
      return look_of(t) >= CSV_LOOK_WORD;
  }
  return false;
}

static bool is_blank(struct text t) {
  return csv_cell_is_blank(t.data, t.size);
}

/* All cells are labels or blank. How many are filled; 0: there is something else. */
static uint32_t count_labels(const struct csv_grid *g, int quote, uint32_t row) {
  uint32_t labels = 0;
  for (uint32_t i = 0; i < g->columns; i++) {
    struct text t = cell(g, quote, row, i);
    if (is_blank(t))
      continue;
    if (!is_label(t))
      return 0;
    labels++;
  }
  return labels;
}

static bool has_repeats(const struct csv_grid *g, int quote, uint32_t row) {
  uint32_t n = g->columns < ROWS ? g->columns : ROWS;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t k = 0; k < i; k++)
      if (is_same(cell(g, quote, row, i), cell(g, quote, row, k)))
        return true;
  return false;
}

/* The units of a header of names, or more names: labels, at least two of them, over columns that have nothing but
 * values; over columns of texts, where a record would have one too, nothing or the same as above. */
bool csv_naming_goes_on(const struct csv_grid *g, int quote, uint32_t above, uint32_t row) {
  uint32_t over = 0, blank = 0;
  if (count_labels(g, quote, row) == 0)
    return false;
  for (uint32_t i = 0; i < g->columns; i++) {
    struct column c = look_at(g, quote, row, i);
    uint32_t values = c.looks[CSV_LOOK_NUMBER] + c.looks[CSV_LOOK_TIME];
    struct text t = cell(g, quote, row, i);
    if (values >= SURE && values + HEADER_BELOW >= c.filled) {
      over += !is_blank(t);
      blank += is_blank(t);
    } else if (!is_blank(t) && !is_same(t, cell(g, quote, above, i))) {
      return false;
    }
  }
  return over >= 2 && over > blank && (!has_repeats(g, quote, row) || csv_naming_spans(g, quote, above, row));
}

/* Names that stand over several columns: each is followed by blank cells where the record below has labels. */
bool csv_naming_spans(const struct csv_grid *g, int quote, uint32_t row, uint32_t below) {
  uint32_t spanned = 0, last = 0, labels = count_labels(g, quote, row);
  for (uint32_t i = 0; labels && i < g->columns; i++) {
    bool blank = is_blank(cell(g, quote, row, i));
    spanned += blank && i > 0 && is_label(cell(g, quote, below, i));
    last = blank ? last : i;
  }
  return labels >= 2 && spanned > 0 && 2 * last >= g->columns && count_labels(g, quote, below) > 0;
}
