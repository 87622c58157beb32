/* One column of the output: it takes the fields of a block of records at a time, straight into Arrow buffers. */
#ifndef CSV_COLUMN_H
#define CSV_COLUMN_H
#include "field.h"
#include "index.h"
#include "lanes.h"
#include "order.h"

struct csv_parse { /* shared by the columns of a reader */
  struct csv_index *index;
  struct csv_field_rules rules;
  struct sluice_buffer scratch;      /* of fields with doubled quotes */
  uint32_t *nulls, n_nulls;          /* rows of the block that are null in the column at hand */
  uint8_t *flags;                    /* truth values of the block */
  const struct csv_kernels *kernels; /* NULL: none */
  struct csv_lanes lanes;
  bool utf8;   /* all bytes of the block are valid UTF-8 */
  bool strict; /* the kernel at hand must leave what the column does not keep */
};

enum csv_zone { CSV_ZONE_NONE, CSV_ZONE_UTC, CSV_ZONE_OTHER };

struct csv_column;
typedef int csv_parse_fn(struct csv_column *, struct csv_parse *);
/* A text that is not empty, with readable bytes behind it. */
typedef bool csv_keeps_fn(const struct csv_column *, const char *text, size_t n);

struct csv_column {
  struct sluice_type type; /* its time zone is not kept */
  enum csv_zone zone;
  const struct csv_values *written;             /* how values are */
  int order;                                    /* of dates, as found, or CSV_ORDER_NONE */
  bool nullable, missing;                       /* missing: the file has no such column */
  uint32_t source;                              /* column of the file */
  int32_t position;                             /* in the output */
  int64_t min, max;                             /* of integers */
  csv_keeps_fn *keeps;                          /* of a type that was found: what fits it in full; NULL: all fits */
  csv_parse_fn *parse;                          /* takes the rows of the index; MEMORY is its only error */
  struct sluice_buffer validity, values, bytes; /* values: offsets of texts */
  size_t usual_values, usual_bytes;             /* of the batch before, to begin with as much */
  int64_t length, null_count;
  struct {
    size_t values, bytes;
    int64_t length, null_count;
  } mark;
};

int csv_parse_init(struct csv_parse *p, struct csv_index *ix, const struct csv_field_rules *rules,
                   struct sluice_error *err);
void csv_parse_finish(struct csv_parse *p);

/* UNSUPPORTED: text cannot become that type. source < 0: missing. order: as in struct csv_column. */
int csv_column_init(struct csv_column *c, const struct ArrowSchema *field, int32_t position, int64_t source,
                    const struct csv_values *values, int order, struct sluice_error *err);
/* Its type was found, not asked for: values that would lose something in it do not fit. */
void csv_column_found(struct csv_column *c);
void csv_column_finish(struct csv_column *c);
void csv_column_mark(struct csv_column *c);     /* what comes next may be undone */
void csv_column_rollback(struct csv_column *c); /* back to the mark */
/* Moves what was taken to `out`, and begins again. A missing column gives `rows` nulls. */
int csv_column_take(struct csv_column *c, const struct ArrowSchema *field, int64_t rows, struct ArrowArray *out);

/* For the parse functions. A parser of the type, or NULL; `plain`: values are written in the usual way, else as
 * c->written and c->order say. */
csv_parse_fn *csv_number_parser(const struct sluice_type *type, bool plain);
csv_parse_fn *csv_time_parser(const struct sluice_type *type, bool plain);
/* True for a field that must be looked at: missing, empty, perhaps a null token, or with doubled quotes. Of all others
 * the value is what is between the quotes, or the field itself. */
static inline bool csv_field_is_odd(const struct csv_parse *p, const uint8_t *raw, int32_t size) {
  return size <= 0 || (p->rules.nulls->lengths >> (size < 63 ? size : 63) & 1) ||
         (raw[0] == p->rules.quote && !p->index->simple);
}
/* Reads such a field, and notes a null; -1: no memory. */
int csv_column_odd(struct csv_column *c, struct csv_parse *p, uint32_t row, uint32_t start, int32_t size,
                   struct csv_text *text);
/* What must be done after the rows. */
/* Room for so many bytes behind those of the buffer; `usual` of them where it has no memory yet. */
int csv_column_reserve(struct sluice_buffer *buffer, size_t more, size_t usual);
int csv_column_end_block(struct csv_column *c, const struct csv_parse *p);
/* A row without a value: notes the null, or the fault of it. */
void csv_column_null(struct csv_column *c, struct csv_parse *p, uint32_t row, uint32_t start, uint32_t end);
csv_parse_fn csv_parse_text, csv_parse_large_text; /* UTF-8 or bytes */
csv_parse_fn csv_parse_bool;

#endif
