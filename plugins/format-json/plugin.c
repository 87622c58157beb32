/* The plugin's face: its options, and the entry that the host loads. */
#include "json.h"
#include <stdlib.h>

static const char *const suffixes[] = {".json", ".jsonl", ".ndjson", NULL};
static const char *const layouts[] = {"auto", "lines", "array", "sequence", NULL};
static const char *const infers[] = {"sample", "whole", NULL};
static const char *const fractions[] = {"double", "decimal", NULL};
static const char *const extras[] = {"ignore", "reject", NULL};
static const char *const duplicates[] = {"reject", "last", "first", NULL};
static const char *const bad_texts[] = {"reject", "replace", "error", NULL};

#define CHOICE(field, first, list, text)                                                                               \
  SLUICE_OPTION(struct json_config, field, SLUICE_OPTION_CHOICE, .default_text = first, .choices = list, .help = text)

static const struct sluice_option items[] = {
    CHOICE(layout, "auto", layouts,
           "One record a line, one array of records, or records one after the other; auto looks at the part."),
    SLUICE_OPTION(struct json_config, records, SLUICE_OPTION_TEXT,
                  .help = "A JSON pointer to the array of records within the part, such as \"/data/items\"."),
    CHOICE(infer, "sample", infers, "Whether types are found from the start of a part, or from all of it first."),
    SLUICE_OPTION(struct json_config, sample, SLUICE_OPTION_SIZE, .default_text = "1MiB", .min = 1, .max = 256 << 20,
                  .help = "How much of the start of a part is read to find its columns and their types."),
    SLUICE_OPTION(struct json_config, times, SLUICE_OPTION_BOOL, .default_text = "true",
                  .help = "Whether texts that all are dates, times of day or timestamps become such columns."),
    CHOICE(
        fractions, "double", fractions,
        "What numbers with a fraction or an exponent are found to be; those that a double would change are decimals."),
    CHOICE(extra, "ignore", extras,
           "What becomes of a record with a member that no record of the sample had: the member is passed over, or the "
           "record is rejected."),
    CHOICE(duplicates, "reject", duplicates,
           "What becomes of a record in which an object has a member twice: reject it, or take the last or the first."),
    CHOICE(bad_text, "reject", bad_texts,
           "What becomes of a record with text that is not UTF-8, or half of a surrogate pair: reject it, replace what "
           "is wrong with U+FFFD, or fail the part."),
    SLUICE_OPTION(struct json_config, nan, SLUICE_OPTION_BOOL, .default_text = "false",
                  .help = "Whether NaN, Infinity and -Infinity are numbers, which JSON does not have."),
    SLUICE_OPTION(struct json_config, max_record, SLUICE_OPTION_SIZE, .default_text = "64MiB", .min = 1,
                  .max = 256 << 20, .help = "The longest record that is read; a longer one is rejected."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct json_config, items);

static void json_close(void *self) {
  free(self);
}

static int check(const struct json_config *config, struct sluice_error *err) {
  bool pointer = config->records && config->records[0];
  if (pointer && config->records[0] != '/')
    return sluice_fail(err, SLUICE_ERR_CONFIG, "records",
                       "records must be a JSON pointer, which begins with a /, and is \"%.64s\"", config->records);
  if (pointer && config->layout != JSON_LAYOUT_AUTO && config->layout != JSON_LAYOUT_ARRAY)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "layout", "records leads to an array; leave layout away");
  return SLUICE_OK;
}

static int json_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  int code = check(config, err);
  if (code)
    return code;
  struct json_format *f = calloc(1, sizeof *f);
  if (!f)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the json format");
  f->host = host;
  f->config = config;
  *self = f;
  return SLUICE_OK;
}

static const struct sluice_base base = {
    .struct_size = sizeof base,
    .kind = SLUICE_FORMAT,
    .name = "json",
    .version = "1.0.0",
    .help = "Records of JSON: a line each, in an array, or one after the other, with types found from a sample.",
    .options = &options,
    .names = suffixes,
    .extension = json_extension,
};
static const struct sluice_format format = {
    .struct_size = sizeof format,
    .base = &base,
    .open = json_open,
    .close = json_close,
    .probe = json_probe,
    .plan = json_plan,
    .decode = json_decode,
};

SLUICE_PLUGIN(SLUICE_FORMAT, "format json 1.0.0\n", &format)
