/* What all parts of the CSV reader share: the options, the dialect made of them, and a few limits. */
#ifndef CSV_CSV_H
#define CSV_CSV_H
#include "values.h"

enum csv_ragged { CSV_RAGGED_REJECT, CSV_RAGGED_PAD, CSV_RAGGED_TRUNCATE, CSV_RAGGED_FIT, CSV_RAGGED_ERROR };
enum csv_bad { CSV_BAD_REJECT, CSV_BAD_KEEP, CSV_BAD_ERROR }; /* quotes out of place, zero bytes; KEEP: they are text */
enum csv_utf8 { CSV_UTF8_REJECT, CSV_UTF8_REPLACE, CSV_UTF8_ERROR };
enum csv_ends { CSV_ENDS_ANY, CSV_ENDS_LF, CSV_ENDS_CR, CSV_ENDS_CRLF };
enum csv_infer_from { CSV_INFER_SAMPLE, CSV_INFER_WHOLE, CSV_INFER_TEXT };
enum csv_fractions { CSV_FRACTIONS_DOUBLE, CSV_FRACTIONS_DECIMAL };
enum csv_pieces { CSV_PIECES_AUTO, CSV_PIECES_SCAN, CSV_PIECES_LINES, CSV_PIECES_NONE };

enum {
  CSV_CHUNK = 256 * 1024,       /* bytes of one read: small enough to stay in the second-level cache */
  CSV_PADDING = 64,             /* readable bytes behind what was read, so that scans may load whole words */
  CSV_MAX_COLUMNS = 100 * 1000, /* a wider header is a mistake or an attack */
  CSV_RAW_MAX = 64 * 1024,      /* bytes of a record that a reject carries */
  CSV_MARK_MAX = 7,             /* bytes of a delimiter, or of what begins a comment */
  CSV_LINES_MAX = 1000,         /* of a header, before it, or of a footer */
  CSV_FOUND = -1                /* of an option: by the content */
};

struct csv_config { /* the target of the option table */
  /* dialect and records */
  const char *delimiter, *quote, *escape, *comment, *encoding; /* NULL or "auto": by the content */
  int64_t header_rows, skip_rows, skip_footer;
  int32_t header, trim, line_end, pieces, ragged, lone_quotes, zero_bytes, invalid_utf8;
  int64_t sample, max_line;
  /* types */
  struct sluice_list null_tokens, true_values, false_values, date_formats, time_formats, timestamp_formats;
  const char *decimal_point, *thousands;
  int32_t infer, fractions;
};

struct csv_mark { /* a few bytes that mean something */
  uint8_t size;   /* 0: there is no such mark */
  uint8_t text[CSV_MARK_MAX];
};

struct csv_dialect {
  uint8_t delimiter; /* its first byte */
  int quote;         /* -1: none */
  int escape;        /* -1: none but the doubled quote */
  struct csv_mark separator, comment;
  bool trim;    /* spaces and tabs around a field are not of it */
  bool lenient; /* quotes out of place are text */
  bool replace; /* bytes that are not UTF-8 become U+FFFD */
  bool zeros;   /* zero bytes are text */
  bool single;  /* each line end ends a record; one within quotes is a fault */
  uint8_t ends; /* enum csv_ends */
  bool odd;     /* the fast index cannot read it */
};

struct csv_shape { /* the dialect, and what stands before the records */
  struct csv_dialect dialect;
  int32_t header_rows;
  int32_t skip_rows; /* lines before the header */
  uint32_t columns;  /* at least; 0: as many as the header or the first record has */
  int64_t end;       /* offset in the text at which a footer begins that was found; 0: none was */
};

/* Texts that mean null where they are not quoted. */
struct csv_nulls {
  const struct sluice_list *tokens;
  uint64_t lengths; /* bit n: a token of n bytes; bit 63: one of 63 or more */
  bool empty;       /* "" is one of them: an empty text is null too */
};

struct csv_find { /* what the options leave to the content */
  bool delimiter, quote, escape, comment, header, skip, footer;
};

struct csv_format { /* the instance */
  const struct sluice_host *host;
  const struct csv_config *config;
  struct csv_shape given;
  struct csv_find find;
  struct csv_nulls nulls;
  struct csv_values values;
};

static inline bool csv_pads(const struct csv_config *c) {
  return c->ragged == CSV_RAGGED_PAD || c->ragged == CSV_RAGGED_FIT;
}
static inline bool csv_cuts(const struct csv_config *c) {
  return c->ragged == CSV_RAGGED_TRUNCATE || c->ragged == CSV_RAGGED_FIT;
}

extern const struct sluice_options csv_options;
/* Reads the options that make the dialect. */
int csv_dialect_read(const struct csv_config *config, struct csv_format *f, struct sluice_error *err);
/* Sets what follows from the other members. */
void csv_dialect_settle(struct csv_dialect *dialect);
int csv_decode(void *self, struct sluice_input *in, const struct sluice_scan *scan, struct sluice_reader *out,
               struct sluice_error *err);
const void *csv_extension(const char *id);
int csv_probe(const void *head, size_t size, const char *name);
/* True if the name ends in this suffix, perhaps with that of a compression behind it. */
bool csv_has_suffix(const char *name, const char *suffix);

#endif
