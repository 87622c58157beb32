/* How well a dialect fits the text that was read with it, for the sniffer. */
#ifndef CSV_SCORE_H
#define CSV_SCORE_H
#include "grid.h"

/* The share of records that have as many fields as most. */
double csv_score_share(const struct csv_grid *g);
/* 1 where all records have the same number of fields, and many; less where they differ or have quotes out of place. */
double csv_score_shape(const struct csv_grid *g);
/* How far the cells look like single values, 0 to 1. */
double csv_score_values(const struct csv_grid *g, int quote);
/* True where a column behind the first has numbers or times in most cells. */
bool csv_score_has_values(const struct csv_grid *g, int quote);
/* What every cell of a single column has equally often, and may stand between fields; 0: nothing. */
char csv_score_shared(const struct csv_grid *g, int quote);
/* True where a cell that is not in quotes has this byte. */
bool csv_score_has_byte(const struct csv_grid *g, int quote, uint8_t byte);

#endif
