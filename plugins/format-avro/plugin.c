/* The plugin's face: its options, and the entry that the host loads. */
#include "schema.h"
#include <stdlib.h>

static const char *const corrupt_choices[] = {"fail", "skip_block", NULL};
static const char *const suffixes[] = {".avro", NULL};

static const struct sluice_option items[] = {
    SLUICE_OPTION(struct avro_config, reader_schema, SLUICE_OPTION_TEXT,
                  .help = "An Avro schema, as JSON, that files are read by; by default each is read by its own."),
    SLUICE_OPTION(struct avro_config, on_corrupt, SLUICE_OPTION_CHOICE, .default_text = "fail",
                  .choices = corrupt_choices,
                  .help = "What becomes of a block that cannot be read: the part fails, or the block is rejected."),
    SLUICE_OPTION(struct avro_config, max_block, SLUICE_OPTION_SIZE, .default_text = "64MiB", .min = 1024,
                  .max = 1 << 30, .help = "The largest block that is read, as it is in the file and decoded."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct avro_config, items);

static void avro_close(void *self) {
  free(self);
}

/* reader_schema is parsed by each reader, which keeps notes in it; here it is only looked at. */
static int check_reader(const char *text, struct sluice_error *err) {
  struct avro_schema *schema;
  if (!text || !text[0])
    return SLUICE_OK;
  int code = avro_schema_parse(text, strlen(text), "reader_schema", "reader_schema", SLUICE_ERR_CONFIG, &schema, err);
  if (!code)
    avro_schema_destroy(schema);
  return code;
}

static int avro_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  struct avro_format *f = calloc(1, sizeof *f);
  if (!f)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the avro format");
  f->host = host;
  f->config = config;
  int code = check_reader(f->config->reader_schema, err);
  if (code)
    avro_close(f);
  else
    *self = f;
  return code;
}

static const struct sluice_base base = {
    .struct_size = sizeof base,
    .kind = SLUICE_FORMAT,
    .name = "avro",
    .version = "1.0.0",
    .help = "Avro object container files, of every codec and schema, also as another schema has it.",
    .options = &options,
    .names = suffixes,
    .extension = avro_extension,
};
static const struct sluice_format format = {
    .struct_size = sizeof format,
    .base = &base,
    .open = avro_open,
    .close = avro_close,
    .probe = avro_probe,
    .plan = avro_plan,
    .decode = avro_decode,
};

SLUICE_PLUGIN(SLUICE_FORMAT, "format avro 1.0.0\n", &format)
