/* What all parts of the Arrow reader share: options, limits, the instance. */
#ifndef ARROW_FORMAT_H
#define ARROW_FORMAT_H
#include <sluice/arrow.h>

enum arrow_validate { ARROW_VALIDATE_FULL, ARROW_VALIDATE_BOUNDS };

enum {
  ARROW_MAX_FIELDS = 200 * 1000, /* of a schema, nested ones included: more is a mistake or an attack */
  ARROW_MAX_DEPTH = 60,          /* below the 64 that the rest of the program takes, the batch itself included */
  ARROW_MAX_METADATA = 256 << 20 /* bytes of one message's head, or of a footer */
};

struct arrow_config { /* the target of the option table */
  int32_t validate;
  int64_t max_batch, max_empty_rows; /* max_batch 0: by the bytes in the file */
};

struct arrow_format { /* the instance */
  const struct sluice_host *host;
  const struct arrow_config *config;
};

int arrow_decode(void *self, struct sluice_input *in, const struct sluice_scan *scan, struct sluice_reader *out,
                 struct sluice_error *err);
int arrow_plan(void *self, struct sluice_input *in, const struct sluice_scan *scan, int64_t split_bytes,
               struct sluice_splits *splits, struct sluice_error *err);
int arrow_probe(const void *head, size_t size, const char *name);
const void *arrow_extension(const char *id);

#endif
