/* What all files of the Parquet format share: its settings, limits, and how decoders say what is wrong. */
#ifndef PQ_H
#define PQ_H
#include <sluice/arrow.h>
#include <sluice/services.h>
#include <stdint.h>

enum pq_type { PQ_BOOLEAN, PQ_INT32, PQ_INT64, PQ_INT96, PQ_FLOAT, PQ_DOUBLE, PQ_BYTES, PQ_FIXED, PQ_GROUP = -1 };
enum pq_repetition { PQ_REQUIRED, PQ_OPTIONAL, PQ_REPEATED };

enum {
  PQ_PADDING = 64,        /* readable bytes behind all bytes that are decoded */
  PQ_CHUNK = 1024,        /* values that pass a stage at once: they stay in the nearest cache */
  PQ_COLUMNS_MAX = 100000 /* elements of a schema */
};

struct pq_config {
  int64_t max_page, max_row, max_items;
  int32_t verify_crc, int96;
};
struct pq_format {
  const struct sluice_host *host;
  const struct pq_config *config;
  struct sluice_counter pruned_rows, pruned_groups, pruned_pages, pruned_bytes;
};

struct pq_slice { /* borrowed bytes */
  const uint8_t *data;
  size_t size;
};

/* NULL: all is well; else what is wrong with the bytes, in a few words. */
typedef const char *pq_fault;
extern const char pq_no_memory[]; /* the one fault that is not the file's */

static inline uint32_t pq_load32(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, sizeof v);
  return v;
}
static inline uint64_t pq_load64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

int pq_probe(const void *head, size_t size, const char *name);
int pq_decode(void *self, struct sluice_input *in, const struct sluice_scan *scan, struct sluice_reader *out,
              struct sluice_error *err);
int pq_plan(void *self, struct sluice_input *in, const struct sluice_scan *scan, int64_t split_bytes,
            struct sluice_splits *splits, struct sluice_error *err);
const void *pq_extension(const char *id);

#endif
