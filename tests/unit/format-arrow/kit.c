/* What the tests of the Arrow reader share. */
#include "kit.h"
#include <stdlib.h>

const char *const kit_files[] = {"plain.stream",
                                 "plain.file",
                                 "nested.stream",
                                 "nested.file",
                                 "views.stream",
                                 "views.file",
                                 "union.stream",
                                 "union.file",
                                 "nums.stream",
                                 "nums.file",
                                 "plain.lz4",
                                 "plain.zstd",
                                 "delta",
                                 "delta.file",
                                 "replaced",
                                 "v4",
                                 "nested_dictionary",
                                 "columns_none",
                                 "old_union.dense",
                                 "old_union.sparse",
                                 NULL};

struct kit_file kit_file(const char *name) {
  char path[4096];
  struct kit_file file;
  snprintf(path, sizeof path, "%s/%s", ARROW_SEEDS, name);
  file.data = test_file_read(path, &file.size);
  if (!file.data || file.size < 4) {
    fprintf(stderr, "cannot read '%s'\n", path);
    abort();
  }
  file.size -= 4;
  memmove(file.data, file.data + 4, file.size);
  return file;
}

void kit_file_free(struct kit_file *file) {
  free(file->data);
}

void kit_init(struct kit_read *r, const uint8_t *data, size_t size) {
  *r =
      (struct kit_read){.input = {.data = data, .size = size}, .scan = {.struct_size = sizeof r->scan, .part = "part"}};
  r->config = arrow_side_config();
  r->config.max_batch = 0;
}

static void take_batch(struct kit_read *r, const struct ArrowSchema *schema, const struct sluice_batch *b) {
  r->rc = sluice_array_validate(schema, &b->array, SLUICE_CHECK_FULL, &r->err);
  for (int64_t row = 0; r->rc == SLUICE_OK && row < b->array.length; row++) {
    for (int64_t i = 0; i < b->array.n_children; i++) {
      put_text(&r->text, i ? "|" : "");
      put_value(&r->text, schema->children[i], b->array.children[i], b->array.offset + row);
    }
    put_text(&r->text, "\n");
  }
  if (r->batches < 64) {
    r->ends[r->batches] = b->end;
    r->lengths[r->batches] = r->text.size;
  }
  r->rows += b->array.length;
  r->batches++;
}

void kit_run(struct kit_read *r) {
  struct arrow_side side = {.config = r->config};
  struct ArrowSchema schema = {0};
  r->rc = arrow_side_open(&side, &r->input, &r->scan, &r->err);
  if (r->rc == SLUICE_OK)
    r->rc = side.reader.schema(&side.reader, &schema, &r->err);
  while (r->rc == SLUICE_OK) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    r->rc = side.reader.next(&side.reader, &batch, &r->err);
    if (r->rc)
      break;
    take_batch(r, &schema, &batch);
    sluice_array_release(&batch.array);
  }
  sluice_schema_release(&schema);
  arrow_side_close(&side);
  if (r->input.opened || r->input.views_open) {
    fputs("an input or a view of it was not released\n", stderr);
    abort();
  }
}

void kit_finish(struct kit_read *r) {
  sluice_buffer_free(&r->text);
}

char *kit_text(const uint8_t *data, size_t size) {
  struct kit_read r;
  kit_init(&r, data, size);
  kit_run(&r);
  put_text(&r.text, r.rc == SLUICE_END ? "" : r.err.message);
  char *text = strndup(r.text.data ? (const char *)r.text.data : "", r.text.size);
  kit_finish(&r);
  return text;
}
