/* What --where lets through of a part, with only the columns that go out. */
#ifndef CLI_NARROW_H
#define CLI_NARROW_H
#include "core/filter/filter.h"

struct narrow { /* zeroed: all goes through */
  struct filter *filter;
  const struct ArrowSchema *from;
  struct ArrowSchema schema; /* of what goes out; released: as it comes */
};
/* from: of the reader, borrowed; the first n of its columns go out. CONFIG: the filter does not fit them. */
int narrow_open(const struct sluice_where *, const struct ArrowSchema *from, int64_t n, const char *part,
                struct narrow *out, struct sluice_error *err);
void narrow_close(struct narrow *); /* takes a zeroed one */
int narrow_apply(const struct narrow *, struct sluice_batch *, struct sluice_error *err);

#endif
