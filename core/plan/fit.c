/* A mapping against the columns of the first files, as a run would bind it. */
#include "core/plan/fit.h"
#include "core/plan/listing.h"
#include "core/run/look.h"
#include "core/schema/schema.h"
#include <stdlib.h>

struct telling {
  const struct ArrowSchema *seen;
  const struct mapping *mapping;
  fit_missing_fn *tell;
  void *context;
  size_t n;
};

static int on_missing(void *context, const char *from, bool excluded) {
  struct telling *t = context;
  char text[400];
  (void)excluded;
  schema_missing_text(t->seen, t->mapping, from, text, sizeof text);
  t->tell(t->context, text);
  t->n++;
  return SLUICE_OK;
}

static int try_to_bind(const struct mapping *mapping, const struct ArrowSchema *seen, struct sluice_error *err) {
  struct ArrowSchema want = {0}, settled = {0};
  struct mapping_bound *bound = NULL;
  int code = mapping_want(mapping, seen, &want);
  if (!code)
    code = schema_settle(&want, seen, &settled);
  if (!code) {
    schema_allow_nulls(&settled); /* as a run has them */
    code = mapping_bind(mapping, &settled, &bound, err);
  }
  mapping_unbind(bound);
  sluice_schema_release(&want);
  sluice_schema_release(&settled);
  return code;
}

static int check(struct pipeline *pipeline, const struct first_parts *first, struct telling *t,
                 struct sluice_error *err) {
  struct ArrowSchema seen = {0};
  int code = schema_see(pipeline, first->parts, first->n, &seen, err);
  t->seen = &seen;
  t->mapping = pipeline->mapping;
  if (!code && seen.release)
    code = mapping_check_from(pipeline->mapping, &seen, err);
  if (!code && seen.release)
    code = mapping_missing(pipeline->mapping, &seen, on_missing, t);
  if (!code && seen.release)
    code = try_to_bind(pipeline->mapping, &seen, err);
  sluice_schema_release(&seen);
  return code;
}

int fit_check(struct pipeline *pipeline, const struct stop *stop, fit_missing_fn *tell, void *context, struct fit *out,
              struct sluice_error *err) {
  struct first_parts *first = calloc(1, sizeof *first);
  struct telling t = {.tell = tell, .context = context};
  int64_t names = 0;
  int code = first ? first_parts_list(&pipeline->source, stop, first, &names, err) : SLUICE_ERR_MEMORY;
  if (!code)
    code = check(pipeline, first, &t, err);
  *out = (struct fit){.files = first ? (int64_t)first->n : 0, .missing = t.n};
  if (first)
    first_parts_finish(first);
  free(first);
  return sluice_fail(err, code, "mapping", "no memory");
}
