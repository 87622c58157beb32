/* `ls`: the parts that a source would give to a job. */
#include "core/base/quantity.h"
#include "core/cli/listing.h"
#include "core/cli/place.h"
#include "core/cli/report.h"
#include "core/cli/signals.h"
#include <inttypes.h>
#include <stdlib.h>

enum { PAGE = 1000 }; /* entries: of these the folders come first, as aws s3 ls has it */

struct page { /* the lines of files that wait for the folders of their page */
  FILE *lines;
  char *text;
  size_t size, entries;
};
struct listing {
  const struct cli *cli;
  const struct stop *stop;
  enum listing_form form;
  enum level_depth depth;
  int64_t limit, shown;
  bool cut; /* ended by --limit */
  struct page page;

  int64_t folders, files, parts, file_bytes, part_bytes, unknown; /* files: all; parts: what a job would read */
  struct tally skipped;
};

/* ---- counting ---- */

static void add_size(int64_t *sum, int64_t bytes) {
  if (bytes > 0 && __builtin_add_overflow(*sum, bytes, sum))
    *sum = INT64_MAX;
}

static void count_entry(struct listing *listing, const struct level_entry *entry) {
  const struct sluice_part *part = &entry->part;
  listing->shown++;
  if (entry->folder) {
    listing->folders++;
    return;
  }
  listing->files++;
  add_size(&listing->file_bytes, part->size);
  if (part->skip) {
    tally_add(&listing->skipped, part->skip);
    return;
  }
  listing->parts++;
  listing->unknown += part->size < 0;
  add_size(&listing->part_bytes, part->size);
}

static int total_text(const struct listing *listing, struct text *out) {
  char size[QUANTITY_TEXT_SIZE];
  quantity_print_size(listing->part_bytes, size);
  int code = text_printf(out, "%" PRId64 " part%s, %s", listing->parts, listing->parts == 1 ? "" : "s", size);
  if (code == SLUICE_OK && listing->unknown)
    code = text_printf(out, " (%" PRId64 " of unknown size)", listing->unknown);
  if (code == SLUICE_OK && listing->folders)
    code = text_printf(out, ", %" PRId64 " folder%s", listing->folders, listing->folders == 1 ? "" : "s");
  if (code == SLUICE_OK && listing->skipped.total)
    code = text_add(out, "; ");
  if (code == SLUICE_OK && listing->skipped.total)
    code = tally_text(&listing->skipped, out);
  return code == SLUICE_OK && listing->cut ? text_add(out, "; there are more") : code;
}

static void print_total(const struct listing *listing) {
  struct text line = {0};
  if (total_text(listing, &line) == SLUICE_OK)
    report_note(listing->cli, text_get(&line));
  text_finish(&line);
}

static void print_summary(const struct listing *listing) {
  char size[LISTING_SIZE_TEXT];
  snprintf(size, sizeof size, "%" PRId64, listing->file_bytes);
  if (listing->form == LISTING_HUMAN)
    listing_human_size(listing->file_bytes, size);
  printf("\nTotal Objects: %" PRId64 "\n%15s%s\n", listing->files, "Total Size: ", size);
}

/* ---- printing ---- */

static int flush_page(struct page *page, struct sluice_error *err) {
  bool whole = !page->lines || (fflush(page->lines) == 0 && !ferror(page->lines));
  if (whole && page->lines)
    fwrite(page->text, 1, page->size, stdout);
  if (page->lines)
    fclose(page->lines);
  free(page->text);
  *page = (struct page){0};
  return whole ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for the lines");
}

static int print_on_page(struct listing *listing, const struct level_entry *entry, struct sluice_error *err) {
  struct page *page = &listing->page;
  if (!page->lines)
    page->lines = open_memstream(&page->text, &page->size);
  if (!page->lines)
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for the lines");
  listing_print(entry->folder ? stdout : page->lines, listing->form, entry);
  page->entries++;
  return page->entries >= PAGE ? flush_page(page, err) : SLUICE_OK;
}

static int print_entry(struct listing *listing, const struct level_entry *entry, struct sluice_error *err) {
  count_entry(listing, entry);
  if (listing->depth == LEVEL_ONE)
    return print_on_page(listing, entry, err);
  listing_print(stdout, listing->form, entry);
  return SLUICE_OK;
}

static int list_entries(struct listing *listing, struct level *level, struct sluice_error *err) {
  int code = SLUICE_OK;
  while (code == SLUICE_OK && !ferror(stdout)) {
    struct level_entry entry;
    code = level_next(level, &entry, err);
    if (code != SLUICE_OK)
      break;
    if (stop_at(listing->stop, STOP_DRAIN))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "interrupted");
    listing->cut = listing->shown >= listing->limit;
    if (listing->cut)
      break;
    code = print_entry(listing, &entry, err);
  }
  return code == SLUICE_END ? SLUICE_OK : code;
}

/* ---- the command ---- */

static int list_place(struct listing *listing, struct registry *registry, struct sluice_error *err) {
  struct component source = {0};
  struct level level = {0};
  const char *place = listing->cli->args.words[0];
  int code = place_open(listing->cli, registry, place, listing->stop, &source, err);
  if (code != SLUICE_OK)
    return code;
  code = level_start(&level, &source, place, listing->depth, err);
  if (code == SLUICE_OK)
    listing_print_head(stdout, listing->form);
  if (code == SLUICE_OK)
    code = list_entries(listing, &level, err);
  int flushed = flush_page(&listing->page, err);
  level_finish(&level);
  component_close(&source);
  return code == SLUICE_OK ? flushed : code;
}

static enum exit_status run_with(struct listing *listing) {
  struct sluice_error err = {0};
  struct registry *registry = NULL;
  bool text = listing->form <= LISTING_HUMAN;
  int code = cli_registry(listing->cli, NULL, &registry, &err);
  if (code == SLUICE_OK)
    code = list_place(listing, registry, &err);
  if (code == SLUICE_OK && args_has(&listing->cli->args, "summarize"))
    print_summary(listing);
  if (code == SLUICE_OK && text)
    print_total(listing);
  registry_destroy(registry);
  return code == SLUICE_OK ? STATUS_DONE : report_error(listing->cli, NULL, code, &err);
}

static int read_options(struct listing *listing, struct sluice_error *err) {
  const struct args *args = &listing->cli->args;
  bool json = args_has(args, "json"), csv = args_has(args, "csv"), human = args_has(args, "human");
  if (json && csv)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "--json and --csv do not go together");
  if ((json || csv) && (human || args_has(args, "summarize")))
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "--%s is for people, and does not go with --%s",
                       human ? "human" : "summarize", json ? "json" : "csv");
  listing->form = json ? LISTING_JSON : csv ? LISTING_CSV : human ? LISTING_HUMAN : LISTING_TEXT;
  listing->depth = json || csv || args_has(args, "recursive") ? LEVEL_ALL : LEVEL_ONE;
  return args_count(args, "limit", &listing->limit, err);
}

static enum exit_status run_ls(const struct cli *cli) {
  struct sluice_error err = {0};
  struct stop stop;
  struct listing listing = {.cli = cli, .stop = &stop, .limit = INT64_MAX};
  if (read_options(&listing, &err) != SLUICE_OK)
    return report_usage(cli, "%s", err.message);
  int code = stop_init(&stop);
  if (code != SLUICE_OK)
    return report_error(cli, NULL, code, &err);
  signals_install(&stop, STOP_NOW);
  enum exit_status status = run_with(&listing);
  signals_remove();
  stop_finish(&stop);
  return status;
}

static const struct args_option items[] = {
    {"recursive", 'r', NULL, "All below the place, by their whole keys, in place of folders (PRE)."},
    {"human", 0, NULL, "Sizes such as 7.8 KiB."},
    {"summarize", 0, NULL, "Print the number of objects and their size at the end."},
    {"json", 0, NULL, "A JSON object a line: name, size, modified (UTC), version, skipped. Always recursive."},
    {"csv", 0, NULL, "CSV with the header key,size,time; times are UTC. Always recursive."},
    {"limit", 0, "N", "Stop after N lines."},
    {"option", 'o', "key=value",
     "An option of the source, such as region=eu-west-3. May be repeated; a list gets one item each time."},
};
const struct command ls_command = {
    .name = "ls",
    .words = "PATH|URI",
    .summary = "List what a source finds, as `aws s3 ls` prints it.",
    .details =
        "A line an object: time of change (local), bytes, name; a line with PRE a folder. A URI is a prefix: with\n"
        "its last slash it shows what is in the folder, without one all that begins so. What a job would skip\n"
        "is marked with the reason. The total goes to standard error.\n\n"
        "Examples:\n  sluice ls s3://bucket/prefix/ -o region=eu-west-3\n"
        "  sluice ls s3://bucket/prefix/ --recursive --human --summarize\n"
        "  sluice ls s3://bucket/prefix/ --csv >files.csv\n",
    .options = ARGS_TABLE(items),
    .min_words = 1,
    .max_words = 1,
    .run = run_ls,
};
