/* Jobs: the host's own options, and the groups that plugins will be given. */
#include "core/config/job.h"
#include "core/base/quantity.h"
#include "core/config/evolution.h"
#include "core/config/mapping.h"
#include "core/config/run_end.h"
#include "core/config/streams.h"
#include "core/config/sync.h"
#include "core/config/timing.h"
#include "core/config/where.h"
#include <stdlib.h>

struct error_options {
  int32_t on_error;
  const char *max_rejects;
};
static const char *const answers[] = {"reject", "fail", NULL};
static const struct sluice_option error_items[] = {
    SLUICE_OPTION(struct error_options, on_error, SLUICE_OPTION_CHOICE, .choices = answers, .default_text = "reject",
                  .help = "What is done with a record that cannot go on."),
    SLUICE_OPTION(struct error_options, max_rejects, SLUICE_OPTION_TEXT, .flags = OPTIONS_ANY_SCALAR,
                  .help = "A run with more rejects fails: a count, or a percentage such as \"1%\"."),
};
static const struct sluice_options error_table = SLUICE_OPTIONS(struct error_options, error_items);

struct job_options {
  struct sluice_groups mapping;
  int32_t unmapped;
  const struct evolution_options *evolution;
  const char *where;
  const char *stream;
  struct sluice_groups streams;
  const struct sync_options *sync;
  const struct error_options *errors;
  const struct config_run_end *on_run_end;
  int64_t workers, memory, batch_rows, batch_bytes, split_bytes, checkpoint_bytes, checkpoint_every;
};
#define JOB_OPTION(field, kind, ...) SLUICE_OPTION(struct job_options, field, kind, __VA_ARGS__)
static const struct sluice_option job_items[] = {
    JOB_OPTION(mapping, SLUICE_OPTION_GROUPS, .group = &mapping_table, .help = "Columns: names, types, constants."),
    JOB_OPTION(unmapped, SLUICE_OPTION_CHOICE, .choices = mapping_unmapped, .default_text = "by_rules",
               .help = "Columns that no rule names: drop them, or keep them under their own names; by_rules drops them "
                       "where a rule brings a column."),
    JOB_OPTION(where, SLUICE_OPTION_TEXT,
               .help =
                   "Only records for which this is true, such as \"price > 10 and day >= '2024-01-01' and name is not "
                   "null\": comparisons of the file's columns, joined by `and`."),
    JOB_OPTION(evolution, SLUICE_OPTION_GROUP, .group = &evolution_table,
               .help = "Columns that are new, missing, or of another type."),
    JOB_OPTION(stream, SLUICE_OPTION_TEXT,
               .help = "Parts go to streams of their own, each with its schema and place in the sink: a name such as "
                       "\"{stem}\"; default: all go to one."),
    JOB_OPTION(
        streams, SLUICE_OPTION_GROUPS, .group = &streams_table,
        .help = "The same by rules: the first whose `match` is found decides; parts that none matches are not read."),
    JOB_OPTION(sync, SLUICE_OPTION_GROUP, .group = &sync_table, .help = "When and what to deliver."),
    JOB_OPTION(errors, SLUICE_OPTION_GROUP, .group = &error_table, .help = "Rejected records."),
    JOB_OPTION(on_run_end, SLUICE_OPTION_GROUP, .group = &run_end_table, .help = "Who is told how a run ended."),
    JOB_OPTION(workers, SLUICE_OPTION_INT, .default_text = "0", .min = 0, .max = 1024,
               .help = "Threads; 0: the cores."),
    JOB_OPTION(memory, SLUICE_OPTION_SIZE, .default_text = "64MiB", .min = 1 << 20, .max = INT64_C(1) << 40,
               .help = "Bytes that files in work may hold in read-ahead and batches; workers wait for their share."),
    JOB_OPTION(batch_rows, SLUICE_OPTION_INT, .default_text = "10000", .min = 1, .max = 10000000,
               .help = "Records of a batch."),
    JOB_OPTION(batch_bytes, SLUICE_OPTION_SIZE, .default_text = "8MiB", .min = 1 << 10, .max = INT64_C(1) << 30,
               .help = "Bytes of a batch."),
    JOB_OPTION(split_bytes, SLUICE_OPTION_SIZE, .default_text = "64MiB", .min = 0, .max = INT64_C(1) << 40,
               .help = "Pieces of about this size are read by several workers, where the format can cut a file; 0: "
                       "files stay whole."),
    JOB_OPTION(checkpoint_bytes, SLUICE_OPTION_SIZE, .default_text = "64MiB", .min = 1, .max = INT64_C(1) << 40,
               .help = "A checkpoint after so many bytes."),
    JOB_OPTION(checkpoint_every, SLUICE_OPTION_DURATION, .default_text = "5s", .min = 1, .max = 86400000,
               .help = "A checkpoint after so long."),
};
static const struct sluice_options job_table = SLUICE_OPTIONS(struct job_options, job_items);
static const char *const also_known[] = {"source", "format", "transforms", "sink", NULL};

int job_check_name(const struct config_value *named, struct sluice_error *err) {
  static const char letters[] = "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  size_t n = strlen(named->name);
  if (n <= 64 && strspn(named->name, letters) == n)
    return SLUICE_OK;
  return config_value_fail(named, err, SLUICE_ERR_CONFIG,
                           "a name has at most 64 letters, digits, \"-\" and \"_\", not '%.64s'", named->name);
}

int job_check_component(const struct config_value *value, struct sluice_error *err) {
  if (value->kind != CONFIG_GROUP)
    return config_value_fail(value, err, SLUICE_ERR_CONFIG, "this must be a group such as { type = \"...\"; }, not %s",
                             config_kind_name(value->kind));
  if (config_value_member(value, "type"))
    return SLUICE_OK;
  return config_value_fail(value, err, SLUICE_ERR_CONFIG,
                           "the group needs a text `type`, the name of a plugin: `sluice plugins` lists them");
}

static int set_source(struct job *job, struct sluice_error *err) {
  const struct config_value *group = job->config.group, *source = config_value_find(group, "source");
  if (!source)
    return config_value_fail(group, err, SLUICE_ERR_CONFIG, "the job has no source: add source = { type = ...; }");
  job->config.source = source;
  return job_check_component(source, err);
}

static int make_auto_format(struct job *job, struct sluice_error *err) {
  const struct config_value *group = job->config.group;
  job->auto_format = config_value_create(CONFIG_GROUP, "format", group->file, group->line);
  if (job->auto_format && config_value_add_text(job->auto_format, "type", "auto") == SLUICE_OK)
    return SLUICE_OK;
  return config_value_fail(group, err, SLUICE_ERR_MEMORY, "no memory for the job");
}

static int set_format(struct job *job, struct sluice_error *err) {
  const struct config_value *format = config_value_find(job->config.group, "format");
  int status = format ? job_check_component(format, err) : make_auto_format(job, err);
  job->config.format = format ? format : job->auto_format;
  return status;
}

static int set_transforms(struct job *job, struct sluice_error *err) {
  const struct config_value *list = config_value_find(job->config.group, "transforms");
  if (!list)
    return SLUICE_OK;
  if (list->kind != CONFIG_LIST && (list->kind != CONFIG_ARRAY || list->count))
    return config_value_fail(list, err, SLUICE_ERR_CONFIG, "this must be a list ( { type = \"...\"; } ), not %s",
                             config_kind_name(list->kind));
  job->transforms = calloc(list->count + 1, sizeof *job->transforms);
  if (!job->transforms)
    return config_value_fail(list, err, SLUICE_ERR_MEMORY, "no memory for the job");
  for (size_t i = 0; i < list->count; i++) {
    int status = job_check_component(list->items[i], err);
    if (status != SLUICE_OK)
      return status;
    job->transforms[i] = list->items[i];
  }
  job->config.transforms = job->transforms;
  job->config.transform_count = list->count;
  return SLUICE_OK;
}

static int set_max_rejects(struct job *job, const char *text, struct sluice_error *err) {
  struct config_job *config = &job->config;
  if (!text || quantity_percent(text, &config->max_reject_fraction))
    return SLUICE_OK;
  if (quantity_int(text, &config->max_rejects) && config->max_rejects >= 0)
    return SLUICE_OK;
  const struct config_value *errors = config_value_find(config->group, "errors");
  return config_value_fail(config_value_find(errors, "max_rejects"), err, SLUICE_ERR_CONFIG,
                           "'%s' is neither a count such as 100 nor a percentage such as \"1%%\"", text);
}

static int set_options(struct job *job, struct sluice_error *err) {
  static const struct error_options no_errors = {0};
  struct config_job *config = &job->config;
  int status = options_bind(&job_table, config->group, also_known, &job->bound, err);
  if (status != SLUICE_OK)
    return status;
  const struct job_options *options = options_config(job->bound);
  const struct error_options *errors = options->errors ? options->errors : &no_errors;
  config->on_error = (enum config_on_error)errors->on_error;
  config->workers = options->workers;
  config->memory = options->memory;
  config->batch_rows = options->batch_rows;
  config->batch_bytes = options->batch_bytes;
  config->split_bytes = options->split_bytes;
  config->checkpoint_bytes = options->checkpoint_bytes;
  config->checkpoint_ms = options->checkpoint_every;
  config->run_end = options->on_run_end;
  status = sync_set(options->sync, config->group, &config->sync, err);
  if (status == SLUICE_OK)
    status = timing_check(&config->sync, config->group, err);
  if (status == SLUICE_OK && config->run_end)
    status = run_end_check(config->run_end, config->group, err);
  if (status == SLUICE_OK)
    status = streams_set(options->stream, &options->streams, config->group, &job->streams, err);
  config->streams = job->streams;
  if (status == SLUICE_OK)
    status = mapping_set(&options->mapping, (enum config_unmapped)options->unmapped, config->group, config, err);
  if (status == SLUICE_OK)
    status = evolution_set(options->evolution, config->keep_unmapped, config->group, &config->evolution, err);
  return status == SLUICE_OK ? set_max_rejects(job, errors->max_rejects, err) : status;
}

static int set_where(struct job *job, struct sluice_error *err) {
  const struct job_options *options = options_config(job->bound);
  struct sluice_error why = {0};
  if (!options->where)
    return SLUICE_OK;
  int status = where_parse(options->where, &job->where, &why);
  job->config.where = where_tests(job->where);
  job->config.where_value = config_value_find(job->config.group, "where");
  return status ? config_value_fail(job->config.where_value, err, status, "%s", why.message) : status;
}

int job_init(struct job *job, const struct config_value *group, struct sluice_error *err) {
  *job = (struct job){.config = {.name = group->name, .group = group, .max_rejects = -1, .max_reject_fraction = -1}};
  int status = job_check_name(group, err);
  if (status == SLUICE_OK)
    status = set_options(job, err);
  if (status == SLUICE_OK)
    status = set_where(job, err);
  if (status == SLUICE_OK)
    status = set_source(job, err);
  if (status == SLUICE_OK)
    status = set_format(job, err);
  return status == SLUICE_OK ? set_transforms(job, err) : status;
}

void job_finish(struct job *job) {
  where_destroy(job->where);
  naming_destroy(job->streams);
  options_release(job->bound);
  config_value_destroy(job->auto_format);
  free(job->transforms);
}
