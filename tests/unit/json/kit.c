/* What the tests of the JSON reader share. */
#include "kit.h"
#include <stdlib.h>

int kit_cancelled;
int64_t kit_warnings;
char kit_warning[512];

static void die(const char *what, const char *text) {
  fprintf(stderr, "%s: \"%s\"\n", what, text);
  abort();
}

/* ---- inputs ---- */

struct kit_input kit_text(const char *text) {
  return (struct kit_input){.data = text, .size = strlen(text)};
}

static int read_input(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                      struct sluice_error *err) {
  struct kit_input *k = in->private_data;
  size_t left = (size_t)offset < k->size ? k->size - (size_t)offset : 0;
  if (++k->reads == k->fail_read)
    return sluice_fail(err, k->fail_code, "", "this read was made to fail");
  if (in->size < 0 && offset < k->furthest && k->furthest > 1 << 20)
    k->rewound = true;
  *got = n < left ? n : left;
  if (*got)
    memcpy(buf, k->data + offset, *got);
  if (offset + (int64_t)*got > k->furthest)
    k->furthest = offset + (int64_t)*got;
  return SLUICE_OK;
}

static void tell_nothing(struct sluice_input *in, const struct sluice_range *ranges, size_t n) {
  (void)in;
  for (size_t i = 0; i < n; i++)
    if (ranges[i].size <= 0)
      die("an empty range is announced", "");
}

static void close_input(struct sluice_input *in) {
  ((struct kit_input *)in->private_data)->opened--;
  in->release = NULL;
}

void kit_input_open(struct kit_input *k, struct sluice_input *out) {
  k->opened++;
  *out = (struct sluice_input){.size = k->unknown_size ? -1 : (int64_t)k->size,
                               .window = 1 << 20,
                               .read_at = read_input,
                               .will_need = tell_nothing,
                               .release = close_input,
                               .private_data = k};
}

char *kit_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  char *data = NULL;
  *size = 0;
  if (!file)
    return NULL;
  for (size_t got = 1; got;) {
    data = realloc(data, *size + 65537);
    if (!data)
      abort();
    got = fread(data + *size, 1, 65536, file);
    *size += got;
  }
  data[*size] = 0;
  fclose(file);
  return data;
}

/* ---- wanted columns ---- */

static void read_want(const char **p, const char *name, struct ArrowSchema *out);

static size_t count_fields(const char *p) {
  size_t n = 1;
  for (int depth = 0; *p && depth >= 0; p++) {
    depth += (strchr("{[<(", *p) != NULL) - (strchr("}]>)", *p) != NULL);
    n += depth == 0 && *p == ',';
  }
  return n;
}

static void read_fields(const char **p, const char *name, struct ArrowSchema *out) {
  size_t n = count_fields(*p);
  sluice_schema_nested(out, "+s", name, 0, (int64_t)n);
  for (size_t i = 0; i < n; i++) {
    char field[64];
    size_t size = strcspn(*p, ":");
    snprintf(field, sizeof field, "%.*s", (int)size, *p);
    *p += size + 1;
    read_want(p, field, out->children[i]);
    *p += **p == ',';
  }
}

static void read_nested(const char **p, const char *name, struct ArrowSchema *out) {
  char open = *(*p)++;
  if (open == '{') {
    read_fields(p, name, out);
  } else if (open == '[') {
    sluice_schema_nested(out, "+l", name, 0, 1);
    read_want(p, "item", out->children[0]);
  } else {
    sluice_schema_nested(out, "+m", name, 0, 1);
    sluice_schema_nested(out->children[0], "+s", "entries", 0, 2);
    sluice_schema_init(out->children[0]->children[0], "u", "key", 0);
    read_want(p, "value", out->children[0]->children[1]);
  }
  ++*p;
}

static void read_want(const char **p, const char *name, struct ArrowSchema *out) {
  if (**p == '{' || **p == '[' || **p == '<') {
    read_nested(p, name, out);
  } else {
    char type[64], format[64] = "";
    size_t n = 0;
    for (int depth = 0; **p && (depth || !strchr(",!}]>", **p)); ++*p) {
      depth += (strchr("([", **p) != NULL) - (strchr(")]", **p) != NULL);
      type[n++] = **p;
    }
    type[n] = 0;
    if (n && type[0] == '=') /* a format as it stands */
      snprintf(format, sizeof format, "%s", type + 1);
    else if (n && sluice_type_from_name(type, format, NULL) != SLUICE_OK)
      die("an unknown type", type);
    sluice_schema_init(out, format, name, 0);
  }
  out->flags = **p == '!' ? 0 : ARROW_FLAG_NULLABLE;
  *p += **p == '!';
}

/* ---- options ---- */

struct setting {
  const char *word;
  size_t offset;
  int32_t value;
};
#define SETTING(word, field, value)                                                                                    \
  { word, offsetof(struct json_config, field), value }
static const struct setting settings[] = {SETTING("layout=lines", layout, JSON_LAYOUT_LINES),
                                          SETTING("layout=array", layout, JSON_LAYOUT_ARRAY),
                                          SETTING("layout=sequence", layout, JSON_LAYOUT_SEQUENCE),
                                          SETTING("infer=whole", infer, JSON_INFER_WHOLE),
                                          SETTING("fractions=decimal", fractions, JSON_FRACTIONS_DECIMAL),
                                          SETTING("extra=reject", extra, JSON_EXTRA_REJECT),
                                          SETTING("duplicates=last", duplicates, JSON_DUPLICATES_LAST),
                                          SETTING("duplicates=first", duplicates, JSON_DUPLICATES_FIRST),
                                          SETTING("bad_text=replace", bad_text, JSON_BAD_TEXT_REPLACE),
                                          SETTING("bad_text=error", bad_text, JSON_BAD_TEXT_ERROR),
                                          SETTING("times=false", times, 0),
                                          SETTING("nan", nan, 1)};

static bool set_number(struct kit_options *o, const char *word) {
  const struct {
    const char *name;
    int64_t *value;
  } numbers[] = {{"sample=", &o->config.sample},
                 {"max_record=", &o->config.max_record},
                 {"rows=", &o->scan.batch_rows},
                 {"bytes=", &o->scan.batch_bytes}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (strncmp(word, numbers[i].name, strlen(numbers[i].name)) == 0) {
      *numbers[i].value = strtoll(word + strlen(numbers[i].name), NULL, 10);
      return true;
    }
  return false;
}

static void set_word(struct kit_options *o, const char *word) {
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    if (strcmp(word, settings[i].word) == 0) {
      memcpy((char *)&o->config + settings[i].offset, &settings[i].value, sizeof settings[i].value);
      return;
    }
  if (set_number(o, word))
    return;
  if (strcmp(word, "strict") == 0)
    o->no_rejects = true;
  else if (strcmp(word, "extra") == 0)
    o->scan.flags |= SLUICE_SCAN_EXTRA;
  else if (strncmp(word, "records=", 8) == 0)
    snprintf(o->records, sizeof o->records, "%s", word + 8);
  else
    die("an unknown word", word);
}

void kit_options(struct kit_options *o, const char *words) {
  char word[160];
  memset(o, 0, sizeof *o);
  o->config = (struct json_config){.times = 1, .sample = 1 << 20, .max_record = 1 << 20};
  o->scan = (struct sluice_scan){.struct_size = sizeof o->scan, .batch_rows = 1024, .batch_bytes = 1 << 20};
  snprintf(o->part, sizeof o->part, "part.json");
  while (*words) {
    if (strncmp(words, "want=", 5) == 0) {
      words += 5;
      read_fields(&words, "", &o->want);
      break;
    }
    size_t n = strcspn(words, " ");
    snprintf(word, sizeof word, "%.*s", (int)n, words);
    set_word(o, word);
    words += n + (words[n] == ' ');
  }
}

void kit_options_finish(struct kit_options *o) {
  sluice_schema_release(&o->want);
}

/* ---- the plugin through its contract ---- */

extern const struct sluice_plugin sluice_plugin_v1;
const struct sluice_format *kit_format(void) {
  return (const struct sluice_format *)(const void *)sluice_plugin_v1.components[0];
}

static int is_cancelled(const struct sluice_host *host) {
  (void)host;
  return kit_cancelled;
}
static void count_warning(const struct sluice_host *host, int level, const char *message) {
  (void)host;
  kit_warnings += level == SLUICE_WARN;
  if (level == SLUICE_WARN)
    snprintf(kit_warning, sizeof kit_warning, "%s", message);
}
const struct sluice_host *kit_host(void) {
  static const struct sluice_host host = {
      .struct_size = sizeof host, .job = "", .sink = "", .run = "", .log = count_warning, .cancelled = is_cancelled};
  return &host;
}

struct told { /* rejects, as they come */
  struct sluice_rejects base;
  FILE *out;
  int64_t count, last;
};

static int tell_reject(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  struct told *t = rejects->private_data;
  (void)err;
  if (reject->row <= t->last)
    die("rejects are out of order", reject->reason);
  t->last = reject->row;
  t->count++;
  fprintf(t->out, "reject %lld at %lld%s%s: %s [", (long long)reject->row, (long long)reject->offset,
          reject->column ? ", " : "", reject->column ? reject->column : "", reject->reason);
  for (size_t i = 0; i < reject->raw_size && i < 40; i++) {
    uint8_t c = ((const uint8_t *)reject->raw)[i];
    fputc(c < 0x20 || c >= 0x7f ? '.' : c, t->out);
  }
  fputs("]\n", t->out);
  return SLUICE_OK;
}

static void print_batch(FILE *out, const struct ArrowSchema *schema, const struct sluice_batch *b) {
  for (int64_t i = 0; i < b->array.length; i++) {
    fprintf(out, "%lld", (long long)(b->origin ? b->origin[i] : b->first_row + i));
    for (int64_t k = 0; k < schema->n_children; k++) {
      fputs(k ? ", " : " ", out);
      kit_print(out, schema->children[k], b->array.children[k], i);
    }
    fputc('\n', out);
  }
  fflush(out);
}

static void check_batch(const struct ArrowSchema *schema, const struct sluice_batch *b) {
  struct sluice_error err = {0};
  bool sound = sluice_array_validate(schema, &b->array, SLUICE_CHECK_FULL, &err) == SLUICE_OK;
  if (!sound || b->end.row <= b->first_row || b->array.length > b->end.row - b->first_row || b->end.offset <= 0)
    die("a batch is not sound", err.message);
  for (int64_t i = 0; b->origin && i < b->array.length; i++)
    if (b->origin[i] < b->first_row + i || b->origin[i] >= b->end.row)
      die("an ordinal is out of its batch", "");
}

static void read_batches(struct sluice_reader *reader, struct kit_result *r, FILE *out) {
  struct ArrowSchema schema = {0};
  r->code = reader->schema(reader, &schema, &r->err);
  if (!r->code)
    r->code = sluice_schema_validate(&schema, &r->err);
  if (!r->code)
    kit_print_schema(out, &schema);
  fflush(out);
  r->begin = (size_t)ftell(out);
  while (!r->code) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    r->code = reader->next(reader, &batch, &r->err);
    if (r->code)
      break;
    check_batch(&schema, &batch);
    print_batch(out, &schema, &batch);
    r->rows += batch.array.length;
    if (r->batches < 64) {
      r->ends[r->batches] = batch.end;
      r->text_at[r->batches] = (size_t)ftell(out);
    }
    r->batches++;
    sluice_array_release(&batch.array);
  }
  sluice_schema_release(&schema);
}

void kit_read(const struct kit_options *o, struct kit_input *input, struct kit_result *r) {
  size_t size;
  struct sluice_input in;
  struct sluice_reader reader = {0};
  struct kit_options with = *o;
  void *self;
  int64_t warnings = kit_warnings;
  *r = (struct kit_result){0};
  FILE *out = open_memstream(&r->text, &size);
  struct told told = {{tell_reject, &told}, out, 0, -1};
  with.config.records = with.records;
  with.scan.part = with.part;
  with.scan.rejects = o->no_rejects ? NULL : &told.base;
  with.scan.want = o->want.release ? &o->want : NULL;
  r->code = kit_format()->open(kit_host(), &with.config, &self, &r->err);
  if (!r->code) {
    kit_input_open(input, &in);
    r->code = kit_format()->decode(self, &in, &with.scan, &reader, &r->err);
    if (r->code)
      in.release(&in);
    else
      read_batches(&reader, r, out);
    if (reader.release)
      reader.release(&reader);
    kit_format()->close(self);
  }
  fclose(out);
  r->rejects = told.count;
  r->warnings = kit_warnings - warnings;
  if (input->opened != 0)
    die("the input was not released", "");
}

void kit_result_free(struct kit_result *r) {
  free(r->text);
  r->text = NULL;
}

static void read_words(const char *words, const char *text, struct kit_result *r) {
  struct kit_options o;
  struct kit_input input = kit_text(text);
  kit_options(&o, words);
  kit_read(&o, &input, r);
  kit_options_finish(&o);
}

void kit_expect(const char *words, const char *input, const char *text) {
  struct kit_result r;
  read_words(words, input, &r);
  if (r.code != SLUICE_END || strcmp(r.text, text) != 0) {
    fprintf(stderr, "code %d, %s\n--- expected\n%s--- read\n%s", r.code, r.err.message, text, r.text);
    fail();
  }
  kit_result_free(&r);
}

void kit_expect_error(const char *words, const char *input, int code, const char *part_of_message) {
  struct kit_result r;
  read_words(words, input, &r);
  if (r.code != code || !strstr(r.err.message, part_of_message))
    fail_msg("code %d, %s\n--- expected %d, %s\n--- read\n%s", r.code, r.err.message, code, part_of_message, r.text);
  kit_result_free(&r);
}
