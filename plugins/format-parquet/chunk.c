/* What a row group says of its column chunks. */
#include "chunk.h"

const char pq_no_memory[] = "no memory";

void pq_statistics_read(struct pq_thrift *t, uint8_t type, struct pq_statistics *out) {
  struct pq_thrift_field f = {0};
  struct pq_slice *const texts[] = {NULL, &out->old_max, &out->old_min, NULL, NULL, &out->max, &out->min};
  if (!pq_thrift_struct(t, type))
    return;
  while (pq_thrift_next(t, &f)) {
    if (f.id > 0 && f.id <= 6 && texts[f.id])
      *texts[f.id] = pq_thrift_binary(t, f.type);
    else if (f.id == 3)
      out->nulls = pq_thrift_int(t, f.type, -1);
    else if (f.id == 4)
      out->distinct = pq_thrift_int(t, f.type, -1);
    else if (f.id == 7)
      out->max_exact = pq_thrift_bool(t, f.type);
    else if (f.id == 8)
      out->min_exact = pq_thrift_bool(t, f.type);
    else
      pq_thrift_skip(t, f.type);
  }
}

static uint32_t read_encodings(struct pq_thrift *t, uint8_t type) {
  uint8_t item = 0;
  uint32_t set = 0;
  for (uint32_t n = pq_thrift_list(t, type, &item); n > 0 && !t->fault; n--) {
    int64_t encoding = pq_thrift_int(t, item, -1);
    if (encoding >= 0 && encoding < 32)
      set |= 1u << encoding;
  }
  return set;
}

static void read_metadata_field(struct pq_thrift *t, const struct pq_thrift_field *f, struct pq_chunk *c) {
  int64_t *const numbers[] = {[5] = &c->values,         [6] = &c->uncompressed, [7] = &c->compressed, [9] = &c->data_at,
                              [11] = &c->dictionary_at, [14] = &c->bloom_at,    [15] = &c->bloom_size};
  size_t id = (size_t)f->id;
  if (id < sizeof numbers / sizeof *numbers && numbers[id])
    *numbers[id] = pq_thrift_int(t, f->type, 0);
  else if (id == 1)
    c->type = (int32_t)pq_thrift_int(t, f->type, -1);
  else if (id == 2)
    c->encodings = read_encodings(t, f->type);
  else if (id == 4)
    c->codec = (int32_t)pq_thrift_int(t, f->type, 0);
  else if (id == 12)
    pq_statistics_read(t, f->type, &c->statistics);
  else
    pq_thrift_skip(t, f->type);
}

static void read_metadata(struct pq_thrift *t, uint8_t type, struct pq_chunk *c) {
  struct pq_thrift_field f = {0};
  if (!pq_thrift_struct(t, type))
    return;
  c->found = true;
  while (pq_thrift_next(t, &f))
    read_metadata_field(t, &f, c);
}

static void read_chunk_field(struct pq_thrift *t, const struct pq_thrift_field *f, struct pq_chunk *c) {
  int64_t *const numbers[] = {
      NULL, NULL, NULL, NULL, &c->offset_index_at, &c->offset_index_size, &c->column_index_at, &c->column_index_size};
  size_t id = (size_t)f->id;
  if (id >= 4 && id <= 7)
    *numbers[id] = pq_thrift_int(t, f->type, 0);
  else if (id == 1)
    c->file = pq_thrift_binary(t, f->type);
  else if (id == 3)
    read_metadata(t, f->type, c);
  else
    pq_thrift_skip(t, f->type);
  c->encrypted |= id == 8 || id == 9;
}

static void read_chunk(struct pq_thrift *t, uint8_t type, struct pq_chunk *out) {
  struct pq_thrift_field f = {0};
  *out = (struct pq_chunk){.type = -1, .statistics = {.nulls = -1, .distinct = -1}};
  if (pq_thrift_struct(t, type))
    while (pq_thrift_next(t, &f))
      read_chunk_field(t, &f, out);
}

pq_fault pq_chunks_read(const struct pq_footer *f, int32_t group, struct pq_chunk *out) {
  struct pq_thrift t = {.p = f->groups[group].at, .end = f->bytes + f->size};
  struct pq_thrift_field field = {0};
  int32_t found = 0;
  uint8_t item = 0;
  t.depth = 1; /* the group's struct was entered when it was found */
  while (pq_thrift_next(&t, &field)) {
    if (field.id != 1) {
      pq_thrift_skip(&t, field.type);
      continue;
    }
    uint32_t n = pq_thrift_list(&t, field.type, &item);
    if (n != (uint32_t)f->n_leaves || found)
      return "a row group does not have one column chunk for each column of the schema";
    for (; found < f->n_leaves && !t.fault; found++)
      read_chunk(&t, item, &out[found]);
  }
  if (!t.fault && found != f->n_leaves)
    return "a row group does not have one column chunk for each column of the schema";
  return t.fault;
}

static const char *name_of(const char *const *names, size_t n, int32_t i) {
  return i >= 0 && (size_t)i < n ? names[i] : "unknown";
}

const char *pq_codec_name(int32_t codec) {
  static const char *const names[] = {"UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"};
  return name_of(names, sizeof names / sizeof *names, codec);
}

const char *pq_encoding_name(int32_t encoding) {
  static const char *const names[] = {"PLAIN",
                                      "GROUP_VAR_INT",
                                      "PLAIN_DICTIONARY",
                                      "RLE",
                                      "BIT_PACKED",
                                      "DELTA_BINARY_PACKED",
                                      "DELTA_LENGTH_BYTE_ARRAY",
                                      "DELTA_BYTE_ARRAY",
                                      "RLE_DICTIONARY",
                                      "BYTE_STREAM_SPLIT",
                                      "ALP"};
  return name_of(names, sizeof names / sizeof *names, encoding);
}

const char *pq_type_name(int32_t type) {
  static const char *const names[] = {"BOOLEAN", "INT32",  "INT64",      "INT96",
                                      "FLOAT",   "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"};
  return name_of(names, sizeof names / sizeof *names, type);
}
