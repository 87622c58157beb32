/* Inputs in memory for tests of formats, and what shall go wrong with them. */
#ifndef IPC_COMPARE_INPUT_H
#define IPC_COMPARE_INPUT_H
#include <sluice/arrow.h>

struct test_input { /* stays where it is until the release */
  const uint8_t *data;
  size_t size;
  bool views, unknown_size;
  int fail_code, fail_read;                  /* the read of this number, from 1 on, fails with the code */
  int reads, opened;                         /* counted here; opened: not yet released */
  int64_t read_bytes, views_open, announced; /* announced: bytes told by will_need */
};
void test_input_open(struct test_input *bytes, struct sluice_input *out);
/* The file's bytes in aligned memory; gzip is undone. NULL: it cannot be read. */
uint8_t *test_file_read(const char *path, size_t *size);

#endif
