/* Log lines as text and as JSON: whatever a message holds, the line stays one line and valid UTF-8. */
#include "core/log/line.h"
#include <jansson.h>
#include <stdlib.h>

static const char *const names[] = {"debug", "info", "warn", "error"};

static size_t level_index(int level) {
  return level < 0 ? 0 : level > SLUICE_ERROR ? SLUICE_ERROR : (size_t)level;
}

/* Length of the UTF-8 character at `text`, 0 where it is none. */
static size_t utf8_length(const unsigned char *text) {
  static const unsigned char lowest[] = {0, 0, 0x80, 0xa0, 0x90}; /* second byte: no overlong forms */
  size_t n = text[0] < 0x80 ? 1 : text[0] < 0xc2 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : text[0] < 0xf5 ? 4 : 0;
  for (size_t i = 1; i < n; i++)
    if ((text[i] & 0xc0) != 0x80)
      return 0;
  if (text[0] == 0xe0 || text[0] == 0xf0)
    return text[1] >= lowest[n] ? n : 0;
  if (text[0] == 0xed)
    return text[1] < 0xa0 ? n : 0; /* surrogates */
  if (text[0] == 0xf4)
    return text[1] < 0x90 ? n : 0; /* above U+10FFFF */
  return n;
}

static bool is_control(const unsigned char *text, size_t n) {
  if (n == 1)
    return text[0] < 0x20 || text[0] == 0x7f;
  return n == 2 && text[0] == 0xc2 && text[1] < 0xa0; /* C1: some terminals obey them */
}

int line_escape(struct text *out, const char *message) {
  int status = SLUICE_OK;
  for (const unsigned char *at = (const unsigned char *)message; *at && status == SLUICE_OK;) {
    size_t n = utf8_length(at);
    if (*at == '\n')
      status = text_add(out, "\\n");
    else if (*at == '\t')
      status = text_add(out, " ");
    else if (n == 0 || (n == 1 && is_control(at, n)))
      status = text_printf(out, "\\x%02x", *at);
    else if (is_control(at, n))
      status = text_printf(out, "\\x%02x\\x%02x", at[0], at[1]);
    else
      status = text_append(out, at, n);
    at += n ? n : 1;
  }
  return status;
}

static int add_valid(struct text *out, const char *message) {
  int status = SLUICE_OK;
  for (const unsigned char *at = (const unsigned char *)message; *at && status == SLUICE_OK;) {
    size_t n = utf8_length(at);
    status = n ? text_append(out, at, n) : text_add(out, "\xef\xbf\xbd"); /* U+FFFD */
    at += n ? n : 1;
  }
  return status;
}

int line_text(const struct line *line, bool colour, struct text *out) {
  static const char *const colours[] = {"\x1b[2m", "", "\x1b[33m", "\x1b[31m"};
  size_t level = level_index(line->level);
  const char *start = colour ? colours[level] : "";
  int status = text_printf(out, "%s %s%-5s%s ", line->time, start, names[level], *start ? "\x1b[0m" : "");
  if (status == SLUICE_OK && line->job)
    status = line_escape(out, line->job);
  if (status == SLUICE_OK && line->plugin)
    status = text_add(out, line->job ? "/" : "");
  if (status == SLUICE_OK && line->plugin)
    status = line_escape(out, line->plugin);
  if (status == SLUICE_OK && (line->job || line->plugin))
    status = text_add(out, ": ");
  return status == SLUICE_OK ? line_escape(out, line->message) : status;
}

static int set_text(json_t *object, const char *name, const char *value) {
  struct text valid = {0};
  if (!value)
    return SLUICE_OK;
  int status = add_valid(&valid, value);
  if (status == SLUICE_OK && json_object_set_new(object, name, json_string(text_get(&valid))) != 0)
    status = SLUICE_ERR_MEMORY;
  text_finish(&valid);
  return status;
}

int line_json(const struct line *line, struct text *out) {
  json_t *object = json_object();
  if (!object)
    return SLUICE_ERR_MEMORY;
  int status = set_text(object, "time", line->time);
  if (status == SLUICE_OK)
    status = set_text(object, "level", names[level_index(line->level)]);
  if (status == SLUICE_OK)
    status = set_text(object, "job", line->job);
  if (status == SLUICE_OK)
    status = set_text(object, "plugin", line->plugin);
  if (status == SLUICE_OK)
    status = set_text(object, "message", line->message);
  char *dump = status == SLUICE_OK ? json_dumps(object, JSON_COMPACT) : NULL;
  status = dump ? text_add(out, dump) : SLUICE_ERR_MEMORY;
  free(dump);
  json_decref(object);
  return status;
}
