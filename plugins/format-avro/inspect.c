/* What is in a file, besides its records: sluice.inspect/1. */
#include "file.h"
#include <sluice/services.h>
#include <stdlib.h>

enum { MAX_LISTED = 1000, MAX_SHOWN = 64 * 1024 };

struct totals {
  int64_t count, rows, stored, largest;
  const char *broken;
  int64_t broken_at;
};

static int no_memory(const char *where, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, where, "no memory to tell what is in it");
}

/* As JSON text if it is UTF-8, else as hexadecimal digits. */
static json_t *value_of(const uint8_t *bytes, size_t n) {
  static const char digits[] = "0123456789abcdef";
  size_t shown = n < MAX_SHOWN ? n : MAX_SHOWN;
  json_t *text = json_stringn((const char *)bytes, shown);
  char *hex = text ? NULL : malloc(2 * shown + 1);
  for (size_t i = 0; hex && i < shown; i++) {
    hex[2 * i] = digits[bytes[i] >> 4];
    hex[2 * i + 1] = digits[bytes[i] & 15];
  }
  if (hex)
    text = json_stringn(hex, 2 * shown);
  free(hex);
  return text;
}

static json_t *list_metadata(const struct avro_header *h) {
  json_t *out = json_object();
  for (size_t i = 0; out && i < h->count; i++) {
    const struct avro_meta *m = &h->meta[i];
    bool known = strcmp((const char *)m->key, "avro.schema") == 0 || strcmp((const char *)m->key, "avro.codec") == 0;
    if (known || strlen((const char *)m->key) != m->key_size)
      continue;
    json_object_set_new(out, (const char *)m->key, value_of(m->value, m->value_size)); /* other keys are no text */
  }
  return out;
}

static void name_type(const struct avro_type *type, char *out, size_t size) {
  char inner[200];
  if (type->kind == AVRO_ARRAY || type->kind == AVRO_MAP) {
    avro_type_describe(type->types[0], inner, sizeof inner);
    snprintf(out, size, "%s of %.100s", avro_kind_name(type->kind), inner);
    return;
  }
  avro_type_describe(type, out, size);
  size_t n = type->kind == AVRO_UNION ? strlen(out) : size;
  for (uint32_t i = 0; n < size && i < type->count && i < 8; i++) {
    avro_type_describe(type->types[i], inner, sizeof inner);
    n += (size_t)snprintf(out + n, size - n, "%s%.60s", i ? ", " : " of ", inner);
  }
}

static json_t *list_fields(const struct avro_type *root) {
  json_t *out = json_array();
  uint32_t n = root->kind == AVRO_RECORD ? root->count : 1;
  for (uint32_t i = 0; out && i < n; i++) {
    char type[400];
    name_type(root->kind == AVRO_RECORD ? root->fields[i].type : root, type, sizeof type);
    const char *name = root->kind == AVRO_RECORD ? root->fields[i].name : "value";
    if (json_array_append_new(out, json_pack("{ss ss}", "name", name, "type", type)) != 0) {
      json_decref(out);
      return NULL;
    }
  }
  return out;
}

static int list_block(const struct avro_block *b, struct totals *t, json_t *out) {
  t->count++;
  t->rows = t->rows > INT64_MAX - b->count ? INT64_MAX : t->rows + b->count;
  t->stored += b->stored;
  t->largest = b->stored > t->largest ? b->stored : t->largest;
  if (t->count > MAX_LISTED)
    return SLUICE_OK;
  json_t *one = json_pack("{sI sI sI}", "offset", (json_int_t)b->offset, "count", (json_int_t)b->count, "size",
                          (json_int_t)b->stored);
  return json_array_append_new(out, one) == 0 ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

/* From block to block by their heads alone. */
static int walk(struct avro_file *f, struct totals *t, json_t *out, struct sluice_error *err) {
  struct avro_input *w = &f->input;
  for (;;) {
    struct avro_block b = {.offset = w->offset};
    int code = avro_input_need(w, AVRO_HEAD_MAX, err);
    if (code || avro_input_size(w) == 0)
      return code;
    size_t head = avro_block_head(avro_input_bytes(w), avro_input_size(w), &b.count, &b.stored);
    if (!head || b.count < 0 || b.stored < 0 || b.stored > INT64_MAX - b.offset - 64) {
      t->broken = "a block's head is broken";
      t->broken_at = b.offset;
      return SLUICE_OK;
    }
    b.next = b.offset + (int64_t)head + b.stored;
    code = avro_input_seek(w, b.next, err);
    if (!code)
      code = avro_input_need(w, AVRO_SYNC, err);
    if (code)
      return code;
    if (avro_input_size(w) < AVRO_SYNC || memcmp(avro_input_bytes(w), f->header.sync, AVRO_SYNC) != 0) {
      t->broken = "no sync marker follows a block";
      t->broken_at = b.offset;
      return SLUICE_OK;
    }
    avro_input_skip(w, AVRO_SYNC);
    code = list_block(&b, t, out);
    if (code)
      return code;
  }
}

static int put_text(struct sluice_text_out *out, json_t *object, const char *where, struct sluice_error *err) {
  char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(17));
  if (!text)
    return no_memory(where, err);
  int code = out->put(out, text, strlen(text), err);
  free(text);
  return code;
}

static void sync_text(const uint8_t sync[AVRO_SYNC], char out[2 * AVRO_SYNC + 1]) {
  for (int i = 0; i < AVRO_SYNC; i++)
    snprintf(out + 2 * (size_t)i, 3, "%02x", sync[i]);
}

/* Takes over blocks. */
static int tell(const struct avro_file *f, const struct totals *t, json_t *blocks, const char *where,
                struct sluice_text_out *out, struct sluice_error *err) {
  char sync[2 * AVRO_SYNC + 1];
  sync_text(f->header.sync, sync);
  json_t *fields = list_fields(f->writer->root), *metadata = list_metadata(&f->header);
  json_t *all = json_pack("{ss ss ss sI so so}", "format", "avro", "codec", f->codec.name, "sync", sync, "rows",
                          (json_int_t)t->rows, "schema", fields, "metadata", metadata);
  json_t *sizes = json_pack("{sI sI sI}", "count", (json_int_t)t->count, "stored", (json_int_t)t->stored, "largest",
                            (json_int_t)t->largest);
  int code =
      all && sizes && json_object_set(all, "block sizes", sizes) == 0 && json_object_set(all, "blocks", blocks) == 0
          ? SLUICE_OK
          : no_memory(where, err);
  if (!code && t->broken)
    json_object_set_new(all, "broken", json_sprintf("%s, at byte %lld", t->broken, (long long)t->broken_at));
  if (!code)
    code = put_text(out, all, where, err);
  json_decref(all);
  json_decref(sizes);
  return code;
}

static int inspect(void *self, struct sluice_input *in, const char *name, struct sluice_text_out *out,
                   struct sluice_error *err) {
  struct avro_file file;
  struct totals totals = {0};
  int code = avro_file_open(&file, self, in, name, err);
  if (code)
    return code;
  json_t *blocks = json_array();
  code = blocks ? walk(&file, &totals, blocks, err) : no_memory(name, err);
  if (!code)
    code = tell(&file, &totals, blocks, name, out, err);
  json_decref(blocks);
  avro_file_close(&file);
  return sluice_fail(err, code, name, "no memory to tell what is in it");
}

static const struct sluice_inspect power = {.struct_size = sizeof power, .inspect = inspect};

const void *avro_extension(const char *id) {
  return strcmp(id, SLUICE_INSPECT) == 0 ? &power : NULL;
}
