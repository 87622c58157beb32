/* Copying bytes, with a line that shows how far it is. */
#include "core/cli/fetch.h"
#include "core/base/clock.h"
#include "core/base/quantity.h"
#include "core/log/log.h"
#include <inttypes.h>
#include <stdlib.h>

enum { AT_ONCE = 1 << 20, SHOW_EVERY_MS = 200 };

struct fetch {
  struct sluice_input *input;
  struct descriptor *out;
  const char *name;
  uint8_t *buffer; /* NULL: the input gives views */
  int64_t done, started, shown;
  bool ended;
};

static void show(struct fetch *fetch) {
  char done[QUANTITY_TEXT_SIZE], all[QUANTITY_TEXT_SIZE] = "?", left[QUANTITY_TEXT_SIZE] = "?", line[1024];
  int64_t now = clock_monotonic_ms(), ms = now - fetch->started, size = fetch->input->size;
  if (now - fetch->shown < SHOW_EVERY_MS)
    return;
  fetch->shown = now;
  quantity_print_size(fetch->done, done);
  if (size >= 0)
    quantity_print_size(size, all);
  if (size >= fetch->done && fetch->done > 0)
    quantity_print_duration((int64_t)((double)ms * (double)(size - fetch->done) / (double)fetch->done), left);
  snprintf(line, sizeof line, "%s of %s, %.1f MB/s, left: %s  %.500s", done, all,
           ms > 0 ? (double)fetch->done / 1000.0 / (double)ms : 0.0, left, fetch->name);
  log_set_status_line(line);
}

/* How much to ask for; 0: all is there. */
static size_t wanted(const struct fetch *fetch) {
  int64_t size = fetch->input->size;
  if (size >= 0 && size - fetch->done < AT_ONCE)
    return (size_t)(size - fetch->done);
  return AT_ONCE;
}

static int write_piece(struct fetch *fetch, const void *bytes, size_t got, size_t asked, struct sluice_error *err) {
  int code = descriptor_write(fetch->out, bytes, got, err);
  if (code == SLUICE_OK)
    fetch->done += (int64_t)got;
  fetch->ended = got < asked;
  return code;
}

static int copy_view(struct fetch *fetch, size_t n, struct sluice_error *err) {
  struct sluice_bytes view = {0};
  int code = fetch->input->view_at(fetch->input, fetch->done, n, &view, err);
  if (code != SLUICE_OK)
    return code;
  code = write_piece(fetch, view.data, view.size < n ? view.size : n, n, err);
  if (view.release)
    view.release(&view);
  return code;
}

static int copy_piece(struct fetch *fetch, size_t n, struct sluice_error *err) {
  size_t got = 0;
  if (!fetch->buffer)
    return copy_view(fetch, n, err);
  int code = fetch->input->read_at(fetch->input, fetch->done, fetch->buffer, n, &got, err);
  return code == SLUICE_OK ? write_piece(fetch, fetch->buffer, got < n ? got : n, n, err) : code;
}

static int copy_all(struct fetch *fetch, struct sluice_error *err) {
  int64_t size = fetch->input->size;
  int code = SLUICE_OK;
  for (size_t n = wanted(fetch); n > 0 && !fetch->ended && code == SLUICE_OK; n = wanted(fetch)) {
    if (stop_at(fetch->out->stop, STOP_DRAIN))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "interrupted");
    code = copy_piece(fetch, n, err);
    show(fetch);
  }
  if (code == SLUICE_OK && size >= 0 && fetch->done < size)
    return sluice_fail(err, SLUICE_ERR_DATA, fetch->name,
                       "it ends after %" PRId64 " of %" PRId64 " bytes; get it again", fetch->done, size);
  return code;
}

int fetch_input(struct sluice_input *input, const char *name, struct descriptor *out, int64_t *bytes,
                struct sluice_error *err) {
  struct fetch fetch = {.input = input, .out = out, .name = name, .started = clock_monotonic_ms()};
  fetch.shown = fetch.started;
  if (!input->view_at) {
    fetch.buffer = malloc(AT_ONCE);
    if (!fetch.buffer)
      return sluice_fail(err, SLUICE_ERR_MEMORY, name, "no memory to read it");
  }
  int code = copy_all(&fetch, err);
  log_set_status_line(NULL);
  free(fetch.buffer);
  *bytes = fetch.done;
  return code;
}
