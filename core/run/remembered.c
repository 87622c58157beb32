/* Schemas as the ledger keeps them, and what stays of one when the job is another. */
#include "core/run/remembered.h"
#include "core/base/text.h"
#include "core/run/look.h"
#include "core/schema/schema.h"
#include <stdlib.h>

int schema_hash(const struct pipeline *pipeline, char out[HASH_SIZE]) {
  const struct config_job *job = pipeline->job;
  bool keeps = pipeline->mapping && job->keep_unmapped; /* then rules that bring nothing matter too */
  char *json = NULL, rules[HASH_SIZE] = "";
  int code = pipeline->want.release ? schema_to_json(&pipeline->want, &json) : SLUICE_OK;
  if (!code && keeps)
    code = config_hash(job->mapping_value, rules);
  const char *asks = job->evolution.changed == CONFIG_CHANGED_RESCUE ? "text" : "types"; /* they cut other batches */
  const char *texts[] = {json, pipeline->decode_hash, rules, job->evolution.rescue_column, asks};
  if (!code)
    code = hash_texts(texts, job->evolution.rescue_column ? 5 : keeps ? 3 : 2, out);
  free(json);
  return code;
}

/* ---- writing ------------------------------------------------------------------------------------ */

/* The columns whose types a rule says. */
static int add_declared(const struct pipeline *p, const struct ArrowSchema *schema, json_t *names) {
  struct ArrowSchema want;
  if (!p->mapping)
    return SLUICE_OK;
  int code = mapping_want(p->mapping, schema, &want);
  for (int64_t i = 0; !code && i < want.n_children; i++)
    if (want.children[i]->format[0] && json_array_append_new(names, json_string(want.children[i]->name)))
      code = SLUICE_ERR_MEMORY;
  if (!code)
    sluice_schema_release(&want);
  return code;
}

static int add_excluded(const struct config_job *job, json_t *names) {
  for (size_t i = 0; i < job->mapping_count; i++)
    if (job->mapping[i].exclude && json_array_append_new(names, json_string(job->mapping[i].from)))
      return SLUICE_ERR_MEMORY;
  return SLUICE_OK;
}

static int print_note(const struct pipeline *p, const struct ArrowSchema *schema, char **out) {
  json_t *declared = json_array(), *excluded = json_array();
  int code = declared && excluded ? SLUICE_OK : SLUICE_ERR_MEMORY;
  if (!code)
    code = add_declared(p, schema, declared);
  if (!code)
    code = add_excluded(p->job, excluded);
  json_t *note = json_pack("{s:s, s:b, s:s?, s:o, s:o}", "format", p->format_hash, "whole",
                           !p->mapping || p->job->keep_unmapped, "rescue", p->job->evolution.rescue_column, "declared",
                           declared, "excluded", excluded); /* takes both, also where it fails */
  char *text = note && !code ? json_dumps(note, JSON_COMPACT) : NULL;
  json_decref(note);
  if (!text)
    return code ? code : SLUICE_ERR_MEMORY;
  *out = text;
  return SLUICE_OK;
}

int remembered_write(const struct pipeline *p, const struct ArrowSchema *schema, char **out) {
  char hash[HASH_SIZE];
  char *json = NULL, *note = NULL;
  struct text text = {.limit = 128 << 20};
  int code = schema_to_json(schema, &json);
  if (!code)
    code = schema_hash(p, hash);
  if (!code)
    code = print_note(p, schema, &note);
  if (!code)
    code = text_printf(&text, "%s\n%s\n%s", hash, json, note);
  free(json);
  free(note);
  if (code)
    text_finish(&text);
  else
    *out = text.data;
  return code;
}

/* ---- reading ------------------------------------------------------------------------------------ */

int remembered_read(const char *text, struct ArrowSchema *out, struct sluice_error *err) {
  const char *json = strchr(text, '\n');
  size_t n = json ? strcspn(json + 1, "\n") : 0;
  char *line = json ? strndup(json + 1, n) : NULL;
  if (json && !line)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "schema", "no memory");
  int code = schema_from_json(line ? line : "", out, err);
  free(line);
  return code;
}

int schema_recall(const struct pipeline *pipeline, const char *text, struct ArrowSchema *out,
                  struct sluice_error *err) {
  char hash[HASH_SIZE];
  int code = schema_hash(pipeline, hash);
  bool ours = !code && text && strncmp(text, hash, HASH_SIZE - 1) == 0 && text[HASH_SIZE - 1] == '\n';
  return ours ? remembered_read(text, out, err) : code;
}

static bool has(const json_t *names, const char *name) {
  for (size_t i = 0; i < json_array_size(names); i++) {
    const char *one = json_string_value(json_array_get(names, i));
    if (one && strcmp(one, name) == 0)
      return true;
  }
  return false;
}

/* NULL: it has none, or of another format. */
static json_t *read_note(const struct pipeline *p, const char *text) {
  const char *json = text ? strchr(text, '\n') : NULL;
  const char *line = json ? strchr(json + 1, '\n') : NULL;
  json_t *note = line ? json_loads(line + 1, JSON_REJECT_DUPLICATES, NULL) : NULL;
  const char *format = json_string_value(json_object_get(note, "format"));
  if (format && strcmp(format, p->format_hash) == 0)
    return note;
  json_decref(note);
  return NULL;
}

static int copy_kept(const struct ArrowSchema *column, bool declared, struct ArrowSchema *out) {
  return declared ? sluice_schema_init(out, "", column->name, ARROW_FLAG_NULLABLE) : sluice_schema_copy(column, out);
}

static int take_columns(const struct ArrowSchema *schema, const json_t *note, struct ArrowSchema *out) {
  const char *rescue = json_string_value(json_object_get(note, "rescue"));
  const json_t *declared = json_object_get(note, "declared");
  int64_t at = rescue ? sluice_schema_find(schema, rescue) : -1, n = 0;
  struct ArrowSchema kept;
  int code = sluice_schema_nested(&kept, "+s", "", 0, schema->n_children - (at >= 0));
  if (code)
    return code;
  for (int64_t i = 0; i < schema->n_children && !code; i++)
    if (i != at)
      code = copy_kept(schema->children[i], has(declared, schema->children[i]->name), kept.children[n++]);
  if (code)
    sluice_schema_release(&kept);
  else
    sluice_schema_move(&kept, out);
  return code;
}

int kept_read(const struct pipeline *p, const char *text, struct kept *out, struct sluice_error *err) {
  struct ArrowSchema schema = {0};
  json_t *note = read_note(p, text);
  if (!note)
    return SLUICE_OK;
  int code = remembered_read(text, &schema, err);
  if (!code)
    code = take_columns(&schema, note, &out->schema);
  if (!code) {
    out->whole = json_is_true(json_object_get(note, "whole"));
    out->excluded = json_incref(json_object_get(note, "excluded"));
  }
  sluice_schema_release(&schema);
  json_decref(note);
  return code ? sluice_fail(err, code, "schema", "no memory") : SLUICE_OK;
}

void kept_finish(struct kept *kept) {
  sluice_schema_release(&kept->schema);
  json_decref(kept->excluded);
  memset(kept, 0, sizeof *kept);
}

/* ---- what is new ------------------------------------------------------------------------------- */

struct rule { /* that lacks its column among the kept */
  const struct pipeline *pipeline;
  const struct ArrowSchema *alone; /* a schema of the one column that is looked at */
  const char *from;
  bool missing, found;
};

static int note_missing(void *context, const char *from, bool excluded) {
  struct rule *rule = context;
  rule->missing = rule->missing || (!excluded && strcmp(from, rule->from) == 0);
  return SLUICE_OK;
}

static int look_up(void *context, const char *from, bool excluded) {
  struct rule *rule = context;
  rule->from = from;
  rule->missing = excluded;
  mapping_missing(rule->pipeline->mapping, rule->alone, note_missing, rule);
  rule->found = rule->found || !rule->missing;
  return SLUICE_OK;
}

/* A column that no rule names, of a job that takes all, is for `evolution` to judge where a file brings it. */
static bool is_needed(const struct kept *kept, const struct pipeline *p, struct ArrowSchema *column) {
  struct ArrowSchema alone = {.format = "+s", .n_children = 1, .children = &column};
  struct rule rule = {.pipeline = p, .alone = &alone};
  if (p->mapping)
    mapping_missing(p->mapping, &kept->schema, look_up, &rule);
  bool taken = !p->mapping || mapping_keeps(p->mapping, column->name);
  return rule.found || (taken && (!kept->whole || has(kept->excluded, column->name)));
}

int kept_join(const struct kept *kept, const struct pipeline *p, const struct ArrowSchema *found,
              struct ArrowSchema *out) {
  struct ArrowSchema taken = {.format = "+s"};
  if (!found->release)
    return sluice_schema_copy(&kept->schema, out);
  taken.children = calloc((size_t)found->n_children + 1, sizeof(struct ArrowSchema *));
  if (!taken.children)
    return SLUICE_ERR_MEMORY;
  for (int64_t i = 0; i < found->n_children; i++) {
    int64_t at = sluice_schema_find(&kept->schema, found->children[i]->name);
    if (at >= 0 || is_needed(kept, p, found->children[i]))
      taken.children[taken.n_children++] = at >= 0 ? kept->schema.children[at] : found->children[i];
  }
  int code = kept->whole ? schema_append(&kept->schema, &taken, out) : schema_append(&taken, &kept->schema, out);
  free(taken.children);
  return code;
}

int kept_fill(const struct kept *kept, const struct ArrowSchema *columns, struct ArrowSchema *out, int64_t *open) {
  struct ArrowSchema filled;
  int64_t n = 0;
  int code = sluice_schema_nested(&filled, "+s", "", 0, columns->n_children);
  if (code)
    return code;
  for (int64_t i = 0; i < columns->n_children && !code; i++) {
    const struct ArrowSchema *column = columns->children[i];
    int64_t at = column->format[0] ? -1 : sluice_schema_find(&kept->schema, column->name);
    const struct ArrowSchema *from = at >= 0 ? kept->schema.children[at] : column;
    n += !from->format[0];
    code = sluice_schema_copy(from, filled.children[i]);
  }
  if (code) {
    sluice_schema_release(&filled);
    return code;
  }
  sluice_schema_move(&filled, out);
  *open = n;
  return SLUICE_OK;
}
