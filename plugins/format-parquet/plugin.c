/* The plugin's face: its options, what they may be, and the entry that the host loads. */
#include "pq.h"
#include <stdlib.h>

static const char *const suffixes[] = {".parquet", ".parq", ".pq", NULL};
static const char *const units[] = {"s", "ms", "us", "ns", NULL}; /* as enum sluice_time_unit */

static const struct sluice_option items[] = {
    SLUICE_OPTION(struct pq_config, verify_crc, SLUICE_OPTION_BOOL, .default_text = "true",
                  .help = "Whether checksums of pages are checked where a file has them."),
    SLUICE_OPTION(struct pq_config, int96, SLUICE_OPTION_CHOICE, .default_text = "ns", .choices = units,
                  .help = "The unit of timestamps of 96 bits; ns reaches from 1677 to 2262, us much further."),
    SLUICE_OPTION(struct pq_config, max_page, SLUICE_OPTION_SIZE, .default_text = "2GiB", .min = 1,
                  .max = (int64_t)2 << 30, .help = "The largest page that is read, packed or unpacked."),
    SLUICE_OPTION(struct pq_config, max_row, SLUICE_OPTION_SIZE, .default_text = "2GiB", .min = 1,
                  .max = (int64_t)2 << 30, .help = "The most bytes that one column may have in one row."),
    SLUICE_OPTION(struct pq_config, max_items, SLUICE_OPTION_INT, .default_text = "16777216", .min = 1,
                  .max = INT32_MAX, .help = "The most items that the lists of one column may have in one row."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct pq_config, items);

static int pq_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  struct pq_format *f = calloc(1, sizeof *f);
  if (!f)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the parquet format");
  f->host = host;
  f->config = config;
  f->pruned_rows = sluice_counter_get(host, "pruned_rows");
  f->pruned_groups = sluice_counter_get(host, "pruned_row_groups");
  f->pruned_pages = sluice_counter_get(host, "pruned_pages");
  f->pruned_bytes = sluice_counter_get(host, "pruned_bytes");
  *self = f;
  return SLUICE_OK;
}

static void pq_close(void *self) {
  free(self);
}

int pq_probe(const void *head, size_t size, const char *name) {
  static const char *const ends[] = {".parquet", ".parq", ".pq"};
  size_t n = strlen(name);
  if (size >= 4 && (memcmp(head, "PAR1", 4) == 0 || memcmp(head, "PARE", 4) == 0))
    return 100;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (n >= strlen(ends[i]) && strcmp(name + n - strlen(ends[i]), ends[i]) == 0)
      return 30;
  return 0;
}

static const struct sluice_base base = {
    .struct_size = sizeof base,
    .kind = SLUICE_FORMAT,
    .name = "parquet",
    .version = "1.0.0",
    .help = "Apache Parquet: all types, encodings and codecs but LZO, nested data of any depth.",
    .options = &options,
    .names = suffixes,
    .extension = pq_extension,
};
static const struct sluice_format format = {
    .struct_size = sizeof format,
    .base = &base,
    .open = pq_open,
    .close = pq_close,
    .probe = pq_probe,
    .plan = pq_plan,
    .decode = pq_decode,
};

SLUICE_PLUGIN(SLUICE_FORMAT, "format parquet 1.0.0\n", &format)
