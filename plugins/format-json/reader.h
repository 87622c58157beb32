/* The reader of one unit: its state, and the batch that it is filling. */
#ifndef JSON_READER_H
#define JSON_READER_H
#include "frame.h"

struct json_reader {
  const struct json_format *format;
  struct sluice_input input;
  struct json_input window;
  struct json_framer framer;
  struct json_run run;
  struct json_column *root;
  struct ArrowSchema schema;
  struct sluice_buffer mended; /* a record with its bad text replaced */
  struct json_scan mended_scan;
  struct sluice_rejects *rejects;
  char part[224];
  int64_t sampled;                           /* records that types were found from */
  int64_t batch_rows, batch_bytes, unit_row; /* as scanned; unit_row: ordinal of the unit's first record */
  int64_t row;                               /* ordinal of the next record */
  int64_t first_row, cost;                   /* of the batch: begin, bytes so far */
  struct sluice_buffer origin;               /* ordinals of the records kept, once one was dropped */
  bool dropped, full, ended, broken, warned; /* broken: a batch was lost for want of memory */
  bool framed;                               /* `frame` is the next record */
  struct json_frame frame;
  int failed; /* a code: what comes behind this batch cannot be read, as `failure` says */
  struct sluice_error failure;
};

/* Fills the batch to its end. May be called again after an error: no record is lost. */
int json_batch_fill(struct json_reader *r, struct sluice_error *err);
/* Moves the batch out and begins the next. */
int json_batch_take(struct json_reader *r, struct sluice_batch *out, struct sluice_error *err);

/* Makes the framed record the one that the run reads; NONE, or the fault that it has as a whole. */
enum json_fault_code json_record_begin(struct json_reader *r);
/* Rejects the framed record for the run's fault, or fails. */
int json_record_reject(struct json_reader *r, struct sluice_error *err);

#endif
