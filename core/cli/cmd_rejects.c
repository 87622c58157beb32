/* `rejects`: records that were refused, why, and what to do. */
#include "core/base/text.h"
#include "core/cli/view.h"
#include "core/ledger/rejects.h"
#include "core/log/log.h"
#include "core/plan/value.h"
#include <inttypes.h>
#include <stdlib.h>

enum { LIMIT = 100, VALUE_MAX = 64, GROUPS_MAX = 1000 };

struct group { /* rejects that are alike */
  char *sink, *stage, *column, *reason;
  int64_t count;
};
struct rejects {
  const char *sink, *part, *stage, *reason;
  int64_t limit, found;
  bool json, count;
  const struct view *view;
  struct group groups[GROUPS_MAX];
  size_t n_groups;
  int64_t others; /* in no group */
};

/* ---- one reject ---- */

static const char *text_of(const json_t *line, const char *name) {
  const char *text = json_string_value(json_object_get(line, name));
  return text ? text : "";
}

/* "job/sink/stream" has the sink's name in the middle, without a "/" in it. */
static void sink_of(const json_t *line, char out[128]) {
  const char *delivery = text_of(line, "delivery"), *begin = strchr(delivery, '/');
  size_t n = begin ? strcspn(begin + 1, "/") : 0;
  snprintf(out, 128, "%.*s", (int)(n < 127 ? n : 127), begin ? begin + 1 : "");
}

static bool is_wanted(const struct rejects *r, const json_t *line) {
  char sink[128];
  sink_of(line, sink);
  return (!r->sink || strcmp(r->sink, sink) == 0) && view_matches(r->part, text_of(line, "part")) &&
         (!r->stage || strcmp(r->stage, text_of(line, "stage")) == 0) &&
         (!r->reason || strcasestr(text_of(line, "reason"), r->reason));
}

/* At most VALUE_MAX bytes, whole characters. */
static int add_cut(struct text *out, const char *text, size_t n) {
  bool whole = n <= VALUE_MAX;
  n = whole ? n : VALUE_MAX;
  while (!whole && n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
    n--;
  int code = text_append(out, text, n);
  return code || whole ? code : text_add(out, "...");
}

/* The column's value, which can be told where the record is JSON; else nothing. */
static int value_of(const json_t *line, struct text *out) {
  const char *raw = json_string_value(json_object_get(line, "raw")), *column = text_of(line, "column");
  char *json = raw && column[0] ? value_in_record(raw, strlen(raw), column) : NULL;
  int code = json ? add_cut(out, json, strlen(json)) : SLUICE_OK;
  free(json);
  return code;
}

/* The value, else the record as it stands in the file; nothing where neither is known. */
static void print_what(const json_t *line) {
  struct text text = {0};
  const char *raw = json_string_value(json_object_get(line, "raw"));
  int code = value_of(line, &text);
  bool value = text.size > 0;
  if (!code && !value && raw)
    code = add_cut(&text, raw, strlen(raw));
  if (!code && text.size) {
    fputs(value ? "\n    value: " : "\n    record: ", stdout);
    view_print(stdout, text_get(&text));
  }
  text_finish(&text);
}

/* What no retry reaches. */
static const char undone_advice[] = "mend the mapping, the format's options or the file, and run";

static const char *advice(const char *stage, bool column) {
  if (strcmp(stage, "decode") == 0)
    return column ? "map the column to a type that takes the value, then `sluice retry`; or mend the file and run"
                  : "check the format's options, then `sluice retry`; or mend the file and run";
  if (strcmp(stage, "map") == 0)
    return "mend the column's rule in the mapping (type, default, required), then `sluice retry`";
  if (strcmp(stage, "transform") == 0)
    return "mend the transform's options or the mapping, then `sluice retry`";
  if (strcmp(stage, "key") == 0)
    return "mend sync.key or the mapping, then `sluice retry`; or mend the file and run";
  return "mend it at the destination or in the mapping, then `sluice retry`";
}

static void print_reject(const struct rejects *r, const json_t *line, bool undone) {
  char sink[128];
  const char *column = text_of(line, "column"), *stage = text_of(line, "stage");
  sink_of(line, sink);
  fputs("  ", stdout);
  view_print(stdout, text_of(line, "part"));
  printf(", row %" PRId64, (int64_t)json_integer_value(json_object_get(line, "row")));
  if (json_object_get(line, "piece"))
    printf(" behind byte %" PRId64, (int64_t)json_integer_value(json_object_get(line, "piece")));
  if (column[0]) {
    fputs(", column ", stdout);
    view_print(stdout, column);
  }
  printf(" (%s to ", r->view->job->name);
  view_print(stdout, sink);
  fputs(", ", stdout);
  view_print(stdout, stage);
  fputs(")\n    ", stdout);
  view_print(stdout, text_of(line, "reason"));
  print_what(line);
  if (undone)
    fputs("\n    its run failed: the next one reads the record again", stdout);
  printf("\n    do: %s\n    id: ", undone ? undone_advice : advice(stage, column[0]));
  view_print(stdout, text_of(line, "id"));
  printf(", attempts: %" PRId64 "\n", (int64_t)json_integer_value(json_object_get(line, "attempts")));
}

/* The reject as it stands in the file, with the job, the value and the advice. */
static int print_reject_json(const struct rejects *r, json_t *line, bool undone, struct sluice_error *err) {
  struct text value = {0};
  int code = value_of(line, &value);
  int failed = json_object_set_new(line, "job", json_string(r->view->job->name));
  failed |= json_object_set_new(line, "undone", json_boolean(undone));
  failed |= json_object_set_new(line, "value", value.size ? json_safe(text_get(&value)) : json_null());
  const char *what = undone ? undone_advice : advice(text_of(line, "stage"), text_of(line, "column")[0] != 0);
  failed |= json_object_set_new(line, "do", json_string(what));
  char *json = code || failed ? NULL : json_dumps(line, JSON_COMPACT);
  if (json) {
    log_redact(json);
    puts(json);
  }
  code = json ? SLUICE_OK : SLUICE_ERR_MEMORY;
  free(json);
  text_finish(&value);
  return sluice_fail(err, code, r->view->job->name, "no memory");
}

/* ---- by reason ---- */

/* Reasons often begin with the value: without it those that are alike are the same. */
static char *general(const char *reason) {
  struct text out = {0};
  const char *end = reason[0] == '"' ? strstr(reason + 1, "\" ") : NULL;
  int code = end ? text_printf(&out, "\"...\" %s", end + 2) : text_add(&out, reason);
  char *copy = code ? NULL : strdup(text_get(&out));
  text_finish(&out);
  return copy;
}

static void group_finish(struct group *g) {
  free(g->sink);
  free(g->stage);
  free(g->column);
  free(g->reason);
}

static bool same_group(const struct group *a, const struct group *b) {
  return strcmp(a->reason, b->reason) == 0 && strcmp(a->column, b->column) == 0 && strcmp(a->stage, b->stage) == 0 &&
         strcmp(a->sink, b->sink) == 0;
}

static int count_reject(struct rejects *r, const json_t *line, struct sluice_error *err) {
  char sink[128];
  sink_of(line, sink);
  struct group g = {strdup(sink), strdup(text_of(line, "stage")), strdup(text_of(line, "column")),
                    general(text_of(line, "reason")), 1};
  size_t i = 0;
  bool made = g.sink && g.stage && g.column && g.reason;
  while (made && i < r->n_groups && !same_group(&r->groups[i], &g))
    i++;
  if (made && i == r->n_groups && i < GROUPS_MAX) {
    r->groups[r->n_groups++] = g;
    return SLUICE_OK;
  }
  if (made && i < r->n_groups)
    r->groups[i].count++;
  else
    r->others++;
  group_finish(&g);
  return made ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, r->view->job->name, "no memory");
}

static int by_count(const void *a, const void *b) {
  const struct group *one = a, *other = b;
  return (one->count < other->count) - (one->count > other->count);
}

static void print_group(const struct group *g) {
  printf("  %8" PRId64 "  ", g->count);
  view_print(stdout, g->stage);
  fputs(g->column[0] ? ", column " : "", stdout);
  view_print(stdout, g->column);
  fputs(", to ", stdout);
  view_print(stdout, g->sink);
  fputs(": ", stdout);
  view_print(stdout, g->reason);
  printf("\n            do: %s\n", advice(g->stage, g->column[0]));
}

static json_t *group_json(const struct group *g) {
  return json_pack("{s:I, s:o, s:o, s:o, s:o, s:s}", "count", (json_int_t)g->count, "sink", view_json(g->sink), "stage",
                   view_json(g->stage), "column", g->column[0] ? view_json(g->column) : json_null(), "reason",
                   view_json(g->reason), "do", advice(g->stage, g->column[0]));
}

static void print_groups(struct rejects *r) {
  json_t *groups = r->json ? json_array() : NULL;
  qsort(r->groups, r->n_groups, sizeof *r->groups, by_count);
  for (size_t i = 0; i < r->n_groups; i++)
    if (r->json)
      json_array_append_new(groups, group_json(&r->groups[i]));
    else
      print_group(&r->groups[i]);
  if (r->json)
    print_json(stdout,
               json_pack("{s:s, s:I, s:o, s:I}", "job", r->view->job->name, "rejects", (json_int_t)r->found, "reasons",
                         groups, "others", (json_int_t)r->others),
               false);
  else if (r->others)
    printf("  %8" PRId64 "  for other reasons\n", r->others);
}

/* ---- a job ---- */

static int take(struct rejects *r, json_t *line, bool undone, struct sluice_error *err) {
  if (!is_wanted(r, line))
    return SLUICE_OK;
  r->found++;
  if (r->count)
    return count_reject(r, line, err);
  if (r->found > r->limit)
    return SLUICE_OK;
  if (r->json)
    return print_reject_json(r, line, undone, err);
  print_reject(r, line, undone);
  return SLUICE_OK;
}

static int on_line(void *context, const char *text, size_t n, const struct ledger_line *place,
                   struct sluice_error *err) {
  json_t *line = json_loadb(text, n, 0, NULL);
  int code = json_is_object(line) ? take(context, line, place->undone, err) : SLUICE_OK; /* else a person wrote it */
  json_decref(line);
  return code;
}

static void print_end(struct rejects *r) {
  if (r->count)
    print_groups(r);
  else if (!r->json && r->found > r->limit)
    printf("  and %" PRId64 " more: --limit, or --count for the reasons\n", r->found - r->limit);
  if (!r->json)
    printf("%s: %" PRId64 " rejected record%s\n", r->view->job->name, r->found, r->found == 1 ? "" : "s");
}

static int show_job(const struct view *view, struct sluice_error *err) {
  struct rejects *r = view->context;
  r->view = view;
  r->found = r->others = 0;
  int code = ledger_read_rejects(config_ledger(view->config), view->job->name, on_line, r, err);
  if (code == SLUICE_ERR_NOT_FOUND) { /* no run yet */
    memset(err, 0, sizeof *err);
    code = SLUICE_OK;
  }
  if (code == SLUICE_OK)
    print_end(r);
  for (size_t i = 0; i < r->n_groups; i++)
    group_finish(&r->groups[i]);
  r->n_groups = 0;
  return code;
}

static enum exit_status run_rejects(const struct cli *cli) {
  const struct args *args = &cli->args;
  struct sluice_error err = {0};
  struct rejects *r = calloc(1, sizeof *r);
  if (!r)
    return report_error(cli, NULL, SLUICE_ERR_MEMORY, &err);
  r->sink = args_value(args, "sink");
  r->part = args_value(args, "part");
  r->stage = args_value(args, "stage");
  r->reason = args_value(args, "reason");
  r->json = args_has(args, "json");
  r->count = args_has(args, "count");
  r->limit = r->json ? INT64_MAX : LIMIT;
  enum exit_status status = args_count(args, "limit", &r->limit, &err) == SLUICE_OK
                                ? view_jobs(cli, show_job, r)
                                : report_usage(cli, "%s", err.message);
  free(r);
  return status;
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"job", 0, "NAME", "Only this job. May be repeated."},
    {"sink", 0, "NAME", "Only what was on its way to this sink."},
    {"part", 0, "GLOB", "Only of these files: the whole name, or a pattern of * ? [...], in which * also passes /."},
    {"stage", 0, "STAGE", "Only what was refused there: decode, map, transform, key or deliver."},
    {"reason", 0, "TEXT", "Only where the reason has this text in it, in capitals or not."},
    {"limit", 0, "N", "Show at most so many of each job; 100 without it, with --json all."},
    {"count", 0, NULL, "Show how many there are for each reason, in place of the records."},
    {"json", 0, NULL, "Print a JSON object a record; with --count one a job."},
};
const struct command rejects_command = {
    .name = "rejects",
    .words = "CONFIG",
    .summary = "Show rejected records: file, row, column, value, why, and what to do.",
    .details =
        "Rows count from 0, without a header. It reads the ledger only, also while a run is at work.\n\n"
        "Examples:\n  sluice rejects job.conf --count\n  sluice rejects job.conf --job clicks --stage map --limit 5\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_rejects,
};
