/* What a source offers: the columns of its files, as found. */
#ifndef PLAN_CATALOG_H
#define PLAN_CATALOG_H
#include "core/plan/sight.h"

struct catalog_stream {
  struct sight sight;
  int64_t names; /* looked at to find the first files; the listing goes no further */
};
/* source and formats of the pipeline are open, its job is set, all else is zero. */
int catalog_look(struct pipeline *, const struct stop *, struct catalog_stream *out, struct sluice_error *err);

/* Of a job with streams: each in byte order of their names. A code that is not OK ends it. */
typedef int catalog_fn(void *context, const char *stream, const struct catalog_stream *, struct sluice_error *err);
enum { CATALOG_STREAMS_MAX = 1000 };
struct catalog_rest {
  bool more;                 /* there are more streams, or the listing was not looked at to its end */
  int64_t refused;           /* files that can be of no stream */
  struct sluice_error first; /* why the first of them cannot */
};
int catalog_look_streams(struct pipeline *, const struct stop *, catalog_fn *each, void *context,
                         struct catalog_rest *out, struct sluice_error *err);
void catalog_stream_finish(struct catalog_stream *); /* takes a zeroed one */

#endif
