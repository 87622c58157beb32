/* The shape of a part: what was found in the start of its text, said to the log. */
#ifndef CSV_SHAPE_H
#define CSV_SHAPE_H
#include "sniff.h"
#include "window.h"

/* Finds the shape from a window at the start of the text, which stays there. */
int csv_shape_find(const struct csv_format *format, const char *part, struct csv_window *window,
                   struct csv_sniffed *out, struct sluice_error *err);
/* One line to the log where anything was found: a warning where it is doubtful. */
void csv_shape_log(const struct csv_format *format, const char *part, const struct csv_sniffed *found);

#endif
