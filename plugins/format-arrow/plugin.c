/* The plugin's face: its options, and the entry that the host loads. */
#include "format.h"
#include <stdlib.h>

static const char *const validate_choices[] = {"full", "bounds", NULL};
static const char *const suffixes[] = {".arrow", ".arrows", ".feather", ".ipc", NULL};

static const struct sluice_option items[] = {
    SLUICE_OPTION(struct arrow_config, validate, SLUICE_OPTION_CHOICE, .default_text = "full",
                  .choices = validate_choices,
                  .help = "What is checked of the values: all, or only that nothing points outside its buffer."),
    SLUICE_OPTION(
        struct arrow_config, max_batch, SLUICE_OPTION_SIZE, .default_text = "0", .min = 0, .max = INT64_MAX,
        .help = "Most bytes that a compressed record batch and its dictionaries may take in memory; 0: 128 MiB and 64 "
                "times their bytes in the file, at most 4 GiB."),
    SLUICE_OPTION(struct arrow_config, max_empty_rows, SLUICE_OPTION_INT, .default_text = "16777216", .min = 0,
                  .max = INT64_MAX,
                  .help = "Most records of a part that no byte of it stands for, such as those of null columns only."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct arrow_config, items);

static void arrow_close(void *self) {
  free(self);
}

static int arrow_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  struct arrow_format *f = calloc(1, sizeof *f);
  if (!f)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the arrow format");
  *f = (struct arrow_format){host, config};
  *self = f;
  return SLUICE_OK;
}

static const struct sluice_base base = {
    .struct_size = sizeof base,
    .kind = SLUICE_FORMAT,
    .name = "arrow",
    .version = "1.0.0",
    .help = "Arrow IPC streams and files (Feather V2), read without a copy where they are not compressed.",
    .options = &options,
    .names = suffixes,
    .extension = arrow_extension,
};
static const struct sluice_format format = {
    .struct_size = sizeof format,
    .base = &base,
    .open = arrow_open,
    .close = arrow_close,
    .probe = arrow_probe,
    .plan = arrow_plan,
    .decode = arrow_decode,
};

SLUICE_PLUGIN(SLUICE_FORMAT, "format arrow 1.0.0\n", &format)
