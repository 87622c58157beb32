/* A file that was opened: its header, schemas, and how its values are read. */
#ifndef AVRO_FILE_H
#define AVRO_FILE_H
#include "block.h"
#include "program.h"

struct avro_file {
  struct avro_input input;
  struct avro_header header;
  struct avro_schema *writer, *reader; /* reader NULL: the file's own */
  struct avro_codec codec;
  struct avro_blocks blocks;
};

/* Reads the header, and parses both schemas. `in` stays the caller's, and must outlive the file. */
int avro_file_open(struct avro_file *f, const struct avro_format *format, struct sluice_input *in, const char *where,
                   struct sluice_error *err);
void avro_file_close(struct avro_file *f);

#endif
