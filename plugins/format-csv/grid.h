/* The start of a text read in one dialect, as a table, for the sniffer. */
#ifndef CSV_GRID_H
#define CSV_GRID_H
#include "cell.h"
#include "index.h"

enum { CSV_GRID_ROWS = 1000 };

struct csv_grid_record {
  uint32_t start;  /* in the text */
  uint32_t fields; /* 0: a blank line */
  bool broken;     /* its quotes are not as they must be */
};
struct csv_grid {
  struct csv_index one; /* of one column, to find records */
  struct csv_grid_record records[CSV_GRID_ROWS];
  uint32_t count;
  uint32_t columns, regular, filled; /* what most records have; how many have it; how many records are not blank */
  uint32_t broken;
  bool open;              /* the text ends in quotes that began in its first half: there may be more to them */
  struct csv_index cells; /* of the records from `first` on, those that fit a block */
  uint32_t first;
  bool has_cells;
};

struct csv_sample { /* the text */
  const uint8_t *data;
  size_t size;
  bool final;
};

/* Goes behind this many lines. */
void csv_sample_skip(struct csv_sample *sample, int32_t lines);
int csv_grid_init(struct csv_grid *g, struct sluice_error *err);
void csv_grid_finish(struct csv_grid *g);
/* Finds records and counts their fields. */
int csv_grid_count(struct csv_grid *g, const struct csv_dialect *dialect, const struct csv_sample *sample,
                   struct sluice_error *err);
/* Reads the cells of the records from number `first` on; those without as many fields as most are padded or cut. */
int csv_grid_read(struct csv_grid *g, const struct csv_dialect *dialect, const struct csv_sample *sample,
                  uint32_t first, struct sluice_error *err);
/* The row of the cells that a record is; -1: it has none. */
int64_t csv_grid_row(const struct csv_grid *g, uint32_t record);
/* The text of a cell that was read, without its quotes; doubled quotes stay. True: it was in quotes. */
bool csv_grid_cell(const struct csv_grid *g, int quote, uint32_t row, uint32_t column, const char **text, size_t *n);

#endif
