/* Fuzz target of the JSON reader: the first four bytes choose options, the rest is the part. Each batch is validated in
 * full; reading is resumed in the middle and must give the same; all ways to find the structure must agree; what is
 * taken for JSON must be JSON to another parser; inspect and plan must come to an end. */
#include "kit.h"
#include "oracle.h"
#include "scan.h"
#include <sluice/services.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const words[] = {"",
                                    "duplicates=last",
                                    "duplicates=first extra=reject",
                                    "bad_text=replace nan",
                                    "want=a:string,b:binary,c:",
                                    "want=a:int64!,b:{c:double,d:},e:[int8],f:<string>",
                                    "extra want=a:decimal(20, 3),b:date32,c:timestamp[us],d:bool,e:large_string",
                                    "infer=whole times=false",
                                    "layout=lines fractions=decimal",
                                    "layout=array",
                                    "layout=sequence",
                                    "records=/a/0",
                                    "want=a:uint16,b:float,c:=tts,d:{e:{f:[{g:}]}}",
                                    "layout=lines want=zz:",
                                    "layout=sequence want=zz:int32",
                                    "bad_text=error"};

static void check(bool holds, const char *what) {
  if (holds)
    return;
  fprintf(stderr, "%s\n", what);
  abort();
}

static void choose(struct kit_options *o, const uint8_t *head) {
  static const int64_t rows[] = {1, 2, 3, 7, 1024}, bytes[] = {1, 20, 200, 1 << 20};
  kit_options(o, words[head[0] & 15]);
  o->no_rejects = head[0] & 128;
  o->scan.batch_rows = rows[head[1] % 5];
  o->scan.batch_bytes = bytes[head[1] / 5 % 4];
  o->config.max_record = head[2] & 1 ? 1 + (head[2] >> 1) : 1 << 20;
  o->config.sample = head[3] & 1 ? 1 + (head[3] >> 1) : 1 << 20;
}

static void resume(const struct kit_options *o, struct kit_input *input, const struct kit_result *all) {
  int64_t at = all->batches / 2;
  struct kit_options with = *o;
  struct kit_result rest;
  if (at == 0 || at > 63)
    return;
  with.scan.from = all->ends[at - 1];
  kit_read(&with, input, &rest);
  check(rest.code == all->code, "resuming ends otherwise");
  check(rest.batches == all->batches - at, "resuming gives other batches");
  check(strcmp(rest.text + rest.begin, all->text + all->text_at[at - 1]) == 0, "resuming gives other records");
  kit_result_free(&rest);
}

/* ---- the structure pass ---- */

static void compare_kernels(const uint8_t *data, size_t size, bool lines) {
  const struct json_kernels *list = json_kernels_list(), *last = list;
  struct json_block expected[64], got[64];
  size_t n = size / 64 < 64 ? size / 64 : 64;
  while (last[1].name)
    last++;
  struct json_carry c = {0};
  size_t end = (lines ? last->lines : last->values)(&c, data, n, expected);
  for (; list != last; list++) {
    struct json_carry d = {0};
    check((lines ? list->lines : list->values)(&d, data, n, got) == end, "the ways to scan end elsewhere");
    check(d.in_string == c.in_string && d.escaped == c.escaped && d.depth == c.depth && d.high == c.high &&
              d.control == c.control && d.found == c.found && d.open == c.open,
          "the ways to scan differ in what they carry");
    check(memcmp(expected, got, (end + 63) / 64 * sizeof *got) == 0, "the ways to scan differ");
  }
}

/* ---- another parser ---- */

/* Reads the part as lines with all as found, and looks at each of them. */
static void compare_verdicts(const uint8_t *data, size_t size) {
  struct kit_options o;
  for (size_t at = 0; at < size;) {
    const uint8_t *line = memchr(data + at, '\n', size - at);
    size_t n = line ? (size_t)(line - data) - at : size - at;
    struct kit_input input = {.data = (const char *)data + at, .size = n};
    struct kit_result r;
    int verdict = oracle_is_object(input.data, n);
    bool plain = n >= 2 && data[at] != 0 && data[at + 1] != 0 && data[at] < 0xef && data[at] != 0x1e;
    kit_options(&o, "layout=lines duplicates=last");
    if (plain && verdict != ORACLE_UNSURE) {
      kit_read(&o, &input, &r);
      check(r.code == SLUICE_END || r.code == SLUICE_ERR_UNSUPPORTED, "a line cannot be read");
      bool taken = r.rows == 1;
      if (r.code == SLUICE_END && taken != (verdict == ORACLE_YES)) {
        fprintf(stderr, "%.*s\n%s", (int)n, input.data, r.text);
        check(false, taken ? "what is no JSON is taken" : "what is JSON is rejected");
      }
      kit_result_free(&r);
    }
    at += n + 1;
  }
}

/* ---- lines alone, and one after the other ---- */

static const char typed[] =
    "layout=lines duplicates=last want=a:int64,b:{c:double,d:[{e:string,f:[int8]}]},g:<[string]>";

/* Puts the values of each record, without its number, into out. */
static void put_values(const char *text, FILE *out) {
  while (*text) {
    size_t n = strcspn(text, "\n");
    const char *blank = memchr(text, ' ', n);
    if (*text >= '0' && *text <= '9' && blank)
      fprintf(out, "%.*s\n", (int)(n - (size_t)(blank - text)), blank);
    text += n + (text[n] == '\n');
  }
}

/* A record is the same whatever came before it, broken records too. */
static void compare_alone(const uint8_t *data, size_t size) {
  struct kit_options o;
  struct kit_result r;
  char *texts[2] = {NULL, NULL};
  size_t sizes[2];
  FILE *out[2] = {open_memstream(&texts[0], &sizes[0]), open_memstream(&texts[1], &sizes[1])};
  struct kit_input whole = {.data = (const char *)data, .size = size};
  bool plain = size < 2 || (data[0] && data[1]);
  kit_options(&o, typed);
  kit_read(&o, &whole, &r);
  put_values(r.text + r.begin, out[0]);
  plain = plain && r.code == SLUICE_END;
  kit_result_free(&r);
  for (size_t at = 0; at < size && plain;) {
    const uint8_t *line = memchr(data + at, '\n', size - at);
    size_t n = line ? (size_t)(line - data) - at : size - at;
    struct kit_input one = {.data = (const char *)data + at, .size = n};
    plain = n == 0 || (data[at] < 0xef && data[at] && (n == 1 || data[at + 1]));
    kit_read(&o, &one, &r);
    put_values(r.text + r.begin, out[1]);
    kit_result_free(&r);
    at += n + 1;
  }
  fclose(out[0]);
  fclose(out[1]);
  check(!plain || strcmp(texts[0], texts[1]) == 0, "a record is not the same alone");
  free(texts[0]);
  free(texts[1]);
  kit_options_finish(&o);
}

/* ---- inspect and plan ---- */

static int drop_text(struct sluice_text_out *out, const char *bytes, size_t n, struct sluice_error *err) {
  (void)out, (void)bytes, (void)n, (void)err;
  return SLUICE_OK;
}
static int drop_split(struct sluice_splits *splits, const struct sluice_split *split, struct sluice_error *err) {
  (void)splits, (void)split, (void)err;
  return SLUICE_OK;
}

static void look(const struct kit_options *o, struct kit_input *input) {
  const struct sluice_inspect *power = kit_format()->base->extension(SLUICE_INSPECT);
  struct sluice_text_out out = {drop_text, NULL};
  struct sluice_splits splits = {drop_split, NULL};
  struct sluice_error err = {0}, other = {0};
  struct kit_options with = *o;
  struct sluice_input in;
  void *self;
  with.config.records = with.records;
  if (kit_format()->open(kit_host(), &with.config, &self, &err) != SLUICE_OK)
    return;
  kit_input_open(input, &in);
  int code = power->inspect(self, &in, "part", &out, &err);
  check(code == SLUICE_OK || err.message[0], "inspect fails without a word");
  code = kit_format()->plan(self, &in, &with.scan, 50, &splits, &other);
  check(code == SLUICE_OK || other.message[0], "plan fails without a word");
  in.release(&in);
  kit_format()->close(self);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct kit_options o;
  struct kit_result all;
  if (size < 4)
    return 0;
  choose(&o, data);
  struct kit_input input = {.data = (const char *)data + 4, .size = size - 4, .unknown_size = data[3] & 2};
  kit_read(&o, &input, &all);
  check(all.code == SLUICE_END || all.err.message[0], "reading fails without a word");
#ifdef SLUICE_PLANTED_BUGS
  check(all.rows < 2 || all.batches < 2, "the planted bug"); /* more than one batch with records */
#endif
  input.unknown_size = false;
  resume(&o, &input, &all);
  kit_result_free(&all);
  look(&o, &input);
  compare_kernels(data + 4, size - 4, data[0] & 16);
  if (data[0] & 32)
    compare_verdicts(data + 4, size - 4);
  if (data[0] & 64)
    compare_alone(data + 4, size - 4);
  kit_format()->probe(data + 4, size - 4, "x");
  kit_options_finish(&o);
  return 0;
}
