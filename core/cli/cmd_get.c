/* `get`: one object into a file, byte by byte as it is stored. */
#include "core/base/clock.h"
#include "core/base/quantity.h"
#include "core/cli/fetch.h"
#include "core/cli/level.h"
#include "core/cli/new_file.h"
#include "core/cli/place.h"
#include "core/cli/report.h"
#include "core/cli/signals.h"
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

struct getting {
  const struct cli *cli;
  const struct stop *stop;
  const char *place;
  struct component source;
  struct sluice_part part;   /* the one; its texts are the source's until it lists again */
  struct sluice_input input; /* of it */
  int64_t bytes, started;
};

/* ---- which object ---- */

static bool is_named(const char *name, const char *place) {
  return strcmp(name_without_scheme(name), name_without_scheme(place)) == 0;
}

static int fail_several(const struct getting *get, const char *found, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, NULL,
                     "'%s' is not the name of one object, but there is '%s', and there may be more; `sluice ls` shows "
                     "them, `sluice get` takes one",
                     get->place, found);
}

/* A name that is asked for comes before all that begin with it. */
static int find_part(struct getting *get, struct sluice_error *err) {
  const struct sluice_source *source = &get->source.loaded->source;
  bool ordered = source->flags & SLUICE_SOURCE_ORDERED;
  char other[512] = "";
  int code = source->list(get->source.self, NULL, err);
  while (code == SLUICE_OK && !(ordered && other[0])) {
    get->part = (struct sluice_part){.struct_size = sizeof get->part};
    code = source->next_part(get->source.self, &get->part, err);
    if (code == SLUICE_OK && is_named(get->part.name, get->place))
      return SLUICE_OK;
    if (code == SLUICE_OK)
      snprintf(other, sizeof other, "%s", get->part.name);
  }
  if (code != SLUICE_OK && code != SLUICE_END)
    return code;
  if (other[0])
    return fail_several(get, other, err);
  return sluice_fail(err, SLUICE_ERR_NOT_FOUND, NULL, "there is nothing at '%s'", get->place);
}

static int open_part(struct getting *get, struct sluice_error *err) {
  const struct sluice_source *source = &get->source.loaded->source;
  struct sluice_part opened = {.struct_size = sizeof opened};
  if (get->part.skip)
    return sluice_fail(err, SLUICE_ERR_NOT_FOUND, NULL, "'%s' is not read by this source: %s", get->place,
                       get->part.skip);
  if (!source->open_part)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, NULL, "%s gives records and no bytes; `sluice cat` prints them",
                       get->source.loaded->entry.full_name);
  return source->open_part(get->source.self, &get->part, &opened, &get->input, err);
}

/* ---- where to ---- */

static bool is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The last part of the object's name, in the folder that is named, or in the current one. */
static int choose_path(const struct getting *get, const char *wanted, struct text *out, struct sluice_error *err) {
  const char *rest = name_without_scheme(get->place), *slash = strrchr(rest, '/'), *name = slash ? slash + 1 : rest;
  int code = SLUICE_OK;
  if (wanted && !is_folder(wanted))
    code = text_add(out, wanted);
  else if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "'%s' ends in no name for a file; say where: sluice get URI FILE",
                       get->place);
  else
    code = text_printf(out, "%s%s%s", wanted ? wanted : "", wanted ? "/" : "", name);
  return code == SLUICE_OK ? code : sluice_fail(err, code, NULL, "no memory for the file's name");
}

static void print_end(const struct getting *get, const char *path) {
  struct text line = {0};
  char size[QUANTITY_TEXT_SIZE], took[QUANTITY_TEXT_SIZE];
  int64_t ms = clock_monotonic_ms() - get->started;
  quantity_print_size(get->bytes, size);
  quantity_print_duration(ms, took);
  int code = text_printf(&line, "%s: %s in %s", path, size, took);
  if (code == SLUICE_OK && ms > 0)
    code = text_printf(&line, ", %.1f MB/s", (double)get->bytes / 1000.0 / (double)ms);
  if (code == SLUICE_OK)
    report_note(get->cli, text_get(&line));
  text_finish(&line);
}

static int get_to_output(struct getting *get, struct sluice_error *err) {
  struct descriptor out = {STDOUT_FILENO, get->stop, false};
  int code = fetch_input(&get->input, get->place, &out, &get->bytes, err);
  return out.closed ? SLUICE_OK : code;
}

static int get_to_file(struct getting *get, const char *path, struct sluice_error *err) {
  bool force = args_has(&get->cli->args, "force");
  struct new_file file = {0};
  int code = new_file_create(&file, path, force ? NEW_FILE_MAY_REPLACE : NEW_FILE_MUST_NOT_EXIST, err);
  if (code != SLUICE_OK)
    return code;
  struct descriptor out = {file.fd, get->stop, false};
  code = fetch_input(&get->input, get->place, &out, &get->bytes, err);
  if (code == SLUICE_OK)
    code = new_file_publish(&file, err);
  if (code == SLUICE_OK)
    print_end(get, path);
  new_file_finish(&file);
  return code;
}

/* ---- the command ---- */

/* Nothing is asked for before it is known that the file can be made. */
static int get_place(struct getting *get, struct registry *registry, struct sluice_error *err) {
  const struct args *args = &get->cli->args;
  const char *wanted = args->word_count > 1 ? args->words[1] : NULL;
  bool to_output = wanted && strcmp(wanted, "-") == 0;
  struct text path = {0};
  struct stat info;
  int code = to_output ? SLUICE_OK : choose_path(get, wanted, &path, err);
  if (code == SLUICE_OK && !to_output && !args_has(args, "force") && lstat(text_get(&path), &info) == 0)
    code = sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "'%s' is there already; --force replaces it", text_get(&path));
  if (code == SLUICE_OK)
    code = place_open(get->cli, registry, get->place, get->stop, &get->source, err);
  if (code == SLUICE_OK)
    code = find_part(get, err);
  if (code == SLUICE_OK)
    code = open_part(get, err);
  if (code == SLUICE_OK)
    code = to_output ? get_to_output(get, err) : get_to_file(get, text_get(&path), err);
  if (get->input.release)
    get->input.release(&get->input);
  component_close(&get->source);
  text_finish(&path);
  return code;
}

static enum exit_status run_get(const struct cli *cli) {
  struct sluice_error err = {0};
  struct registry *registry = NULL;
  struct stop stop;
  struct getting get = {.cli = cli, .stop = &stop, .place = cli->args.words[0], .started = clock_monotonic_ms()};
  int code = stop_init(&stop);
  if (code != SLUICE_OK)
    return report_error(cli, NULL, code, &err);
  signals_install(&stop, STOP_NOW);
  code = cli_registry(cli, NULL, &registry, &err);
  if (code == SLUICE_OK)
    code = get_place(&get, registry, &err);
  enum exit_status status = code == SLUICE_OK ? STATUS_DONE : report_error(cli, NULL, code, &err);
  registry_destroy(registry);
  signals_remove();
  stop_finish(&stop);
  return status;
}

static const struct args_option items[] = {
    {"force", 0, NULL, "Replace a file that is there already."},
    {"option", 'o', "key=value",
     "An option of the source, such as region=eu-west-3. May be repeated; a list gets one item each time."},
};
const struct command get_command = {
    .name = "get",
    .words = "PATH|URI [FILE|-]",
    .summary = "Download one object.",
    .details = "The bytes are written as they are stored, compressed or not. FILE may be a folder; without it the\n"
               "object's own name in the current folder is taken; - is standard output. A file has its name only once\n"
               "it is whole and on the disk.\n\n"
               "Examples:\n  sluice get s3://bucket/data/clicks.csv.gz\n"
               "  sluice get s3://bucket/data/clicks.csv.gz - | zcat | head\n",
    .options = ARGS_TABLE(items),
    .min_words = 1,
    .max_words = 2,
    .run = run_get,
};
