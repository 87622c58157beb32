/* Evolution: new, missing and changed columns of one part, against what the job says of them. */
#include "core/run/evolve.h"
#include "core/base/nearest.h"
#include "core/filter/filter.h"
#include "core/run/look.h"
#include <stdlib.h>

static const struct config_evolution *policy_of(const struct pipeline *pipeline) {
  return &pipeline->job->evolution;
}

static bool is_rescue_column(const struct pipeline *pipeline, const char *name) {
  const char *column = policy_of(pipeline)->rescue_column;
  return column && strcmp(column, name) == 0;
}

static bool goes_out(const struct pipeline *pipeline, const char *column) {
  return !pipeline->mapping || mapping_keeps(pipeline->mapping, column);
}

uint32_t evolve_flags(const struct pipeline *pipeline) {
  bool used = pipeline->job->keep_unmapped && policy_of(pipeline)->fresh != CONFIG_NEW_IGNORE;
  return used ? SLUICE_SCAN_EXTRA : 0;
}

/* ---- what is asked for ---- */

/* Types that text can become, so that a value of another type can be told from one that fits. */
static bool reads_text(const char *format) {
  return format[0] && (strchr("bcCsSiIlLefg", format[0]) || strncmp(format, "d:", 2) == 0 ||
                       strncmp(format, "td", 2) == 0 || strncmp(format, "tt", 2) == 0 || strncmp(format, "ts", 2) == 0);
}

static int want_column(const struct ArrowSchema *column, bool as_text, struct ArrowSchema *out) {
  if (as_text && !column->dictionary && reads_text(column->format))
    return sluice_schema_init(out, "u", column->name, ARROW_FLAG_NULLABLE);
  return sluice_schema_copy(column, out);
}

static int want_of_job(const struct pipeline *pipeline, const struct ArrowSchema *job, struct ArrowSchema *out) {
  bool as_text = policy_of(pipeline)->changed == CONFIG_CHANGED_RESCUE;
  struct ArrowSchema want;
  int64_t n = 0;
  for (int64_t i = 0; i < job->n_children; i++)
    n += !is_rescue_column(pipeline, job->children[i]->name);
  int code = sluice_schema_nested(&want, "+s", "", 0, n);
  if (code)
    return code;
  n = 0;
  for (int64_t i = 0; i < job->n_children && !code; i++)
    if (!is_rescue_column(pipeline, job->children[i]->name))
      code = want_column(job->children[i], as_text, want.children[n++]);
  if (code)
    sluice_schema_release(&want);
  else
    sluice_schema_move(&want, out);
  return code;
}

int evolve_want(const struct pipeline *pipeline, const struct ArrowSchema *job, struct ArrowSchema *out) {
  struct ArrowSchema want = {0};
  int code = want_of_job(pipeline, job, pipeline->job->where ? &want : out);
  if (!code && pipeline->job->where)
    code = filter_want(pipeline->job->where, &want, out);
  sluice_schema_release(&want);
  return code;
}

const struct conform_rescue *evolve_rescue(const struct pipeline *pipeline, struct conform_rescue *out) {
  const struct config_evolution *policy = policy_of(pipeline);
  if (!policy->rescue_column)
    return NULL;
  *out = (struct conform_rescue){.column = policy->rescue_column,
                                 .fresh = policy->fresh == CONFIG_NEW_RESCUE,
                                 .changed = policy->changed == CONFIG_CHANGED_RESCUE,
                                 .mapping = pipeline->mapping};
  return out;
}

/* ---- new columns, and new fields in columns ---- */

struct fresh { /* what a part has and the job has not */
  const struct pipeline *pipeline;
  int64_t count;
  struct evolve_new *out; /* the first; NULL: does not matter */
};

static int on_new(void *context, const struct schema_new *new) {
  struct fresh *f = context;
  if (!goes_out(f->pipeline, new->path))
    return SLUICE_OK;
  if (f->count++ == 0 && f->out) {
    snprintf(f->out->path, sizeof f->out->path, "%s", new->path);
    sluice_type_name(new->field->format, f->out->type, sizeof f->out->type);
  }
  return SLUICE_OK;
}

/* How many columns or fields are new where a part has this column: one, where it is new itself. *out (or NULL): the
 * first of them. */
static int64_t count_new(const struct pipeline *pipeline, const struct ArrowSchema *column,
                         const struct ArrowSchema *job, struct evolve_new *out) {
  struct fresh fresh = {.pipeline = pipeline, .out = out};
  struct ArrowSchema *child = (struct ArrowSchema *)(uintptr_t)column;
  const struct ArrowSchema alone = {.format = "+s", .name = "", .n_children = 1, .children = &child};
  if (goes_out(pipeline, column->name) && !is_rescue_column(pipeline, column->name))
    schema_find_new(job, &alone, on_new, &fresh);
  return fresh.count;
}

bool evolve_first_new(const struct pipeline *pipeline, const struct ArrowSchema *from, const struct ArrowSchema *job,
                      struct evolve_new *out) {
  bool found = false;
  for (int64_t i = 0; i < from->n_children && !found; i++)
    found = count_new(pipeline, from->children[i], job, out) > 0;
  return found;
}

int evolve_new_columns(const struct pipeline *pipeline, const struct ArrowSchema *from, const struct ArrowSchema *job,
                       struct ArrowSchema *out) {
  struct ArrowSchema columns = {.format = "+s", .name = ""};
  columns.children = calloc((size_t)from->n_children + 1, sizeof(struct ArrowSchema *));
  if (!columns.children)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < from->n_children; i++)
    if (count_new(pipeline, from->children[i], job, NULL) > 0)
      columns.children[columns.n_children++] = from->children[i];
  int code = sluice_schema_copy(&columns, out);
  free(columns.children);
  return code;
}

/* Says in *out what happens, and why in err. */
static int refuse(bool stop, const char *part, const char *what, const char *option, enum evolve_verdict *out,
                  struct sluice_error *err) {
  *out = stop ? EVOLVE_STOP : EVOLVE_REJECT;
  return sluice_fail(err, SLUICE_ERR_DATA, part, "%s: the %s, because evolution.%s = \"%s\"", what,
                     stop ? "run stops" : "file is not read", option, stop ? "stop" : "reject");
}

int evolve_check_new(const struct pipeline *pipeline, const char *part, const struct ArrowSchema *from,
                     const struct ArrowSchema *job, enum evolve_verdict *out, struct sluice_error *err) {
  enum config_new policy = policy_of(pipeline)->fresh;
  struct evolve_new fresh;
  char what[400];
  *out = EVOLVE_TAKE;
  if (policy == CONFIG_NEW_IGNORE || !evolve_first_new(pipeline, from, job, &fresh))
    return SLUICE_OK;
  if (policy == CONFIG_NEW_ADD)
    *out = EVOLVE_GROW;
  if (policy != CONFIG_NEW_REJECT && policy != CONFIG_NEW_STOP)
    return SLUICE_OK;
  snprintf(what, sizeof what, "column '%.160s' (%s) is new, the job's schema does not have it", fresh.path, fresh.type);
  return refuse(policy == CONFIG_NEW_STOP, part, what, "new", out, err);
}

/* ---- missing columns ---- */

struct looking {
  const struct pipeline *pipeline;
  const char *part;
  const struct ArrowSchema *found, *job;
  enum evolve_verdict *verdict;
  struct sluice_error *err;
};

static int refuse_missing(const struct looking *l, const char *name) {
  char what[300];
  const char **names = calloc((size_t)l->found->n_children + 1, sizeof *names);
  for (int64_t i = 0; names && i < l->found->n_children; i++)
    names[i] = l->found->children[i]->name;
  const char *near = names ? nearest_name(name, names, (size_t)l->found->n_children) : NULL;
  snprintf(what, sizeof what, "there is no column '%.120s'%s%.80s%s", name, near ? " (did you mean '" : "",
           near ? near : "", near ? "'?)" : "");
  free(names);
  return refuse(policy_of(l->pipeline)->missing == CONFIG_MISSING_STOP, l->part, what, "missing", l->verdict, l->err);
}

static int on_missing(void *context, const char *from, bool excluded) {
  (void)excluded;
  return refuse_missing(context, from);
}

static int check_missing(struct looking *l) {
  if (policy_of(l->pipeline)->missing == CONFIG_MISSING_IGNORE)
    return SLUICE_OK;
  int code = l->pipeline->mapping ? mapping_missing(l->pipeline->mapping, l->found, on_missing, l) : SLUICE_OK;
  for (int64_t i = 0; i < l->job->n_children && !code; i++) {
    const char *name = l->job->children[i]->name;
    bool meant = goes_out(l->pipeline, name) && !is_rescue_column(l->pipeline, name);
    if (meant && sluice_schema_find(l->found, name) < 0)
      code = refuse_missing(l, name);
  }
  return code;
}

/* ---- columns of another type ---- */

struct misfit { /* the first value that does not fit */
  const struct ArrowSchema *field;
  const struct ArrowArray *array;
  bool found;
  char path[160], reason[200];
};

static void note_misfit(struct misfit *m, const char *path, const char *reason) {
  m->found = true;
  snprintf(m->path, sizeof m->path, "%.159s", path);
  snprintf(m->reason, sizeof m->reason, "%.180s", reason);
}

static int on_misfit(void *context, int64_t row, const char *column, const char *reason) {
  struct misfit *m = context;
  if (!m->found && !conform_is_empty(m->field, m->array, row))
    note_misfit(m, column, reason);
  return SLUICE_OK;
}

/* 3.0 is a whole number, and yet decoders do not read it as one. */
static bool may_have_fractions(const struct ArrowSchema *from, const struct ArrowSchema *to) {
  bool real = from->format[0] && !from->format[1] && strchr("efg", from->format[0]);
  return real && to->format[0] && !to->format[1] && strchr("cCsSiIlL", to->format[0]);
}

static void find_value(const struct ArrowArray *column, const char *name, struct misfit *out) {
  for (int64_t i = 0; i < column->length && !out->found; i++)
    if (!sluice_is_null(column, i))
      note_misfit(out, name, "its numbers have fractions");
}

/* Does a value of the batch's column not fit the job's? */
static int find_misfit(const struct ArrowSchema *from, struct ArrowArray *column, const struct ArrowSchema *to,
                       struct misfit *out, struct sluice_error *err) {
  struct ArrowArray slice = {0}, cast = {0};
  struct sluice_error why = {0};
  *out = (struct misfit){.field = from, .array = &slice};
  if (sluice_cast_within_check(from, to, &why) != SLUICE_OK) {
    note_misfit(out, why.where, why.message);
    return SLUICE_OK;
  }
  if (may_have_fractions(from, to)) {
    find_value(column, to->name, out);
    return SLUICE_OK;
  }
  int code = sluice_array_share(column);
  if (!code)
    code = sluice_array_slice(column, 0, column->length, &slice);
  if (!code)
    code = sluice_cast_within(from, &slice, to, on_misfit, out, &cast, err);
  sluice_array_release(&slice);
  sluice_array_release(&cast);
  return code;
}

/* What a rule says the type to be is no matter of the file's. */
static bool is_declared(const struct looking *l, const struct ArrowSchema *want, const char *name) {
  int64_t i = l->pipeline->mapping ? sluice_schema_find(want, name) : -1;
  return i >= 0 && want->children[i]->format[0];
}

static int check_changed_column(struct looking *l, int64_t i, struct sluice_batch *batch) {
  const struct ArrowSchema *to = l->job->children[i];
  int64_t from = sluice_schema_find(l->found, to->name);
  struct misfit misfit;
  char found[96], wanted[96], what[600];
  if (from < 0)
    return SLUICE_OK;
  int code = find_misfit(l->found->children[from], batch->array.children[from], to, &misfit, l->err);
  if (code || !misfit.found)
    return code;
  sluice_type_name(l->found->children[from]->format, found, sizeof found);
  sluice_type_name(to->format, wanted, sizeof wanted);
  if (strcmp(misfit.path, to->name) == 0)
    snprintf(what, sizeof what, "column '%.120s' is %s in this file, and %s in the job's schema (%.160s)", to->name,
             found, wanted, misfit.reason);
  else
    snprintf(what, sizeof what, "column '%s' is of another type in this file than in the job's schema (%.160s)",
             misfit.path, misfit.reason);
  return refuse(true, l->part, what, "changed", l->verdict, l->err);
}

static int check_changed(struct looking *l, struct sluice_batch *batch) {
  struct ArrowSchema want = {0};
  if (policy_of(l->pipeline)->changed != CONFIG_CHANGED_STOP)
    return SLUICE_OK;
  int code = l->pipeline->mapping ? mapping_want(l->pipeline->mapping, l->found, &want) : SLUICE_OK;
  for (int64_t i = 0; i < l->job->n_children && !code; i++)
    if (!is_declared(l, &want, l->job->children[i]->name))
      code = check_changed_column(l, i, batch);
  sluice_schema_release(&want);
  return code;
}

int evolve_check_part(struct pipeline *pipeline, const struct sluice_part *part, const struct ArrowSchema *job,
                      enum evolve_verdict *out, struct sluice_error *err) {
  const struct config_evolution *policy = policy_of(pipeline);
  struct ArrowSchema found = {0};
  struct sluice_batch batch;
  *out = EVOLVE_TAKE;
  if (policy->missing == CONFIG_MISSING_IGNORE && policy->changed != CONFIG_CHANGED_STOP)
    return SLUICE_OK;
  batch_init(&batch);
  int code = schema_first_batch(pipeline, part, NULL, &found, &batch, err);
  struct looking l = {pipeline, part->name, &found, job, out, err};
  if (!code && batch.array.release && batch.array.length > 0) {
    code = check_missing(&l);
    if (!code)
      code = check_changed(&l, &batch);
  }
  batch_release(&batch);
  sluice_schema_release(&found);
  return sluice_fail(err, code, part->name, "no memory to look into it");
}
