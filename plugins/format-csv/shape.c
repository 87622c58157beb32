/* The shape of a part: what was found in the start of its text, said to the log. */
#include "shape.h"

/* The last bytes may be of a character that goes on behind the sample. */
static void doubt_encoding(const uint8_t *data, size_t size, char *doubt) {
  size_t valid = sluice_utf8_valid(data, size);
  if (valid + 4 <= size && !doubt[0])
    snprintf(doubt, CSV_DOUBT_MAX, "byte %zu of the text, %02x, is not UTF-8: set encoding, such as cp1252", valid,
             data[valid]);
}

int csv_shape_find(const struct csv_format *format, const char *part, struct csv_window *w, struct csv_sniffed *out,
                   struct sluice_error *err) {
  int rc = csv_window_need(w, CSV_SNIFF_BYTES, err);
  if (rc)
    return rc;
  size_t held = csv_window_size(w), size = held < CSV_SNIFF_BYTES ? held : CSV_SNIFF_BYTES;
  rc = csv_sniff(format, part, csv_window_bytes(w), size, w->ended && size == held, out, err);
  bool known = format->config->encoding && format->config->encoding[0] && strcmp(format->config->encoding, "auto") != 0;
  if (!rc && !known && format->config->invalid_utf8 != CSV_UTF8_REPLACE)
    doubt_encoding(csv_window_bytes(w), size, out->doubt);
  return rc;
}

static void spell(char *out, size_t room, const uint8_t *text, size_t n) {
  if (n == 1 && text[0] == '\t')
    snprintf(out, room, "a tab");
  else if (n == 1 && text[0] < 0x20)
    snprintf(out, room, "byte %02x", text[0]);
  else
    snprintf(out, room, text[0] == '\'' ? "\"%.*s\"" : "'%.*s'", (int)n, (const char *)text);
}

void csv_shape_log(const struct csv_format *format, const char *part, const struct csv_sniffed *found) {
  const struct csv_dialect *d = &found->shape.dialect;
  const struct sluice_host *host = format->host;
  const uint8_t quote = (uint8_t)d->quote, escape = (uint8_t)d->escape;
  char delimiter[16], quoted[16] = "none", escaped[16] = "none", text[768];
  if (!found->found || !host || !host->log)
    return;
  spell(delimiter, sizeof delimiter, d->separator.text, d->separator.size);
  if (d->quote >= 0)
    spell(quoted, sizeof quoted, &quote, 1);
  if (d->escape >= 0)
    spell(escaped, sizeof escaped, &escape, 1);
  snprintf(text, sizeof text,
           "%.200s: read with delimiter %s, quote %s, escape %s, header rows %d, lines skipped %d%s%s%s", part,
           delimiter, quoted, escaped, (int)found->shape.header_rows, (int)found->shape.skip_rows,
           found->doubt[0] ? "; " : "", found->doubt,
           found->doubt[0] ? "; if that is wrong, set the options of csv, such as delimiter and header_rows" : "");
  host->log(host, found->doubt[0] ? SLUICE_WARN : SLUICE_DEBUG, text);
}
