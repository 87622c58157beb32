/* The plugin's face: its options, what they may be, and the entry that the host loads. */
#include "csv.h"
#include <stdlib.h>

static const char *const ragged_choices[] = {"reject", "pad", NULL};
static const char *const suffixes[] = {".csv", ".tsv", NULL};

static const struct sluice_option items[] = {
    SLUICE_OPTION(struct csv_config, delimiter, SLUICE_OPTION_TEXT,
                  .help =
                      "The one ASCII character between fields; by default a comma, and a tab in a part named .tsv."),
    SLUICE_OPTION(struct csv_config, quote, SLUICE_OPTION_TEXT, .default_text = "\"",
                  .help = "The one ASCII character around quoted fields, doubled inside them; empty for none."),
    SLUICE_OPTION(struct csv_config, header, SLUICE_OPTION_BOOL, .default_text = "true",
                  .help = "Whether the first record names the columns; if not, they are named 0, 1, 2 and so on."),
    SLUICE_OPTION(struct csv_config, ragged, SLUICE_OPTION_CHOICE, .default_text = "reject", .choices = ragged_choices,
                  .help = "What becomes of a record with too few fields: reject it, or pad it with nulls."),
    SLUICE_OPTION(struct csv_config, null_tokens, SLUICE_OPTION_LIST,
                  .help = "Texts that mean null where they are not quoted, such as \"NA\"."),
    SLUICE_OPTION(struct csv_config, sample, SLUICE_OPTION_SIZE, .default_text = "1MiB", .min = 1, .max = 256 << 20,
                  .help = "How much of the start of a part is read to find the types of its columns."),
    SLUICE_OPTION(struct csv_config, max_line, SLUICE_OPTION_SIZE, .default_text = "64MiB", .min = 1, .max = 1 << 30,
                  .help = "The longest record that is read; a longer one is rejected."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct csv_config, items);

/* Reads an option of one ASCII character; "\t" spelled as two characters is a tab. */
static int read_character(const char *option, const char *text, uint8_t *out, struct sluice_error *err) {
  if (strcmp(text, "\\t") == 0)
    text = "\t";
  uint8_t c = (uint8_t)text[0];
  if (c == 0 || text[1] || c >= 0x80 || c == '\r' || c == '\n')
    return sluice_fail(err, SLUICE_ERR_CONFIG, option,
                       "%s must be one ASCII character that does not end a line, and is \"%.32s\"", option, text);
  *out = c;
  return SLUICE_OK;
}

static int read_dialect(const struct csv_config *config, struct csv_format *f, struct sluice_error *err) {
  uint8_t quote = 0;
  f->by_name = !config->delimiter || !config->delimiter[0];
  f->dialect = (struct csv_dialect){',', -1};
  int rc = f->by_name ? SLUICE_OK : read_character("delimiter", config->delimiter, &f->dialect.delimiter, err);
  if (rc || !config->quote || !config->quote[0])
    return rc;
  rc = read_character("quote", config->quote, &quote, err);
  if (rc)
    return rc;
  f->dialect.quote = quote;
  if (quote == f->dialect.delimiter || (f->by_name && quote == '\t'))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "quote", "quote and delimiter are the same character; change one");
  return SLUICE_OK;
}

static void read_nulls(const struct sluice_list *tokens, struct csv_nulls *out) {
  *out = (struct csv_nulls){.tokens = tokens};
  for (size_t i = 0; i < tokens->count; i++) {
    size_t n = strlen(tokens->items[i]);
    out->lengths |= 1ull << (n < 63 ? n : 63);
    out->empty |= n == 0;
  }
}

static void csv_close(void *self) {
  free(self);
}

static int csv_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  struct csv_format *f = calloc(1, sizeof *f);
  if (!f)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the csv format");
  f->host = host;
  f->config = config;
  int rc = read_dialect(f->config, f, err);
  if (rc) {
    csv_close(f);
    return rc;
  }
  read_nulls(&f->config->null_tokens, &f->nulls);
  *self = f;
  return SLUICE_OK;
}

static const struct sluice_base base = {
    .struct_size = sizeof base,
    .kind = SLUICE_FORMAT,
    .name = "csv",
    .version = "1.0.0",
    .help = "Delimited text: CSV by RFC 4180, TSV and their kin, with types found from a sample.",
    .options = &options,
    .names = suffixes,
    .extension = csv_extension,
};
static const struct sluice_format format = {
    .struct_size = sizeof format,
    .base = &base,
    .open = csv_open,
    .close = csv_close,
    .probe = csv_probe,
    .decode = csv_decode,
};

SLUICE_PLUGIN(SLUICE_FORMAT, "format csv 1.0.0\n", &format)
