/* `inspect`: what files hold besides their records, as their format tells it. */
#include "core/base/text.h"
#include "core/cli/format_choice.h"
#include "core/cli/inspect_text.h"
#include "core/cli/place.h"
#include "core/cli/report.h"
#include "core/cli/signals.h"
#include "core/run/pipeline.h"

enum { TOLD_MAX = 256 << 20 };

struct inspecting {
  const struct cli *cli;
  const struct stop *stop;
  struct pipeline pipeline;
  int64_t parts, failed;
};

static int put(struct sluice_text_out *out, const char *bytes, size_t n, struct sluice_error *err) {
  return sluice_fail(err, text_append(out->private_data, bytes, n), "inspect", "it tells more than %d MiB",
                     TOLD_MAX >> 20);
}

/* Part and format come first, then what the format tells. */
static int make_document(const struct sluice_part *part, const char *format, const struct text *told, json_t **out,
                         struct sluice_error *err) {
  json_t *own = json_loadb(text_get(told), told->size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
  if (!json_is_object(own)) {
    json_decref(own);
    return sluice_fail(err, SLUICE_ERR_BUG, part->name, "the format %s did not tell it as a JSON object", format);
  }
  json_t *all = json_pack("{s:o, s:s}", "part", json_safe(part->name), "format", format);
  if (all && part->size >= 0)
    json_object_set_new(all, "bytes", json_integer(part->size));
  if (all && json_object_update_missing(all, own) == 0)
    *out = all;
  json_decref(own);
  return all ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, part->name, "no memory");
}

static void print_document(const struct cli *cli, json_t *document) {
  if (args_has(&cli->args, "json")) {
    print_json(stdout, document, false);
    return;
  }
  print_safe(stdout, json_string_value(json_object_get(document, "part")));
  fputc('\n', stdout);
  json_object_del(document, "part");
  inspect_print(stdout, document);
  json_decref(document);
}

static int inspect_part(struct inspecting *i, const struct sluice_part *part, struct sluice_error *err) {
  struct text told = {.limit = TOLD_MAX};
  struct sluice_text_out out = {put, &told};
  struct pipeline_part opened = {0};
  const char *format = NULL;
  json_t *document = NULL;
  int code = pipeline_open_part(&i->pipeline, part, NULL, &opened, err);
  if (code == SLUICE_OK)
    code = pipeline_inspect(&i->pipeline, &opened, &out, &format, err);
  if (code == SLUICE_OK)
    code = make_document(part, format, &told, &document, err);
  pipeline_part_release(&opened);
  text_finish(&told);
  if (code == SLUICE_OK)
    print_document(i->cli, document);
  return code;
}

/* What is wrong with one file is no reason not to show the next. */
static bool is_of_file(int code) {
  return code == SLUICE_ERR_DATA || code == SLUICE_ERR_UNSUPPORTED || code == SLUICE_ERR_NOT_FOUND ||
         code == SLUICE_ERR_CHANGED;
}

static int inspect_all(struct inspecting *i, enum exit_status *status, struct sluice_error *err) {
  const struct component *source = &i->pipeline.source;
  int code = source->loaded->source.list(source->self, NULL, err);
  while (code == SLUICE_OK) {
    struct sluice_part part = {.struct_size = sizeof part, .size = -1, .modified = INT64_MIN};
    struct sluice_error why = {0};
    if (stop_at(i->stop, STOP_DRAIN))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "interrupted");
    code = source->loaded->source.next_part(source->self, &part, err);
    if (code != SLUICE_OK || part.skip)
      continue;
    i->parts++;
    int one = inspect_part(i, &part, &why);
    if (one != SLUICE_OK && !is_of_file(one)) {
      *err = why;
      return one;
    }
    if (one != SLUICE_OK)
      *status = report_error(i->cli, NULL, one, &why);
  }
  return code == SLUICE_END ? SLUICE_OK : code;
}

static enum exit_status inspect_with(struct inspecting *i) {
  struct sluice_error err = {0};
  struct registry *registry = NULL;
  enum exit_status status = STATUS_DONE;
  const char *place = i->cli->args.words[0];
  int code = cli_registry(i->cli, NULL, &registry, &err);
  if (code == SLUICE_OK)
    code = place_open(i->cli, registry, place, i->stop, &i->pipeline.source, &err);
  if (code == SLUICE_OK)
    code = format_choice_open(i->cli, registry, i->stop, &i->pipeline.formats, &err);
  if (code == SLUICE_OK)
    code = inspect_all(i, &status, &err);
  if (code == SLUICE_OK && i->parts == 0)
    code = sluice_fail(&err, SLUICE_ERR_NOT_FOUND, NULL,
                       "there is nothing to read at '%s'; `sluice ls` shows what is there", place);
  if (code != SLUICE_OK)
    status = report_error(i->cli, NULL, code, &err);
  pipeline_close(&i->pipeline);
  registry_destroy(registry);
  return status;
}

static enum exit_status run_inspect(const struct cli *cli) {
  struct sluice_error err = {0};
  struct stop stop;
  struct inspecting inspecting = {.cli = cli, .stop = &stop};
  int code = stop_init(&stop);
  if (code != SLUICE_OK)
    return report_error(cli, NULL, code, &err);
  signals_install(&stop, STOP_NOW);
  enum exit_status status = inspect_with(&inspecting);
  signals_remove();
  stop_finish(&stop);
  return status;
}

static const struct args_option items[] = {
    {"format", 0, "FORMAT", "The format; without it each file is looked at."},
    {"format-option", 'f', "key=value", "An option of the format, such as delimiter=;. May be repeated."},
    {"json", 0, NULL, "One JSON object a file, a line each."},
    {"option", 'o', "key=value",
     "An option of the source, such as region=eu-west-3. May be repeated; a list gets one item each time."},
};
const struct command inspect_command = {
    .name = "inspect",
    .words = "PATH|URI",
    .summary = "Show what a file holds besides its records: schema, blocks, codecs, sizes, metadata.",
    .details = "Of a folder or prefix, of each file in it. Only what is needed of a file is read.\n\n"
               "Examples:\n  sluice inspect s3://bucket/data/clicks.parquet\n"
               "  sluice inspect events.avro --json | jq .schema\n",
    .options = ARGS_TABLE(items),
    .min_words = 1,
    .max_words = 1,
    .run = run_inspect,
};
