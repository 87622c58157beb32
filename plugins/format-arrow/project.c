/* Projection: of columns by name, and of the fields of nested ones. Types stay as they are in the file: the host casts.
 */
#include "project.h"
#include <stdlib.h>

static void keep_all(struct arrow_project *p, struct arrow_field *f) {
  f->wanted = true;
  f->n_kept = f->n_children;
  for (int64_t i = 0; i < f->n_children; i++) {
    f->children[i].place = i;
    keep_all(p, &f->children[i]);
  }
  if (!f->values)
    return;
  p->dictionaries = true;
  keep_all(p, f->values);
}

static bool is_list(const char *format) {
  return strcmp(format, "+l") == 0 || strcmp(format, "+L") == 0 || strcmp(format, "+vl") == 0 ||
         strcmp(format, "+vL") == 0 || strncmp(format, "+w:", 3) == 0;
}

static void keep(struct arrow_project *p, struct arrow_field *f, const struct ArrowSchema *schema,
                 const struct ArrowSchema *want);

static void keep_fields(struct arrow_project *p, struct arrow_field *f, const struct ArrowSchema *schema,
                        const struct ArrowSchema *want) {
  f->wanted = true;
  for (int64_t i = 0; i < want->n_children; i++) {
    const char *name = want->children[i]->name;
    int64_t at = sluice_schema_find(schema, name ? name : "");
    if (at < 0 || f->children[at].wanted)
      continue;
    f->children[at].place = f->n_kept++;
    keep(p, &f->children[at], schema->children[at], want->children[i]);
  }
}

/* Only structs can lose fields, and lists of them; everything else is read as it is. */
static void keep(struct arrow_project *p, struct arrow_field *f, const struct ArrowSchema *schema,
                 const struct ArrowSchema *want) {
  const char *format = want && want->format && !want->dictionary && !f->values ? want->format : "";
  bool list = is_list(format) && is_list(schema->format) && want->n_children == 1;
  if (strcmp(format, "+s") == 0 && strcmp(schema->format, "+s") == 0 && want->n_children > 0) {
    keep_fields(p, f, schema, want);
  } else if (list) {
    f->wanted = true;
    f->n_kept = 1;
    f->children[0].place = 0;
    keep(p, &f->children[0], schema->children[0], want->children[0]);
  } else {
    keep_all(p, f);
  }
}

/* The schema of a field without what is not wanted in it. */
static int copy_kept(const struct arrow_field *f, const struct ArrowSchema *schema, struct ArrowSchema *out) {
  if (f->values || f->n_children == 0)
    return sluice_schema_copy(schema, out);
  int rc = sluice_schema_nested(out, schema->format, schema->name, schema->flags, f->n_kept);
  if (rc == SLUICE_OK && schema->metadata)
    rc = sluice_schema_set_metadata(out, schema->metadata);
  for (int64_t i = 0; rc == SLUICE_OK && i < f->n_children; i++)
    if (f->children[i].wanted)
      rc = copy_kept(&f->children[i], schema->children[i], out->children[f->children[i].place]);
  return rc;
}

/* A column that the file has not is all null, of the wanted type; `null` where that is left open. */
static int missing(const struct arrow_source *source, const struct ArrowSchema *want, struct ArrowSchema *out,
                   struct sluice_error *err) {
  if (!(want->flags & ARROW_FLAG_NULLABLE))
    return sluice_fail(err, SLUICE_ERR_DATA, source->part,
                       "there is no column \"%s\", which must have values; check the file, or make the column optional",
                       want->name ? want->name : "");
  if (want->format && want->format[0])
    return sluice_schema_copy(want, out);
  return sluice_schema_init(out, "n", want->name, want->flags);
}

static bool keeps_extra(const struct sluice_scan *scan) {
  return !scan->want || (scan->flags & SLUICE_SCAN_EXTRA);
}

/* Where a name is among the file's. Wanted columns mostly come in the file's order, so the search goes on from `near`;
 * and so several of one name find one after the other. */
static int64_t find_column(const struct ArrowSchema *schema, const char *name, int64_t near) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    int64_t at = (near + i) % schema->n_children;
    if (strcmp(schema->children[at]->name, name) == 0)
      return at;
  }
  return -1;
}

/* Nested fields count as columns where extra ones are asked for: then none is left out. */
static void choose(struct arrow_project *p, struct arrow_fields *fields, const struct sluice_scan *scan) {
  struct arrow_field *columns = fields->root.children;
  int64_t near = 0;
  for (int64_t i = 0; scan->want && i < scan->want->n_children; i++) {
    const struct ArrowSchema *want = scan->want->children[i];
    int64_t at = find_column(&fields->schema, want->name ? want->name : "", near);
    p->sources[p->count++] = at;
    near = at < 0 ? near : at + 1;
    if (at >= 0 && !columns[at].wanted)
      keep(p, &columns[at], fields->schema.children[at], keeps_extra(scan) ? NULL : want);
  }
  for (int64_t i = 0; keeps_extra(scan) && i < fields->root.n_children; i++) {
    if (columns[i].wanted)
      continue;
    p->sources[p->count++] = i;
    keep_all(p, &columns[i]);
  }
}

static int make_schema(struct arrow_project *p, const struct arrow_source *source, const struct arrow_fields *fields,
                       const struct sluice_scan *scan, struct sluice_error *err) {
  int rc = sluice_schema_nested(&p->schema, "+s", "", 0, p->count);
  if (rc == SLUICE_OK && fields->schema.metadata)
    rc = sluice_schema_set_metadata(&p->schema, fields->schema.metadata);
  for (int64_t i = 0; rc == SLUICE_OK && i < p->count; i++) {
    int64_t at = p->sources[i];
    if (at < 0)
      rc = missing(source, scan->want->children[i], p->schema.children[i], err);
    else
      rc = copy_kept(&fields->root.children[at], fields->schema.children[at], p->schema.children[i]);
  }
  return rc ? sluice_fail(err, rc, source->part, "no memory for the columns") : rc;
}

int arrow_project_init(struct arrow_project *p, const struct arrow_source *source, struct arrow_fields *fields,
                       const struct sluice_scan *scan, struct sluice_error *err) {
  int64_t wanted = scan->want ? scan->want->n_children : 0;
  *p = (struct arrow_project){0};
  p->sources = calloc((size_t)(wanted + fields->root.n_children) + 1, sizeof *p->sources);
  if (!p->sources)
    return sluice_fail(err, SLUICE_ERR_MEMORY, source->part, "no memory for the columns");
  fields->root.wanted = true;
  choose(p, fields, scan);
  int rc = make_schema(p, source, fields, scan, err);
  if (rc)
    arrow_project_finish(p);
  return rc;
}

void arrow_project_finish(struct arrow_project *p) {
  free(p->sources);
  sluice_schema_release(&p->schema);
  memset(p, 0, sizeof *p);
}
