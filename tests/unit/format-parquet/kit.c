/* What the tests of the Parquet reader share. */
#include "kit.h"
#include <stdlib.h>

static int read_at(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                   struct sluice_error *err) {
  struct kit_bytes *b = in->private_data;
  bool told = false;
  if (++b->reads == b->fail_read)
    return sluice_fail(err, b->fail_code, "kit", "the input fails");
  if (offset < 0)
    return sluice_fail(err, SLUICE_ERR_BUG, "kit", "read at %lld", (long long)offset);
  for (size_t i = 0; i < b->n_told && !told; i++)
    told = offset >= b->told[0][i] && offset + (int64_t)n <= b->told[1][i];
  b->foreign += !told;
  size_t left = (uint64_t)offset < b->size ? b->size - (size_t)offset : 0;
  *got = n < left ? n : left;
  if (*got)
    memcpy(buf, b->data + offset, *got);
  b->bytes += (int64_t)*got;
  return SLUICE_OK;
}

static void will_need(struct sluice_input *in, const struct sluice_range *ranges, size_t count) {
  struct kit_bytes *b = in->private_data;
  for (size_t i = 0; i < count; i++) {
    b->announced += ranges[i].size;
    if (b->n_told == sizeof b->told[0] / sizeof b->told[0][0])
      continue;
    b->told[0][b->n_told] = ranges[i].offset;
    b->told[1][b->n_told++] = ranges[i].offset + ranges[i].size;
  }
}

static void release(struct sluice_input *in) {
  ((struct kit_bytes *)in->private_data)->opened--;
  in->release = NULL;
}

void kit_input(struct kit_bytes *bytes, struct sluice_input *out) {
  bytes->opened++;
  *out = (struct sluice_input){.size = (int64_t)bytes->size,
                               .window = 1 << 20,
                               .read_at = read_at,
                               .will_need = bytes->untold ? NULL : will_need,
                               .release = release,
                               .private_data = bytes};
}

void kit_defaults(struct kit_options *o) {
  *o = (struct kit_options){
      .config = {.max_page = (int64_t)2 << 30,
                 .max_row = (int64_t)2 << 30,
                 .max_items = 1 << 24,
                 .verify_crc = 1,
                 .int96 = SLUICE_NANO},
      .scan = {.struct_size = sizeof o->scan, .batch_rows = 1024, .batch_bytes = 8 << 20, .part = "kit.parquet"}};
}

static void add(uint64_t *hash, const void *bytes, size_t n) {
  for (size_t i = 0; i < n; i++)
    *hash = (*hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
}

static void digest_value(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t i, uint64_t *hash);

static void digest_items(const struct ArrowSchema *schema, const struct ArrowArray *array, const int32_t *ends,
                         uint64_t *hash) {
  for (int32_t k = ends[0]; k < ends[1]; k++) {
    add(hash, "i", 1);
    digest_value(schema->children[0], array->children[0], k, hash);
  }
}

/* One value of a plain type, as a reader sees it: what lies below a null is not looked at. */
static void digest_value(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t i, uint64_t *hash) {
  struct sluice_type type;
  int code = sluice_type_parse(schema->format, &type, NULL);
  bool null = code || type.id == SLUICE_TYPE_NULL || sluice_is_null(array, i);
  int64_t at = array->offset + i;
  add(hash, null ? "0" : "1", 1);
  if (null)
    return;
  const int32_t *ends = type.id == SLUICE_TYPE_STRUCT ? NULL : (const int32_t *)array->buffers[1] + at;
  if (type.id == SLUICE_TYPE_STRUCT) {
    for (int64_t k = 0; k < schema->n_children; k++)
      digest_value(schema->children[k], array->children[k], at, hash);
  } else if (schema->n_children) {
    digest_items(schema, array, ends, hash);
  } else if (type.id == SLUICE_TYPE_BOOL) {
    add(hash, sluice_bit(array->buffers[1], at) ? "t" : "f", 1);
  } else if (type.width) {
    add(hash, (const uint8_t *)array->buffers[1] + at * type.width, (size_t)type.width);
  } else {
    if (ends[1] > ends[0]) /* where all are empty there need be no bytes */
      add(hash, (const uint8_t *)array->buffers[2] + ends[0], (size_t)(ends[1] - ends[0]));
    add(hash, "e", 1);
  }
}

/* In plain types, so that views and what they stand for are the same. */
static int digest_batch(const struct ArrowSchema *schema, struct ArrowArray *array, uint64_t *hash,
                        struct sluice_error *err) {
  struct ArrowSchema plain = {0};
  struct ArrowArray other = {0};
  int code = sluice_schema_plain(schema, 0, &plain);
  if (!code)
    code = sluice_cast(schema, array, &plain, NULL, NULL, &other, err);
  for (int64_t i = 0; !code && i < other.length; i++)
    digest_value(&plain, &other, i, hash);
  sluice_array_release(&other);
  sluice_schema_release(&plain);
  return code ? sluice_fail(err, code, "kit", "no memory") : code;
}

/* keep[i]: `match` is true of record i. */
static int match(const struct sluice_where *where, const struct ArrowSchema *schema, const struct ArrowArray *array,
                 uint8_t *keep, struct sluice_error *err) {
  int code = SLUICE_OK;
  memset(keep, 1, (size_t)array->length);
  for (size_t i = 0; i < where->count && !code; i++) {
    const struct sluice_test *t = &where->tests[i];
    struct sluice_comparison *c = NULL;
    int64_t at = sluice_schema_find(schema, t->column.items[0]);
    if (at < 0 || t->column.count > 1)
      continue;
    code = sluice_comparison_create(schema->children[at], t->compare, t->literal, &c, err);
    if (!code)
      code = sluice_comparison_apply(c, array->children[at], array->offset, array->length, keep);
    sluice_comparison_destroy(c);
  }
  return code;
}

/* The records themselves, in plain types too; the batch is only made one that can be shared. */
static int digest_marked(const struct ArrowSchema *schema, struct sluice_batch *batch, const uint8_t *keep,
                         struct kit_result *out) {
  struct ArrowSchema plain = {0};
  struct ArrowArray slice = {0}, other = {0};
  int code = sluice_schema_plain(schema, 0, &plain);
  if (!code)
    code = sluice_array_share(&batch->array);
  if (!code)
    code = sluice_array_slice(&batch->array, 0, batch->array.length, &slice);
  if (!code)
    code = sluice_cast(schema, &slice, &plain, NULL, NULL, &other, &out->err);
  for (int64_t i = 0; i < batch->array.length && !code; i++) {
    int64_t number = batch->origin ? batch->origin[i] : batch->first_row + i;
    if (!keep[i])
      continue;
    add(&out->matching, &number, sizeof number);
    digest_value(&plain, &other, i, &out->matching);
    out->matches++;
  }
  sluice_array_release(&other);
  sluice_array_release(&slice);
  sluice_schema_release(&plain);
  return code ? sluice_fail(&out->err, code, "kit", "no memory") : code;
}

static int digest_matches(const struct sluice_where *where, const struct ArrowSchema *schema,
                          struct sluice_batch *batch, struct kit_result *out) {
  uint8_t *keep = malloc((size_t)batch->array.length + 1);
  int code = keep ? match(where, schema, &batch->array, keep, &out->err)
                  : sluice_fail(&out->err, SLUICE_ERR_MEMORY, "kit", "no memory");
  if (!code)
    code = digest_marked(schema, batch, keep, out);
  free(keep);
  return code;
}

/* Every record has its number, rising, and the batch ends behind them. */
static bool numbers_add_up(const struct sluice_batch *batch) {
  int64_t n = batch->array.length, last = batch->first_row - 1;
  for (int64_t i = 0; i < n && batch->origin; i++) {
    if (batch->origin[i] <= last)
      return false;
    last = batch->origin[i];
  }
  last = batch->origin ? last : batch->first_row + n - 1;
  return batch->end.row > last && batch->end.row > 0 && (!batch->origin || batch->origin[0] == batch->first_row);
}

static int take_batch(const struct kit_options *o, struct sluice_reader *reader, const struct ArrowSchema *schema,
                      struct kit_result *out) {
  struct sluice_batch batch = {.struct_size = sizeof batch};
  struct sluice_error why = {0};
  int code = reader->next(reader, &batch, &out->err);
  if (code)
    return code;
  if (sluice_array_validate(schema, &batch.array, SLUICE_CHECK_FULL, &why) != SLUICE_OK) {
    fprintf(stderr, "%s: %s\n", why.where, why.message);
    out->invalid = "a batch is not valid Arrow data";
  }
  bool exact = o->scan.where || batch.end.row - batch.first_row == batch.array.length;
  if (!exact || !numbers_add_up(&batch))
    out->invalid = "a batch's rows do not add up";
  uint64_t hash = 1;
  out->rows += batch.array.length;
  if (!out->invalid && o->match)
    code = digest_matches(o->match, schema, &batch, out);
  if (!out->invalid && !code)
    code = digest_batch(schema, &batch.array, &hash, &out->err);
  out->digest = (out->digest ^ hash) * 0x100000001b3u;
  if (out->batches >= out->from_batch)
    out->later = (out->later ^ hash) * 0x100000001b3u;
  if (out->batches + 1 == out->from_batch)
    out->middle = batch.end;
  out->batches++;
  sluice_array_release(&batch.array);
  return out->invalid ? SLUICE_ERR_BUG : code;
}

void kit_read(const struct kit_options *o, struct kit_bytes *bytes, int64_t from_batch, struct kit_result *out) {
  struct pq_format format = {.config = &o->config};
  struct sluice_input in;
  struct sluice_reader reader = {0};
  struct ArrowSchema schema = {0};
  *out = (struct kit_result){.from_batch = from_batch, .digest = 1, .later = 1, .matching = 1};
  kit_input(bytes, &in);
  out->code = pq_decode(&format, &in, &o->scan, &reader, &out->err);
  if (out->code) {
    in.release(&in);
    return;
  }
  out->code = reader.schema(&reader, &schema, &out->err);
  if (!out->code)
    out->code = sluice_schema_validate(&schema, &out->err);
  while (out->code == SLUICE_OK) {
    out->code = take_batch(o, &reader, &schema, out);
    out->code = out->code == SLUICE_ERR_RETRY && bytes->again ? SLUICE_OK : out->code;
  }
  sluice_schema_release(&schema);
  reader.release(&reader);
}

uint8_t *kit_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  long end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  uint8_t *data = end >= 0 && fseek(file, 0, SEEK_SET) == 0 ? malloc((size_t)end + 1) : NULL;
  if (data && fread(data, 1, (size_t)end, file) != (size_t)end) {
    free(data);
    data = NULL;
  }
  *size = (size_t)end;
  fclose(file);
  return data;
}
