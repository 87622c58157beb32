/* Opens a file: header, schemas, codec. */
#include "file.h"

static int parse_reader(struct avro_file *f, const struct avro_format *format, struct sluice_error *err) {
  const char *text = format->config->reader_schema;
  if (!text || !text[0])
    return SLUICE_OK;
  return avro_schema_parse(text, strlen(text), "reader_schema", "reader_schema", SLUICE_ERR_CONFIG, &f->reader, err);
}

int avro_file_open(struct avro_file *f, const struct avro_format *format, struct sluice_input *in, const char *where,
                   struct sluice_error *err) {
  int64_t most = format->config->max_block;
  size_t held = (size_t)(most > AVRO_MAX_HEADER ? most : AVRO_MAX_HEADER);
  *f = (struct avro_file){0};
  avro_input_init(&f->input, in, held + 4 * AVRO_CHUNK);
  int code = avro_header_read(&f->header, &f->input, where, err);
  if (!code)
    code = avro_header_schema(&f->header, where, &f->writer, err);
  if (!code)
    code = parse_reader(f, format, err);
  const struct avro_meta *codec = code ? NULL : avro_header_find(&f->header, "avro.codec");
  if (!code)
    code = avro_codec_open(&f->codec, codec ? codec->value : NULL, codec ? codec->value_size : 0, (size_t)most, where,
                           err);
  if (code) {
    avro_file_close(f);
    return sluice_fail(err, code, where, "its header cannot be read");
  }
  f->blocks = (struct avro_blocks){&f->input, &f->header, &f->codec, most, avro_type_least(f->writer->root)};
  return SLUICE_OK;
}

void avro_file_close(struct avro_file *f) {
  avro_codec_close(&f->codec);
  avro_header_finish(&f->header);
  avro_schema_destroy(f->writer);
  avro_schema_destroy(f->reader);
  avro_input_finish(&f->input);
  *f = (struct avro_file){0};
}
