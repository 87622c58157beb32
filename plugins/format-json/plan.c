/* Cuts a part of lines into splits: a line feed is never within a string, so each begins where a record begins. */
#include "head.h"

static int read_layout(const struct json_format *f, struct sluice_input *in, const char *part, enum json_layout *out,
                       struct sluice_error *err) {
  struct json_head head;
  struct json_input w;
  json_input_init(&w, in, f->host, JSON_HEAD + 4 * JSON_CHUNK);
  int code = json_head_read(f->config, &w, part, &head, err);
  json_input_finish(&w);
  if (!code)
    *out = head.layout;
  return code;
}

/* The first line that begins behind this byte; the input's size: none. */
static int find_line(const struct json_format *f, struct sluice_input *in, int64_t behind, int64_t *out,
                     struct sluice_error *err) {
  struct json_input w;
  json_input_init(&w, in, f->host, 2 * JSON_CHUNK);
  int code = json_input_seek(&w, behind, err);
  *out = in->size;
  while (!code) {
    code = json_input_need(&w, 1, err);
    size_t n = json_input_size(&w);
    if (code || n == 0)
      break;
    const uint8_t *p = json_input_bytes(&w), *line = memchr(p, '\n', n);
    if (line) {
      *out = w.offset + (line - p) + 1;
      break;
    }
    json_input_skip(&w, n);
  }
  json_input_finish(&w);
  return code;
}

int json_plan(void *self, struct sluice_input *in, const struct sluice_scan *scan, int64_t split_bytes,
              struct sluice_splits *out, struct sluice_error *err) {
  const char *part = scan && scan->part ? scan->part : "";
  enum json_layout layout = JSON_LAYOUT_ARRAY;
  int64_t begin = 0;
  if (in->size < 0 || split_bytes <= 0)
    return SLUICE_OK;
  int code = read_layout(self, in, part, &layout, err);
  while (!code && layout == JSON_LAYOUT_LINES && in->size - begin > split_bytes + split_bytes / 2) {
    int64_t next;
    code = find_line(self, in, begin + split_bytes, &next, err);
    if (code || next >= in->size)
      break;
    const struct sluice_split split = {.begin.offset = begin, .end.offset = next, .rows = -1, .bytes = next - begin};
    code = out->add(out, &split, err);
    begin = next;
  }
  const struct sluice_split last = {.begin.offset = begin, .rows = -1, .bytes = in->size - begin};
  return code ? code : out->add(out, &last, err);
}
