/* Types of columns, found from records: each value strikes out what it does not fit. */
#ifndef CSV_INFER_H
#define CSV_INFER_H
#include "field.h"
#include "index.h"

struct csv_guess {
  bool wanted;                   /* false: not looked at */
  bool values;                   /* there was one */
  bool digits;                   /* a number, not only words such as nan */
  bool zoned, unzoned;           /* timestamps with a zone, and without one */
  uint8_t candidates;            /* types that every value so far fits */
  uint16_t dates, stamps, nanos; /* the styles in which every value is a date, a timestamp of microseconds, one of ns */
  int32_t whole, scale;          /* most digits before and behind the point */
};

struct csv_infer { /* what is needed to look at values */
  struct csv_field_rules rules;
  const struct csv_values *values;
  struct csv_guess *guesses; /* a column each; zeroed but for `wanted` */
  struct sluice_buffer scratch;
};
enum { CSV_FORMAT_MAX = 32 };

/* Looks at the records of the index. MEMORY is its only error. */
int csv_infer_block(struct csv_infer *infer, const struct csv_index *ix);
void csv_infer_finish(struct csv_infer *infer);
/* The C Data format of a guess; `decimals`: numbers with a point are decimals, not doubles. */
void csv_guess_format(const struct csv_guess *guess, bool decimals, char out[CSV_FORMAT_MAX]);
/* The order of dates for a column of this type, as struct csv_column has it. */
int csv_guess_order(const struct csv_guess *guess, const char *format);

#endif
