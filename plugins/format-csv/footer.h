/* An input that gives all of another one but its last lines. */
#ifndef CSV_FOOTER_H
#define CSV_FOOTER_H
#include "window.h"

struct csv_footer;

/* Leaves out the last `lines` lines that are not blank, and what is behind them. The window, at the start of the text,
 * is taken on OK. */
int csv_footer_create(struct csv_window *below, int64_t lines, struct csv_footer **out, struct sluice_error *err);
void csv_footer_destroy(struct csv_footer *footer);
/* Of unknown size, read forward only, with the offsets of what is below. Its release does nothing. */
struct sluice_input *csv_footer_input(struct csv_footer *footer);

#endif
