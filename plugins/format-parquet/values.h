/* The values of one page, by its encoding. */
#ifndef PQ_VALUES_H
#define PQ_VALUES_H
#include "alp.h"
#include "delta.h"
#include "dictionary.h"
#include "page_header.h"
#include "rle.h"
#include "views.h"

struct pq_values { /* zeroed is empty; kept from page to page */
  const struct pq_store *store;
  const struct pq_dictionary *dictionary;
  enum pq_encoding encoding;
  int32_t type;              /* physical */
  const uint8_t *p, *end;    /* what is not read yet */
  uint64_t bit;              /* PLAIN truth values: bits read; BYTE_STREAM_SPLIT: values read */
  uint64_t streams;          /* BYTE_STREAM_SPLIT: values in all */
  struct pq_rle rle;         /* indexes and truth values */
  struct pq_delta delta;     /* integers, lengths, or lengths of prefixes */
  struct pq_delta suffixes;  /* DELTA_BYTE_ARRAY: lengths */
  struct sluice_buffer last; /* DELTA_BYTE_ARRAY: the value before */
  struct pq_alp alp;
  struct pq_held *held; /* VIEWS: what they refer to */
  const uint8_t *base;  /* VIEWS of PLAIN and DELTA_LENGTH: the page in there, and its place */
  int32_t place;
  struct sluice_buffer scratch, text_offsets, texts;
  struct sluice_buffer picked; /* of pick.c: values of which some are wanted */
};

/* Begins a page's values. `p` has PQ_PADDING readable bytes behind `end`. */
pq_fault pq_values_begin(struct pq_values *v, int32_t encoding, const uint8_t *p, const uint8_t *end);
void pq_values_finish(struct pq_values *v);

/* Exactly n values. */
pq_fault pq_values_bits(struct pq_values *v, uint8_t *out, int64_t at, size_t n);
pq_fault pq_values_fixed(struct pq_values *v, uint8_t *out, size_t n); /* of the stored width */
pq_fault pq_values_texts(struct pq_values *v, struct sluice_buffer *offsets, struct sluice_buffer *data, size_t n);
/* Views; *bytes grows by those of their texts. */
pq_fault pq_values_views(struct pq_values *v, uint8_t *out, size_t n, uint64_t *bytes);
/* How many of the next n texts are surely no more than `room` bytes together; at least 1. */
size_t pq_values_fit(const struct pq_values *v, size_t n, size_t room);

/* ---- within the encodings ---- */

/* n values of fixed width as they stand in the file. */
pq_fault pq_values_physical(struct pq_values *v, uint8_t *out, size_t n);
/* n indexes into the dictionary, of which all are in it. */
pq_fault pq_values_indexes(struct pq_values *v, uint32_t *out, size_t n);
pq_fault pq_texts_begin(struct pq_values *v);
pq_fault pq_texts_read(struct pq_values *v, struct sluice_buffer *offsets, struct sluice_buffer *data, size_t n);

#endif
