/* Settling a job's schema: what its mapping wants, by what the ledger remembers and what the first parts tell. */
#include "core/base/text.h"
#include "core/log/log.h"
#include "core/run/look.h"
#include "core/run/looking.h"
#include "core/run/remembered.h"
#include "core/run/selection.h"
#include "core/schema/schema.h"

/* ---- with a mapping: which columns there are decides what is asked for ---- */

struct warning {
  const struct pipeline *pipeline;
  const struct ArrowSchema *seen;
};

/* What a mapping names and no part has: most likely a slip, so it is said. */
static int warn_of_missing(void *context, const char *name, bool excluded) {
  const struct warning *w = context;
  char text[400];
  (void)excluded;
  schema_missing_text(w->seen, w->pipeline->mapping, name, text, sizeof text);
  log_write(SLUICE_WARN, w->pipeline->job->name, "mapping: %s", text);
  return SLUICE_OK;
}

static int find_want(struct pipeline *pipeline, const struct sluice_part *parts, size_t n, struct ArrowSchema *out,
                     struct sluice_error *err) {
  struct ArrowSchema seen = {0};
  struct warning warning = {pipeline, &seen};
  int code = schema_see(pipeline, parts, n, &seen, err);
  if (!code && seen.release)
    code = mapping_check_from(pipeline->mapping, &seen, err);
  if (!code && seen.release)
    code = mapping_missing(pipeline->mapping, &seen, warn_of_missing, &warning);
  if (!code)
    code = mapping_want(pipeline->mapping, seen.release ? &seen : NULL, out);
  sluice_schema_release(&seen);
  return code;
}

/* ---- the column for what is rescued ---- */

static int add_rescue_column(const struct pipeline *pipeline, struct ArrowSchema *schema, struct sluice_error *err) {
  const char *name = pipeline->job->evolution.rescue_column;
  struct ArrowSchema rescue = {0}, grown;
  if (!name)
    return SLUICE_OK;
  if (sluice_schema_find(schema, name) >= 0)
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, pipeline->job->name,
        "the files have a column '%s', where the job puts what it rescues: choose another rescue_column in "
        "`evolution`",
        name);
  int code = sluice_schema_nested(&rescue, "+s", "", 0, 1);
  if (!code)
    code = sluice_schema_init(rescue.children[0], "u", name, ARROW_FLAG_NULLABLE);
  if (!code)
    code = schema_append(schema, &rescue, &grown);
  sluice_schema_release(&rescue);
  if (code)
    return code;
  sluice_schema_release(schema);
  sluice_schema_move(&grown, schema);
  return SLUICE_OK;
}

/* Nothing is known: all is found in the files. */
static int look_anew(struct pipeline *pipeline, const struct sluice_part *parts, size_t n, struct ArrowSchema *out,
                     bool *sure, struct sluice_error *err) {
  struct found found = {0};
  struct ArrowSchema want = {0};
  int code = pipeline->mapping ? find_want(pipeline, parts, n, &want, err) : SLUICE_OK;
  if (!code)
    code = found_add(pipeline, parts, n, pipeline->mapping ? &want : NULL, &found, err);
  if (!code && !pipeline->mapping && found.sure.release)
    code = selection_check(pipeline, &found.sure, err);
  if (!code)
    found_take(&found, out);
  *sure = found.sure_parts > 0;
  sluice_schema_release(&want);
  found_finish(&found);
  return code;
}

/* ---- with types that are known from before the job was changed ---- */

static int say_kept(const struct pipeline *pipeline, const struct ArrowSchema *filled, int64_t open) {
  struct text names = {0};
  int code = SLUICE_OK;
  for (int64_t i = 0; i < filled->n_children && !code; i++)
    if (!filled->children[i]->format[0])
      code = text_printf(&names, "%s'%s'", names.size ? ", " : "", filled->children[i]->name);
  if (!code)
    log_write(SLUICE_INFO, pipeline->job->name,
              "mapping, evolution or filter were changed: %lld columns keep their types%s%.400s",
              (long long)(filled->n_children - open), open ? "; the first files tell those of " : "", text_get(&names));
  text_finish(&names);
  return code;
}

/* All columns that today's job needs; *open: of so many the type is not known. */
static int want_kept(struct pipeline *pipeline, const struct kept *kept, const struct sluice_part *parts, size_t n,
                     struct ArrowSchema *out, int64_t *open, struct sluice_error *err) {
  struct ArrowSchema seen = {0}, all = {0}, want = {0};
  struct warning warning = {pipeline, &all};
  int code = schema_see(pipeline, parts, n, &seen, err);
  if (!code)
    code = kept_join(kept, pipeline, &seen, &all);
  if (!code && pipeline->mapping)
    code = mapping_missing(pipeline->mapping, &all, warn_of_missing, &warning);
  if (!code && pipeline->mapping)
    code = mapping_want(pipeline->mapping, &all, &want);
  if (!code)
    code = kept_fill(kept, pipeline->mapping ? &want : &all, out, open);
  if (!code)
    code = say_kept(pipeline, out, *open);
  sluice_schema_release(&seen);
  sluice_schema_release(&all);
  sluice_schema_release(&want);
  return code;
}

static int look_with(struct pipeline *pipeline, const struct kept *kept, const struct sluice_part *parts, size_t n,
                     struct ArrowSchema *out, bool *sure, struct sluice_error *err) {
  struct found found = {0};
  struct ArrowSchema want = {0};
  int64_t open = 0;
  int code = want_kept(pipeline, kept, parts, n, &want, &open, err);
  if (!code && open)
    code = found_add(pipeline, parts, n, &want, &found, err);
  if (!code && want.n_children > 0) {
    code = schema_settle(&want, found_best(&found), out);
    if (!code)
      schema_allow_nulls(out);
  }
  *sure = open == 0 || found.sure_parts > 0;
  sluice_schema_release(&want);
  found_finish(&found);
  return code;
}

static int look_at(struct pipeline *pipeline, const char *stored, const struct sluice_part *parts, size_t n,
                   struct ArrowSchema *out, bool *sure, struct sluice_error *err) {
  struct ArrowSchema schema = {0};
  struct kept kept = {0};
  bool evidence = false;
  int code = kept_read(pipeline, stored, &kept, err);
  if (!code && stored && !kept.schema.release)
    log_write(
        SLUICE_INFO, pipeline->job->name,
        "its types cannot be kept: the format or its options were changed, or an earlier version found them; the first "
        "files tell them anew");
  if (!code)
    code = kept.schema.release ? look_with(pipeline, &kept, parts, n, &schema, &evidence, err)
                               : look_anew(pipeline, parts, n, &schema, &evidence, err);
  bool any = !code && schema.release;
  if (any)
    code = add_rescue_column(pipeline, &schema, err);
  if (any && !code)
    sluice_schema_move(&schema, out);
  if (any && !code && sure)
    *sure = evidence;
  sluice_schema_release(&schema);
  kept_finish(&kept);
  return code;
}

int schema_look(struct pipeline *pipeline, const char *stored, const struct sluice_part *parts, size_t n,
                struct ArrowSchema *out, bool *sure, struct sluice_error *err) {
  struct sluice_part *chosen = malloc((n + 1) * sizeof *chosen);
  if (!chosen)
    return sluice_fail(err, SLUICE_ERR_MEMORY, pipeline->job->name, "no memory");
  int code = look_at(pipeline, stored, chosen, avoid_choose(pipeline->avoided, parts, n, chosen), out, sure, err);
  free(chosen);
  return sluice_fail(err, code, pipeline->job->name, "no memory to look at the first files");
}
