/* The reader of one unit: its state, and the batch that it is filling. */
#ifndef AVRO_READER_H
#define AVRO_READER_H
#include "file.h"

struct avro_reader {
  const struct avro_format *format;
  struct sluice_input input;
  struct avro_file file;
  struct avro_resolution resolution;
  struct avro_columns columns;
  struct avro_program program;
  struct avro_run run;
  struct sluice_rejects *rejects;
  char part[224];
  bool skip_block;
  int64_t batch_rows, batch_bytes, unit_row; /* as scanned; unit_row: ordinal of the unit's first record */
  int64_t stop;                              /* blocks that begin here or later are not of the unit */
  struct avro_block block;
  bool in_block, leaving;            /* leaving: on the way behind a block that cannot be read */
  int64_t taken, at;                 /* of the block: records read, and the byte where the next one begins */
  int64_t careful;                   /* until so many of its records are read, texts are looked at one by one */
  int64_t empty;                     /* records of no bytes so far */
  int64_t row;                       /* ordinal of the next record */
  int64_t first_row, cost;           /* of the batch: begin, bytes so far */
  struct sluice_buffer origin;       /* ordinals of the records kept, once one was dropped */
  bool dropped, full, ended, broken; /* broken: a batch was lost for want of memory */
  int failed;                        /* a code: what comes behind this batch cannot be read, as `failure` says */
  struct sluice_error failure;
};

/* Fills the batch to its end. */
int avro_batch_fill(struct avro_reader *r, struct sluice_error *err);
/* Moves the batch out and begins the next. */
int avro_batch_take(struct avro_reader *r, struct sluice_batch *out, struct sluice_error *err);

/* Notes that n records were kept, as the last of the batch. */
int avro_rows_keep(struct avro_reader *r, int64_t n);
/* Drops n records behind those kept: rejects are for them. */
int avro_rows_drop(struct avro_reader *r, int64_t n);
/* The record that the run could not take. */
int avro_reject_record(struct avro_reader *r, struct sluice_error *err);
/* The rest of a block that cannot be read: an error, or a reject and on to the next. */
int avro_reject_block(struct avro_reader *r, const char *why, struct sluice_error *err);
/* Behind a block that was rejected; may be called again after an error. */
int avro_leave_block(struct avro_reader *r, struct sluice_error *err);

#endif
