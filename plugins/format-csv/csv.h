/* What all parts of the CSV reader share: the options, the dialect made of them, and a few limits. */
#ifndef CSV_CSV_H
#define CSV_CSV_H
#include <sluice/arrow.h>

enum csv_ragged { CSV_RAGGED_REJECT, CSV_RAGGED_PAD };

enum {
  CSV_CHUNK = 256 * 1024,       /* bytes of one read: small enough to stay in the second-level cache */
  CSV_PADDING = 64,             /* readable bytes behind what was read, so that scans may load whole words */
  CSV_MAX_COLUMNS = 100 * 1000, /* a wider header is a mistake or an attack */
  CSV_RAW_MAX = 64 * 1024       /* bytes of a record that a reject carries */
};

struct csv_config { /* the target of the option table */
  const char *delimiter, *quote;
  int32_t header, ragged;
  struct sluice_list null_tokens;
  int64_t sample, max_line;
};

struct csv_dialect {
  uint8_t delimiter;
  int quote; /* -1: none */
};

/* Texts that mean null where they are not quoted. */
struct csv_nulls {
  const struct sluice_list *tokens;
  uint64_t lengths; /* bit n: a token of n bytes; bit 63: one of 63 or more */
  bool empty;       /* "" is one of them: an empty text is null too */
};

struct csv_format { /* the instance */
  const struct sluice_host *host;
  const struct csv_config *config;
  struct csv_dialect dialect;
  struct csv_nulls nulls;
  bool by_name; /* no delimiter was given: the part's name decides between comma and tab */
};

int csv_decode(void *self, struct sluice_input *in, const struct sluice_scan *scan, struct sluice_reader *out,
               struct sluice_error *err);
const void *csv_extension(const char *id);
int csv_probe(const void *head, size_t size, const char *name);
/* True if the name ends in this suffix, perhaps with that of a compression behind it. */
bool csv_has_suffix(const char *name, const char *suffix);

#endif
