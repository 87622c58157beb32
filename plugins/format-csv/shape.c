/* The shape of a part: what was found in the start of its text, said to the log. */
#include "shape.h"
#include "ending.h"

/* The last bytes may be of a character that goes on behind the sample. */
static void doubt_encoding(const uint8_t *data, size_t size, char *doubt) {
  size_t valid = sluice_utf8_valid(data, size);
  if (valid + 4 <= size && !doubt[0])
    snprintf(doubt, CSV_DOUBT_MAX, "byte %zu of the text, %02x, is not UTF-8: set encoding, such as cp1252", valid,
             data[valid]);
}

/* How much is looked at: of long records some must fit in it. */
static size_t most_of(const struct csv_config *config) {
  int64_t longest = config->max_line < CSV_SNIFF_MOST ? config->max_line : CSV_SNIFF_MOST;
  return (size_t)(longest > config->sample ? longest : config->sample);
}

/* Of a part with long records more is looked at than of others. */
static int sniff_start(const struct csv_format *format, const char *part, struct csv_window *w, struct csv_sniffed *out,
                       struct sluice_error *err) {
  size_t most = most_of(format->config);
  for (size_t want = CSV_SNIFF_BYTES;; want = 4 * want < most ? 4 * want : most) {
    int rc = csv_window_need(w, want, err);
    if (rc)
      return rc;
    size_t held = csv_window_size(w), size = held < want ? held : want;
    rc = csv_sniff(format, part, csv_window_bytes(w), size, w->ended && size == held, out, err);
    if (rc || !out->cramped || want >= most)
      return rc;
  }
}

/* The offset at which the footer begins, and its lines. Only of a part that the sample holds whole: the end of others
 * would have to be gone to. */
static int find_footer(const struct csv_format *format, const struct csv_shape *shape, struct csv_window *w,
                       int64_t *offset, uint32_t *lines, struct sluice_error *err) {
  size_t most = (size_t)format->config->sample, at = 0;
  *lines = 0;
  if (w->input->size > (int64_t)most)
    return SLUICE_OK;
  int rc = csv_window_need(w, most + 1, err);
  if (rc || !w->ended || csv_window_size(w) > most)
    return rc;
  struct csv_sample text = {csv_window_bytes(w), csv_window_size(w), true};
  csv_sample_skip(&text, shape->skip_rows);
  rc = csv_ending_find(&shape->dialect, &text, &at, lines, err);
  *offset = w->offset + (text.data - csv_window_bytes(w)) + (int64_t)at;
  return rc;
}

/* What is left without the footer is looked at anew. */
static int leave_footer(const struct csv_format *format, const char *part, int64_t offset, uint32_t lines,
                        struct csv_window *w, struct csv_sniffed *out, struct sluice_error *err) {
  csv_window_cut(w, offset);
  int rc = sniff_start(format, part, w, out, err);
  if (rc)
    return rc;
  size_t said = strlen(out->doubt);
  snprintf(out->doubt + said, sizeof out->doubt - said, "%s%u line%s behind the table %s skipped", said ? "; " : "",
           lines, lines == 1 ? "" : "s", lines == 1 ? "is" : "are");
  out->shape.end = offset;
  out->footer_lines = lines;
  out->found = true;
  return SLUICE_OK;
}

int csv_shape_find(const struct csv_format *format, const char *part, struct csv_window *w, struct csv_sniffed *out,
                   struct sluice_error *err) {
  int64_t offset = 0;
  uint32_t lines = 0;
  int rc = sniff_start(format, part, w, out, err);
  if (!rc && format->find.footer)
    rc = find_footer(format, &out->shape, w, &offset, &lines, err);
  if (!rc && lines)
    rc = leave_footer(format, part, offset, lines, w, out, err);
  bool known = format->config->encoding && format->config->encoding[0] && strcmp(format->config->encoding, "auto") != 0;
  size_t held = csv_window_size(w), size = held < CSV_SNIFF_BYTES ? held : CSV_SNIFF_BYTES;
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
