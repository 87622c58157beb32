/* Names for columns: each once. */
#ifndef CSV_NAMES_H
#define CSV_NAMES_H
#include "csv.h"

struct csv_names {
  char **items;
  uint32_t count;
};

/* "0", "1", ... */
int csv_names_number(struct csv_names *names, uint32_t count, struct sluice_error *err);
/* Room for count names, each NULL, for the caller to fill with texts from malloc. */
int csv_names_init(struct csv_names *names, uint32_t count, struct sluice_error *err);
/* Adds blank names up to this count. */
int csv_names_widen(struct csv_names *names, uint32_t count, struct sluice_error *err);
/* Joins the names of the next row of a header, which are taken, to those so far, a space between. In all rows but the
 * last one a blank cell has the name of the cell to its left. */
int csv_names_join(struct csv_names *names, struct csv_names *more, bool last, struct sluice_error *err);
/* Gives blank names their number, and later ones of the same name a suffix: a, a_2, a_3, none of which collides. */
int csv_names_settle(struct csv_names *names, struct sluice_error *err);
void csv_names_finish(struct csv_names *names);

#endif
