/* The way from a record's bytes to columns, as one list of operations; and what runs it. */
#ifndef AVRO_PROGRAM_H
#define AVRO_PROGRAM_H
#include "column.h"
#include "resolve.h"

enum avro_code {
  AVRO_OP_END, /* of a record */
  AVRO_OP_INT,
  AVRO_OP_LONG,
  AVRO_OP_WORD,   /* 4 bytes as they are */
  AVRO_OP_DOUBLE, /* 8 bytes as they are */
  AVRO_OP_BOOL,
  AVRO_OP_BYTES, /* bytes and text */
  AVRO_OP_ENUM,
  AVRO_OP_FIXED,
  AVRO_OP_NULLABLE, /* a union of null and what follows, up to `jump` */
  AVRO_OP_VALID,
  AVRO_OP_LIST, /* its items up to NEXT, which is before `jump` */
  AVRO_OP_NEXT,
  AVRO_OP_SKIP_LONG,
  AVRO_OP_SKIP_BYTES,
  AVRO_OP_SKIP_FIXED,
  AVRO_OP_JUMP,
  AVRO_OP_DECIMAL, /* of bytes */
  AVRO_OP_COLD,    /* from here on: run_cold.c */
  AVRO_OP_NULL = AVRO_OP_COLD,
  AVRO_OP_UNION, /* goes on at targets[what was read] */
  AVRO_OP_ENTER, /* the next value is of a union's child */
  AVRO_OP_LEAVE,
  AVRO_OP_INPUT, /* up to RESTORE, values are a default's */
  AVRO_OP_RESTORE,
  AVRO_OP_FAIL,
  AVRO_OP_SKIP_TREE,
  AVRO_OP_JSON,
  AVRO_OP_LONG_FLOAT,
  AVRO_OP_LONG_DOUBLE,
  AVRO_OP_FLOAT_DOUBLE,
  AVRO_OP_FIXED_DECIMAL, /* of `size` bytes */
  AVRO_OP_FIXED_BYTES,   /* of `size` bytes, to a binary column */
  AVRO_OP_UUID,
  AVRO_OP_DURATION,
  AVRO_OP_BIG_DECIMAL
};

struct avro_op {
  uint8_t code, branch; /* branch: of null, in NULLABLE; of the child, in ENTER */
  uint32_t jump, count; /* count: symbols or targets */
  struct avro_column *column;
  int64_t size; /* of fixed values; bytes that an item takes at least */
  union {
    uint32_t *targets; /* UNION: owned */
    const struct avro_type *type;
    const struct avro_node *node; /* ENUM: NULL: symbols stay as they are */
    const struct avro_fallback *fallback;
    const char *reason;
    uint64_t spread; /* DECIMAL: from the least to the greatest value that has no more digits than it may */
  } of;
};
struct avro_program {
  struct avro_op *ops;
  uint32_t count, capacity;
};

/* Borrows from all it is given. */
int avro_compile(const struct avro_node *root, struct avro_columns *columns, const char *where,
                 struct avro_program *out, struct sluice_error *err);
void avro_program_finish(struct avro_program *program);

enum avro_outcome {
  AVRO_DONE,
  AVRO_FULL,  /* the next record would pass the budget; it is still to be read */
  AVRO_FAULT, /* a record cannot be taken, but its end is known: p; it is still in the columns */
  AVRO_BROKEN /* nothing behind `from` can be read */
};
struct avro_frame { /* a list or a union's child at work */
  const struct avro_op *op;
  int64_t at, left; /* place of the value around it; items left of the block */
};
struct avro_run {
  const struct avro_program *program;
  struct avro_columns *columns;
  const uint8_t *p, *end; /* of the block's bytes; AVRO_SYNC more can be read */
  const uint8_t *from;    /* of the record at work */
  int64_t budget, used;   /* bytes until the batch is full; used of these */
  int64_t extra;          /* bytes of places within, not counted yet */
  int64_t empty;          /* items of no bytes that the block claimed */
  bool careful;           /* texts are looked at one by one */
  int code;               /* of BROKEN: DATA or MEMORY */
  const char *cause;      /* of BROKEN */
  bool fault;
  const struct avro_column *culprit; /* of FAULT; NULL: none to name */
  char reason[256];                  /* of FAULT */
  const uint8_t *saved, *saved_end;  /* while a default is read */
  uint32_t depth;
  struct avro_frame frames[2 * AVRO_MAX_DEPTH + 8];
};

/* Decodes up to n records; room for n is reserved in the top scope. */
enum avro_outcome avro_run(struct avro_run *r, int64_t n);

/* For the parts of the run. Each returns where to go on, or avro_run_break's. */
const uint8_t *avro_run_break(struct avro_run *r, int code, const char *cause);
void avro_run_fault(struct avro_run *r, const struct avro_column *column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const uint8_t *avro_long_slow(struct avro_run *r, const uint8_t *p, int64_t *out);
/* Runs one cold operation; returns the next. */
const struct avro_op *avro_run_cold(struct avro_run *r, const struct avro_op *op, const uint8_t **p, int64_t *i);
/* Over one value of the writer's type. */
const uint8_t *avro_skip(struct avro_run *r, const struct avro_type *type, const uint8_t *p, int depth);
/* Reads a block's head of an array or map; *count 0: the end. */
const uint8_t *avro_items_begin(struct avro_run *r, const uint8_t *p, int64_t least, int64_t *count, int64_t *size);
const uint8_t *avro_json_put(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i);
/* Of 8 bytes; more digits than they can have count as those. */
uint64_t avro_decimal_spread(int32_t precision);
void avro_decimal_fault(struct avro_run *r, const struct avro_op *op, int64_t n);
const uint8_t *avro_decimal_put(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i, int64_t n);
/* Text of a big-decimal's n bytes into out, which has room for AVRO_DECIMAL_TEXT; 0: it is none. */
enum { AVRO_DECIMAL_TEXT = 4096 };
size_t avro_big_decimal_print(const uint8_t *p, size_t n, char *out);
size_t avro_uuid_print(const uint8_t *p, char *out);
/* Appends n bytes to a BYTES column's value at place i, and ends it. */
bool avro_bytes_put(struct avro_run *r, struct avro_column *c, int64_t i, const void *bytes, size_t n);

/* Bytes that a value takes at least; 0: it never takes any. */
int64_t avro_type_least(const struct avro_type *type);

#endif
