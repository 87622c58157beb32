/* What the tests of the Avro reader share: files made in memory, inputs that fail, a reader and what it read. */
#ifndef AVRO_TEST_KIT_H
#define AVRO_TEST_KIT_H
#include "avro.h"
#include <stdio.h>

/* ---- making files ---- */

struct kit_file { /* grows; from malloc */
  uint8_t *data;
  size_t size, capacity;
};
void kit_put(struct kit_file *f, const void *bytes, size_t n);
void kit_long(struct kit_file *f, int64_t value);
void kit_text(struct kit_file *f, const char *text);
/* codec NULL: none is named. */
void kit_header(struct kit_file *f, const char *schema, const char *codec);
/* A block as it stands: count, size, bytes and sync marker. */
void kit_block(struct kit_file *f, int64_t count, const struct kit_file *data);
void kit_free(struct kit_file *f);
/* The file's bytes with a NUL behind them, from malloc; NULL: there is none. */
uint8_t *kit_read_file(const char *path, size_t *size);

/* ---- reading them ---- */

struct kit_bytes { /* an input's content, and what shall go wrong with it */
  const uint8_t *data;
  size_t size;
  bool unknown_size;
  int fail_code, fail_read; /* the read of this number, from 1 on, fails with the code */
  int reads, opened;        /* counted here; opened: inputs that are not released */
  int64_t bytes_read;
};
void kit_input(struct kit_bytes *bytes, struct sluice_input *out);

struct kit_rejects {
  struct sluice_rejects base;
  int64_t count, last_row;
  char reason[600], column[64];
};
void kit_rejects_init(struct kit_rejects *r);

struct kit_options {
  struct avro_config config;
  struct sluice_scan scan;
};
void kit_defaults(struct kit_options *o);

const struct sluice_format *kit_format(void);
struct kit_open { /* an instance and a reader of it */
  void *self;
  struct sluice_reader reader;
};
int kit_open(const struct kit_options *o, struct kit_bytes *bytes, struct kit_open *out, struct sluice_error *err);
void kit_close(struct kit_open *open);

struct kit_result { /* of a reading to its end */
  int code;         /* END, or what failed */
  int64_t rows, batches, rejects;
  struct sluice_error err;
  char *text;                      /* a line a record: its ordinal and its values; from malloc */
  struct sluice_position ends[64]; /* of the first batches */
  size_t text_at[64];              /* how much text there was at each of them */
};
/* Reads all, validates each batch in full, and prints it. */
void kit_read(const struct kit_options *o, struct kit_bytes *bytes, struct kit_result *out);
void kit_result_free(struct kit_result *r);
/* Reads a file with the default options and expects these lines. */
void kit_expect(const struct kit_file *f, const char *lines);

void kit_print_value(FILE *out, const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t i);

#endif
