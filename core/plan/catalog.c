/* The columns of a source, from its first files. */
#include "core/plan/catalog.h"
#include "core/plan/listing.h"
#include "core/plan/spread.h"
#include "core/run/look.h"
#include <stdlib.h>

/* None could be read: the first one tells why, if it is an error at all. */
static int explain(struct pipeline *pipeline, const struct sluice_part *part, struct sluice_error *err) {
  struct ArrowSchema schema = {0};
  bool evidence;
  int code = schema_of_part(pipeline, part, NULL, &schema, &evidence, err);
  sluice_schema_release(&schema);
  return code;
}

int catalog_look(struct pipeline *pipeline, const struct stop *stop, struct catalog_stream *out,
                 struct sluice_error *err) {
  struct first_parts *first = calloc(1, sizeof *first);
  memset(out, 0, sizeof *out);
  int code = first ? first_parts_list(&pipeline->source, stop, first, &out->names, err) : SLUICE_ERR_MEMORY;
  if (!code)
    code = sight_see(pipeline, first->parts, first->n, NULL, &out->sight, err);
  if (!code && !out->sight.schema.release && first->n > 0)
    code = explain(pipeline, &first->parts[0], err);
  if (first)
    first_parts_finish(first);
  free(first);
  return sluice_fail(err, code, "listing", "no memory");
}

/* ---- streams ---- */

enum { NAMES_MAX = 1000000 };

static int take(struct pipeline *pipeline, struct spread *spread, const struct sluice_part *part,
                struct catalog_rest *rest, struct sluice_error *err) {
  struct sluice_error why = {0};
  struct spread_stream *stream;
  int code = spread_find(spread, pipeline->job->streams, NULL, part->name, &stream, &why, err);
  if (code == SLUICE_END && why.message[0] && rest->refused++ == 0)
    rest->first = why;
  if (code)
    return code == SLUICE_END ? SLUICE_OK : code;
  return spread_keep(stream, part);
}

static int list_streams(struct pipeline *pipeline, const struct stop *stop, struct spread *spread,
                        struct catalog_rest *rest, struct sluice_error *err) {
  int code = listing_start(&pipeline->source, err);
  for (int64_t n = 0; !code && !rest->more; n++) {
    struct sluice_part part;
    code = listing_next(&pipeline->source, stop, &part, err);
    if (!code && !part.skip)
      code = take(pipeline, spread, &part, rest, err);
    rest->more = n == NAMES_MAX || spread->n > CATALOG_STREAMS_MAX;
  }
  return code == SLUICE_END ? SLUICE_OK : code;
}

static int look_at(struct pipeline *pipeline, const struct spread_stream *stream, catalog_fn *each, void *context,
                   struct sluice_error *err) {
  struct catalog_stream found = {.names = stream->names};
  int code = sight_see(pipeline, stream->first, stream->n_first, NULL, &found.sight, err);
  if (!code && !found.sight.schema.release && stream->n_first > 0)
    code = explain(pipeline, &stream->first[0], err);
  if (!code)
    code = each(context, stream->name, &found, err);
  catalog_stream_finish(&found);
  return code;
}

int catalog_look_streams(struct pipeline *pipeline, const struct stop *stop, catalog_fn *each, void *context,
                         struct catalog_rest *out, struct sluice_error *err) {
  struct spread spread = {.items = NULL};
  *out = (struct catalog_rest){.more = false};
  int code = list_streams(pipeline, stop, &spread, out, err);
  for (size_t i = 0; i < spread.n && i < CATALOG_STREAMS_MAX && !code; i++)
    code = stop_at(stop, STOP_DRAIN) ? sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "interrupted")
                                     : look_at(pipeline, spread.items[i], each, context, err);
  spread_finish(&spread);
  return sluice_fail(err, code, "listing", "no memory");
}

void catalog_stream_finish(struct catalog_stream *stream) {
  sight_finish(&stream->sight);
}
