/* Whether a record has names for the columns below it, for the sniffer. */
#ifndef CSV_NAMING_H
#define CSV_NAMING_H
#include "grid.h"

/* The sum of what each column says of the cell in this row: over 0.2 it is a header, under -0.2 it is none. */
double csv_naming_votes(const struct csv_grid *g, int quote, uint32_t row);
/* Writes to an empty doubt (of CSV_DOUBT_MAX bytes) why it may be wrong. */
bool csv_naming_is_header(const struct csv_grid *g, int quote, uint32_t row, char *doubt);
/* True where the header in the row `above` goes on in this row. */
bool csv_naming_goes_on(const struct csv_grid *g, int quote, uint32_t above, uint32_t row);
/* True where this row has names for groups of the columns that the row `below` names. */
bool csv_naming_spans(const struct csv_grid *g, int quote, uint32_t row, uint32_t below);

#endif
