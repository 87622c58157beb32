/* `ls`: the parts that a source would give to a job. */
#include "core/base/quantity.h"
#include "core/cli/place.h"
#include "core/cli/report.h"
#include "core/cli/signals.h"
#include <inttypes.h>

struct listing {
  bool json, cut; /* cut: ended by --limit */
  int64_t limit, parts, bytes, unknown;
  struct tally skipped;
};

static void print_part(const struct sluice_part *part) {
  char time[REPORT_TIME_SIZE], size[24] = "-";
  format_time(part->modified, time);
  if (part->size >= 0)
    snprintf(size, sizeof size, "%" PRId64, part->size);
  printf("%-20s %14s  ", time, size);
  print_safe(stdout, part->name);
  if (part->skip) {
    fputs("  (skipped: ", stdout);
    print_safe(stdout, part->skip);
    fputs(")", stdout);
  }
  fputs("\n", stdout);
}

static void print_part_json(const struct sluice_part *part) {
  char time[REPORT_TIME_SIZE];
  json_t *line = json_pack("{s:o}", "name", json_safe(part->name));
  format_time(part->modified, time);
  if (line && part->size >= 0)
    json_object_set_new(line, "size", json_integer(part->size));
  if (line && part->modified != INT64_MIN)
    json_object_set_new(line, "modified", json_string(time));
  if (line && part->version)
    json_object_set_new(line, "version", json_safe(part->version));
  if (line && part->skip)
    json_object_set_new(line, "skipped", json_safe(part->skip));
  print_json(stdout, line, false);
}

static void count_part(struct listing *listing, const struct sluice_part *part) {
  if (part->skip) {
    tally_add(&listing->skipped, part->skip);
    return;
  }
  listing->parts++;
  if (part->size < 0)
    listing->unknown++;
  else if (__builtin_add_overflow(listing->bytes, part->size, &listing->bytes))
    listing->bytes = INT64_MAX;
}

static int list_parts(const struct component *source, const struct stop *stop, struct listing *listing,
                      struct sluice_error *err) {
  int64_t shown = 0;
  int code = source->loaded->source.list(source->self, NULL, err);
  while (code == SLUICE_OK && !ferror(stdout)) {
    struct sluice_part part = {.struct_size = sizeof part};
    code = source->loaded->source.next_part(source->self, &part, err);
    if (code != SLUICE_OK)
      break;
    if (stop_at(stop, STOP_DRAIN))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "interrupted");
    listing->cut = shown++ >= listing->limit;
    if (listing->cut)
      break;
    count_part(listing, &part);
    if (listing->json)
      print_part_json(&part);
    else
      print_part(&part);
  }
  return code == SLUICE_END ? SLUICE_OK : code;
}

static int total_text(const struct listing *listing, struct text *out) {
  char size[QUANTITY_TEXT_SIZE];
  quantity_print_size(listing->bytes, size);
  int code = text_printf(out, "%" PRId64 " part%s, %s", listing->parts, listing->parts == 1 ? "" : "s", size);
  if (code == SLUICE_OK && listing->unknown)
    code = text_printf(out, " (%" PRId64 " of unknown size)", listing->unknown);
  if (code == SLUICE_OK && listing->skipped.total)
    code = text_add(out, "; ");
  if (code == SLUICE_OK && listing->skipped.total)
    code = tally_text(&listing->skipped, out);
  return code == SLUICE_OK && listing->cut ? text_add(out, "; there are more") : code;
}

static void print_total(const struct cli *cli, const struct listing *listing) {
  struct text line = {0};
  if (total_text(listing, &line) == SLUICE_OK)
    report_note(cli, text_get(&line));
  text_finish(&line);
}

static int list_place(const struct cli *cli, struct registry *registry, struct stop *stop, struct listing *listing,
                      struct sluice_error *err) {
  struct component source = {0};
  int code = place_open(cli, registry, cli->args.words[0], stop, &source, err);
  if (code == SLUICE_OK)
    code = list_parts(&source, stop, listing, err);
  component_close(&source);
  return code;
}

static enum exit_status run_ls(const struct cli *cli) {
  struct sluice_error err = {0};
  struct registry *registry = NULL;
  struct listing listing = {.json = args_has(&cli->args, "json"), .limit = INT64_MAX};
  struct stop stop;
  if (args_count(&cli->args, "limit", &listing.limit, &err) != SLUICE_OK)
    return report_usage(cli, "%s", err.message);
  int code = stop_init(&stop);
  if (code != SLUICE_OK)
    return report_error(cli, NULL, code, &err);
  signals_install(&stop, STOP_NOW);
  code = cli_registry(cli, NULL, &registry, &err);
  if (code == SLUICE_OK)
    code = list_place(cli, registry, &stop, &listing, &err);
  if (code == SLUICE_OK && !listing.json)
    print_total(cli, &listing);
  enum exit_status status = code == SLUICE_OK ? STATUS_DONE : report_error(cli, NULL, code, &err);
  registry_destroy(registry);
  signals_remove();
  stop_finish(&stop);
  return status;
}

static const struct args_option items[] = {
    {"option", 'o', "key=value", "An option of the source, such as region=eu-west-3. May be repeated."},
    {"limit", 0, "N", "Stop after N parts."},
    {"json", 0, NULL, "Print a JSON object a line."},
};
const struct command ls_command = {
    .name = "ls",
    .words = "PATH|URI",
    .summary = "List what a source finds: time of change (UTC), bytes, name.",
    .details = "What a job would skip is marked with the reason. The total goes to standard error.\n\n"
               "Example:\n  sluice ls s3://bucket/prefix/ -o region=eu-west-3\n",
    .options = ARGS_TABLE(items),
    .min_words = 1,
    .max_words = 1,
    .run = run_ls,
};
