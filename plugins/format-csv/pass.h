/* One pass of the byte-wise reader over a block: what is read, and how single fields are written anew. */
#ifndef CSV_PASS_H
#define CSV_PASS_H
#include "rewrite.h"

enum { CSV_PASS_END = -1 };
enum { CSV_IN_PLAIN = 1, CSV_IN_QUOTES = 2 };
enum csv_ending { CSV_AT_DELIMITER, CSV_AT_END };

struct csv_pass {
  struct csv_index *ix;
  const struct csv_dialect *d;
  const struct csv_bounds *bounds;
  const uint8_t *data;
  struct sluice_buffer *out;
  size_t record, at; /* where the record begins; what is read next */
  uint32_t fields;
  enum csv_fault_code fault;
  bool starved, failed; /* it ended behind what is at hand; there was no memory */
  int stop;
  uint8_t special[256]; /* CSV_IN_PLAIN, CSV_IN_QUOTES: bytes that may be more than text there */
};

/* The byte at a position; CSV_PASS_END behind the last. */
int csv_pass_peek(struct csv_pass *p, size_t at);
bool csv_pass_is_mark(struct csv_pass *p, const struct csv_mark *mark, size_t at);
/* Bytes of the line end here; 0: there is none. */
size_t csv_pass_line_end(struct csv_pass *p, size_t at);
size_t csv_pass_skip_spaces(struct csv_pass *p, size_t at);
void csv_pass_put(struct csv_pass *p, const void *bytes, size_t n);
/* Reads the field at p->at, delimiter included, and writes it. Faults are noted in the pass. */
enum csv_ending csv_pass_read_field(struct csv_pass *p);

#endif
