/* The columns that a batch is filled into: buffers by place, grouped into scopes that count together. */
#ifndef AVRO_COLUMN_H
#define AVRO_COLUMN_H
#include "schema.h"

enum avro_shape {
  AVRO_SHAPE_NULL,   /* no buffers */
  AVRO_SHAPE_BITS,   /* a byte each, packed when the batch is taken */
  AVRO_SHAPE_FIXED,  /* `width` bytes each */
  AVRO_SHAPE_BYTES,  /* offsets and bytes */
  AVRO_SHAPE_LIST,   /* offsets into child 0; maps too, whose child is a struct of key and value */
  AVRO_SHAPE_STRUCT, /* children count as it does */
  AVRO_SHAPE_UNION,  /* type codes and offsets; each child counts alone */
  AVRO_SHAPE_ABSENT  /* wanted, but not in the file: all null */
};

struct avro_column;
struct avro_scope {                /* the columns of which each has a place for each of `length` values */
  int64_t length, capacity, width; /* width: bytes that one more place takes in all columns */
  struct avro_column **columns;
  uint32_t count, room;
  int64_t most;       /* length in the last batch */
  int64_t mark, kept; /* of a union's child: its length where the record, and where the run began */
};
struct avro_column {
  enum avro_shape shape;
  bool nullable, text, json; /* text: must be UTF-8; json: filled with the JSON of what is there */
  uint32_t width, count;
  const struct avro_type *type; /* the reader's, behind a nullable union */
  uint8_t *flags;               /* nullable: 1 where there is a value */
  uint8_t *values;              /* FIXED: values; BITS: a byte each; UNION: type codes */
  int32_t *offsets;             /* BYTES, LIST: one more than values; UNION */
  struct sluice_buffer bytes;   /* BYTES; size: what is used */
  size_t most;                  /* bytes of the last batch */
  int64_t checked;              /* text: places that are known to be UTF-8 */
  size_t checked_bytes;
  struct avro_scope *scope, *inner; /* inner: LIST */
  struct avro_column **children;
  struct avro_column **fields; /* STRUCT: by the reader's fields; NULL: not wanted */
  uint32_t field_count;
  struct ArrowArray dictionary; /* of an enum; shared */
};
struct avro_columns {
  struct avro_column *root; /* a struct that holds the output's columns as children; never null */
  struct avro_scope *top;
  struct avro_column **all; /* for their release */
  struct avro_scope **scopes;
  uint32_t count, room, scope_count, scope_room, n_unions;
  struct avro_scope **union_scopes; /* borrowed: the scopes of the unions' children */
  struct avro_column **texts;       /* borrowed: what must be UTF-8 */
  uint32_t n_texts;
  struct ArrowSchema schema;
  int64_t memory, limit; /* bytes of places reserved; limit: of one batch */
  bool over;             /* the limit was reached, not the end of memory */
};

/* Columns for values of this type. want and extra: as in a scan. where: the part. */
int avro_columns_init(struct avro_columns *c, const struct avro_type *type, const struct ArrowSchema *want, bool extra,
                      const char *where, struct sluice_error *err);
void avro_columns_finish(struct avro_columns *c);

/* Room for n more values; MEMORY: none, or over the limit. */
int avro_scope_reserve(struct avro_columns *c, struct avro_scope *scope, int64_t n);
/* Room for n more bytes. */
int avro_column_reserve(struct avro_columns *c, struct avro_column *column, size_t n);
/* Puts null at this place, or zero where the column has no nulls, and so for all columns within. */
int avro_column_null(struct avro_columns *c, struct avro_column *column, int64_t at);

/* Remembers where a run begins: avro_columns_cut with run = true goes back there. */
void avro_columns_mark(struct avro_columns *c);
/* Goes back to n records: where the record began that is at work, or where the run began. */
void avro_columns_cut(struct avro_columns *c, int64_t n, bool run);
/* True if what was filled in since the last time is UTF-8, each value for itself. */
bool avro_columns_check(struct avro_columns *c);

/* Moves the values out as one array; the columns are empty afterwards. MEMORY: they are lost. */
int avro_columns_take(struct avro_columns *c, struct ArrowArray *out);
void avro_columns_clear(struct avro_columns *c);

#endif
