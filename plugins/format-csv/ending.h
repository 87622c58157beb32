/* Where the records of a part end: before its footer, for the sniffer. */
#ifndef CSV_ENDING_H
#define CSV_ENDING_H
#include "grid.h"

/* Looks for notes behind the table, in a text that is at hand whole. Writes where they begin and how many lines they
 * are; no lines: there are none. MEMORY is its only error. */
int csv_ending_find(const struct csv_dialect *dialect, const struct csv_sample *text, size_t *at, uint32_t *lines,
                    struct sluice_error *err);

#endif
