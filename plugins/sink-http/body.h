/* The records of one request, as they are sent, and where each of them ends. */
#ifndef SINK_HTTP_BODY_H
#define SINK_HTTP_BODY_H
#include "options.h"
#include <sluice/arrow.h>
#include <sluice/services.h>

struct body {
  int64_t first;              /* the first row, as an index in the batch */
  int64_t rows, records;      /* records: rows that were not rejected */
  struct sluice_buffer bytes; /* byte 0 is room for '[', then each record with one byte to end it */
  struct sluice_buffer ends;  /* size_t a row: where it ends in bytes */
};

/* Empties the body for rows from `first` on; memory is kept. */
int body_start(struct body *, int64_t first);
/* Appends rows from..to-1 of the encoded range. MEMORY. */
int body_append(struct body *, const struct sluice_encoded *, int64_t from, int64_t to);
/* Makes dst the rows from..to-1 (counted in src) of src. MEMORY. */
int body_copy(const struct body *src, int64_t from, int64_t to, struct body *dst);
/* Writes what stands between records. */
void body_seal(struct body *, enum http_body);
/* The sealed bytes. */
const uint8_t *body_data(const struct body *, enum http_body, size_t *size);
/* The batch's index of the first row that has a record. */
int64_t body_first_record(const struct body *);
void body_finish(struct body *);

#endif
