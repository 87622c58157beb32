/* Reads the sample: the records that are whole within its bytes, or the whole part, where that is asked for. */
#include "sample.h"
#include <stdlib.h>

static int no_memory(const struct json_reader *r, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, r->part, "no memory to find the types of the columns");
}

static int look_at(struct json_reader *r, struct json_guessing *s, struct json_guess *g, const struct ArrowSchema *want,
                   struct sluice_error *err) {
  bool looked = false;
  enum json_fault_code fault = json_record_begin(r);
  int code = fault == JSON_FAULT_MEMORY ? SLUICE_ERR_MEMORY : SLUICE_OK;
  if (!fault)
    code = json_guess_record(s, g, want, &looked);
  r->sampled += looked;
  return code ? no_memory(r, err) : SLUICE_OK;
}

/* All records at hand; whole: of the last one, too, the end is there. A structure that is broken ends the sample. */
static int look_at_all(struct json_reader *r, struct json_guess *g, const struct ArrowSchema *want, bool whole,
                       struct sluice_error *err) {
  struct json_guessing s = {.run = &r->run, .config = r->format->config};
  int code = SLUICE_OK;
  while (!code) {
    struct sluice_error found = {0};
    code = json_frame_next(&r->framer, &r->window, &r->frame, &found);
    if (code == SLUICE_END || code == SLUICE_ERR_DATA) /* that is told when the records before it were read */
      return SLUICE_OK;
    if (code)
      return sluice_fail(err, code, found.where, "%s", found.message);
    if (r->frame.fault == JSON_FAULT_NONE && (whole || r->framer.scan.carry.found))
      code = look_at(r, &s, g, want, err);
    json_frame_done(&r->framer, &r->window, &r->frame);
  }
  return code;
}

/* The window on what is at hand alone, put back afterwards. */
static int look_at_hand(struct json_reader *r, struct json_guess *g, const struct ArrowSchema *want, size_t size,
                        struct sluice_error *err) {
  const struct json_input window = r->window;
  bool whole = window.ended && size == json_input_size(&window);
  r->window.end = window.start + size;
  r->window.ended = true;
  int code = look_at_all(r, g, want, whole, err);
  r->window = window;
  return code;
}

/* If no record ends within the sample, as far as it takes. */
static int look_at_sample(struct json_reader *r, struct json_guess *g, const struct ArrowSchema *want,
                          struct sluice_error *err) {
  int64_t left = r->format->config->sample - r->window.offset;
  size_t size = left > 0 ? (size_t)left : 1, most = r->window.limit - JSON_CHUNK;
  for (;;) {
    int code = json_input_need(&r->window, size, err);
    size_t held = json_input_size(&r->window);
    size = held < size ? held : size;
    if (!code)
      code = look_at_hand(r, g, want, size, err);
    bool all = r->window.ended && size == held;
    if (code || r->sampled || all)
      return code;
    if (size >= most)
      return sluice_fail(err, SLUICE_ERR_DATA, r->part,
                         "none of its first %zu bytes is a record that can be read, so no types can be found; mend "
                         "it, raise max_record, or say in a mapping which columns it has",
                         size);
    size = size > most / 2 ? most : size * 2;
  }
}

/* From beginning to end, and back. */
static int look_at_part(struct json_reader *r, struct json_guess *g, const struct ArrowSchema *want,
                        struct sluice_error *err) {
  struct json_input window = r->window;
  struct json_framer framer = r->framer;
  if (r->window.in->size < 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "infer",
                       "infer = \"whole\" reads a part twice, and %s is compressed, so it is read once; use a larger "
                       "sample, or say in a mapping which columns it has",
                       r->part);
  json_input_init(&r->window, window.in, window.host, window.limit);
  int code = json_input_seek(&r->window, window.offset, err);
  if (!code)
    code = look_at_all(r, g, want, true, err);
  json_input_finish(&r->window);
  r->window = window;
  framer.scan = r->framer.scan;
  framer.walk = r->framer.walk;
  r->framer = framer;
  return code;
}

int json_sample_read(struct json_reader *r, const struct sluice_scan *scan, struct json_guess **guess,
                     struct sluice_error *err) {
  const struct ArrowSchema *want = scan->flags & SLUICE_SCAN_EXTRA ? NULL : scan->want;
  bool needed = !want;
  for (int64_t i = 0; !needed && i < want->n_children; i++)
    needed = json_guess_needed(want->children[i]);
  if (!needed)
    return SLUICE_OK;
  *guess = calloc(1, sizeof **guess);
  if (!*guess)
    return no_memory(r, err);
  enum json_place place = r->framer.place;
  int code = (r->format->config->infer == JSON_INFER_WHOLE ? look_at_part : look_at_sample)(r, *guess, want, err);
  r->framer.place = place;
  return code;
}
