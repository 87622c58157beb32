/* What all parts of the Avro reader share: the options, the instance, and the limits for hostile files. */
#ifndef AVRO_AVRO_H
#define AVRO_AVRO_H
#include <sluice/arrow.h>

enum avro_on_corrupt { AVRO_CORRUPT_FAIL, AVRO_CORRUPT_SKIP_BLOCK };

enum {
  AVRO_SYNC = 16,                /* bytes of a sync marker; they also pad a block, so that values may be loaded whole */
  AVRO_CHUNK = 256 * 1024,       /* bytes of one read */
  AVRO_ROWS = 1024,              /* records decoded between two looks at the text they hold */
  AVRO_MAX_DEPTH = 60,           /* of columns; what lies deeper is JSON text */
  AVRO_MAX_NESTING = 1000,       /* of values walked by recursion */
  AVRO_MAX_COLUMNS = 100 * 1000, /* nested ones included */
  AVRO_NESTED_COLUMNS = 10 * 1000, /* what has columns within, and comes behind so many, is JSON text */
  AVRO_MAX_TYPES = 100 * 1000,     /* in a schema */
  AVRO_MAX_BRANCHES = 128,         /* of a union that Arrow can hold */
  AVRO_MAX_FIXED = 1024,           /* a larger fixed is a binary column */
  AVRO_MAX_HEADER = 16 << 20,      /* bytes of a file's header */
  AVRO_MAX_EMPTY = 16 << 20,       /* records or items of no bytes that a block, or a file of such records, may claim */
  AVRO_RAW_MAX = 64 * 1024         /* bytes of a record that a reject carries */
};

struct avro_config { /* the target of the option table */
  const char *reader_schema;
  int32_t on_corrupt;
  int64_t max_block;
};

struct avro_format { /* the instance */
  const struct sluice_host *host;
  const struct avro_config *config;
};

int avro_probe(const void *head, size_t size, const char *name);
int avro_decode(void *self, struct sluice_input *in, const struct sluice_scan *scan, struct sluice_reader *out,
                struct sluice_error *err);
int avro_plan(void *self, struct sluice_input *in, const struct sluice_scan *scan, int64_t split_bytes,
              struct sluice_splits *out, struct sluice_error *err);
const void *avro_extension(const char *id);

#endif
