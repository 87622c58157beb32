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

enum verdict { IS_LINE, IS_SEQUENCE, IS_BROKEN, IS_MORE };

/* The object at v->p, which is moved behind it: whether it has a line for itself. MORE: it may go on behind the view.
 * first: if it never ends it is a long one; behind others it is a broken line. */
static int judge(struct json_scan *scan, struct view *v, bool all, bool first, enum verdict *out) {
  const uint8_t *line = memchr(v->p, '\n', (size_t)(v->end - v->p));
  size_t size;
  json_scan_begin(scan);
  int code = json_scan_value(scan, v->p, (size_t)(v->end - v->p), all, &size);
  *out = IS_MORE;
  if (code)
    return code == SLUICE_END ? SLUICE_OK : code;
  if (!scan->carry.found || (line && v->p + size > line)) {
    bool broken = !line || (!scan->carry.found && !first) || is_record_line(*v) ||
                  is_record_line((struct view){line + 1, v->end});
    *out = broken ? IS_BROKEN : IS_SEQUENCE;
    return SLUICE_OK;
  }
  v->p = skip_blank((struct view){v->p + size, v->end}, " \t\r");
  if (v->p < v->end || all)
    *out = v->p < v->end && *v->p == '{' ? IS_SEQUENCE : IS_LINE;
  return SLUICE_OK;
}

/* Looks at the first objects in view; *sure: it needs no more of the part. */
static int judge_view(struct json_scan *scan, struct view v, bool all, enum json_layout *out, bool *sure) {
  enum { OBJECTS = 64 };
  enum verdict verdict = IS_LINE;
  *out = JSON_LAYOUT_LINES;
  *sure = true;
  for (int i = 0; i < OBJECTS && verdict == IS_LINE; i++) {
    v.p = skip_blank(v, " \t\r\n");
    if (v.p == v.end || *v.p != '{')
      break;
    int code = judge(scan, &v, all, i == 0, &verdict);
    if (code)
      return code;
    *sure = verdict != IS_MORE || i > 0;
  }
  if (verdict == IS_SEQUENCE)
    *out = JSON_LAYOUT_SEQUENCE;
  return SLUICE_OK;
}

static int find_objects(struct json_input *w, struct json_scan *scan, enum json_layout *out, struct sluice_error *err) {
  for (;;) {
    const uint8_t *p = json_input_bytes(w), *end = p + json_input_size(w);
    bool all = w->ended || end - p >= JSON_HEAD, sure;
    int code = judge_view(scan, (struct view){p, end}, all, out, &sure);
    if (code)
      return sluice_fail(err, code, "", "no memory to look at the head of the part");
    if (all || sure)
      return SLUICE_OK;
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
