/* One column of the output: it takes the fields of a block of records at a time, straight into Arrow buffers. */
#ifndef CSV_COLUMN_H
#define CSV_COLUMN_H
#include "field.h"
#include "index.h"
#include "reuse.h"

struct csv_parse { /* shared by the columns of a reader */
  struct csv_index *index;
  struct csv_field_rules rules;
  struct sluice_buffer scratch; /* of fields with doubled quotes */
  uint32_t *nulls, n_nulls;     /* rows of the block that are null in the column at hand */
  uint8_t *flags;               /* truth values of the block */
  bool tokens;                  /* there are null tokens: no field is plain */
  bool utf8;                    /* all bytes of the block are valid UTF-8 */
};

enum csv_zone { CSV_ZONE_NONE, CSV_ZONE_UTC, CSV_ZONE_OTHER };

struct csv_column;
typedef int csv_parse_fn(struct csv_column *, struct csv_parse *);

struct csv_column {
  struct sluice_type type; /* its time zone is not kept */
  enum csv_zone zone;
  bool nullable, missing;                       /* missing: the file has no such column */
  uint32_t source;                              /* column of the file */
  int32_t position;                             /* in the output */
  int64_t min, max;                             /* of integers */
  csv_parse_fn *parse;                          /* takes the rows of the index; MEMORY is its only error */
  struct sluice_buffer validity, values, bytes; /* values: offsets of texts */
  struct csv_reuse *reuse;
  size_t usual_values, usual_bytes; /* of the batch before, to begin with as much */
  int64_t length, null_count;
  struct {
    size_t values, bytes;
    int64_t length, null_count;
  } mark;
};

int csv_parse_init(struct csv_parse *p, struct csv_index *ix, const struct csv_field_rules *rules,
                   struct sluice_error *err);
void csv_parse_finish(struct csv_parse *p);

/* UNSUPPORTED: text cannot become that type. source < 0: missing. */
int csv_column_init(struct csv_column *c, const struct ArrowSchema *field, int32_t position, int64_t source,
                    struct sluice_error *err);
void csv_column_finish(struct csv_column *c);
void csv_column_mark(struct csv_column *c);     /* what comes next may be undone */
void csv_column_rollback(struct csv_column *c); /* back to the mark */
/* Moves what was taken to `out`, and begins again. A missing column gives `rows` nulls. */
int csv_column_take(struct csv_column *c, const struct ArrowSchema *field, int64_t rows, struct ArrowArray *out);

/* For the parse functions: a parser of the type, or NULL; and what each must do after its rows. */
csv_parse_fn *csv_parser_of(const struct sluice_type *type);
/* Room for so many bytes behind those of the buffer; `usual` of them where it has no memory yet. */
int csv_column_reserve(struct sluice_buffer *buffer, size_t more, size_t usual);
int csv_column_end_block(struct csv_column *c, const struct csv_parse *p);
/* A row without a value: notes the null, or the fault of it. */
void csv_column_null(struct csv_column *c, struct csv_parse *p, uint32_t row, uint32_t start, uint32_t end);
csv_parse_fn csv_parse_text, csv_parse_large_text; /* UTF-8 or bytes */

#endif
