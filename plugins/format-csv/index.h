/* The index of a block of records: where each record and each of its fields begins and ends. */
#ifndef CSV_INDEX_H
#define CSV_INDEX_H
#include "csv.h"

enum csv_fault_code {
  CSV_FAULT_NONE,
  CSV_FAULT_RAGGED,      /* detail: fields of the record */
  CSV_FAULT_STRAY_QUOTE, /* in a field that does not begin with one */
  CSV_FAULT_AFTER_QUOTE, /* text between a closing quote and the next delimiter */
  CSV_FAULT_OPEN_QUOTE,  /* never closed */
  CSV_FAULT_QUOTED_END,  /* a line end within quotes, where there must be none */
  CSV_FAULT_LONG,        /* detail: 1 if a quote in it is never closed */
  CSV_FAULT_ZERO_BYTE,
  CSV_FAULT_UTF8,
  CSV_FAULT_VALUE,   /* does not fit the type of its column */
  CSV_FAULT_NO_VALUE /* null in a column without nulls */
};

struct csv_fault {  /* why a record of the block is not delivered; positions count from the block's start */
  uint32_t ordinal; /* of the record in the block */
  uint32_t start, end, text, text_end;
  uint32_t detail;
  int32_t column; /* of the output; -1: none */
  enum csv_fault_code code;
};

enum csv_stop {
  CSV_STOP_MORE,  /* the record at `next` is not complete */
  CSV_STOP_FULL,  /* the block is full: go on with another */
  CSV_STOP_ROWS,  /* as many records as were asked for */
  CSV_STOP_BYTES, /* the record at `next` would pass the budget of bytes */
  CSV_STOP_END,   /* no record is left */
  CSV_STOP_MEMORY /* there was no memory for the block; nothing of it is taken */
};

struct csv_bounds {
  size_t size;     /* bytes at hand; CSV_PADDING more are readable */
  bool final;      /* nothing follows them */
  size_t stop;     /* records that begin here or later belong to somebody else */
  int64_t rows;    /* at least 1 */
  int64_t bytes;   /* budget of record bytes, line ends included */
  bool fresh;      /* the first record may pass the budget: nothing is before it */
  size_t max_line; /* a longer record is a fault, and does not count in bytes */
  bool pad;        /* a record with too few fields is padded: its missing fields have an end before their start */
  bool cut;        /* of a record with too many fields the last ones are left out */
};

struct csv_scan_limits;
struct csv_index {
  const uint8_t *data;               /* what starts and ends point into: the block, or what was made of it */
  size_t used;                       /* bytes of data with the records */
  const struct csv_dialect *dialect; /* of the block */
  const uint8_t *source;             /* the block: faults and `next` point into it */
  struct csv_rewritten *made;        /* where the dialect is odd: records as the converters read them */
  uint32_t columns;                  /* fields that each record must have */
  uint32_t max_rows;                 /* of a block */
  uint32_t rows;                     /* records without a fault */
  uint32_t seen;                     /* records, faults included */
  size_t next;                       /* where the record behind the block begins */
  int64_t bytes;                     /* of the records seen, as the budget counts */
  uint32_t *starts, *ordinals;       /* of each row */
  uint32_t *ends;                    /* of each field: ends[row * columns + column] */
  uint8_t *hit;                      /* by ordinal: has a fault */
  struct csv_fault *faults;          /* in no order; at most one a record */
  uint32_t n_faults;
  bool ascii;  /* every byte is */
  bool simple; /* no quoted field has a doubled quote */
  size_t (*scan)(struct csv_index *, const struct csv_dialect *, const struct csv_bounds *,
                 const struct csv_scan_limits *); /* the fast way for well-formed records; NULL: none */
};

int csv_index_init(struct csv_index *ix, uint32_t columns, struct sluice_error *err);
void csv_index_finish(struct csv_index *ix);
/* Indexes the records at the start of data, as many as fit a block. A record with a zero byte is a fault. */
enum csv_stop csv_index_block(struct csv_index *ix, const struct csv_dialect *dialect, const uint8_t *data,
                              const struct csv_bounds *bounds);
/* Notes a fault of a row, unless the row has one. text..end is the value, column that of the output. */
void csv_index_fault(struct csv_index *ix, uint32_t row, enum csv_fault_code code, int32_t column, uint32_t text,
                     uint32_t text_end);
/* Takes the rows with a fault out of the index. */
void csv_index_drop(struct csv_index *ix);

struct csv_fields { /* one column of the index: row i is data[from[i * stride] + plus .. to[i * columns]) */
  const uint32_t *from, *to;
  size_t stride;
  uint32_t plus;
};
static inline struct csv_fields csv_index_column(const struct csv_index *ix, uint32_t column) {
  if (column == 0)
    return (struct csv_fields){ix->starts, ix->ends, 1, 0};
  return (struct csv_fields){ix->ends + column - 1, ix->ends + column, ix->columns, 1};
}

#endif
