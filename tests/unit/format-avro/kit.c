/* What the tests of the Avro reader share. */
#include "kit.h"
#include <stdlib.h>

/* ---- making files ---- */

static const uint8_t sync_marker[AVRO_SYNC] = {0xa1, 2,  0xa3, 4,  0xa5, 6,  0xa7, 8,
                                               0xa9, 10, 0xab, 12, 0xad, 14, 0xaf, 16};

void kit_put(struct kit_file *f, const void *bytes, size_t n) {
  if (f->size + n > f->capacity) {
    f->capacity = (f->size + n) * 2 + 64;
    f->data = realloc(f->data, f->capacity);
    if (!f->data)
      abort();
  }
  if (n)
    memcpy(f->data + f->size, bytes, n);
  f->size += n;
}

void kit_long(struct kit_file *f, int64_t value) {
  uint64_t left = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
  for (; left >= 0x80; left >>= 7)
    kit_put(f, &(uint8_t){(uint8_t)(left | 0x80)}, 1);
  kit_put(f, &(uint8_t){(uint8_t)left}, 1);
}

void kit_text(struct kit_file *f, const char *text) {
  kit_long(f, (int64_t)strlen(text));
  kit_put(f, text, strlen(text));
}

void kit_header(struct kit_file *f, const char *schema, const char *codec) {
  kit_put(f, "Obj\1", 4);
  kit_long(f, codec ? 2 : 1);
  kit_text(f, "avro.schema");
  kit_text(f, schema);
  if (codec) {
    kit_text(f, "avro.codec");
    kit_text(f, codec);
  }
  kit_long(f, 0);
  kit_put(f, sync_marker, AVRO_SYNC);
}

void kit_block(struct kit_file *f, int64_t count, const struct kit_file *data) {
  kit_long(f, count);
  kit_long(f, (int64_t)data->size);
  kit_put(f, data->data, data->size);
  kit_put(f, sync_marker, AVRO_SYNC);
}

void kit_free(struct kit_file *f) {
  free(f->data);
  *f = (struct kit_file){0};
}

uint8_t *kit_read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  fseek(file, 0, SEEK_END);
  long n = ftell(file);
  rewind(file);
  uint8_t *data = malloc((size_t)n + 1);
  if (!data || fread(data, 1, (size_t)n, file) != (size_t)n)
    abort();
  data[n] = 0;
  *size = (size_t)n;
  fclose(file);
  return data;
}

/* ---- inputs and rejects ---- */

static int read_bytes(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                      struct sluice_error *err) {
  struct kit_bytes *b = in->private_data;
  if (++b->reads == b->fail_read)
    return sluice_fail(err, b->fail_code, "", "this read was made to fail");
  size_t left = (size_t)offset < b->size ? b->size - (size_t)offset : 0;
  *got = n < left ? n : left;
  if (*got)
    memcpy(buf, b->data + offset, *got);
  b->bytes_read += (int64_t)*got;
  return SLUICE_OK;
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
                               .release = release_input,
                               .private_data = b};
}

static int add_reject(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  struct kit_rejects *r = rejects->private_data;
  (void)err;
  if (reject->row <= r->last_row) {
    fprintf(stderr, "rejects are out of order: %s\n", reject->reason);
    abort();
  }
  r->last_row = reject->row;
  r->count++;
  snprintf(r->reason, sizeof r->reason, "%s", reject->reason);
  snprintf(r->column, sizeof r->column, "%s", reject->column ? reject->column : "");
  return SLUICE_OK;
}

void kit_rejects_init(struct kit_rejects *r) {
  *r = (struct kit_rejects){.base = {add_reject, r}, .last_row = -1};
}

/* ---- the plugin through its contract ---- */

void kit_defaults(struct kit_options *o) {
  *o = (struct kit_options){.config = {.max_block = 1 << 20}};
  o->scan = (struct sluice_scan){
      .struct_size = sizeof o->scan, .batch_rows = 1024, .batch_bytes = 1 << 20, .part = "part.avro"};
}

extern const struct sluice_plugin sluice_plugin_v1;
const struct sluice_format *kit_format(void) {
  return (const struct sluice_format *)(const void *)sluice_plugin_v1.components[0];
}

int kit_open(const struct kit_options *o, struct kit_bytes *bytes, struct kit_open *out, struct sluice_error *err) {
  struct sluice_input in;
  *out = (struct kit_open){0};
  int code = kit_format()->open(NULL, &o->config, &out->self, err);
  if (code)
    return code;
  kit_input(bytes, &in);
  code = kit_format()->decode(out->self, &in, &o->scan, &out->reader, err);
  if (!code)
    return code;
  in.release(&in);
  kit_format()->close(out->self);
  out->self = NULL;
  return code;
}

void kit_close(struct kit_open *open) {
  if (open->reader.release)
    open->reader.release(&open->reader);
  if (open->self)
    kit_format()->close(open->self);
  *open = (struct kit_open){0};
}

/* ---- reading to the end ---- */

static void print_batch(FILE *out, const struct ArrowSchema *schema, const struct sluice_batch *b) {
  for (int64_t i = 0; i < b->array.length; i++) {
    fprintf(out, "%lld", (long long)(b->origin ? b->origin[i] : b->first_row + i));
    for (int64_t k = 0; k < schema->n_children; k++) {
      fputc(k ? ',' : ' ', out);
      kit_print_value(out, schema->children[k], b->array.children[k], i);
    }
    fputc('\n', out);
  }
}

static void check_batch(const struct ArrowSchema *schema, const struct sluice_batch *b) {
  struct sluice_error err = {0};
  if (sluice_array_validate(schema, &b->array, SLUICE_CHECK_FULL, &err) == SLUICE_OK && b->end.row >= b->first_row &&
      b->array.length <= b->end.row - b->first_row)
    return;
  fprintf(stderr, "a batch is not sound: %s: %s\n", err.where, err.message);
  abort();
}

static int read_batches(struct kit_open *open, const struct ArrowSchema *schema, struct kit_result *r, FILE *out) {
  for (;;) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    int code = open->reader.next(&open->reader, &batch, &r->err);
    if (code)
      return code;
    check_batch(schema, &batch);
    print_batch(out, schema, &batch);
    fflush(out);
    r->rows += batch.array.length;
    if (r->batches < 64) {
      r->ends[r->batches] = batch.end;
      r->text_at[r->batches] = (size_t)ftell(out);
    }
    r->batches++;
    sluice_array_release(&batch.array);
  }
}

void kit_read(const struct kit_options *o, struct kit_bytes *bytes, struct kit_result *r) {
  struct kit_open open;
  struct ArrowSchema schema = {0};
  size_t size;
  *r = (struct kit_result){0};
  FILE *out = open_memstream(&r->text, &size);
  r->code = kit_open(o, bytes, &open, &r->err);
  if (!r->code)
    r->code = open.reader.schema(&open.reader, &schema, &r->err);
  if (!r->code)
    r->code = sluice_schema_validate(&schema, &r->err);
  if (!r->code)
    r->code = read_batches(&open, &schema, r, out);
  fclose(out);
  if (schema.release)
    schema.release(&schema);
  kit_close(&open);
  if (bytes->opened != 0) {
    fprintf(stderr, "the input was not released\n");
    abort();
  }
}

void kit_result_free(struct kit_result *r) {
  free(r->text);
  r->text = NULL;
}

void kit_expect(const struct kit_file *f, const char *lines) {
  struct kit_options o;
  struct kit_bytes bytes = {.data = f->data, .size = f->size};
  struct kit_result r;
  kit_defaults(&o);
  kit_read(&o, &bytes, &r);
  if (r.code != SLUICE_END || strcmp(r.text, lines) != 0) {
    fprintf(stderr, "code %d, %s\n--- expected\n%s--- read\n%s", r.code, r.err.message, lines, r.text);
    abort();
  }
  kit_result_free(&r);
}
