/* The types of a reader's columns, from a sample or from all records. */
#include "survey.h"

static bool any_wanted(const struct csv_guess *guesses, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    if (guesses[i].wanted)
      return true;
  return false;
}

static enum csv_stop index_block(struct csv_reader *r, const struct csv_dialect *dialect, const uint8_t *data,
                                 size_t size, bool final) {
  const struct csv_bounds bounds = {.size = size,
                                    .final = final,
                                    .stop = SIZE_MAX,
                                    .rows = INT64_MAX,
                                    .bytes = INT64_MAX,
                                    .fresh = true,
                                    .max_line = r->reporter.max_line,
                                    .pad = csv_pads(r->format->config),
                                    .cut = csv_cuts(r->format->config)};
  return csv_index_block(&r->index, dialect, data, &bounds);
}

static int look_at_sample(struct csv_reader *r, const struct csv_dialect *dialect, struct csv_infer *infer,
                          struct sluice_error *err) {
  int64_t sample = r->format->config->sample - r->text.window.offset;
  if (sample <= 0)
    return SLUICE_OK;
  int rc = csv_window_need(&r->text.window, (size_t)sample + 1, err);
  if (rc)
    return rc;
  size_t held = csv_window_size(&r->text.window), size = held < (size_t)sample ? held : (size_t)sample;
  const uint8_t *data = csv_window_bytes(&r->text.window);
  bool final = r->text.window.ended && size == held;
  enum csv_stop stop = CSV_STOP_FULL;
  while (rc == SLUICE_OK && stop == CSV_STOP_FULL) {
    stop = index_block(r, dialect, data, size, final);
    rc = stop == CSV_STOP_MEMORY ? SLUICE_ERR_MEMORY : csv_infer_block(infer, &r->index);
    data += r->index.next;
    size -= r->index.next;
  }
  return rc;
}

/* A record over max_line is not delivered, and says nothing. */
static int skip_record(const struct csv_dialect *dialect, struct csv_window *w, struct sluice_error *err) {
  struct csv_walk walk = {.state = CSV_WALK_START};
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK) {
    csv_window_skip(w, csv_walk(&walk, dialect, csv_window_bytes(w), csv_window_size(w)));
    if (walk.state == CSV_WALK_DONE || (w->ended && csv_window_size(w) == 0))
      return SLUICE_OK;
    rc = csv_window_more(w, err);
  }
  return rc;
}

static bool is_cancelled(const struct csv_reader *r) {
  return r->format->host && r->format->host->cancelled(r->format->host);
}

static int look_at_all(struct csv_reader *r, const struct csv_dialect *dialect, struct csv_infer *infer,
                       struct csv_window *w, struct sluice_error *err) {
  for (;;) {
    if (is_cancelled(r))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, r->part, "stopped while the types were looked for");
    enum csv_stop stop = index_block(r, dialect, csv_window_bytes(w), csv_window_size(w), w->ended);
    int rc = stop == CSV_STOP_MEMORY ? SLUICE_ERR_MEMORY : csv_infer_block(infer, &r->index);
    if (rc || stop == CSV_STOP_END)
      return rc;
    csv_window_skip(w, r->index.next);
    if (stop == CSV_STOP_MORE && csv_window_size(w) > r->reporter.max_line + 2)
      rc = skip_record(dialect, w, err);
    else if (stop == CSV_STOP_MORE)
      rc = csv_window_more(w, err);
    if (rc)
      return rc;
  }
}

/* Through a second window, so that the reader's own stays where it is. */
static int look_at_whole(struct csv_reader *r, const struct csv_dialect *dialect, struct csv_infer *infer,
                         struct sluice_error *err) {
  struct csv_text_source text;
  if (r->input.size < 0)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, r->part,
                       "infer = \"whole\" reads a part twice, and this one is compressed, so that it can be read only "
                       "once; use infer = \"sample\" with a larger sample, or ask for types");
  int rc = csv_text_open(&text, &r->input, r->format->config, err);
  if (rc)
    return rc;
  int64_t end = r->found.shape.end;
  if (end)
    rc = csv_window_need(&text.window, (size_t)(end - text.window.offset), err);
  if (!rc && end)
    csv_window_cut(&text.window, end);
  if (!rc)
    rc = csv_window_seek(&text.window, r->text.window.offset, err);
  if (rc == SLUICE_OK)
    rc = look_at_all(r, dialect, infer, &text.window, err);
  csv_text_close(&text);
  return rc;
}

int csv_survey(struct csv_reader *r, const struct csv_dialect *dialect, struct csv_guess *guesses,
               struct sluice_error *err) {
  const struct csv_config *config = r->format->config;
  struct csv_infer infer = {{dialect->quote, &r->format->nulls}, &r->format->values, guesses, {0}};
  if (config->infer == CSV_INFER_TEXT || !any_wanted(guesses, r->index.columns))
    return SLUICE_OK;
  int rc = (config->infer == CSV_INFER_WHOLE ? look_at_whole : look_at_sample)(r, dialect, &infer, err);
  csv_infer_finish(&infer);
  if (rc == SLUICE_ERR_MEMORY && !(err && err->message[0]))
    return sluice_fail(err, rc, r->part, "no memory to find the types of the columns");
  return rc;
}
