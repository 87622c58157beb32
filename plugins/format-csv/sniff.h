/* Finds the dialect of a part, its header and what stands before it, from the start of its text. */
#ifndef CSV_SNIFF_H
#define CSV_SNIFF_H
#include "csv.h"

enum { CSV_SNIFF_BYTES = 64 * 1024, CSV_SNIFF_MOST = 4 << 20, CSV_DOUBT_MAX = 320 };

struct csv_sniffed {
  struct csv_shape shape;
  bool found;            /* something was left to the content */
  uint32_t footer_lines; /* from shape.end on */
  bool cramped;          /* with more of the text it may be found otherwise: there are few records, or open quotes */
  char doubt[CSV_DOUBT_MAX]; /* what may be wrong with it; empty: nothing seems to be */
};

/* Looks at the `size` bytes at the start of the text; `final`: they are all of it. Only what format->find names is
 * found; the rest is as the options give it. MEMORY is its only error. */
int csv_sniff(const struct csv_format *format, const char *part, const uint8_t *data, size_t size, bool final,
              struct csv_sniffed *out, struct sluice_error *err);

#endif
