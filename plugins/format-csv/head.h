/* The head of a part: byte order mark, lines to skip, names of the columns, where the records begin. */
#ifndef CSV_HEAD_H
#define CSV_HEAD_H
#include "names.h"
#include "window.h"

struct csv_head {
  struct csv_names names; /* none: the part has no record at all */
  int64_t records;        /* offset of the first record behind the header */
};

/* Reads the head from a window behind that mark, and leaves the window at the records. DATA: the header cannot be read.
 */
int csv_head_read(struct csv_head *head, struct csv_window *window, const struct csv_shape *shape, size_t max_line,
                  const char *part, struct sluice_error *err);
void csv_head_finish(struct csv_head *head);

#endif
