/* An input that gives the text of another one as UTF-8. */
#ifndef CSV_RECODE_H
#define CSV_RECODE_H
#include "window.h"

struct csv_recode;

/* The encoding that a byte order mark at the start of a window shows; NULL: none, or that of UTF-8. */
const char *csv_recode_by_mark(const struct csv_window *window);
/* CONFIG: no such encoding. */
int csv_recode_check(const char *encoding, struct sluice_error *err);
/* True if text in that encoding is UTF-8 as it stands. */
bool csv_recode_is_utf8(const char *encoding);
/* Decodes from the window on, which is taken on OK. */
int csv_recode_create(const char *encoding, struct csv_window *raw, struct csv_recode **out, struct sluice_error *err);
void csv_recode_destroy(struct csv_recode *recode);
/* Of unknown size, read forward only. Offsets count bytes of UTF-8. What cannot be decoded is a byte FF each, which no
 * UTF-8 has, so that it is treated as any text that is not valid. Its release does nothing. */
struct sluice_input *csv_recode_input(struct csv_recode *recode);

#endif
