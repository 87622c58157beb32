/* The head of a part: byte order mark and layout. */
#include "head.h"

static int skip_mark(struct json_input *w, const char *part, struct sluice_error *err) {
  int code = json_input_need(w, 4, err);
  if (code)
    return code;
  const uint8_t *p = json_input_bytes(w);
  size_t n = json_input_size(w);
  bool marked = n >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff));
  if (marked || (n >= 2 && (p[0] == 0 || p[1] == 0)))
    return sluice_fail(err, SLUICE_ERR_DATA, part,
                       "the text is UTF-16 or UTF-32 and must be UTF-8, as RFC 8259 has it; convert it first");
  if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
    json_input_skip(w, 3);
  return SLUICE_OK;
}

/* The first byte that is no space; 0: there is none. */
static int first_byte(struct json_input *w, uint8_t *out, struct sluice_error *err) {
  for (;;) {
    const uint8_t *p = json_input_bytes(w);
    size_t i = 0, n = json_input_size(w);
    while (i < n && json_is_space(p[i]))
      i++;
    *out = i < n ? p[i] : 0;
    if (i < n || w->ended)
      return SLUICE_OK;
    json_input_skip(w, i);
    int code = json_input_more(w, err);
    if (code)
      return code;
  }
}

struct view {
  const uint8_t *p, *end;
};

static const uint8_t *skip_blank(struct view v, const char *blanks) {
  while (v.p < v.end && *v.p && strchr(blanks, *v.p))
    v.p++;
  return v.p;
}

/* Whether the line that begins here is from one brace to another. */
static bool is_record_line(struct view v) {
  v.p = skip_blank(v, " \t\r\n");
  if (v.p == v.end)
    return false;
  const uint8_t *end = memchr(v.p, '\n', (size_t)(v.end - v.p));
  end = end ? end : v.end;
  while (end > v.p && json_is_space(end[-1]))
    end--;
  return end - v.p >= 2 && *v.p == '{' && end[-1] == '}';
}

/* Objects, of which the first ends at `size` (0: not in view): a line each, or one after the other. */
static enum json_layout layout_of(struct view v, size_t size) {
  v.p = skip_blank(v, " \t\r\n");
  const uint8_t *line = memchr(v.p, '\n', (size_t)(v.end - v.p));
  if (size && (!line || v.p + size <= line)) {
    v.p = skip_blank((struct view){v.p + size, v.end}, " \t\r");
    return v.p < v.end && *v.p == '{' ? JSON_LAYOUT_SEQUENCE : JSON_LAYOUT_LINES;
  }
  if (!line || is_record_line(v) || is_record_line((struct view){line + 1, v.end}))
    return JSON_LAYOUT_LINES; /* the first line is a broken record */
  return JSON_LAYOUT_SEQUENCE;
}

static int find_objects(struct json_input *w, struct json_scan *scan, enum json_layout *out, struct sluice_error *err) {
  for (;;) {
    const uint8_t *p = json_input_bytes(w), *end = p + json_input_size(w);
    const uint8_t *start = skip_blank((struct view){p, end}, " \t\r\n");
    size_t size = 0;
    bool enough = w->ended || end - p >= JSON_HEAD;
    json_scan_begin(scan);
    int code = json_scan_value(scan, start, (size_t)(end - start), enough, &size);
    if (code == SLUICE_ERR_MEMORY)
      return sluice_fail(err, code, "", "no memory to look at the head of the part");
    bool next = code == SLUICE_OK && scan->carry.found && start + size < end;
    if (enough || next) {
      *out = layout_of((struct view){p, end}, scan->carry.found ? size : 0);
      return SLUICE_OK;
    }
    code = json_input_more(w, err);
    if (code)
      return code;
  }
}

static int find_layout(struct json_input *w, enum json_layout *out, struct sluice_error *err) {
  struct json_scan scan;
  uint8_t c;
  int code = first_byte(w, &c, err);
  *out = c == '[' ? JSON_LAYOUT_ARRAY : c == 0x1e ? JSON_LAYOUT_SEQUENCE : JSON_LAYOUT_LINES;
  if (code || c != '{')
    return code;
  json_scan_init(&scan);
  code = find_objects(w, &scan, out, err);
  json_scan_finish(&scan);
  return code;
}

int json_head_read(const struct json_config *config, struct json_input *w, const char *part, struct json_head *out,
                   struct sluice_error *err) {
  int code = skip_mark(w, part, err);
  *out = (struct json_head){.layout = (enum json_layout)config->layout};
  if (code)
    return code;
  if (config->records && config->records[0]) {
    *out = (struct json_head){JSON_LAYOUT_ARRAY, true};
    return json_pointer_find(config->records, w, part, err);
  }
  return out->layout == JSON_LAYOUT_AUTO ? find_layout(w, &out->layout, err) : SLUICE_OK;
}
