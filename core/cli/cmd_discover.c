/* `discover`: which columns a source offers, as a catalog with JSON Schema. */
#include "core/cli/place.h"
#include "core/cli/report.h"
#include "core/cli/signals.h"
#include "core/log/log.h"
#include "core/plan/catalog.h"
#include "core/plan/json_schema.h"

enum { BATCH_ROWS = 8192, BATCH_BYTES = 8 << 20 };

struct discovery {
  const struct cli *cli;
  struct registry *registry;
  const struct stop *stop;
  json_t *streams; /* with --json; NULL: text */
  bool more;       /* not all streams are in it */
};

/* ---- showing ---- */

static json_t *columns_json(const struct ArrowSchema *schema) {
  json_t *columns = json_array();
  for (int64_t i = 0; schema->release && i < schema->n_children; i++) {
    const struct ArrowSchema *column = schema->children[i];
    char type[96];
    sluice_type_name((column->dictionary ? column->dictionary : column)->format, type, sizeof type);
    json_array_append_new(columns, json_pack("{s:o, s:s, s:b}", "name", json_safe(column->name), "type", type,
                                             "nullable", (column->flags & ARROW_FLAG_NULLABLE) != 0));
  }
  return columns;
}

static json_t *schema_json(const struct ArrowSchema *schema) {
  return schema->release ? json_schema_of(schema) : json_pack("{s:s, s:{}}", "type", "object", "properties");
}

static json_t *notes_json(const struct sight *sight) {
  json_t *notes = json_array();
  for (size_t i = 0; i < sight->n_notes; i++) {
    const struct sight_note *note = &sight->notes[i];
    json_array_append_new(notes, json_pack("{s:o, s:o, s:o}", "file", json_safe(note->file), "column",
                                           note->column ? json_safe(note->column) : json_null(), "message",
                                           json_safe(note->text)));
  }
  return notes;
}

static json_t *stream_json(const char *job, const char *name, const struct catalog_stream *stream) {
  return json_pack("{s:o, s:o, s:s, s:o, s:o, s:[s, s], s:b, s:[], s:[], s:o}", "name", json_safe(name), "job",
                   job ? json_safe(job) : json_null(), "action", "fetch", "json_schema",
                   schema_json(&stream->sight.schema), "columns", columns_json(&stream->sight.schema),
                   "supported_sync_modes", "incremental", "full_refresh", "source_defined_cursor", 0,
                   "default_cursor_field", "source_defined_primary_key", "notes", notes_json(&stream->sight));
}

static void print_notes(const struct sight *sight) {
  for (size_t i = 0; i < sight->n_notes; i++) {
    const struct sight_note *note = &sight->notes[i];
    fputs(note->column ? "  note: column " : "  note: not read: ", stdout);
    print_safe(stdout, note->column ? note->column : note->file);
    fputs(": ", stdout);
    print_safe(stdout, note->text);
    fputs("\n", stdout);
  }
  if (sight->untold)
    printf("  and %lld more notes\n", (long long)sight->untold);
}

static void print_stream(const char *name, const struct catalog_stream *stream) {
  print_safe(stdout, name);
  fputs(stream->sight.schema.release ? "\n" : ": no file has a column\n", stdout);
  for (int64_t i = 0; stream->sight.schema.release && i < stream->sight.schema.n_children; i++) {
    const struct ArrowSchema *column = stream->sight.schema.children[i];
    char type[96];
    sluice_type_name((column->dictionary ? column->dictionary : column)->format, type, sizeof type);
    fputs("  ", stdout);
    print_safe(stdout, column->name);
    printf(": %s\n", type);
  }
  print_notes(&stream->sight);
}

/* job NULL: it is of a URI. */
static int show(struct discovery *d, const char *job, const char *name, const struct catalog_stream *stream,
                struct sluice_error *err) {
  if (!d->streams) {
    print_stream(name, stream);
    return SLUICE_OK;
  }
  json_t *json = stream_json(job, name, stream);
  if (json && json_array_append_new(d->streams, json) == 0)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_DATA, name, "its columns have no JSON form, or there is no memory for it");
}

/* ---- looking ---- */

static int look_at_one(struct discovery *d, struct pipeline *pipeline, const char *job, struct sluice_error *err) {
  struct catalog_stream stream = {0};
  int code = catalog_look(pipeline, d->stop, &stream, err);
  if (code == SLUICE_OK)
    code = show(d, job, pipeline->job->name, &stream, err);
  catalog_stream_finish(&stream);
  return code;
}

struct showing {
  struct discovery *d;
  const char *job;
};
static int show_stream(void *context, const char *name, const struct catalog_stream *stream, struct sluice_error *err) {
  const struct showing *showing = context;
  return show(showing->d, showing->job, name, stream, err);
}

/* A catalog that is not whole is shown, and said to be so. */
static int look_at_streams(struct discovery *d, struct pipeline *pipeline, struct sluice_error *err) {
  struct showing showing = {d, pipeline->job->name};
  struct catalog_rest rest;
  int code = catalog_look_streams(pipeline, d->stop, show_stream, &showing, &rest, err);
  if (code)
    return code;
  d->more = d->more || rest.more;
  if (rest.more)
    log_write(SLUICE_WARN, pipeline->job->name, "there are more streams; the catalog has the first %d",
              CATALOG_STREAMS_MAX);
  if (rest.refused == 0)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_CONFIG, rest.first.where, "%lld file%s can be of no stream, first %.200s: %s",
                     (long long)rest.refused, rest.refused == 1 ? "" : "s", rest.first.where, rest.first.message);
}

/* What is open is closed in any case. job NULL: a URI. */
static enum exit_status look(struct discovery *d, struct pipeline *pipeline, const char *job, int code,
                             struct sluice_error *err) {
  const char *name = pipeline->job->name;
  if (code == SLUICE_OK)
    code = pipeline->job->streams ? look_at_streams(d, pipeline, err) : look_at_one(d, pipeline, job, err);
  pipeline_close(pipeline);
  return code == SLUICE_OK ? STATUS_DONE : report_error(d->cli, name, code, err);
}

static enum exit_status discover_job(struct discovery *d, const struct config_job *job) {
  struct component_names names = {job->name, "", "", NULL};
  struct sluice_error err = {0};
  struct pipeline pipeline = {.job = job, .stop = d->stop};
  int code = component_open(d->registry, SLUICE_SOURCE, job->source, names, d->stop, &pipeline.source, &err);
  if (code == SLUICE_OK)
    code = formats_create(d->registry, job->format, names, d->stop, &pipeline.formats, &err);
  return look(d, &pipeline, job->name, code, &err);
}

static int open_auto_format(struct discovery *d, struct formats **out, struct sluice_error *err) {
  static const struct component_names nobody = {"", "", "", NULL};
  struct config_value *group = config_value_create(CONFIG_GROUP, NULL, "", 0);
  int code = group ? config_value_add_text(group, "type", "auto") : SLUICE_ERR_MEMORY;
  if (code == SLUICE_OK)
    code = formats_create(d->registry, group, nobody, d->stop, out, err);
  config_value_destroy(group);
  return sluice_fail(err, code, NULL, "no memory for the format");
}

static enum exit_status discover_place(struct discovery *d, const char *place) {
  struct config_job job = {.name = place, .batch_rows = BATCH_ROWS, .batch_bytes = BATCH_BYTES};
  struct sluice_error err = {0};
  struct pipeline pipeline = {.job = &job, .stop = d->stop};
  int code = place_open(d->cli, d->registry, place, d->stop, &pipeline.source, &err);
  if (code == SLUICE_OK)
    code = open_auto_format(d, &pipeline.formats, &err);
  return look(d, &pipeline, NULL, code, &err);
}

static enum exit_status discover_jobs(struct discovery *d, const struct config *config) {
  enum exit_status status = STATUS_DONE;
  for (size_t i = 0; i < config_job_count(config) && !stop_at(d->stop, STOP_DRAIN); i++) {
    const struct config_job *job = config_job_at(config, i);
    if (cli_wants_job(d->cli, job))
      status = exit_worst(status, discover_job(d, job));
  }
  return stop_at(d->stop, STOP_DRAIN) ? STATUS_INTERRUPTED : status;
}

/* Other commands take the path of a data file, so that it may well be given here. */
static enum exit_status report_config(const struct discovery *d, const struct sluice_error *err) {
  enum exit_status status = report_error(d->cli, NULL, SLUICE_ERR_CONFIG, err);
  const char *word = d->cli->args.word_count ? d->cli->args.words[0] : "";
  const char *ending = strrchr(word, '.');
  if (word[0] && (!ending || strcmp(ending, ".conf") != 0))
    report_note(d->cli, "that is how a configuration is read; files are given by a URI, such as file:///data/a.csv");
  return status;
}

static enum exit_status discover_config(struct discovery *d) {
  struct sluice_error err = {0};
  struct config *config = NULL;
  int code = cli_config(d->cli, &config, &err);
  if (code == SLUICE_ERR_CONFIG)
    return report_config(d, &err);
  if (code == SLUICE_OK)
    code = cli_check_jobs(d->cli, config, &err);
  if (code == SLUICE_OK)
    code = cli_registry(d->cli, config, &d->registry, &err);
  enum exit_status status = code == SLUICE_OK ? discover_jobs(d, config) : report_error(d->cli, NULL, code, &err);
  registry_destroy(d->registry);
  config_unload(config);
  return status;
}

static enum exit_status discover_uri(struct discovery *d, const char *place) {
  struct sluice_error err = {0};
  int code = cli_registry(d->cli, NULL, &d->registry, &err);
  enum exit_status status = code == SLUICE_OK ? discover_place(d, place) : report_error(d->cli, NULL, code, &err);
  registry_destroy(d->registry);
  return status;
}

static enum exit_status run_discover(const struct cli *cli) {
  struct sluice_error err = {0};
  struct stop stop;
  struct discovery d = {.cli = cli, .stop = &stop};
  const char *word = cli->args.word_count ? cli->args.words[0] : NULL;
  int code = stop_init(&stop);
  if (code != SLUICE_OK)
    return report_error(cli, NULL, code, &err);
  d.streams = args_has(&cli->args, "json") ? json_array() : NULL;
  signals_install(&stop, STOP_NOW);
  enum exit_status status = word && place_scheme(word) ? discover_uri(&d, word) : discover_config(&d);
  if (d.streams)
    print_json(stdout, json_pack("{s:O, s:b}", "streams", d.streams, "more", (int)d.more), true);
  signals_remove();
  stop_finish(&stop);
  json_decref(d.streams);
  return status;
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"job", 0, "NAME", "Only this job. May be repeated."},
    {"option", 'o', "key=value", "With a URI: an option of the source, such as region=eu-west-3. May be repeated."},
    {"json", 0, NULL, "Print one JSON document."},
};
const struct command discover_command = {
    .name = "discover",
    .words = "CONFIG|URI",
    .summary = "Show the columns that sources offer: a catalog with JSON Schema.",
    .details =
        "A job is a stream, or has several by its `stream` or `streams`; a URI such as s3://bucket/data/ is one. The "
        "columns are those of the first files,\n"
        "before any mapping. Nothing is written, and no sink is asked.\n\n"
        "Examples:\n  sluice discover job.conf --json\n  sluice discover s3://bucket/data/ -o region=eu-west-3\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_discover,
};
