/* The columns that a batch is filled into, and the names under which objects hold them. */
#ifndef JSON_COLUMN_H
#define JSON_COLUMN_H
#include "json.h"

enum json_shape {
  JSON_SHAPE_BITS,   /* a byte each, packed when the batch is taken */
  JSON_SHAPE_FIXED,  /* `width` bytes each */
  JSON_SHAPE_BYTES,  /* offsets and bytes */
  JSON_SHAPE_LIST,   /* offsets into child 0; maps too, whose child is a struct of key and value */
  JSON_SHAPE_ITEMS,  /* `width` items of child 0 each */
  JSON_SHAPE_STRUCT, /* children of the same length */
  JSON_SHAPE_NULL    /* no values at all */
};

struct json_run;
struct json_column;
/* Takes the value at p as the column's next. Returns what is behind it; NULL: the run's fault says why not. */
typedef const uint8_t *json_parse_fn(struct json_run *, struct json_column *, const uint8_t *p);
/* Text to a value of `width` bytes; false: it is none. */
typedef bool json_convert_fn(const struct json_column *, const char *text, size_t n, void *out);

struct json_name { /* of an object's member */
  uint8_t *quoted; /* as it stands in a file with nothing escaped, quotes included; eight zero bytes behind */
  uint32_t size;   /* of quoted */
  uint32_t match;  /* the same; 0: it must be escaped, so it is found by its value alone */
  uint32_t next;   /* the one that came behind it last time */
  uint64_t tail;   /* mask of its last word */
  struct json_column *column; /* NULL: not wanted */
};
struct json_names {
  struct json_name *items; /* one more than count, which no name equals */
  uint32_t *sorted;        /* by length, then bytes */
  uint32_t count, room, learned;
  uint32_t first; /* the one that objects begin with */
};

struct json_column {
  json_parse_fn *parse;
  json_convert_fn *convert; /* of FIXED and BITS */
  enum json_shape shape;
  struct sluice_type type; /* its time zone is not kept */
  bool nullable, wide;     /* wide: offsets of 64 bits */
  bool lenient;            /* asked for by type: a text that holds such a value is taken for it */
  bool zoned, local;       /* a timestamp with a time zone; local: another than UTC */
  bool json;               /* holds values as the JSON that they are */
  bool any;                /* a column of text that takes other values as JSON */
  bool passes_all;         /* members that are no columns are not wanted, rather than unknown */
  uint32_t width, count;
  int64_t least, most;         /* of integers */
  int64_t length, capacity;    /* values; capacity: that there is room for */
  struct sluice_buffer values; /* BITS, FIXED; offsets of BYTES and LIST */
  struct sluice_buffer bytes;  /* of BYTES */
  struct sluice_buffer nulls;  /* uint32_t: where */
  size_t last_bytes;           /* of the last batch */
  int64_t last_length;
  int64_t cost; /* bytes that a null takes, those within included */
  struct json_column **children;
  struct json_column *parent;
  const char *name;        /* borrowed from the schema */
  struct json_names names; /* STRUCT */
};

void json_column_destroy(struct json_column *c); /* and those within; takes NULL */
bool json_column_grow(struct json_column *c);    /* false: no memory */
static inline bool json_column_room(struct json_column *c) {
  return c->length < c->capacity || json_column_grow(c);
}
static inline bool json_column_has_nulls(const struct json_column *c) {
  return c->nulls.size != 0;
}
static inline bool json_column_room_bytes(struct json_column *c, size_t n) {
  /* with room to copy whole words; capacity never wraps, for it is under 2 GiB */
  return n + JSON_PADDING <= c->bytes.capacity - c->bytes.size ||
         sluice_buffer_reserve(&c->bytes, n + JSON_PADDING > c->last_bytes ? n + JSON_PADDING : c->last_bytes) ==
             SLUICE_OK;
}
/* Ends the value that was put behind the column's bytes or items: its offset. There is room for it. */
static inline void json_column_end(struct json_column *c, int64_t offset) {
  int64_t at = ++c->length;
  if (c->wide)
    ((int64_t *)(void *)c->values.data)[at] = offset;
  else
    ((int32_t *)(void *)c->values.data)[at] = (int32_t)offset;
}
bool json_column_null(struct json_column *c);           /* appends one; false: no memory */
void json_column_cut(struct json_column *c, int64_t n); /* forgets all but the first n */
/* Moves the values out; the column is empty afterwards. MEMORY: they are lost. */
int json_column_take(struct json_column *c, struct ArrowArray *out);
void json_column_clear(struct json_column *c);

/* ---- names ---- */

/* MEMORY. column NULL: passed over. */
int json_names_add(struct json_names *n, const uint8_t *text, size_t size, struct json_column *column, uint32_t *out);
/* Makes the item that no name equals, where there are no names. MEMORY. */
int json_names_seal(struct json_names *n);
/* The index of a name, or UINT32_MAX. */
uint32_t json_names_find(const struct json_names *n, const uint8_t *text, size_t size);
void json_names_finish(struct json_names *n);

#endif
