/* Where the records of a part are. */
#include "frame.h"
#include "walk.h"
#include <stdlib.h>

void json_framer_init(struct json_framer *f, enum json_layout layout, size_t max_record, const char *part) {
  *f = (struct json_framer){.layout = layout, .max_record = max_record, .part = part, .stop = INT64_MAX};
  json_scan_init(&f->scan);
}

void json_framer_finish(struct json_framer *f) {
  json_scan_finish(&f->scan);
  free(f->walk.raw);
  f->walk.raw = NULL;
}

/* ---- what is between records ---- */

static bool is_between(const struct json_framer *f, uint8_t c) {
  return json_is_space(c) || (c == 0x1e && f->layout == JSON_LAYOUT_SEQUENCE);
}

/* To the next byte that is no space. *there: there is one. */
static int skip_between(struct json_framer *f, struct json_input *w, bool *there, struct sluice_error *err) {
  for (;;) {
    const uint8_t *p = json_input_bytes(w);
    size_t i = 0, n = json_input_size(w);
    while (i < n && is_between(f, p[i]))
      i++;
    json_input_skip(w, i);
    *there = i < n;
    if (*there || w->ended)
      return SLUICE_OK;
    int code = json_input_more(w, err);
    if (code)
      return code;
  }
}

static int broken(const struct json_framer *f, const struct json_input *w, const char *expected,
                  struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_DATA, f->part,
                     "at byte %lld there should be %s; from there on the part cannot be read", (long long)w->offset,
                     expected);
}

static int end_array(struct json_framer *f, struct json_input *w, struct sluice_error *err) {
  bool there = false;
  f->place = JSON_AT_END;
  int code = f->within ? SLUICE_OK : skip_between(f, w, &there, err);
  if (!code && there)
    return broken(f, w, "nothing more, for the array has ended", err);
  return code ? code : SLUICE_END;
}

/* Over the bracket, or the comma, before the next record. */
static int enter_record(struct json_framer *f, struct json_input *w, struct sluice_error *err) {
  bool there, first = f->place == JSON_AT_START;
  if (f->place == JSON_AT_END)
    return end_array(f, w, err);
  if (f->place == JSON_AT_RECORD)
    return SLUICE_OK;
  int code = skip_between(f, w, &there, err);
  if (code)
    return code;
  uint8_t c = there ? *json_input_bytes(w) : 0;
  if (!first && c == ']') {
    json_input_skip(w, 1);
    return end_array(f, w, err);
  }
  if (c != (first ? '[' : ','))
    return broken(f, w, first ? "a [ that begins an array" : "a comma or ]", err);
  json_input_skip(w, 1);
  f->place = JSON_AT_RECORD;
  code = first ? skip_between(f, w, &there, err) : SLUICE_OK;
  if (code || !first || !there || *json_input_bytes(w) != ']')
    return code;
  json_input_skip(w, 1);
  return end_array(f, w, err);
}

/* ---- one record ---- */

static int no_memory(const struct json_framer *f, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, f->part, "no memory to find the end of a record");
}

/* Calls `scan` with more and more bytes until the record ends, or is too long: then *out is over max_record. */
static int find_end(struct json_framer *f, struct json_input *w,
                    int (*scan)(struct json_scan *, const uint8_t *, size_t, bool, size_t *), size_t *out,
                    struct sluice_error *err) {
  json_scan_begin(&f->scan);
  for (;;) {
    int code = scan(&f->scan, json_input_bytes(w), json_input_size(w), w->ended, out);
    if (code == SLUICE_ERR_MEMORY)
      return no_memory(f, err);
    if (code == SLUICE_OK)
      return code;
    *out = json_input_size(w);
    if (*out > f->max_record)
      return SLUICE_OK;
    code = json_input_more(w, err);
    if (code)
      return code;
  }
}

/* What is no object: up to the end of the line, in an array up to the comma or bracket behind it. */
static int find_scalar_end(struct json_framer *f, struct json_input *w, size_t *out, struct sluice_error *err) {
  bool string = false, escaped = false;
  for (size_t i = 0;; i++) {
    if (i == json_input_size(w) && !w->ended && i <= f->max_record) {
      int code = json_input_more(w, err);
      if (code)
        return code;
    }
    *out = i;
    if (i == json_input_size(w) || i > f->max_record)
      return SLUICE_OK;
    uint8_t c = json_input_bytes(w)[i];
    bool ends = f->layout == JSON_LAYOUT_ARRAY ? !string && (c == ',' || c == ']') : c == '\n' || c == 0x1e;
    if (ends)
      return SLUICE_OK;
    string = c == '"' && !escaped ? !string : string;
    escaped = c == '\\' && !escaped;
  }
}

static int find_line(struct json_framer *f, struct json_input *w, struct json_frame *out, struct sluice_error *err) {
  int code = find_end(f, w, json_scan_line, &out->size, err);
  if (code)
    return code;
  out->next = out->size + f->scan.carry.found;
  const uint8_t *p = json_input_bytes(w);
  while (out->size && json_is_space(p[out->size - 1]))
    out->size--;
  return SLUICE_OK;
}

static int find_value(struct json_framer *f, struct json_input *w, struct json_frame *out, struct sluice_error *err) {
  uint8_t first = *json_input_bytes(w);
  bool nested = first == '{' || first == '[';
  int code = nested ? find_end(f, w, json_scan_value, &out->size, err) : find_scalar_end(f, w, &out->size, err);
  if (code)
    return code;
  out->next = out->size;
  if (!nested)
    out->fault = JSON_FAULT_OBJECT;
  else if (!f->scan.carry.found)
    out->fault = JSON_FAULT_CUT;
  return SLUICE_OK;
}

static int walk_over(struct json_framer *f, struct json_input *w, struct json_frame *out, struct sluice_error *err) {
  int code = json_walk_on(&f->walk, f->layout, w, err);
  *out = (struct json_frame){.size = f->walk.held, .fault = JSON_FAULT_LONG, .offset = f->walk.offset};
  out->whole = f->walk.size;
  if (out->whole < (int64_t)out->size) /* what was kept goes beyond it */
    out->size = (size_t)out->whole;
  return code;
}

int json_frame_next(struct json_framer *f, struct json_input *w, struct json_frame *out, struct sluice_error *err) {
  bool there;
  if (f->walk.active)
    return walk_over(f, w, out, err);
  int code = f->layout == JSON_LAYOUT_ARRAY ? enter_record(f, w, err) : SLUICE_OK;
  if (!code)
    code = skip_between(f, w, &there, err);
  if (code)
    return code;
  if (!there && f->layout == JSON_LAYOUT_ARRAY)
    return broken(f, w, "a record or ], but the part ends: it is cut short", err);
  if (!there || w->offset >= f->stop)
    return SLUICE_END;
  *out = (struct json_frame){.offset = w->offset};
  code = f->layout == JSON_LAYOUT_LINES ? find_line(f, w, out, err) : find_value(f, w, out, err);
  if (code)
    return code;
  if (f->layout == JSON_LAYOUT_ARRAY && out->size == 0)
    return broken(f, w, "a record", err);
  out->whole = (int64_t)out->size;
  if (out->size <= f->max_record)
    return SLUICE_OK;
  if (json_walk_begin(&f->walk, w, f->max_record) != SLUICE_OK)
    return no_memory(f, err);
  return walk_over(f, w, out, err);
}

void json_frame_done(struct json_framer *f, struct json_input *w, const struct json_frame *frame) {
  json_input_skip(w, frame->next);
  if (f->layout == JSON_LAYOUT_ARRAY)
    f->place = frame->fault == JSON_FAULT_CUT ? JSON_AT_END : JSON_BEHIND_RECORD;
  f->walk.active = false;
  free(f->walk.raw);
  f->walk.raw = NULL;
}
