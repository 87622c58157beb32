/* The plugin's face: its instance, and the entry that the host loads. */
#include "plan.h"
#include "recode.h"
#include <stdlib.h>

static const char *const suffixes[] = {".csv", ".tsv", NULL};

static void read_nulls(const struct sluice_list *tokens, struct csv_nulls *out) {
  *out = (struct csv_nulls){.tokens = tokens};
  for (size_t i = 0; i < tokens->count; i++) {
    size_t n = strlen(tokens->items[i]);
    out->lengths |= 1ull << (n < 63 ? n : 63);
    out->empty |= n == 0;
  }
}

static int check_encoding(const char *encoding, struct sluice_error *err) {
  if (!encoding || !encoding[0] || strcmp(encoding, "auto") == 0 || csv_recode_is_utf8(encoding))
    return SLUICE_OK;
  return csv_recode_check(encoding, err);
}

static void csv_close(void *self) {
  struct csv_format *f = self;
  if (f)
    csv_values_finish(&f->values);
  free(f);
}

static int csv_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  struct csv_format *f = calloc(1, sizeof *f);
  if (!f)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the csv format");
  f->host = host;
  f->config = config;
  int rc = csv_dialect_read(f->config, f, err);
  if (!rc)
    rc = check_encoding(f->config->encoding, err);
  if (!rc)
    rc = csv_values_init(f->config, &f->values, err);
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
    .options = &csv_options,
    .names = suffixes,
    .extension = csv_extension,
};
static const struct sluice_format format = {
    .struct_size = sizeof format,
    .base = &base,
    .open = csv_open,
    .close = csv_close,
    .probe = csv_probe,
    .plan = csv_plan,
    .decode = csv_decode,
};

SLUICE_PLUGIN(SLUICE_FORMAT, "format csv 1.0.0\n", &format)
