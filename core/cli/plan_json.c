/* A dry run as JSON. core/plan/README.md documents each member. */
#include "core/cli/plan_print.h"
#include "core/cli/report.h"

/* NULL becomes null. */
static json_t *text_or_null(const char *text) {
  return text ? json_safe(text) : json_null();
}

static json_t *known_or_null(int64_t n) {
  return n >= 0 ? json_integer(n) : json_null();
}

const char *plan_code_name(int code) {
  static const char *const names[] = {"rejects", "config",    "auth",        "not_found", "changed", "data",
                                      "retry",   "cancelled", "unsupported", "memory",    "bug"};
  size_t i = (size_t)-code;
  return code <= 0 && i < sizeof names / sizeof *names ? names[i] : "failed";
}

static json_t *reasons_json(const struct plan *plan) {
  json_t *list = json_array();
  for (size_t i = 0; i < plan->n_reasons; i++)
    json_array_append_new(list, json_pack("{s:s, s:o}", "code", plan_code_name(plan->reasons[i].code), "message",
                                          json_safe(plan->reasons[i].text)));
  return list;
}

static json_t *access_json(const struct plan *plan) {
  json_t *list = json_array();
  for (size_t i = 0; i < plan->n_findings; i++) {
    const struct plan_finding *f = &plan->findings[i];
    const char *state = f->state > 0 ? "ok" : f->state == 0 ? "failed" : "unknown";
    json_array_append_new(list,
                          json_pack("{s:s, s:o, s:o, s:s, s:o, s:o}", "kind", f->kind, "type", json_safe(f->type),
                                    "name", text_or_null(f->name), "state", state, "what",
                                    text_or_null(f->what && f->what[0] ? f->what : NULL), "text", json_safe(f->text)));
  }
  return list;
}

static json_t *count_json(const struct plan_count *count) {
  return json_pack("{s:I, s:I}", "files", (json_int_t)count->files, "bytes", (json_int_t)count->bytes);
}

static json_t *streams_json(const struct plan_files *files) {
  json_t *list = json_array();
  for (size_t i = 0; i < files->n_streams; i++)
    json_array_append_new(list,
                          json_pack("{s:o, s:I, s:I, s:o}", "name", json_safe(files->streams[i].name), "files",
                                    (json_int_t)files->streams[i].files, "bytes", (json_int_t)files->streams[i].bytes,
                                    "note", text_or_null(files->streams[i].note)));
  return list;
}

static json_t *files_json(const struct plan_files *files) {
  static const char *const names[] = {"new",        "pending",   "changed", "failed_before",
                                      "read_again", "unchanged", "refused", "before_start"};
  if (!files->listed)
    return json_null();
  json_t *skipped = json_object();
  for (size_t i = 0; i < files->n_skips; i++)
    json_object_set_new(skipped, files->skips[i].reason, json_integer(files->skips[i].files));
  json_t *object = json_pack("{s:o, s:I, s:I, s:I, s:o, s:b}", "to_read", count_json(&files->read), "unknown_size",
                             (json_int_t)files->unknown_size, "gone", (json_int_t)files->gone, "skipped",
                             (json_int_t)files->skipped, "skipped_by_reason", skipped, "has_run", (int)files->ledger);
  if (object && files->streams)
    json_object_set_new(object, "streams", streams_json(files));
  for (size_t i = 0; object && i < PLAN_STATES; i++)
    json_object_set_new(object, names[i], count_json(&files->states[i]));
  return object;
}

static json_t *requests_json(const struct plan_cost *cost) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o}", "list", known_or_null(cost->lists), "read", known_or_null(cost->reads),
                   "send", known_or_null(cost->sends), "credentials", known_or_null(cost->credentials), "records",
                   known_or_null(cost->records));
}

static json_t *cost_json(const struct plan_cost *cost) {
  if (!cost->priced)
    return json_null();
  return json_pack("{s:o, s:f, s:f, s:f, s:f, s:f}", "currency", json_safe(cost->currency), "list", cost->list_cost,
                   "read", cost->read_cost, "transfer", cost->transfer_cost, "send", cost->send_cost, "total",
                   cost->total);
}

static json_t *part_json(const struct plan_part *part) {
  char modified[REPORT_TIME_SIZE];
  if (!part->name)
    return json_null();
  format_time(part->modified, modified);
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s}", "name", json_safe(part->name), "stream",
                   text_or_null(part->stream), "version", json_safe(part->version), "bytes", known_or_null(part->size),
                   "modified", text_or_null(part->modified == INT64_MIN ? NULL : modified), "state",
                   plan_state_name(part->state));
}

static json_t *schema_json(const struct plan_schema *schema) {
  static const char *const origins[] = {"none", "remembered", "inferred", "mapping"};
  json_t *columns = json_array();
  for (size_t i = 0; i < schema->n_columns; i++) {
    const struct plan_column *c = &schema->columns[i];
    json_array_append_new(columns, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name", text_or_null(c->name), "found",
                                             text_or_null(c->found), "wanted", text_or_null(c->wanted), "to",
                                             text_or_null(c->to), "note", text_or_null(c->note), "problem",
                                             text_or_null(c->problem)));
  }
  json_t *notes = json_array();
  for (size_t i = 0; i < schema->sight.n_notes; i++) {
    const struct sight_note *note = &schema->sight.notes[i];
    json_array_append_new(notes, json_pack("{s:o, s:o, s:o}", "file", json_safe(note->file), "column",
                                           text_or_null(note->column), "message", json_safe(note->text)));
  }
  return json_pack("{s:s, s:o, s:o}", "origin", origins[schema->origin], "columns", columns, "notes", notes);
}

static json_t *error_json(const struct plan_error *e, const char *file) {
  return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "code", e->code, "message", json_safe(e->message),
                   "file", text_or_null(file), "row", known_or_null(e->row), "offset", known_or_null(e->offset),
                   "column", text_or_null(e->column), "value", text_or_null(e->value), "record",
                   text_or_null(e->record));
}

static json_t *sample_json(const struct plan *plan) {
  const struct plan_sample *sample = &plan->sample;
  if (!sample->looked)
    return json_null();
  json_t *payloads = json_array(), *errors = json_array();
  for (size_t i = 0; i < sample->n_payloads; i++)
    json_array_append_new(payloads, json_safe(sample->payloads[i]));
  for (size_t i = 0; i < sample->n_errors; i++)
    json_array_append_new(errors, error_json(&sample->errors[i], plan->part.name));
  return json_pack("{s:I, s:b, s:b, s:I, s:I, s:o, s:o}", "records", (json_int_t)sample->records, "whole_file",
                   (int)sample->whole, "keys_cut", (int)sample->keys_cut, "rejected", (json_int_t)sample->rejected,
                   "filtered", (json_int_t)sample->filtered, "payloads", payloads, "errors", errors);
}

json_t *plan_print_json(const struct plan *plan) {
  return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "job", json_safe(plan->job->name), "sink",
                   text_or_null(plan->sink), "status", plan_passes(plan) ? "pass" : "fail", "reasons",
                   reasons_json(plan), "access", access_json(plan), "files", files_json(&plan->files), "requests",
                   requests_json(&plan->cost), "cost", cost_json(&plan->cost), "part", part_json(&plan->part), "schema",
                   schema_json(&plan->schema), "sample", sample_json(plan));
}
