/* The places of records of one stream: those of the target, with {stream} filled in. */
#ifndef SINK_HTTP_STREAM_PLACES_H
#define SINK_HTTP_STREAM_PLACES_H
#include "target.h"

struct stream_places {
  const struct endpoint *records[3]; /* by enum sluice_op; NULL: such records are refused */
  struct endpoint filled[3];         /* those with {stream}; the others are the target's */
};

/* The target must outlive them. MEMORY; CONFIG: the URL is too long. */
int stream_places_init(struct stream_places *, const struct target *, const char *stream, struct sluice_error *err);
void stream_places_finish(struct stream_places *); /* takes a zeroed one */
/* Has the URL values of the record, and not only the stream's name? */
bool stream_places_need_record(const struct endpoint *);

#endif
