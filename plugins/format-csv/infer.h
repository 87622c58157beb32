/* Types of columns, found from a sample of records. */
#ifndef CSV_INFER_H
#define CSV_INFER_H
#include "field.h"
#include "index.h"

struct csv_guess {
  bool wanted;        /* false: not looked at */
  uint8_t candidates; /* types that every value so far fits */
  bool values;        /* there was one */
  bool digits;        /* a number, not only words such as nan */
};

/* Looks at all complete records of the sample that the index has columns for, and narrows the wanted guesses, which
 * start zeroed but for `wanted`. The index is used and left empty. */
int csv_infer(struct csv_index *ix, const struct csv_dialect *dialect, const struct csv_nulls *nulls,
              const uint8_t *data, const struct csv_bounds *sample, struct csv_guess *guesses,
              struct sluice_error *err);
/* The C Data format of a guess: int64, double, bool, date32, timestamp[us] or [us, UTC], else text. */
const char *csv_guess_format(const struct csv_guess *guess);

#endif
