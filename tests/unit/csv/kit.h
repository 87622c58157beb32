/* What the tests of the CSV reader share: inputs in memory, options as text, a dump of what was read. */
#ifndef CSV_TEST_KIT_H
#define CSV_TEST_KIT_H
#include "csv.h"
#include <stdio.h>

struct kit_bytes { /* an input's content, and what shall go wrong with it */
  const uint8_t *data;
  size_t size;
  void (*make)(int64_t offset, uint8_t *out, size_t n); /* instead of data */
  bool unknown_size;
  int fail_code, fail_read; /* the read of this number, from 1 on, fails with the code */
  int reads, opened;        /* counted here; opened: inputs that are not released */
  int64_t furthest;         /* end of what was read */
  bool rewound;             /* of unknown size, and read again after more than 1 MiB */
  int64_t announced;        /* bytes told by will_need */
};
void kit_input(struct kit_bytes *bytes, struct sluice_input *out);

struct kit_options { /* lines of "name = value" made into a config and a scan */
  struct csv_config config;
  struct sluice_scan scan;
  struct ArrowSchema want;
  const char *tokens[16], *lists[6][16];
  size_t n_lists;
  char text[4096];
};
void kit_defaults(struct kit_options *o);
/* Leaves the dialect and the header to be found, as the plugin's own defaults do. */
void kit_find_all(struct kit_options *o);
/* The options of the plugin (lists as a|b), and of the scan: batch_rows, batch_bytes, part, want (name:type!,...;
 * "!" means not nullable, type "" as found), extra. What is not known ends the program. Unlike the plugin's own
 * defaults, kit_defaults leaves nothing to be found: a comma, double quotes, one header row. */
void kit_parse_options(struct kit_options *o, const char *text);
void kit_options_finish(struct kit_options *o);

struct kit_rejects {
  struct sluice_rejects base;
  FILE *out; /* a line a reject; may be NULL */
  int64_t count, last_row;
  size_t largest;
};
void kit_rejects_init(struct kit_rejects *r, FILE *out);

const struct sluice_format *kit_format(void);
extern int kit_cancelled; /* what the host of the tests answers */

/* An instance, which must open. */
void *kit_format_open(const struct kit_options *o);

struct kit_open { /* an instance and a reader of it */
  void *self;
  struct sluice_reader reader;
};
int kit_open(const struct kit_options *o, struct kit_bytes *bytes, struct kit_open *out, struct sluice_error *err);
void kit_close(struct kit_open *open);

void kit_print_schema(FILE *out, const struct ArrowSchema *schema);
/* "row | cell | cell" a line; first_row and origin number them. */
void kit_print_batch(FILE *out, const struct ArrowSchema *schema, const struct sluice_batch *batch);
/* Reads all of it and prints log, schema, rows, rejects and how it ended. Validates each batch in full. Returns
 * malloc'd text. */
char *kit_dump(const struct kit_options *o, struct kit_bytes *bytes);
/* The file's bytes with a NUL behind them, from malloc; NULL: there is none. */
char *kit_read_file(const char *path, size_t *size);

#endif
