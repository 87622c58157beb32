/* Columns as a file has them, beside what the job makes of them. */
#include "core/base/nearest.h"
#include "core/base/text.h"
#include "core/plan/internal.h"
#include <stdlib.h>

enum { TYPE_MAX = 400, TYPE_DEPTH = 8 };

struct table {
  struct planning *p;
  const struct ArrowSchema *found, *read;
};

/* ---- types as text: "list<int64>", "struct<a: string>" ---- */

static int add_type(const struct ArrowSchema *field, int depth, struct text *out) {
  char name[96];
  const struct ArrowSchema *type = field->dictionary ? field->dictionary : field;
  sluice_type_name(type->format, name, sizeof name);
  int code = text_add(out, name[0] ? name : "any");
  if (code || type->n_children == 0 || depth == TYPE_DEPTH)
    return code;
  bool named = strcmp(type->format, "+s") == 0;
  code = text_add(out, "<");
  for (int64_t i = 0; i < type->n_children && !code; i++) {
    if (i)
      code = text_add(out, ", ");
    if (!code && named)
      code = text_printf(out, "%s: ", type->children[i]->name);
    if (!code)
      code = add_type(type->children[i], depth + 1, out);
  }
  return code ? code : text_add(out, ">");
}

/* Cut where it is long. NULL: no memory. */
static char *type_text(const struct ArrowSchema *field) {
  struct text text = {.limit = TYPE_MAX};
  (void)add_type(field, 0, &text); /* the limit is a good enough end */
  char *copy = strdup(text_get(&text));
  text_finish(&text);
  return copy;
}

static char *named_type_text(const char *name) {
  char format[64], text[96];
  if (sluice_type_from_name(name, format, NULL))
    return strdup(name);
  sluice_type_name(format, text, sizeof text);
  return strdup(text);
}

/* ---- rows of the table ---- */

static void column_finish(struct plan_column *c) {
  free(c->name);
  free(c->found);
  free(c->wanted);
  free(c->to);
  free(c->note);
  free(c->problem);
}

/* Takes the texts in any case. */
static int add_column(struct plan_schema *schema, const struct plan_column *column) {
  struct plan_column mine = *column, *grown = NULL;
  if (mine.name || mine.to)
    grown = realloc(schema->columns, (schema->n_columns + 1) * sizeof *grown);
  if (!grown) {
    column_finish(&mine);
    return SLUICE_ERR_MEMORY;
  }
  schema->columns = grown;
  schema->columns[schema->n_columns++] = mine;
  return SLUICE_OK;
}

static const struct ArrowSchema *field_of(const struct ArrowSchema *schema, const char *name) {
  return schema->release ? mapping_field(schema, name) : NULL;
}

/* Why values of this column cannot become what the job has; NULL: they can, one by one. */
static char *problem_of(const struct table *t, const char *name) {
  const struct ArrowSchema *read = field_of(t->read, name), *job = field_of(&t->p->schema, name);
  struct sluice_error why = {0};
  if (!read || !job || sluice_cast_within_check(read, job, &why) == SLUICE_OK)
    return NULL;
  return plan_text(why.message);
}

/* What is to be said of a column that the file has not. */
static char *missing_note(const struct table *t, const char *name, const struct config_mapping *rule) {
  struct text text = {0};
  const char **names = calloc((size_t)t->found->n_children + 1, sizeof *names);
  for (int64_t i = 0; names && i < t->found->n_children; i++)
    names[i] = t->found->children[i]->name;
  const char *near = names ? nearest_name(name, names, (size_t)t->found->n_children) : NULL;
  int code =
      rule && rule->default_value
          ? text_printf(&text, "this file does not have it: its default, %.60s, in every record", rule->default_value)
          : text_add(&text, "this file does not have it: null in every record");
  if (!code && near)
    code = text_printf(&text, "; did you mean '%s'?", near);
  char *note = code ? NULL : strdup(text_get(&text));
  text_finish(&text);
  free(names);
  return note;
}

/* What a run does with a column that the job has not seen. */
static const char *new_note(const struct table *t) {
  switch (t->p->pipeline.job->evolution.fresh) {
  case CONFIG_NEW_ADD:
    return "new: it is added to the job's schema";
  case CONFIG_NEW_IGNORE:
    return "new: it is ignored";
  case CONFIG_NEW_RESCUE:
    return "new: its values are rescued";
  default:
    return "new: the job's `evolution` does not allow it";
  }
}

/* A column of the file or of the job; rule NULL: none names it. */
static int add_field(const struct table *t, const char *name, const struct config_mapping *rule, const char *to) {
  const struct ArrowSchema *found = field_of(t->found, name), *job = field_of(&t->p->schema, name);
  struct plan_column c = {.name = strdup(name), .to = to ? strdup(to) : NULL};
  c.found = found ? type_text(found) : NULL;
  if (rule && rule->type)
    c.wanted = named_type_text(rule->type);
  else if (job)
    c.wanted = type_text(job);
  c.problem = problem_of(t, name);
  if (!found && rule && rule->required && !rule->default_value)
    c.problem = strdup("this file does not have it, and the mapping requires it");
  else if (!found)
    c.note = missing_note(t, name, rule);
  else if (!to)
    c.note = strdup(rule ? "excluded" : "not mapped: left out");
  else if (!job)
    c.note = strdup(new_note(t));
  return add_column(&t->p->plan->schema, &c);
}

static int add_constant(const struct table *t, size_t i) {
  const struct config_job *job = t->p->pipeline.job;
  const struct config_mapping *rule = &job->mapping[i];
  const char *type = rule->type ? rule->type : rule->null ? "null" : config_constant_type(job, i);
  struct plan_column c = {.to = strdup(rule->to ? rule->to : "")};
  c.wanted = named_type_text(type);
  c.note = strdup("a constant");
  return add_column(&t->p->plan->schema, &c);
}

static bool is_mapped(const struct config_job *job, const char *name) {
  for (size_t i = 0; i < job->mapping_count; i++)
    if (job->mapping[i].from && strcmp(job->mapping[i].from, name) == 0)
      return true;
  return job->evolution.rescue_column && strcmp(job->evolution.rescue_column, name) == 0;
}

static int add_rules(const struct table *t) {
  const struct config_job *job = t->p->pipeline.job;
  int code = SLUICE_OK;
  for (size_t i = 0; i < job->mapping_count && !code; i++) {
    const struct config_mapping *rule = &job->mapping[i];
    const char *to = rule->exclude ? NULL : rule->to ? rule->to : rule->from;
    code = rule->from ? add_field(t, rule->from, rule, to) : add_constant(t, i);
  }
  return code;
}

static int add_found(const struct table *t) {
  const struct config_job *job = t->p->pipeline.job;
  int code = SLUICE_OK;
  for (int64_t i = 0; i < t->found->n_children && !code; i++) {
    const char *name = t->found->children[i]->name;
    bool kept = job->keep_unmapped || field_of(&t->p->schema, name);
    if (!is_mapped(job, name))
      code = add_field(t, name, NULL, kept ? name : NULL);
  }
  return code;
}

/* Columns of earlier files. */
static int add_absent(const struct table *t) {
  const struct ArrowSchema *schema = &t->p->schema;
  int code = SLUICE_OK;
  for (int64_t i = 0; schema->release && i < schema->n_children && !code; i++) {
    const char *name = schema->children[i]->name;
    if (!field_of(t->found, name) && !is_mapped(t->p->pipeline.job, name))
      code = add_field(t, name, NULL, name);
  }
  return code;
}

static int report_problems(struct plan *plan) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < plan->schema.n_columns && !code; i++) {
    const struct plan_column *c = &plan->schema.columns[i];
    struct sluice_error why = {0};
    if (!c->problem)
      continue;
    sluice_fail(&why, SLUICE_ERR_DATA, plan->part.name, "column '%s': %s", c->name, c->problem);
    code = plan_reason(plan, SLUICE_ERR_DATA, &why);
  }
  return code;
}

int plan_columns(struct planning *p, const struct ArrowSchema *found, const struct ArrowSchema *read,
                 struct sluice_error *err) {
  struct table t = {p, found, read};
  int code = add_rules(&t);
  if (!code)
    code = add_found(&t);
  if (!code)
    code = add_absent(&t);
  if (!code)
    code = report_problems(p->plan);
  return sluice_fail(err, code, "schema", "no memory");
}
