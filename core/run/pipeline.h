/* All that a job is made of, opened: source, formats, mapping, transforms, sink. One serves a run; its workers share
 * it. */
#ifndef RUN_PIPELINE_H
#define RUN_PIPELINE_H
#include "core/mapping/mapping.h"
#include "core/run/avoid.h"
#include "core/run/formats.h"
#include "core/run/watch.h"
#include <sluice/services.h>
#include <stdatomic.h>

struct pipeline {
  const struct config_job *job;
  const struct stop *stop;
  struct watch *watch;           /* set by who opened it, or NULL */
  const struct avoided *avoided; /* likewise */
  struct component source, sink;
  struct formats *formats;
  struct component *transforms;
  size_t n_transforms;
  struct mapping *mapping;            /* NULL: records go out as they came */
  struct ArrowSchema want;            /* of the mapping; released: none */
  const struct sluice_commit *commit; /* NULL: the sink does not keep positions */
  const char *sink_name;
  char format_hash[65], decode_hash[65], output_hash[65];
};
/* Opens everything; names.sink decides which sink group. Nothing to close after an error. The struct must not move. */
int pipeline_open(struct registry *, const struct config_job *, const struct config_value *sink, struct component_names,
                  const struct stop *, struct pipeline *out, struct sluice_error *err);
void pipeline_close(struct pipeline *); /* takes a zeroed one */
/* Opens the sink anew for another run; all else stays open. After an error there is no sink. */
int pipeline_reopen_sink(struct pipeline *, struct registry *, const struct config_value *sink, struct component_names,
                         struct sluice_error *err);

/* [any] Opens a part down to its decoder: bytes, decompression, format. `scan` without a want takes all as found;
 * counter (or NULL) is raised by the bytes read from the source. */
struct pipeline_part {
  struct sluice_part part;   /* as asked for; its texts are the caller's */
  struct sluice_input input; /* opened by pipeline_open_part; none where the source itself gives records */
  bool plain;                /* its compression is undone */
  char version[1025];        /* what was really opened */
};
int pipeline_open_part(struct pipeline *, const struct sluice_part *, atomic_llong *counter, struct pipeline_part *out,
                       struct sluice_error *err);
void pipeline_part_release(struct pipeline_part *); /* takes a zeroed one, and one whose input was taken */
/* Where the part's format would cut it; no split added: nowhere. The part stays open. */
int pipeline_plan(struct pipeline *, struct pipeline_part *, const struct sluice_scan *, int64_t split_bytes,
                  struct sluice_splits *, struct sluice_error *err);
/* What a part's format tells of it (sluice.inspect/1), as JSON to `out`; *format: its name. UNSUPPORTED: it tells
 * nothing. */
int pipeline_inspect(struct pipeline *, struct pipeline_part *, struct sluice_text_out *out, const char **format,
                     struct sluice_error *err);
/* Tells the source what became of a part, where it wants to know. [any] */
int pipeline_settle(struct pipeline *, const struct sluice_part *, int status, struct sluice_error *err);
/* Takes the part's input on OK. */
int pipeline_decode(struct pipeline *, struct pipeline_part *, const struct sluice_scan *, struct sluice_reader *out,
                    struct sluice_error *err);

#endif
