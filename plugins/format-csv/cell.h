/* What a cell of a table looks like, for the sniffer: much coarser than types. */
#ifndef CSV_CELL_H
#define CSV_CELL_H
#include "csv.h"

enum csv_look { CSV_LOOK_EMPTY, CSV_LOOK_NUMBER, CSV_LOOK_TIME, CSV_LOOK_WORD, CSV_LOOK_TEXT, CSV_LOOKS };

/* WORD: text without anything that may be a delimiter. */
enum csv_look csv_cell_look(const char *text, size_t n);
/* Nothing, or white space alone. */
bool csv_cell_is_blank(const char *text, size_t n);

#endif
