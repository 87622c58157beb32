/* Framing: JSON documents, a line each. */
#include "core/serve/lines.h"
#include "core/log/line.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 16 << 10 };

/* Drops what was taken, so that the buffer holds one unfinished line at most. */
static void compact(struct lines *lines) {
  struct text *in = &lines->in;
  if (lines->taken == 0)
    return;
  memmove(in->data, in->data + lines->taken, in->size - lines->taken + 1);
  in->size -= lines->taken;
  lines->taken = 0;
}

int lines_read(struct lines *lines, int fd) {
  char chunk[CHUNK];
  lines->in.limit = LINES_IN_MAX;
  compact(lines);
  ssize_t n = read(fd, chunk, sizeof chunk);
  if (n < 0)
    return errno == EAGAIN || errno == EINTR ? SLUICE_OK : SLUICE_END;
  if (n == 0)
    return SLUICE_END;
  return text_append(&lines->in, chunk, (size_t)n) == SLUICE_OK ? SLUICE_OK : SLUICE_ERR_DATA;
}

char *lines_next(struct lines *lines) {
  struct text *in = &lines->in;
  char *start = in->size > lines->taken ? in->data + lines->taken : NULL;
  char *end = start ? memchr(start, '\n', in->size - lines->taken) : NULL;
  if (!end)
    return NULL;
  *end = 0;
  lines->taken = (size_t)(end - in->data) + 1;
  return start;
}

int lines_put(struct lines *lines, json_t *document) {
  char *line = document ? json_dumps(document, JSON_COMPACT) : NULL;
  json_decref(document);
  lines->out.limit = LINES_OUT_MAX;
  int code = line ? text_add(&lines->out, line) : SLUICE_ERR_MEMORY;
  if (!code)
    code = text_add(&lines->out, "\n");
  free(line);
  return code;
}

int lines_flush(struct lines *lines, int fd) {
  while (lines_waiting(lines)) {
    ssize_t n = write(fd, lines->out.data + lines->sent, lines->out.size - lines->sent);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return errno == EAGAIN ? SLUICE_OK : SLUICE_END;
    lines->sent += (size_t)n;
  }
  text_clear(&lines->out);
  lines->sent = 0;
  return SLUICE_OK;
}

bool lines_waiting(const struct lines *lines) {
  return lines->sent < lines->out.size;
}

void lines_finish(struct lines *lines) {
  text_finish(&lines->in);
  text_finish(&lines->out);
  memset(lines, 0, sizeof *lines);
}

json_t *lines_parse(const char *line) {
  json_t *document = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
  if (json_is_object(document))
    return document;
  json_decref(document);
  return NULL;
}

json_t *lines_text(const char *text) {
  struct text safe = {0};
  json_t *out = json_string(text);
  if (!out && line_escape(&safe, text) == SLUICE_OK)
    out = json_string(text_get(&safe));
  text_finish(&safe);
  return out;
}
