/* Delimiters of several characters, for the sniffer. */
#ifndef CSV_DELIMITER_H
#define CSV_DELIMITER_H
#include "grid.h"

/* The fewest delimiters and spaces that stand together wherever this delimiter does, outside of quotes: such as "||",
 * "|~|" or ", ". False: they are just the delimiter itself, or more than a mark can hold. */
bool csv_delimiter_grow(const struct csv_sample *sample, uint8_t delimiter, struct csv_mark *out);
/* The first line is "sep=;", as spreadsheets write and read it. */
bool csv_delimiter_is_said(const struct csv_sample *sample, struct csv_mark *out);

#endif
