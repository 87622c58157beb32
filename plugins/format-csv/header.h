/* Finds comments, the lines before a table, and whether it has a header, for the sniffer. */
#ifndef CSV_HEADER_H
#define CSV_HEADER_H
#include "grid.h"

/* Finds what begins a comment, where `find` says so, and counts the records again without them. */
int csv_header_comments(struct csv_grid *g, const struct csv_sample *sample, const struct csv_find *find,
                        struct csv_shape *shape, struct sluice_error *err);
/* The grid has the records of the shape's dialect counted. Writes what `find` names to the shape, and to an empty doubt
 * (of CSV_DOUBT_MAX bytes) what may be wrong with it. */
int csv_header_find(struct csv_grid *g, const struct csv_sample *sample, const struct csv_find *find,
                    struct csv_shape *shape, char *doubt, struct sluice_error *err);

#endif
