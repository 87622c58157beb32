/* What a source offers: the columns of its files, as found. */
#ifndef PLAN_CATALOG_H
#define PLAN_CATALOG_H
#include "core/run/pipeline.h"

struct catalog_stream {
  struct ArrowSchema schema; /* released: no file has a column */
  int64_t names;             /* looked at to find the first files; the listing goes no further */
};
/* source and formats of the pipeline are open, its job is set, all else is zero. */
int catalog_look(struct pipeline *, const struct stop *, struct catalog_stream *out, struct sluice_error *err);
void catalog_stream_finish(struct catalog_stream *); /* takes a zeroed one */

#endif
