/* The records of one request, as they are sent, and where each of them ends. */
#ifndef SINK_HTTP_BODY_H
#define SINK_HTTP_BODY_H
#include "options.h"
#include <sluice/arrow.h>
#include <sluice/services.h>

struct body_row {
  size_t end;  /* where it ends in bytes */
  int64_t row; /* its index in the batch */
};
struct body {
  int64_t rows, records;      /* records: rows that were not rejected */
  struct sluice_buffer bytes; /* byte 0 is room for '[', then each record with one byte to end it */
  struct sluice_buffer index; /* struct body_row a row, rising */
};

/* Empties the body; memory is kept. */
int body_start(struct body *);
/* Appends rows from..to-1 of the encoded range, whose row 0 is `first` of the batch. MEMORY. */
int body_append(struct body *, const struct sluice_encoded *, int64_t first, int64_t from, int64_t to);
/* Appends a row of the batch that is not to be sent. MEMORY. */
int body_skip(struct body *, int64_t row);
/* Makes dst the rows from..to-1 (counted in src) of src. MEMORY. */
int body_copy(const struct body *src, int64_t from, int64_t to, struct body *dst);
/* Writes what stands between records. */
void body_seal(struct body *, enum http_body);
/* The sealed bytes. */
const uint8_t *body_data(const struct body *, enum http_body, size_t *size);
/* The batch's index of its first and last row, and of the first that has a record. */
int64_t body_first(const struct body *);
int64_t body_last(const struct body *);
int64_t body_first_record(const struct body *);
void body_finish(struct body *);

#endif
