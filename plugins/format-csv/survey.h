/* The types of a reader's columns, found before the first record is delivered. */
#ifndef CSV_SURVEY_H
#define CSV_SURVEY_H
#include "reader.h"

/* Makes the guesses that are wanted: from the records that are whole within the first `sample` bytes of the part, or
 * from all of them, wherever this unit begins. The reader's text is at its first record, and stays there. */
int csv_survey(struct csv_reader *r, const struct csv_dialect *dialect, struct csv_guess *guesses,
               struct sluice_error *err);

#endif
