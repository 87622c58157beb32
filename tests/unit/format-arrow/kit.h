/* What the tests of the Arrow reader share: the small files of the fuzz target's corpus, and all values as one text. */
#ifndef ARROW_TEST_KIT_H
#define ARROW_TEST_KIT_H
#include "arrow_side.h"
#include "values.h"

struct kit_file { /* one of ../../fuzz/arrow/corpus, without the four bytes of options */
  uint8_t *data;
  size_t size;
};
struct kit_file kit_file(const char *name); /* ends the program where there is none */
void kit_file_free(struct kit_file *file);
extern const char *const kit_files[]; /* their names; ended by NULL */

struct kit_read { /* how to read, and what came of it */
  struct test_input input;
  struct sluice_scan scan;
  struct arrow_config config;
  int rc; /* END: all was read */
  struct sluice_error err;
  struct sluice_buffer text; /* a line a row; values with | between */
  int64_t rows, batches;
  struct sluice_position ends[64]; /* of the first batches, and how much text there was then */
  size_t lengths[64];
};
void kit_init(struct kit_read *read, const uint8_t *data, size_t size);
void kit_run(struct kit_read *read);
void kit_finish(struct kit_read *read);
/* Reads with the defaults; the text, which is the caller's to free, or how it failed. */
char *kit_text(const uint8_t *data, size_t size);

#endif
