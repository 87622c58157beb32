/* Driving sink-file. A record is {"u":unit,"n":row}. */
#include "sink_fixture.h"
#include <sluice/arrow.h>
#include <stdlib.h>

const struct sluice_sink *sink_component(void) {
  return (const struct sluice_sink *)(const void *)sluice_plugin_v1.components[0];
}
const struct sluice_commit *sink_commit(void) {
  return sink_component()->base->extension(SLUICE_COMMIT);
}

static void must(bool ok, const char *what) { /* not an assertion of cmocka: it may be called from threads */
  if (ok)
    return;
  fprintf(stderr, "%s\n", what);
  abort();
}

void *sink_open_path(const char *path) {
  const struct sink_config config = {.path = path, .sync = 1};
  struct sluice_error err = {0};
  void *self = NULL;
  must(sink_component()->base->options->target_size == sizeof config, "option table");
  must(sink_component()->open(&fixture_host, &config, &self, &err) == SLUICE_OK, err.message);
  return self;
}

static void make_schema(struct ArrowSchema *schema) {
  must(sluice_schema_nested(schema, "+s", "", 0, 2) == SLUICE_OK, "schema");
  must(sluice_schema_init(schema->children[0], "u", "u", 0) == SLUICE_OK, "schema");
  must(sluice_schema_init(schema->children[1], "l", "n", 0) == SLUICE_OK, "schema");
}

int sink_new_writer(void *self, struct sluice_writer **out, struct sluice_error *err) {
  return sink_generation_writer(self, 0, out, err);
}

int sink_generation_writer(void *self, int64_t generation, struct sluice_writer **out, struct sluice_error *err) {
  return sink_delivery_writer(self, SINK_DELIVERY, generation, out, err);
}

int sink_delivery_writer(void *self, const char *delivery, int64_t generation, struct sluice_writer **out,
                         struct sluice_error *err) {
  const struct sluice_stream stream = {
      .struct_size = sizeof stream, .name = "s", .delivery = delivery, .generation = generation};
  struct ArrowSchema schema = {0};
  make_schema(&schema);
  int rc = sink_component()->writer(self, &stream, &schema, out, err);
  sluice_schema_release(&schema);
  return rc;
}

static void make_batch(const char *unit, int64_t first, int64_t n, struct sluice_batch *batch) {
  struct ArrowSchema schema = {0};
  struct sluice_builder *builder = NULL;
  make_schema(&schema);
  must(sluice_builder_create(&schema, &builder, NULL) == SLUICE_OK, "builder");
  for (int64_t i = first; i < first + n; i++) {
    sluice_builder_bytes(sluice_builder_child(builder, 0), unit, strlen(unit));
    sluice_builder_int(sluice_builder_child(builder, 1), i);
    sluice_builder_end(builder);
  }
  *batch = (struct sluice_batch){
      .struct_size = sizeof *batch, .seq = first, .first_row = first, .end = {.row = first + n}, .unit = unit};
  must(sluice_builder_finish(builder, &batch->array, NULL) == SLUICE_OK, "batch");
  sluice_builder_destroy(builder);
  sluice_schema_release(&schema);
}

int sink_put(struct sluice_writer *writer, const char *unit, int64_t first, int64_t n, struct sluice_error *err) {
  struct sluice_batch batch;
  make_batch(unit, first, n, &batch);
  int rc = writer->write(writer, &batch, err);
  must((rc == SLUICE_OK) == (batch.array.release == NULL), "write takes the array on OK, and only then");
  sluice_array_release(&batch.array);
  return rc;
}

int sink_put_op(struct sluice_writer *writer, const char *unit, int64_t first, int64_t n, uint8_t op,
                struct sluice_error *err) {
  struct sluice_batch batch;
  make_batch(unit, first, n, &batch);
  uint8_t *ops = malloc((size_t)n + 1);
  must(ops != NULL, "memory");
  memset(ops, op, (size_t)n);
  batch.ops = ops;
  int rc = writer->write(writer, &batch, err);
  sluice_array_release(&batch.array);
  free(ops);
  return rc;
}

int64_t sink_committed(void *self, const char *unit) {
  struct sluice_position position = {0};
  struct sluice_error err = {0};
  int rc = sink_commit()->committed(self, SINK_DELIVERY, unit, &position, &err);
  must(rc == SLUICE_OK || rc == SLUICE_END, err.message);
  return rc == SLUICE_OK ? position.row : 0;
}

int64_t sink_rows(const char *text, const char *unit) {
  char want[128];
  int64_t rows = 0;
  snprintf(want, sizeof want, "{\"u\":\"%s\",", unit);
  for (const char *line = text; *line;) {
    const char *end = strchr(line, '\n');
    must(end != NULL, "a line without an end");
    if (strncmp(line, want, strlen(want)) == 0) {
      char whole[160];
      snprintf(whole, sizeof whole, "%s\"n\":%lld}\n", want, (long long)rows++);
      must(strncmp(line, whole, strlen(whole)) == 0, "a record is missing, twice there, or out of order");
    }
    line = end + 1;
  }
  return rows;
}
