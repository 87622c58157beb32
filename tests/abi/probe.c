/* A plugin of all four kinds, compiled with the 1.1 and with the 1.2 header. It counts 3 records through every call of
 * the contract, and logs in each whether it sees the host's later members: "host=1". */
#include "room.h"
#include <stdlib.h>

struct rule {
  const char *name;
};
struct probe_options {
  const char *text;
  int64_t size;
  struct sluice_groups rules;
};
static const struct sluice_option rule_items[] = {
    SLUICE_OPTION(struct rule, name, SLUICE_OPTION_TEXT, .help = "Name.")};
static const struct sluice_options rule_table = SLUICE_OPTIONS(struct rule, rule_items);
static const struct sluice_option items[] = {
    SLUICE_OPTION(struct probe_options, text, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED, .help = "Text."),
    SLUICE_OPTION(struct probe_options, size, SLUICE_OPTION_SIZE, .default_text = "2kB", .help = "Size."),
    SLUICE_OPTION(struct probe_options, rules, SLUICE_OPTION_GROUPS, .group = &rule_table, .help = "Rules."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct probe_options, items);

struct probe {
  const struct sluice_host *host;
  int listed;
  int64_t written;
};

static int open_probe(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  const struct probe_options *given = config;
  const struct rule *rule = given->rules.items;
  if (strcmp(given->text, "given") != 0 || given->size != 2000 || given->rules.count != 2 ||
      strcmp(rule[1].name, "b") != 0)
    return sluice_fail(err, SLUICE_ERR_BUG, NULL, "the options did not arrive");
  struct probe *probe = calloc(1, sizeof *probe);
  if (!probe)
    return SLUICE_ERR_MEMORY;
  probe->host = host;
  sluice_log(host, SLUICE_INFO, "host=%d", HAS_ADDED(host));
  *self = probe;
  return SLUICE_OK;
}
static void close_probe(void *self) {
  free(self);
}

/* ---- source ---- */

static int list(void *self, const char *after, struct sluice_error *err) {
  (void)err;
  ((struct probe *)self)->listed = after ? 1 : 0;
  return SLUICE_OK;
}
static int next_part(void *self, struct sluice_part *out, struct sluice_error *err) {
  struct probe *probe = self;
  (void)err;
  if (probe->listed++)
    return SLUICE_END;
  out->name = "part";
  out->version = "1";
  out->size = 3;
  GIVE_ADDED(out, "part");
  return SLUICE_OK;
}
static int read_at(struct sluice_input *input, int64_t offset, void *buf, size_t n, size_t *got,
                   struct sluice_error *err) {
  (void)input;
  (void)err;
  size_t left = offset < 3 ? (size_t)(3 - offset) : 0;
  *got = n < left ? n : left;
  memcpy(buf, &"abc"[3 - left], *got);
  return SLUICE_OK;
}
static void release_input(struct sluice_input *input) {
  input->release = NULL;
}
static int open_part(void *self, const struct sluice_part *part, struct sluice_part *opened, struct sluice_input *out,
                     struct sluice_error *err) {
  (void)err;
  sluice_log(((struct probe *)self)->host, SLUICE_INFO, "part=%d", HAS_ADDED(part));
  opened->name = part->name;
  opened->version = part->version;
  opened->size = 3;
  GIVE_ADDED(opened, "opened");
  *out = (struct sluice_input){.size = 3, .read_at = read_at, .release = release_input};
  return SLUICE_OK;
}

/* ---- format ---- */

struct reader {
  struct sluice_input input;
  int done;
};
static void release_schema(struct ArrowSchema *schema) {
  schema->release = NULL;
}
static void release_array(struct ArrowArray *array) {
  array->release = NULL;
}
static int schema(struct sluice_reader *reader, struct ArrowSchema *out, struct sluice_error *err) {
  (void)reader;
  (void)err;
  *out = (struct ArrowSchema){.format = "+s", .name = "", .release = release_schema};
  return SLUICE_OK;
}
static int next(struct sluice_reader *reader, struct sluice_batch *out, struct sluice_error *err) {
  struct reader *r = reader->private_data;
  char bytes[8];
  size_t got = 0;
  if (r->done++)
    return SLUICE_END;
  int status = r->input.read_at(&r->input, 0, bytes, sizeof bytes, &got, err);
  if (status != SLUICE_OK)
    return status;
  out->end = (struct sluice_position){.row = (int64_t)got};
  static const void *no_nulls[1]; /* a struct without columns: the length is all that it has */
  out->array =
      (struct ArrowArray){.length = (int64_t)got, .n_buffers = 1, .buffers = no_nulls, .release = release_array};
  GIVE_ADDED(out, "batch");
  return SLUICE_OK;
}
static void release_reader(struct sluice_reader *reader) {
  struct reader *r = reader->private_data;
  r->input.release(&r->input);
  free(r);
}
static int probe_head(const void *head, size_t size, const char *name) {
  (void)name;
  return size >= 3 && memcmp(head, "abc", 3) == 0 ? 100 : 0;
}
static int decode(void *self, struct sluice_input *input, const struct sluice_scan *scan, struct sluice_reader *out,
                  struct sluice_error *err) {
  struct reader *reader = calloc(1, sizeof *reader);
  if (!reader)
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory");
  sluice_log(((struct probe *)self)->host, SLUICE_INFO, "scan=%d", HAS_ADDED(scan));
  reader->input = *input;
  *out = (struct sluice_reader){schema, next, release_reader, reader};
  return SLUICE_OK;
}

/* ---- transform ---- */

static int bind(void *self, const struct ArrowSchema *in, struct ArrowSchema *out, void **bound,
                struct sluice_error *err) {
  (void)err;
  *out = *in;
  out->release = release_schema;
  *bound = self;
  return SLUICE_OK;
}
static void unbind(void *self, void *bound) {
  (void)self;
  (void)bound;
}
static int apply(void *self, void *bound, struct sluice_batch *in, struct sluice_rejects *rejects,
                 struct sluice_batch *out, struct sluice_error *err) {
  struct sluice_reject reject = {.struct_size = sizeof reject, .row = 2, .offset = -1, .reason = "one too many"};
  (void)bound;
  GIVE_ADDED(&reject, "reject");
  int status = rejects->add(rejects, &reject, err);
  if (status != SLUICE_OK)
    return status;
  sluice_log(((struct probe *)self)->host, SLUICE_INFO, "batch=%d", HAS_ADDED(in));
  out->first_row = in->first_row;
  out->end = in->end;
  sluice_array_move(&in->array, &out->array);
  out->array.length--;
  return SLUICE_OK;
}

/* ---- sink ---- */

static int write_batch(struct sluice_writer *writer, struct sluice_batch *batch, struct sluice_error *err) {
  (void)err;
  ((struct probe *)writer->private_data)->written += batch->array.length;
  sluice_array_release(&batch->array);
  return SLUICE_OK;
}
static int flush(struct sluice_writer *writer, struct sluice_error *err) {
  const struct probe *probe = writer->private_data;
  (void)err;
  sluice_log(probe->host, SLUICE_INFO, "written %lld", (long long)probe->written);
  return SLUICE_OK;
}
static void release_writer(struct sluice_writer *writer) {
  free(writer);
}
static int make_writer(void *self, const struct sluice_stream *stream, const struct ArrowSchema *s,
                       struct sluice_writer **out, struct sluice_error *err) {
  (void)s;
  struct sluice_writer *writer = calloc(1, sizeof *writer);
  if (!writer)
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory");
  sluice_log(((struct probe *)self)->host, SLUICE_INFO, "stream=%d", HAS_ADDED(stream));
  writer->struct_size = sizeof *writer;
  writer->write = write_batch;
  writer->flush = flush;
  writer->release = release_writer;
  writer->private_data = self;
  GIVE_ADDED(writer, "writer");
  *out = writer;
  return SLUICE_OK;
}

#define BASE(KIND)                                                                                                     \
  {                                                                                                                    \
    .struct_size = sizeof(struct sluice_base), .kind = (KIND), .name = "probe", .version = "1.0.0",                    \
    .help = "A probe.", ADDED_INIT("base").options = &options                                                          \
  }
static const struct sluice_base bases[] = {BASE(SLUICE_SOURCE), BASE(SLUICE_FORMAT), BASE(SLUICE_TRANSFORM),
                                           BASE(SLUICE_SINK)};
static const struct sluice_source source = {.struct_size = sizeof source,
                                            .base = &bases[0],
                                            ADDED_INIT("source").open = open_probe,
                                            .close = close_probe,
                                            .list = list,
                                            .next_part = next_part,
                                            .open_part = open_part};
static const struct sluice_format format = {.struct_size = sizeof format,
                                            .base = &bases[1],
                                            ADDED_INIT("format").open = open_probe,
                                            .close = close_probe,
                                            .probe = probe_head,
                                            .decode = decode};
static const struct sluice_transform transform = {.struct_size = sizeof transform,
                                                  .base = &bases[2],
                                                  ADDED_INIT("transform").open = open_probe,
                                                  .close = close_probe,
                                                  .bind = bind,
                                                  .unbind = unbind,
                                                  .apply = apply};
static const struct sluice_sink sink = {.struct_size = sizeof sink,
                                        .base = &bases[3],
                                        ADDED_INIT("sink").open = open_probe,
                                        .close = close_probe,
                                        .writer = make_writer};
SLUICE_PLUGIN_MANY(1u << SLUICE_SOURCE | 1u << SLUICE_FORMAT | 1u << SLUICE_TRANSFORM | 1u << SLUICE_SINK,
                   "source probe 1.0.0\nformat probe 1.0.0\ntransform probe 1.0.0\nsink probe 1.0.0\n",
                   (const struct sluice_component *)&source, (const struct sluice_component *)&format,
                   (const struct sluice_component *)&transform, (const struct sluice_component *)&sink)
