/* `cat`: the records of a part, or of all parts below a prefix, on standard output. */
#include "core/cli/copy.h"
#include "core/cli/format_choice.h"
#include "core/cli/place.h"
#include "core/cli/report.h"
#include "core/cli/signals.h"
#include "core/config/where.h"
#include <inttypes.h>
#include <unistd.h>

static int add_columns(const struct cli *cli, struct names *columns, struct sluice_error *err) {
  const char *list = args_value_at(&cli->args, "columns", 0);
  int code = SLUICE_OK;
  for (size_t i = 0; list && code == SLUICE_OK; list = args_value_at(&cli->args, "columns", ++i))
    code = copy_split_columns(list, columns, err);
  return code;
}

static int cat_place(const struct cli *cli, struct registry *registry, struct copy *copy, struct sluice_error *err) {
  struct pipeline *pipeline = &copy->pipeline;
  int code = add_columns(cli, &copy->columns, err);
  if (code == SLUICE_OK)
    code = place_open(cli, registry, cli->args.words[0], copy->stop, &pipeline->source, err);
  if (code == SLUICE_OK)
    code = format_choice_open(cli, registry, copy->stop, &pipeline->formats, err);
  if (code == SLUICE_OK)
    code = copy_parts(copy, err);
  if (code == SLUICE_OK && copy->parts == 0)
    code = sluice_fail(err, SLUICE_ERR_NOT_FOUND, NULL,
                       "there is nothing to read at '%s'; `sluice ls` shows what is there", cli->args.words[0]);
  return code;
}

static int end_text(const struct copy *copy, struct text *out) {
  const char *plural = copy->reject_count == 1 ? "" : "s";
  int code = SLUICE_OK;
  if (copy->reject_count)
    code = text_printf(out, "%" PRId64 " record%s rejected", copy->reject_count, plural);
  if (code == SLUICE_OK && copy->skipped.total)
    code = text_add(out, copy->reject_count ? "; parts: " : "parts: ");
  return code == SLUICE_OK && copy->skipped.total ? tally_text(&copy->skipped, out) : code;
}

static void print_end(const struct cli *cli, const struct copy *copy) {
  struct text line = {0};
  if (end_text(copy, &line) == SLUICE_OK && line.size)
    report_note(cli, text_get(&line));
  text_finish(&line);
}

static enum exit_status run_with(const struct cli *cli, struct copy *copy) {
  struct sluice_error err = {0};
  struct registry *registry = NULL;
  int code = cli_registry(cli, NULL, &registry, &err);
  if (code == SLUICE_OK)
    code = cat_place(cli, registry, copy, &err);
  print_end(cli, copy);
  enum exit_status status = copy->reject_count ? STATUS_REJECTS : STATUS_DONE;
  if (code != SLUICE_OK)
    status = report_error(cli, NULL, code, &err);
  copy_finish(copy);
  registry_destroy(registry);
  return status;
}

static int read_options(const struct cli *cli, struct copy *copy, struct where **where, struct sluice_error *err) {
  static const char *const outputs[] = {"ndjson", "csv", "arrow", NULL};
  int format = OUTPUT_NDJSON;
  int code = args_choice(&cli->args, "output", outputs, &format, err);
  if (code == SLUICE_OK)
    code = args_count(&cli->args, "limit", &copy->rows_left, err);
  if (code == SLUICE_OK && format == OUTPUT_ARROW && isatty(STDOUT_FILENO))
    code = sluice_fail(err, SLUICE_ERR_CONFIG, NULL,
                       "--output arrow is binary and standard output is a terminal; send it to a file: > out.arrows");
  copy->format = (enum output_format)format;
  const char *text = args_value(&cli->args, "where");
  if (code == SLUICE_OK && text)
    code = where_parse(text, where, err);
  copy->where = where_tests(*where);
  return code;
}

static enum exit_status run_interruptible(const struct cli *cli, struct copy *copy) {
  struct sluice_error err = {0};
  struct stop stop;
  int code = stop_init(&stop);
  if (code != SLUICE_OK)
    return report_error(cli, NULL, code, &err);
  copy->stop = &stop;
  signals_install(&stop, STOP_NOW);
  enum exit_status status = run_with(cli, copy);
  signals_remove();
  stop_finish(&stop);
  return status;
}

static enum exit_status run_cat(const struct cli *cli) {
  struct sluice_error err = {0};
  struct where *where = NULL;
  struct copy copy = {.rows_left = INT64_MAX, .fd = STDOUT_FILENO};
  int code = read_options(cli, &copy, &where, &err);
  enum exit_status status = code == SLUICE_OK ? run_interruptible(cli, &copy) : report_usage(cli, "%s", err.message);
  where_destroy(where);
  return status;
}

static const struct args_option items[] = {
    {"format", 0, "FORMAT", "The format; without it each part is looked at."},
    {"format-option", 'f', "key=value", "An option of the format, such as delimiter=;. May be repeated."},
    {"columns", 0, "a,b", "Only these columns, in this order."},
    {"where", 0, "FILTER", "Only records for which this is true, such as \"price > 10 and name is not null\"."},
    {"limit", 0, "N", "Stop after N records."},
    {"output", 0, "FORMAT", "ndjson (as without it), csv, or arrow (an IPC stream)."},
    {"option", 'o', "key=value",
     "An option of the source, such as region=eu-west-3. May be repeated; a list gets one item each time."},
};
const struct command cat_command = {
    .name = "cat",
    .words = "PATH|URI",
    .summary = "Print the records of a file, or of all files below a folder or prefix.",
    .details = "Compression is undone. All parts must have the columns of the first one, and values of its types. "
               "Records that\n"
               "cannot be read are warnings on standard error, and the exit status is then 3.\n\n"
               "Examples:\n  sluice cat s3://bucket/data/clicks.csv.gz --limit 10\n"
               "  sluice cat clicks.txt --format csv -f 'delimiter=;' --columns id,time --output csv\n",
    .options = ARGS_TABLE(items),
    .min_words = 1,
    .max_words = 1,
    .run = run_cat,
};
