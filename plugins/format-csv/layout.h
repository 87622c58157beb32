/* Which columns of the file become which columns of the output, and as what types. */
#ifndef CSV_LAYOUT_H
#define CSV_LAYOUT_H
#include "column.h"
#include "infer.h"
#include "names.h"

struct csv_layout {
  struct ArrowSchema schema;
  struct csv_column *columns; /* a child of the schema each */
  uint32_t count;
  int64_t *sources; /* of each, in the file; -1: it has none */
};

/* Matches the wanted names with those of the file, and marks the guesses that have to be made. */
int csv_layout_init(struct csv_layout *l, const struct csv_names *names, const struct sluice_scan *scan,
                    struct csv_guess *guesses, struct sluice_error *err);
/* Settles the types, once the guesses are made. Of a part without columns nothing can be said to be missing. */
int csv_layout_settle(struct csv_layout *l, const struct csv_names *names, const struct sluice_scan *scan,
                      const struct csv_guess *guesses, const struct csv_format *format, struct sluice_error *err);
void csv_layout_finish(struct csv_layout *l);

#endif
