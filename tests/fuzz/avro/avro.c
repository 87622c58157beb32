/* Fuzz target of the Avro reader: the first byte chooses options, the rest is the part. Each batch is validated in
 * full; reading is resumed in the middle, and must give the same records; inspect and plan must come to an end. */
#include "kit.h"
#include <sluice/services.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const readers[] = {
    NULL, "[\"null\",\"long\",\"double\",\"string\",\"bytes\"]",
    "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"id\",\"type\":\"double\"},{\"name\":\"n\",\"type\":"
    "[\"null\",\"r\"],\"default\":null},{\"name\":\"d\",\"type\":{\"type\":\"array\",\"items\":\"int\"},\"default\":[1]"
    "}"
    "]}",
    "{\"type\":\"array\",\"items\":[\"null\",\"double\"]}"};

static void check(bool holds, const char *what) {
  if (holds)
    return;
  fprintf(stderr, "%s\n", what);
  abort();
}

static void choose(struct kit_options *o, struct kit_rejects *rejects, uint8_t choice) {
  static const int64_t rows[] = {1, 3, 64, 1024};
  kit_defaults(o);
  kit_rejects_init(rejects);
  o->config.reader_schema = readers[choice & 3];
  o->config.on_corrupt = choice & 4 ? AVRO_CORRUPT_SKIP_BLOCK : AVRO_CORRUPT_FAIL;
  o->config.max_block = 64 * 1024;
  o->scan.batch_rows = rows[choice >> 3 & 3];
  o->scan.batch_bytes = choice & 32 ? 100 : 1 << 16;
  o->scan.rejects = choice & 64 ? NULL : &rejects->base;
}

/* Behind a batch, the rest comes as it came before. */
static void resume(const struct kit_options *o, struct kit_bytes *bytes, const struct kit_result *all) {
  int64_t at = all->batches / 2;
  struct kit_options with = *o;
  struct kit_rejects rejects;
  struct kit_result rest;
  if (at == 0 || at > 63)
    return;
  kit_rejects_init(&rejects);
  with.scan.from = all->ends[at - 1];
  with.scan.rejects = o->scan.rejects ? &rejects.base : NULL;
  kit_read(&with, bytes, &rest);
  check(rest.code == all->code, "resuming ends otherwise");
  check(rest.batches == all->batches - at, "resuming gives other batches");
  check(strcmp(rest.text, all->text + all->text_at[at - 1]) == 0, "resuming gives other records");
  kit_result_free(&rest);
}

static int drop_text(struct sluice_text_out *out, const char *bytes, size_t n, struct sluice_error *err) {
  (void)out, (void)bytes, (void)n, (void)err;
  return SLUICE_OK;
}
static int drop_split(struct sluice_splits *splits, const struct sluice_split *split, struct sluice_error *err) {
  (void)splits, (void)split, (void)err;
  return SLUICE_OK;
}

static void look(const struct kit_options *o, struct kit_bytes *bytes) {
  const struct sluice_format *format = kit_format();
  const struct sluice_inspect *power = format->base->extension(SLUICE_INSPECT);
  struct sluice_text_out out = {drop_text, NULL};
  struct sluice_splits splits = {drop_split, NULL};
  struct sluice_error err = {0}, other = {0};
  struct sluice_input in;
  void *self;
  if (format->open(NULL, &o->config, &self, &err) != SLUICE_OK)
    return;
  kit_input(bytes, &in);
  int code = power->inspect(self, &in, "part", &out, &err);
  check(code == SLUICE_OK || err.message[0], "inspect fails without a word");
  code = format->plan(self, &in, &o->scan, 50, &splits, &other);
  check(code == SLUICE_OK || other.message[0], "plan fails without a word");
  in.release(&in);
  format->close(self);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct kit_options o;
  struct kit_rejects rejects;
  struct kit_result all;
  if (size < 1)
    return 0;
  choose(&o, &rejects, data[0]);
  struct kit_bytes bytes = {.data = data + 1, .size = size - 1};
  kit_read(&o, &bytes, &all);
  check(all.code == SLUICE_END || all.err.message[0], "reading fails without a word");
#ifdef SLUICE_PLANTED_BUGS
  check(all.rows < 2 || all.code == SLUICE_END, "the planted bug"); /* breaks off behind some records */
#endif
  resume(&o, &bytes, &all);
  kit_result_free(&all);
  look(&o, &bytes);
  kit_format()->probe(data, size, "x");
  return 0;
}
