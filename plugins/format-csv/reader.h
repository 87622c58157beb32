/* The reader of one unit: its state, and the batch that it is filling. */
#ifndef CSV_READER_H
#define CSV_READER_H
#include "fault.h"
#include "shape.h"
#include "text.h"
#include "walk.h"

struct csv_skip { /* a record over max_line, of which only the head is kept */
  bool active;
  struct csv_walk walk;
  int64_t offset;
  size_t size, held;
  uint8_t *raw;
};

struct csv_reader {
  const struct csv_format *format;
  struct sluice_input input;
  struct csv_text_source text;
  struct csv_sniffed found;
  struct csv_index index;
  struct csv_layout layout;
  struct csv_parse parse;
  struct csv_reporter reporter;
  struct csv_skip skip;
  char part[224];
  int64_t batch_rows, batch_bytes, unit_row; /* as scanned; unit_row: ordinal of the unit's first record */
  int64_t stop;                              /* records that begin here or later are not of the unit */
  int64_t row;                               /* ordinal of the next record */
  int64_t first_row, rows, bytes;            /* of the batch: begin, records kept, record bytes */
  struct sluice_buffer origin;               /* ordinals of the records kept, once one was dropped */
  bool dropped, ended, broken;               /* broken: a batch was lost for want of memory */
};

/* Fills the batch to its end. May be called again after an error: nothing is lost, and no reject is repeated but those
 * of a block that failed. */
int csv_batch_fill(struct csv_reader *r, struct sluice_error *err);
/* Moves the batch out and begins the next. */
int csv_batch_take(struct csv_reader *r, struct sluice_batch *out, struct sluice_error *err);

#endif
