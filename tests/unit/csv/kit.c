/* What the tests of the CSV reader share. */
#include "kit.h"
#include <stdlib.h>

int kit_cancelled;

/* ---- inputs ---- */

static int read_bytes(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                      struct sluice_error *err) {
  struct kit_bytes *b = in->private_data;
  if (++b->reads == b->fail_read)
    return sluice_fail(err, b->fail_code, "", "this read was made to fail");
  if (in->size < 0 && offset < b->furthest && b->furthest > 1 << 20)
    b->rewound = true;
  size_t left = (size_t)offset < b->size ? b->size - (size_t)offset : 0;
  *got = n < left ? n : left;
  if (*got && b->make)
    b->make(offset, buf, *got);
  else if (*got)
    memcpy(buf, b->data + offset, *got);
  if (offset + (int64_t)*got > b->furthest)
    b->furthest = offset + (int64_t)*got;
  return SLUICE_OK;
}

static void note_ranges(struct sluice_input *in, const struct sluice_range *ranges, size_t n) {
  struct kit_bytes *b = in->private_data;
  for (size_t i = 0; i < n; i++)
    b->announced += ranges[i].size;
}

static void release_input(struct sluice_input *in) {
  struct kit_bytes *b = in->private_data;
  b->opened--;
  in->release = NULL;
}

void kit_input(struct kit_bytes *b, struct sluice_input *out) {
  b->opened++;
  *out = (struct sluice_input){.size = b->unknown_size ? -1 : (int64_t)b->size,
                               .window = 1 << 20,
                               .read_at = read_bytes,
                               .will_need = note_ranges,
                               .release = release_input,
                               .private_data = b};
}

/* ---- options ---- */

void kit_defaults(struct kit_options *o) {
  memset(o, 0, sizeof *o);
  o->config = (struct csv_config){.delimiter = ",",
                                  .quote = "\"",
                                  .escape = "",
                                  .comment = "",
                                  .header = 1,
                                  .header_rows = 1,
                                  .sample = 1 << 20,
                                  .max_line = 64 << 20};
  o->config.null_tokens.items = o->tokens;
  o->scan =
      (struct sluice_scan){.struct_size = sizeof o->scan, .batch_rows = 1024, .batch_bytes = 1 << 20, .part = "part"};
}

void kit_find_all(struct kit_options *o) {
  o->config.delimiter = o->config.quote = o->config.escape = o->config.comment = "auto";
  o->config.header_rows = o->config.skip_rows = o->config.skip_footer = CSV_FOUND;
}

static void die(const char *what, const char *text) {
  fprintf(stderr, "%s: \"%s\"\n", what, text);
  abort();
}

static size_t split_list(const char *items[16], char *value) {
  size_t n = 0;
  for (char *next = value; next && n < 16; n++) {
    items[n] = next;
    next = strchr(next, '|');
    if (next)
      *next++ = 0;
  }
  return n;
}

/* A list of the plugin's table but null_tokens; false: it has none of that name. */
static bool set_list(struct kit_options *o, const char *name, char *value) {
  for (uint32_t i = 0; i < csv_options.count; i++) {
    const struct sluice_option *option = &csv_options.items[i];
    if (option->kind != SLUICE_OPTION_LIST || strcmp(option->name, name) != 0)
      continue;
    if (o->n_lists == sizeof o->lists / sizeof *o->lists)
      die("too many lists", name);
    struct sluice_list list = {.items = o->lists[o->n_lists]};
    list.count = split_list(o->lists[o->n_lists++], value);
    memcpy((char *)&o->config + option->offset, &list, sizeof list);
    return true;
  }
  return false;
}

static void split_want(struct kit_options *o, char *value) {
  struct ArrowSchema fields[32];
  int64_t n = 0;
  for (char *next = value; next && *next && n < 32; n++) {
    char *field = next, format[64] = "", *type;
    next = strchr(next, ',');
    if (next)
      *next++ = 0;
    type = strchr(field, ':');
    if (!type)
      die("a wanted field without a type", field);
    *type++ = 0;
    size_t end = strlen(type);
    bool must = end > 0 && type[end - 1] == '!';
    if (must)
      type[end - 1] = 0;
    for (char *p = type; *p; p++)
      if (*p == ';')
        *p = ',';
    if (*type && sluice_type_from_name(type, format, NULL) != SLUICE_OK)
      die("an unknown type", type);
    sluice_schema_init(&fields[n], format, field, must ? 0 : ARROW_FLAG_NULLABLE);
  }
  sluice_schema_nested(&o->want, "+s", "", 0, n);
  for (int64_t i = 0; i < n; i++)
    sluice_schema_move(&fields[i], o->want.children[i]);
  o->scan.want = &o->want;
}

static int32_t choice_of(const struct sluice_option *option, const char *value) {
  for (int32_t i = 0; option->choices[i]; i++)
    if (strcmp(option->choices[i], value) == 0)
      return i;
  die("an unknown choice", value);
  return 0;
}

/* An option of the plugin's table; false: it has none of that name. */
static bool set_config(struct csv_config *config, const char *name, const char *value) {
  for (uint32_t i = 0; i < csv_options.count; i++) {
    const struct sluice_option *option = &csv_options.items[i];
    void *at = (char *)config + option->offset;
    if (strcmp(option->name, name) != 0)
      continue;
    if (option->kind == SLUICE_OPTION_TEXT)
      memcpy(at, &value, sizeof value);
    else if (option->kind == SLUICE_OPTION_CHOICE)
      *(int32_t *)at = choice_of(option, value);
    else if (option->kind == SLUICE_OPTION_BOOL)
      *(int32_t *)at = strcmp(value, "true") == 0;
    else
      *(int64_t *)at = strtoll(value, NULL, 10);
    return true;
  }
  return false;
}

static void set_option(struct kit_options *o, const char *name, char *value) {
  if (strcmp(name, "find") == 0) {
    kit_find_all(o);
    return;
  }
  if (strcmp(name, "null_tokens") == 0)
    o->config.null_tokens.count = split_list(o->tokens, value);
  else if (strcmp(name, "batch_rows") == 0)
    o->scan.batch_rows = strtoll(value, NULL, 10);
  else if (strcmp(name, "batch_bytes") == 0)
    o->scan.batch_bytes = strtoll(value, NULL, 10);
  else if (strcmp(name, "part") == 0)
    o->scan.part = value;
  else if (strcmp(name, "want") == 0)
    split_want(o, value);
  else if (strcmp(name, "extra") == 0)
    o->scan.flags |= SLUICE_SCAN_EXTRA;
  else if (!set_list(o, name, value) && !set_config(&o->config, name, value))
    die("an unknown option", name);
}

void kit_parse_options(struct kit_options *o, const char *text) {
  snprintf(o->text, sizeof o->text, "%s", text);
  for (char *line = o->text; line && *line;) {
    char *next = strchr(line, '\n'), *value = strstr(line, " = ");
    if (next)
      *next++ = 0;
    if (!value)
      die("an option without a value", line);
    *value = 0;
    set_option(o, line, value + 3);
    line = next;
  }
}

void kit_options_finish(struct kit_options *o) {
  sluice_schema_release(&o->want);
}

/* ---- rejects ---- */

static void print_byte(FILE *out, char c) {
  if (c == '\n')
    fputs("\\n", out);
  else if (c == '\r')
    fputs("\\r", out);
  else if (c == 0)
    fputs("\\0", out);
  else
    fputc(c, out);
}

static int add_reject(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  struct kit_rejects *r = rejects->private_data;
  (void)err;
  if (reject->row <= r->last_row)
    die("rejects are out of order", reject->reason);
  r->last_row = reject->row;
  r->count++;
  if (reject->raw_size > r->largest)
    r->largest = reject->raw_size;
  if (!r->out)
    return SLUICE_OK;
  fprintf(r->out, "reject %lld at %lld%s%s: %s [", (long long)reject->row, (long long)reject->offset,
          reject->column ? ", column " : "", reject->column ? reject->column : "", reject->reason);
  for (size_t i = 0; i < reject->raw_size && i < 80; i++)
    print_byte(r->out, ((const char *)reject->raw)[i]);
  fprintf(r->out, "]\n");
  return SLUICE_OK;
}

void kit_rejects_init(struct kit_rejects *r, FILE *out) {
  *r = (struct kit_rejects){.base = {add_reject, r}, .out = out, .last_row = -1};
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
static FILE *log_to; /* or NULL */

static void print_log(const struct sluice_host *host, int level, const char *message) {
  (void)host;
  if (log_to)
    fprintf(log_to, "%s: %s\n", level == SLUICE_WARN ? "warning" : "log", message);
}

static const struct sluice_host host = {
    .struct_size = sizeof host, .job = "", .sink = "", .run = "", .log = print_log, .cancelled = is_cancelled};

void *kit_format_open(const struct kit_options *o) {
  void *self = NULL;
  struct sluice_error err = {0};
  if (kit_format()->open(&host, &o->config, &self, &err) != SLUICE_OK)
    die(err.where, err.message);
  return self;
}

int kit_open(const struct kit_options *o, struct kit_bytes *bytes, struct kit_open *out, struct sluice_error *err) {
  struct sluice_input in;
  *out = (struct kit_open){0};
  int rc = kit_format()->open(&host, &o->config, &out->self, err);
  if (rc)
    return rc;
  kit_input(bytes, &in);
  rc = kit_format()->decode(out->self, &in, &o->scan, &out->reader, err);
  if (rc == SLUICE_OK)
    return rc;
  in.release(&in);
  kit_format()->close(out->self);
  out->self = NULL;
  return rc;
}

void kit_close(struct kit_open *open) {
  if (open->reader.release)
    open->reader.release(&open->reader);
  if (open->self)
    kit_format()->close(open->self);
  *open = (struct kit_open){0};
}

/* ---- printing ---- */

void kit_print_schema(FILE *out, const struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    char type[96];
    sluice_type_name(schema->children[i]->format, type, sizeof type);
    fprintf(out, "%s%s: %s%s", i ? ", " : "", schema->children[i]->name, type,
            schema->children[i]->flags & ARROW_FLAG_NULLABLE ? "" : "!");
  }
  fprintf(out, "\n");
}

static void print_text(FILE *out, const struct ArrowArray *a, int64_t i, bool wide) {
  const int32_t *narrow = a->buffers[1];
  const int64_t *large = a->buffers[1];
  int64_t from = wide ? large[i] : narrow[i], to = wide ? large[i + 1] : narrow[i + 1];
  fputc('"', out);
  for (const char *p = (const char *)a->buffers[2] + from; from < to; from++)
    print_byte(out, *p++);
  fputc('"', out);
}

static int64_t whole(const void *values, int64_t i, int32_t width, bool is_signed) {
  const uint8_t *p = (const uint8_t *)values + i * width;
  uint64_t v = 0;
  for (int32_t k = width; k-- > 0;)
    v = v << 8 | p[k];
  int shift = 64 - 8 * width;
  return is_signed ? (int64_t)(v << shift) >> shift : (int64_t)v;
}

static size_t print_value(char *text, const struct sluice_type *t, const struct ArrowArray *a, int64_t i) {
  const void *v = a->buffers[1];
  switch (t->id) {
  case SLUICE_TYPE_BOOL:
    return (size_t)snprintf(text, SLUICE_TEXT_MAX, "%s", sluice_bit(v, i) ? "true" : "false");
  case SLUICE_TYPE_DOUBLE:
    return (size_t)snprintf(text, SLUICE_TEXT_MAX, "%.17g", ((const double *)v)[i]);
  case SLUICE_TYPE_FLOAT:
    return (size_t)snprintf(text, SLUICE_TEXT_MAX, "%.9g", (double)((const float *)v)[i]);
  case SLUICE_TYPE_DECIMAL128:
  case SLUICE_TYPE_DECIMAL256:
    return sluice_print_decimal(text, (const uint8_t *)v + t->width * i, t->width, t->scale);
  case SLUICE_TYPE_DATE32:
    return sluice_print_date(text, whole(v, i, 4, true));
  case SLUICE_TYPE_TIME32:
  case SLUICE_TYPE_TIME64:
    return sluice_print_time(text, whole(v, i, t->width, true), t->unit);
  case SLUICE_TYPE_TIMESTAMP:
    return sluice_print_timestamp(text, whole(v, i, 8, true), t->unit, t->timezone[0] != 0);
  case SLUICE_TYPE_UINT64:
    return sluice_print_uint(text, (uint64_t)whole(v, i, 8, false));
  default:
    return sluice_print_int(text, whole(v, i, t->width, t->id < SLUICE_TYPE_UINT8));
  }
}

static void print_cell(FILE *out, const struct ArrowSchema *field, const struct ArrowArray *a, int64_t i) {
  struct sluice_type type;
  char text[SLUICE_TEXT_MAX + 1];
  sluice_type_parse(field->format, &type, NULL);
  bool large = type.id == SLUICE_TYPE_LARGE_UTF8 || type.id == SLUICE_TYPE_LARGE_BINARY;
  if (sluice_is_null(a, i))
    fputs("null", out);
  else if (large || type.id == SLUICE_TYPE_UTF8 || type.id == SLUICE_TYPE_BINARY)
    print_text(out, a, i, large);
  else
    fwrite(text, 1, print_value(text, &type, a, i), out);
}

void kit_print_batch(FILE *out, const struct ArrowSchema *schema, const struct sluice_batch *b) {
  for (int64_t i = 0; i < b->array.length; i++) {
    fprintf(out, "%lld", (long long)(b->origin ? b->origin[i] : b->first_row + i));
    for (int64_t k = 0; k < b->array.n_children; k++) {
      fputs(" | ", out);
      print_cell(out, schema->children[k], b->array.children[k], i);
    }
    fputc('\n', out);
  }
}

/* Reads to the end. Rows of a batch come after the rejects of the same batch. */
static int dump_reader(FILE *out, struct sluice_reader *reader, struct sluice_error *err) {
  struct ArrowSchema schema = {0};
  int rc = reader->schema(reader, &schema, err);
  if (rc == SLUICE_OK)
    kit_print_schema(out, &schema);
  while (rc == SLUICE_OK) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    rc = reader->next(reader, &batch, err);
    if (rc)
      break;
    if (sluice_array_validate(&schema, &batch.array, SLUICE_CHECK_FULL, err) != SLUICE_OK)
      die(err->where, err->message);
    kit_print_batch(out, &schema, &batch);
    sluice_array_release(&batch.array);
  }
  sluice_schema_release(&schema);
  return rc;
}

char *kit_dump(const struct kit_options *o, struct kit_bytes *bytes) {
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  struct kit_options with = *o;
  struct kit_rejects rejects;
  struct kit_open open;
  struct sluice_error err = {0};
  kit_rejects_init(&rejects, out);
  with.scan.rejects = &rejects.base;
  with.config.null_tokens.items = with.tokens;
  log_to = out;
  int rc = kit_open(&with, bytes, &open, &err);
  log_to = NULL;
  if (rc == SLUICE_OK)
    rc = dump_reader(out, &open.reader, &err);
  kit_close(&open);
  if (rc == SLUICE_END)
    fprintf(out, "end\n");
  else
    fprintf(out, "error %d: %s\n", rc, err.message);
  fclose(out);
  return text;
}

char *kit_read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  char *data = malloc(*size + 1);
  if (data)
    *size = fread(data, 1, *size, file);
  if (data)
    data[*size] = 0;
  fclose(file);
  return data;
}
