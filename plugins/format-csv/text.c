/* The text of a part: windows over one another, each over what the one below gives. */
#include "text.h"

static int find_encoding(struct csv_text_source *t, const struct csv_config *config, struct sluice_error *err) {
  const char *given = config->encoding && config->encoding[0] ? config->encoding : "auto";
  int rc = csv_window_need(&t->window, 4, err);
  if (rc)
    return rc;
  const char *marked = csv_recode_by_mark(&t->window);
  if (strcmp(given, "auto") == 0)
    given = marked ? marked : "UTF-8";
  snprintf(t->encoding, sizeof t->encoding, "%s", given);
  return SLUICE_OK;
}

static int skip_mark(struct csv_window *w, struct sluice_error *err) {
  int rc = csv_window_need(w, 3, err);
  if (!rc && csv_window_size(w) >= 3 && memcmp(csv_window_bytes(w), "\xef\xbb\xbf", 3) == 0)
    csv_window_skip(w, 3);
  return rc;
}

static size_t limit_of(const struct csv_config *config) {
  return (size_t)(config->max_line > config->sample ? config->max_line : config->sample) + 4 * CSV_CHUNK;
}

int csv_text_open(struct csv_text_source *t, struct sluice_input *in, const struct csv_config *config,
                  struct sluice_error *err) {
  const size_t limit = limit_of(config);
  *t = (struct csv_text_source){0};
  csv_window_init(&t->window, in, limit);
  int rc = find_encoding(t, config, err);
  if (!rc && !csv_recode_is_utf8(t->encoding)) {
    rc = csv_recode_create(t->encoding, &t->window, &t->recode, err);
    if (!rc)
      csv_window_init(&t->window, csv_recode_input(t->recode), limit);
  }
  if (!rc)
    rc = skip_mark(&t->window, err);
  if (!rc && config->skip_footer > 0) {
    int64_t offset = t->window.offset;
    rc = csv_footer_create(&t->window, config->skip_footer, &t->footer, err);
    if (!rc)
      csv_window_init(&t->window, csv_footer_input(t->footer), limit);
    t->window.offset = offset;
  }
  if (rc)
    csv_text_close(t);
  return rc;
}

void csv_text_close(struct csv_text_source *t) {
  csv_window_finish(&t->window);
  csv_footer_destroy(t->footer);
  csv_recode_destroy(t->recode);
  *t = (struct csv_text_source){0};
}
