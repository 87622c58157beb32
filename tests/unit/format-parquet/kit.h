/* What the tests of the Parquet reader share: inputs in memory, and a digest of all that was read. */
#ifndef PQ_TEST_KIT_H
#define PQ_TEST_KIT_H
#include "pq.h"
#include <stdio.h>

struct kit_bytes { /* an input's content, and what shall go wrong with it */
  const uint8_t *data;
  size_t size;
  int fail_code, fail_read;   /* the read of this number, from 1 on, fails with the code */
  bool again;                 /* what fails with RETRY is tried again */
  bool untold;                /* the input does not ask what will be needed */
  int reads, opened;          /* counted here; opened: inputs that are not released */
  int64_t bytes;              /* that were read */
  int64_t announced, foreign; /* bytes told by will_need; reads of data that were not told before */
  int64_t told[2][4096];      /* begin and end of what was told */
  size_t n_told;
};

struct kit_options {
  struct pq_config config;
  struct sluice_scan scan;
  const struct sluice_where *match; /* which records to digest on their own; NULL: none. Of columns of the top */
};
struct kit_result {
  int code; /* SLUICE_END: all was read */
  struct sluice_error err;
  int64_t rows, batches;
  uint64_t digest;               /* of all batches */
  uint64_t later;                /* of those from batch number `from_batch` on */
  struct sluice_position middle; /* end of the batch before it */
  int64_t from_batch;
  const char *invalid; /* a batch that is not valid Arrow data */
  int64_t matches;     /* records for which `match` is true, and their digest, with their numbers */
  uint64_t matching;
};

void kit_defaults(struct kit_options *o);
void kit_input(struct kit_bytes *bytes, struct sluice_input *out);
/* Reads all, validating each batch in full. */
void kit_read(const struct kit_options *o, struct kit_bytes *bytes, int64_t from_batch, struct kit_result *out);
/* The file's bytes, from malloc; NULL: there is none. */
uint8_t *kit_file(const char *path, size_t *size);

#endif
