/* Reads the header of an object container file. */
#include "header.h"
#include "varint.h"
#include <stdlib.h>

enum { MAX_ENTRIES = 10000 };

struct cursor {
  struct avro_input *input;
  size_t used; /* of the header so far */
  const char *where;
  struct sluice_error *err;
};

static int no_memory(const struct cursor *c) {
  return sluice_fail(c->err, SLUICE_ERR_MEMORY, c->where, "no memory for the file's header");
}
static int cut_short(const struct cursor *c) {
  return sluice_fail(c->err, SLUICE_ERR_DATA, c->where, "its header is cut short, at byte %zu", c->used);
}
static int too_large(const struct cursor *c) {
  return sluice_fail(c->err, SLUICE_ERR_DATA, c->where, "its header is broken, or has over %d bytes", AVRO_MAX_HEADER);
}

/* n bytes of the header, valid until more are read. */
static int take(struct cursor *c, size_t n, const uint8_t **out) {
  if (n > AVRO_MAX_HEADER || c->used + n > AVRO_MAX_HEADER)
    return too_large(c);
  int code = avro_input_need(c->input, c->used + n, c->err);
  if (code)
    return code;
  if (avro_input_size(c->input) < c->used + n)
    return cut_short(c);
  *out = avro_input_bytes(c->input) + c->used;
  c->used += n;
  return SLUICE_OK;
}

static int take_long(struct cursor *c, int64_t *out) {
  uint8_t bytes[AVRO_LONG_MAX];
  size_t n = 0;
  do {
    const uint8_t *p = NULL;
    int code = take(c, 1, &p);
    if (code)
      return code;
    bytes[n++] = *p;
  } while (bytes[n - 1] & 0x80 && n < AVRO_LONG_MAX);
  if (avro_long_within(bytes, n, out))
    return SLUICE_OK;
  return sluice_fail(c->err, SLUICE_ERR_DATA, c->where,
                     "its header is broken: a number of more than 10 bytes or 64 bits");
}

static int take_size(struct cursor *c, size_t *out) {
  int64_t n;
  int code = take_long(c, &n);
  if (!code && (n < 0 || n > AVRO_MAX_HEADER))
    code = too_large(c);
  if (!code)
    *out = (size_t)n;
  return code;
}

static int add_entry(struct cursor *c, struct avro_header *h, struct avro_meta **out) {
  if (h->count >= MAX_ENTRIES)
    return sluice_fail(c->err, SLUICE_ERR_DATA, c->where, "its header has over %d entries of metadata", MAX_ENTRIES);
  if (h->count == h->capacity) {
    size_t capacity = h->capacity ? h->capacity * 2 : 8;
    struct avro_meta *meta = realloc(h->meta, capacity * sizeof *meta);
    if (!meta)
      return no_memory(c);
    h->meta = meta;
    h->capacity = capacity;
  }
  *out = &h->meta[h->count];
  **out = (struct avro_meta){0};
  return SLUICE_OK;
}

static int take_entry(struct cursor *c, struct avro_header *h) {
  struct avro_meta *meta = NULL;
  const uint8_t *key = NULL, *value = NULL;
  size_t key_size = 0, value_size = 0, key_at = 0;
  int code = add_entry(c, h, &meta);
  if (!code)
    code = take_size(c, &key_size);
  key_at = c->used;
  if (!code)
    code = take(c, key_size, &key);
  if (!code)
    code = take_size(c, &value_size);
  if (!code)
    code = take(c, value_size, &value);
  if (code)
    return code;
  uint8_t *copy = calloc(1, key_size + value_size + 2);
  if (!copy)
    return no_memory(c);
  memcpy(copy, avro_input_bytes(c->input) + key_at, key_size);
  if (value_size)
    memcpy(copy + key_size + 1, value, value_size);
  *meta = (struct avro_meta){copy, copy + key_size + 1, key_size, value_size};
  h->count++;
  return SLUICE_OK;
}

/* Metadata is a map of bytes: blocks of entries, of which a negative count has its size behind it. */
static int take_meta(struct cursor *c, struct avro_header *h) {
  for (;;) {
    int64_t count, size;
    int code = take_long(c, &count);
    if (!code && count < 0)
      code = take_long(c, &size);
    if (code || count == 0)
      return code;
    if (count == INT64_MIN)
      return too_large(c);
    for (count = count < 0 ? -count : count; count > 0 && !code; count--)
      code = take_entry(c, h);
    if (code)
      return code;
  }
}

/* What else begins like this, by name. */
static int refuse(const struct cursor *c, const uint8_t *p, size_t n) {
  if (n >= 2 && p[0] == 0xc3 && p[1] == 0x01)
    return sluice_fail(c->err, SLUICE_ERR_UNSUPPORTED, c->where,
                       "it holds a single-object message (C3 01), which has no schema with it; only Avro object "
                       "container files are read");
  if (n >= 5 && p[0] == 0)
    return sluice_fail(c->err, SLUICE_ERR_UNSUPPORTED, c->where,
                       "it looks like a message framed for a schema registry (Confluent: a zero byte and a schema's "
                       "number), which has no schema with it; only Avro object container files are read");
  if (n >= 3 && memcmp(p, "Obj", 3) == 0)
    return sluice_fail(c->err, SLUICE_ERR_UNSUPPORTED, c->where,
                       "it is an Avro object container file of version %u; version 1 is read", n > 3 ? p[3] : 0u);
  return sluice_fail(c->err, SLUICE_ERR_DATA, c->where,
                     "it is no Avro object container file: it does not begin with \"Obj\" and 1");
}

int avro_header_read(struct avro_header *h, struct avro_input *w, const char *where, struct sluice_error *err) {
  struct cursor c = {w, 0, where, err};
  const uint8_t *p = NULL;
  *h = (struct avro_header){0};
  int code = avro_input_need(w, 16, err);
  if (code)
    return code;
  size_t held = avro_input_size(w);
  if (held < 4 || memcmp(avro_input_bytes(w), "Obj\1", 4) != 0)
    return refuse(&c, avro_input_bytes(w), held);
  c.used = 4;
  code = take_meta(&c, h);
  if (!code)
    code = take(&c, AVRO_SYNC, &p);
  if (code) {
    avro_header_finish(h);
    return code;
  }
  memcpy(h->sync, p, AVRO_SYNC);
  h->size = (int64_t)c.used;
  avro_input_skip(w, c.used);
  return SLUICE_OK;
}

void avro_header_finish(struct avro_header *h) {
  for (size_t i = 0; i < h->count; i++)
    free(h->meta[i].key);
  free(h->meta);
  *h = (struct avro_header){0};
}

const struct avro_meta *avro_header_find(const struct avro_header *h, const char *key) {
  for (size_t i = h->count; i > 0; i--)
    if (h->meta[i - 1].key_size == strlen(key) && memcmp(h->meta[i - 1].key, key, strlen(key)) == 0)
      return &h->meta[i - 1];
  return NULL;
}

int avro_header_schema(const struct avro_header *h, const char *where, struct avro_schema **out,
                       struct sluice_error *err) {
  const struct avro_meta *schema = avro_header_find(h, "avro.schema");
  if (!schema)
    return sluice_fail(err, SLUICE_ERR_DATA, where, "its header has no avro.schema");
  return avro_schema_parse(schema->value, schema->value_size, "the file's schema", where, SLUICE_ERR_DATA, out, err);
}
