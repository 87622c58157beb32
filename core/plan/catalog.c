/* The columns of a source, from its first files. */
#include "core/plan/catalog.h"
#include "core/plan/listing.h"
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
    code = schema_see(pipeline, first->parts, first->n, &out->schema, err);
  if (!code && !out->schema.release && first->n > 0)
    code = explain(pipeline, &first->parts[0], err);
  if (first)
    first_parts_finish(first);
  free(first);
  return sluice_fail(err, code, "listing", "no memory");
}

void catalog_stream_finish(struct catalog_stream *stream) {
  sluice_schema_release(&stream->schema);
}
