/* Fuzz target of the CSV reader: the first four bytes choose options, the rest is the part. Each batch is validated in
 * full, reading is resumed in the middle and must give the same records, and the index must agree with the byte-wise
 * walk. */
#include "classify.h"
#include "kit.h"
#include "scan.h"
#include "walk.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct totals {
  int64_t rows, rejects, batches, bytes;
  int rc;
  struct sluice_position middle; /* end of a batch, chosen by `at` */
  int64_t rows_to_middle, rejects_to_middle;
};

static void check(bool holds, const char *what) {
  if (holds)
    return;
  fprintf(stderr, "%s\n", what);
  abort();
}

static const char *const wants[] = {
    NULL,
    "want = a:string,b:binary\n",
    "want = a:int64!,b:double,c:bool\n",
    "want = 0:decimal(10;2),1:timestamp[ns],2:large_string\nextra = 1\n",
    "want = a:uint8,b:date32,c:time[ms],d:timestamp[us; UTC],e:float,f:\n",
    "want = a:\nextra = 1\n",
    "null_tokens = NA||x\n",
    "delimiter = ;\nquote = '\n",
};

/* How values are written. */
static const char *const written[] = {
    "",
    "decimal_point = ,\nthousands = .\nfractions = decimal\n",
    "date_formats = %d/%m/%Y|%b %e, %y\ntime_formats = %I:%M %p\ntimestamp_formats = %F %T%z|%d.%m.%Y %H:%M:%S.%f\n",
    "infer = whole\ntrue_values = y|1\nfalse_values = n|0\n",
};

/* How records are written; the first leave the fast index as it is. */
static const char *const dialects[] = {
    "",
    "ragged = fit\nzero_bytes = text\n",
    "ragged = truncate\nlone_quotes = error\n",
    "pieces = lines\n",
    "lone_quotes = text\n",
    "invalid_utf8 = replace\n",
    "find = all\n",
    "find = all\nlone_quotes = text\n",
    "escape = \\\n",
    "delimiter = ||\n",
    "comment = #\n",
    "trim = true\nlone_quotes = text\n",
    "line_end = lf\n",
    "line_end = cr\npieces = lines\n",
    "line_end = crlf\npieces = lines\n",
    "encoding = latin1\n",
    "encoding = utf-16le\n",
    "encoding = shift_jis\nskip_footer = 1\n",
    "skip_footer = 2\n",
    "header_rows = 3\nskip_rows = 2\n",
    "delimiter = ab\nescape = '\ntrim = true\ncomment = #!\nlone_quotes = text\ninvalid_utf8 = replace\n",
};
enum { DIALECTS = sizeof dialects / sizeof *dialects, PLAIN = 6 };

static const char *dialect_of(const uint8_t *head) {
  return head[2] & 1 ? dialects[0] : dialects[(head[2] >> 1) % DIALECTS];
}

static bool is_plain(const uint8_t *head) {
  return head[2] & 1 || (head[2] >> 1) % DIALECTS < PLAIN;
}

static void choose(struct kit_options *o, const uint8_t *head) {
  char text[1024];
  static const int64_t rows[] = {1, 2, 3, 7, 1024}, bytes[] = {1, 20, 200, 1 << 20};
  kit_defaults(o);
  const char *want = wants[head[0] & 7];
  snprintf(text, sizeof text, "%s%s%s", want ? want : "", written[head[0] >> 6], dialect_of(head));
  kit_parse_options(o, text);
  if (head[0] & 8)
    o->config.quote = "";
  o->config.header = !(head[0] & 16);
  if (head[0] & 32)
    o->config.ragged = CSV_RAGGED_PAD;
  o->scan.batch_rows = rows[head[1] % 5];
  o->scan.batch_bytes = bytes[head[1] / 5 % 4];
  o->config.max_line = head[2] & 1 ? 1 + (head[2] >> 1) : 1 << 20;
  o->config.sample = head[3] & 1 ? 1 + (head[3] >> 1) : 1 << 20;
}

static int64_t ordinal(const struct sluice_batch *b, int64_t i) {
  return b->origin ? b->origin[i] : b->first_row + i;
}

static void look_at_batch(const struct ArrowSchema *schema, const struct sluice_batch *b, const struct totals *t) {
  struct sluice_error err = {0};
  check(sluice_array_validate(schema, &b->array, SLUICE_CHECK_FULL, &err) == SLUICE_OK, err.message);
  check(b->end.row > b->first_row && b->array.length <= b->end.row - b->first_row, "a batch's rows do not add up");
  check(t->batches == 0 || b->end.offset > 0, "a batch ends at byte 0");
  for (int64_t i = 0; i < b->array.length; i++)
    check(ordinal(b, i) >= b->first_row + i && ordinal(b, i) < b->end.row, "a row's ordinal is out of its batch");
}

/* Reads all from a position on, and remembers the end of batch number `at`. */
static struct totals read_all(const struct kit_options *o, const uint8_t *data, size_t size,
                              struct sluice_position from, bool unknown_size, int64_t at) {
  struct totals t = {0};
  struct kit_options with = *o;
  struct kit_bytes bytes = {.data = data, .size = size, .unknown_size = unknown_size};
  struct kit_rejects rejects;
  struct kit_open open;
  struct ArrowSchema schema = {0};
  struct sluice_error err = {0};
  kit_rejects_init(&rejects, NULL);
  with.scan.rejects = &rejects.base;
  with.scan.from = from;
  with.config.null_tokens.items = with.tokens;
  t.rc = kit_open(&with, &bytes, &open, &err);
  if (t.rc == SLUICE_OK)
    t.rc = open.reader.schema(&open.reader, &schema, &err);
  while (t.rc == SLUICE_OK) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    t.rc = open.reader.next(&open.reader, &batch, &err);
    if (t.rc)
      break;
    look_at_batch(&schema, &batch, &t);
    t.rows += batch.array.length;
    if (t.batches++ == at) {
      t.middle = batch.end;
      t.rows_to_middle = t.rows;
      t.rejects_to_middle = rejects.count;
    }
    sluice_array_release(&batch.array);
  }
  t.rejects = rejects.count;
  if (schema.release)
    schema.release(&schema);
  kit_close(&open);
  check(bytes.opened == 0, "the input was not released");
  return t;
}

static void compare_masks(const struct kit_options *o, const uint8_t *data, size_t size) {
  const struct csv_dialect d = {.delimiter = (uint8_t)o->config.delimiter[0],
                                .quote = o->config.quote[0] ? o->config.quote[0] : -1,
                                .escape = -1};
  for (size_t i = 0; i + 64 <= size; i += 64) {
    struct csv_seen a = {false, false}, b = {false, false};
    struct csv_masks x = csv_classify(data + i, &d, &a), y = csv_classify_words(data + i, &d, &b);
    check(x.delimiter == y.delimiter && x.line == y.line && x.quote == y.quote, "the ways to classify differ");
    check(a.high == b.high && a.zero == b.zero, "the ways to classify differ on what was seen");
  }
}

/* Each way to scan ahead gives the index that the state machine gives alone. */
static void compare_scans(const struct kit_options *o, const uint8_t *data, size_t size, uint32_t columns) {
  const struct csv_dialect d = {.delimiter = (uint8_t)o->config.delimiter[0],
                                .quote = o->config.quote[0] ? o->config.quote[0] : -1,
                                .escape = -1};
  const struct csv_bounds bounds = {.size = size,
                                    .final = true,
                                    .stop = SIZE_MAX,
                                    .rows = INT64_MAX,
                                    .bytes = INT64_MAX,
                                    .fresh = true,
                                    .max_line = SIZE_MAX};
  struct csv_scanner scanners[CSV_SCANNERS];
  struct csv_index alone, ahead;
  uint8_t *copy = calloc(1, size + CSV_PADDING); /* with the bytes behind it that a window has */
  csv_scanners(scanners);
  if (!copy || csv_index_init(&alone, columns, NULL) != SLUICE_OK || csv_index_init(&ahead, columns, NULL) != SLUICE_OK)
    abort();
  if (size)
    memcpy(copy, data, size);
  alone.scan = NULL;
  enum csv_stop stop = csv_index_block(&alone, &d, copy, &bounds);
  for (int i = 0; i < CSV_SCANNERS; i++) {
    ahead.scan = scanners[i].scan;
    if (!ahead.scan)
      continue;
    check(csv_index_block(&ahead, &d, copy, &bounds) == stop, "a scan ends otherwise");
    check(ahead.rows == alone.rows && ahead.seen == alone.seen && ahead.next == alone.next, "a scan gives other rows");
    check(memcmp(ahead.ends, alone.ends, (size_t)alone.rows * columns * sizeof *alone.ends) == 0,
          "a scan gives other fields");
    check(alone.simple || !ahead.simple, "a scan does not see doubled quotes");
  }
  csv_index_finish(&alone);
  csv_index_finish(&ahead);
  free(copy);
}

/* Without a limit on lines, as many records as the walk counts, those of blank lines aside. */
static void compare_walk(const struct kit_options *o, const uint8_t *data, size_t size, const struct totals *t) {
  const struct csv_dialect d = {.delimiter = (uint8_t)o->config.delimiter[0],
                                .quote = o->config.quote[0] ? o->config.quote[0] : -1,
                                .escape = -1};
  int64_t records = 0;
  bool utf16 = size >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0);
  bool utf32 = size >= 4 && memcmp(data, "\0\0\xfe\xff", 4) == 0;
  if (t->rc != SLUICE_END || o->config.max_line < 1 << 20 || utf16 || utf32)
    return;
  size_t at = size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  while (at < size) {
    struct csv_walk walk = {.state = CSV_WALK_START};
    size_t n = csv_walk(&walk, &d, data + at, size - at);
    at += n;
    records += n > walk.ending;
  }
  records -= records > 0 && o->config.header;
  check(t->rows + t->rejects >= records, "the index sees fewer records than the walk");
}

/* The two ways to index give the same, to the letter. */
static void compare_ways(const struct kit_options *o, const uint8_t *data, size_t size) {
  static const char mark[] = "\1\2\3~~~~";
  struct kit_options other = *o;
  struct kit_bytes bytes = {.data = data, .size = size}, again = bytes;
  if (memmem(data, size, mark, sizeof mark - 1))
    return;
  other.config.comment = mark;
  char *fast = kit_dump(o, &bytes), *slow = kit_dump(&other, &again);
  if (strcmp(fast, slow) != 0)
    fprintf(stderr, "fast:\n%s\nrewritten:\n%s\n", fast, slow);
  check(strcmp(fast, slow) == 0, "the ways to index differ");
  free(fast);
  free(slow);
}

struct pieces {
  struct sluice_splits base;
  const struct kit_options *options;
  const uint8_t *data;
  size_t size;
  int64_t rows, rejects, count;
};

static int add_piece(struct sluice_splits *splits, const struct sluice_split *split, struct sluice_error *err) {
  struct pieces *p = splits->private_data;
  struct kit_options with = *p->options;
  (void)err;
  with.scan.begin = split->begin;
  with.scan.end = split->end;
  struct totals t = read_all(&with, p->data, p->size, (struct sluice_position){0}, false, -1);
  check(t.rc == SLUICE_END, "a piece cannot be read");
  p->rows += t.rows;
  p->rejects += t.rejects;
  p->count++;
  return SLUICE_OK;
}

static void compare_pieces(const struct kit_options *o, const uint8_t *data, size_t size, int64_t split_bytes,
                           const struct totals *all) {
  struct pieces p = {.base = {add_piece, &p}, .options = o, .data = data, .size = size};
  struct kit_bytes bytes = {.data = data, .size = size};
  struct sluice_input in;
  struct sluice_error err = {0};
  void *self = kit_format_open(o);
  kit_input(&bytes, &in);
  int rc = kit_format()->plan(self, &in, &o->scan, split_bytes, &p.base, &err);
  in.release(&in);
  kit_format()->close(self);
  check(rc == SLUICE_OK, "a part that can be read cannot be planned");
  check(p.count == 0 || (p.rows == all->rows && p.rejects == all->rejects), "pieces give other records");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct kit_options o;
  if (size < 4)
    return 0;
  choose(&o, data);
  int64_t at = data[3] >> 4;
  bool plain = is_plain(data), standard = dialect_of(data)[0] == 0;
  data += 4;
  size -= 4;
  if (standard) {
    compare_masks(&o, data, size);
    compare_scans(&o, data, size, 1 + (uint32_t)at % 5);
  }
  struct totals all = read_all(&o, data, size, (struct sluice_position){0}, false, at);
  if (standard)
    compare_walk(&o, data, size, &all);
  if (plain)
    compare_ways(&o, data, size);
  if (all.rc == SLUICE_END)
    compare_pieces(&o, data, size, 1 + 7 * at, &all);
  if (all.rc == SLUICE_END && all.middle.offset > 0) {
    struct totals rest = read_all(&o, data, size, all.middle, size & 1 && o.config.infer != CSV_INFER_WHOLE, -1);
    check(rest.rc == SLUICE_END, "resuming fails");
    check(rest.rows == all.rows - all.rows_to_middle, "resuming gives other rows");
    check(rest.rejects == all.rejects - all.rejects_to_middle, "resuming gives other rejects");
    check(rest.batches == all.batches - at - 1, "resuming gives other batches");
  }
  kit_format()->probe(data, size, "x");
  kit_options_finish(&o);
  return 0;
}
